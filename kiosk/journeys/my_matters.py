"""我的办件: what became of one's matters, from whichever terminal they were recorded at."""

from __future__ import annotations

from datetime import tzinfo

from kiosk import receipts
from kiosk.contract.queries import MatterLine, MattersOf
from kiosk.dates import day_in_words
from kiosk.desk import Desk
from kiosk.pages import Option, Table, TableColumn, TableLine
from kiosk.texts import _


async def my_matters(desk: Desk) -> None:
    """Card, then the list. Offline it cannot be answered; the number on the receipt is asked for at the desk."""
    person = await desk.identify()
    found = await desk.query(MattersOf(person=person.reference))
    await desk.ask(
        Table(
            name="matters",
            question=_("您的办件") if found.lines else _("没有找到您的办件"),
            columns=(
                TableColumn(label=_("办的事")),
                TableColumn(label=_("办到哪了")),
                TableColumn(label=_("时间"), number=True),
                TableColumn(label=_("登记号"), number=True, rank=1),
                TableColumn(label=_("受理号"), number=True, rank=2),
            ),
            lines=tuple(_line(line, desk.now.tzinfo) for line in found.lines),
            nothing=_("刚登记的要过一会儿才看得到。"),
            actions=(Option(value="finish", label=_("看好了"), icon="check", primary=True),),
        )
    )


def _line(line: MatterLine, here: tzinfo | None) -> TableLine:
    return TableLine(
        cells=(
            _KINDS[line.kind]() if line.kind in _KINDS else _("其他事项"),
            receipts.state_in_words(line.matter.state),
            day_in_words(line.at.astimezone(here)),
            line.number,
            line.matter.number or "",
        ),
        note=line.matter.text or "",
    )


_KINDS = {"medical.remote-care-filing": lambda: _("异地就医备案")}
