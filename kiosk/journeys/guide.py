"""办事指南: what a matter is, for whom, what to bring, where and when; a leaflet to take along, a worker who does it.

Runs every item that has no journey of its own, and, from the item's data alone, without central.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kiosk import receipts
from kiosk.desk import Desk, Left, Paper
from kiosk.items import Guide, Item
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.proxy_request import Centre, proxy_request
from kiosk.pages import Option, Result, Section
from kiosk.texts import _

HAND_OVER = "hand-over"


async def guide(desk: Desk, item: Item, about: Guide, centre: Centre) -> None:
    """Nobody is asked for anything until the matter is handed over. Raises Left when they only read."""
    if await read_guide(desk, item, about, centre) != HAND_OVER:
        raise Left("cancelled")
    await proxy_request(desk, item, centre)


async def read_guide(
    desk: Desk, item: Item, about: Guide, centre: Centre, first: Callable[[], Option[str]] | None = None
) -> str:
    """Shows the guide until something else is wanted than paper; that. ``first`` is what can be done here at once."""
    return await with_paper(
        desk,
        partial(guide_page, item, about, centre, first=first),
        lambda: leaflet(desk, item, about, centre),
        label=_("打一张带走"),
    )


def guide_page(
    item: Item,
    about: Guide,
    centre: Centre,
    paper: Paper | None,
    offer: Offer,
    first: Callable[[], Option[str]] | None = None,
) -> Result:
    now = (first(),) if first is not None else ()
    label = _(about.hand_over) if about.hand_over else _("请工作人员帮我办")
    hand_over = Option(value=HAND_OVER, label=label, icon="handshake-outline", primary=first is None)
    finish = Option(value="finish", label=_("看好了"), icon="check", primary=not (about.proxy or now))
    urgent = Section(title=_("请先看"), state=_("要紧"), mood="trouble", meaning=_(about.urgent))
    return Result(
        name="guide",
        question=_(item.label),
        hint=_(about.what),
        sections=(
            *((urgent,) if about.urgent else ()),
            *(Section(title=part.title, meaning="\n".join((*part.lines, *part.rest))) for part in _parts(about)),
        ),
        notes=(
            *((receipts.paper_in_words(paper),) if paper else ()),
            _("服务台电话：{phone}").format(phone=centre.phone),
        ),
        actions=(*now, *((hand_over,) if about.proxy else ()), *offer, finish),
        personal=False,
    )


def leaflet(desk: Desk, item: Item, about: Guide, centre: Centre) -> receipts.Receipt:
    """What to take along: it names nobody. Where the item's name would tell of an illness, so would whom it is for."""
    urgent = (receipts.Part(title=_("请先看"), lines=(_(about.urgent),)),) if about.urgent else ()
    what = (receipts.Part(title=_("是什么"), lines=(_(about.what),)),) if not item.discreet else ()
    return receipts.leaflet(
        service=item.on_paper,
        parts=(*urgent, *what, *(part for part in _parts(about) if not item.discreet or part.title not in _telling())),
        closing=(_("这张凭条只告诉您怎么办，还没有办"),),
        at=desk.now,
    )


def _telling() -> tuple[str, ...]:
    return _("谁能办"), _("依据")


def _parts(about: Guide) -> tuple[receipts.Part, ...]:
    return (
        receipts.listed(_("谁能办"), about.who, "· "),
        receipts.listed(_("要带什么"), about.bring, "□ "),
        receipts.Part(title=_("在哪里、什么时候办"), lines=(_(about.where), _(about.when))),
        receipts.Part(title=_("依据"), lines=tuple(_(line) for line in about.law)),
    )
