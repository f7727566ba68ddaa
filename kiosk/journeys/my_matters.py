"""我的办件: what became of one's matters, from whichever terminal they were recorded at."""

from __future__ import annotations

from datetime import tzinfo

from kiosk import receipts
from kiosk.contract.queries import MatterLine, MattersOf
from kiosk.desk import Desk
from kiosk.pages import Option, Result, Row, Section
from kiosk.texts import _


async def my_matters(desk: Desk) -> None:
    """Card, then the list. Offline it cannot be answered; the number on the receipt is asked for at the desk."""
    person = await desk.identify()
    found = await desk.query(MattersOf(person=person.reference))
    await desk.ask(
        Result(
            name="matters",
            question=_("您的办件") if found.lines else _("没有找到您的办件"),
            sections=tuple(_section(line, desk.now.tzinfo) for line in found.lines),
            notes=() if found.lines else (_("刚登记的要过一会儿才看得到。"),),
            actions=(Option(value="finish", label=_("看好了"), icon="check", primary=True),),
        )
    )


def _section(line: MatterLine, here: tzinfo | None) -> Section:
    state = line.matter.state
    rows = [Row(label=_("登记号"), value=line.number)]
    if line.matter.number:
        rows.append(Row(label=_("受理号"), value=line.matter.number))
    rows.append(Row(label=_("时间"), value=line.at.astimezone(here).strftime("%Y-%m-%d")))
    return Section(
        title=_KINDS[line.kind]() if line.kind in _KINDS else _("其他事项"),
        state=receipts.state_in_words(state),
        mood="done" if state in ("sent", "decided") else "wait",
        rows=tuple(rows),
        meaning=line.matter.text or "",
    )


_KINDS = {"medical.remote-care-filing": lambda: _("异地就医备案")}
