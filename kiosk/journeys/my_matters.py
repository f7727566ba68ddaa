"""我的办件: what became of one's matters, from whichever terminal they were recorded at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from types import MappingProxyType

from kiosk import receipts
from kiosk.contract.acts import ProxyRequest, RemoteCareFiling
from kiosk.contract.queries import MatterLine, MattersOf
from kiosk.dates import day_in_words
from kiosk.desk import Desk
from kiosk.pages import Option, Table, TableColumn, TableLine
from kiosk.texts import _


async def my_matters(desk: Desk, names: Mapping[str, str] = MappingProxyType({})) -> None:
    """Card, then the list. Offline it cannot be answered; the number on the receipt is asked for at the desk.

    ``names``: code of an item → its official name, the Chinese original.
    """
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
            lines=tuple(_line(line, names, desk.now.tzinfo) for line in found.lines),
            nothing=_("刚登记的要过一会儿才看得到。"),
            actions=(Option(value="finish", label=_("看好了"), icon="check", primary=True),),
        )
    )


def _line(line: MatterLine, names: Mapping[str, str], here: tzinfo | None) -> TableLine:
    in_words = receipts.handed_over_in_words if line.kind == ProxyRequest.kind else receipts.state_in_words
    return TableLine(
        cells=(
            _title(line, names),
            in_words(line.matter.state),
            day_in_words(line.at.astimezone(here)),
            line.number,
            line.matter.number or "",
        ),
        note=line.matter.text or "",
    )


def _title(line: MatterLine, names: Mapping[str, str]) -> str:
    """What it was; one that was handed over at another terminal may be of no item here."""
    if line.kind == RemoteCareFiling.kind:
        return _("异地就医备案")
    if line.item is not None and line.item in names:
        return _("{service}（请人代办）").format(service=_(names[line.item]))
    return _("其他事项")
