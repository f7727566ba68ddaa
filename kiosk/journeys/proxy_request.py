"""全程代办: a matter handed to a worker of the centre, by a person with a card, who is called or comes to the desk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

from kiosk import receipts
from kiosk.contract.acts import ProxyRequest, Wish
from kiosk.desk import Desk, Filed, Paper
from kiosk.identity import Person, grouped_phone, masked_phone
from kiosk.items import Item
from kiosk.journeys.applicant import who
from kiosk.journeys.ending import end_of_matter
from kiosk.journeys.fields import Answered, ask_fields
from kiosk.journeys.paper import Offer, with_paper
from kiosk.journeys.telephone import a_telephone
from kiosk.pages import Choose, Confirm, Done, Option, Row
from kiosk.texts import _, sentences

Call = Literal["morning", "afternoon", "any"]
NO_TELEPHONE = "no-telephone"


@dataclass(frozen=True, kw_only=True)
class Centre:
    """What a centre says of itself: the desk's telephone, its commonest places (six-digit codes), and within how many
    working days a worker calls back, where that is promised."""

    phone: str
    places: tuple[str, ...] = ()
    call_back_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the person chose, before it is confirmed. ``telephone`` None: they have none."""

    person: Person
    item: Item
    answers: tuple[Answered, ...]
    wish: Wish
    call: Call
    telephone: str | None


async def proxy_request(desk: Desk, item: Item, centre: Centre, *, wanted: Wish | None = None) -> None:
    """What the item asks, card, what is wanted (unless that is known), telephone, when to call, confirm."""
    answers = tuple(await ask_fields(desk, item.field, centre.places))
    person = await desk.identify()
    wish = wanted or (item.guide and item.guide.wish) or await _wish(desk)
    telephone, call = await _how_to_reach(desk)
    draft = Draft(person=person, item=item, answers=answers, wish=wish, call=call, telephone=telephone)
    await desk.ask(confirm(draft))
    filed = await desk.submit(
        ProxyRequest(
            person=person.reference,
            item=item.code,
            wish=wish,
            call=call,
            telephone=telephone,
            answers=tuple(answer.recorded for answer in answers),
            intent=f"{desk.now:%Y-%m-%d} {item.code}"[:64],
        ),
        receipt=partial(slip, draft, centre),
    )
    await with_paper(
        desk,
        partial(done, draft, filed, centre),
        partial(slip, draft, centre, filed),
        label=_("打一张凭条"),
        of=filed,
        family=partial(for_family, draft, centre, filed),
    )


async def _wish(desk: Desk) -> Wish:
    return await desk.ask(choose_wish())


async def _how_to_reach(desk: Desk) -> tuple[str | None, Call]:
    typed = await a_telephone(
        desk,
        hint=_("工作人员会打这个电话找您。"),
        aside=Option(value=NO_TELEPHONE, label=_("没有手机"), icon="cellphone-off"),
    )
    if typed == NO_TELEPHONE:
        return None, "any"
    return typed, await desk.ask(choose_call())


# -- the pages -----------------------------------------------------------------------------------------------------


def choose_wish() -> Choose[Wish]:
    explain: Option[Wish] = Option(value="explain", label=_wishes()["explain"], icon="face-agent")
    hand_in: Option[Wish] = Option(value="hand-in", label=_wishes()["hand-in"], icon="file-document-outline")
    visit: Option[Wish] = Option(value="home-visit", label=_wishes()["home-visit"], icon="home-account")
    return Choose(name="wish", question=_("想让工作人员怎么帮您？"), options=(explain, hand_in, visit))


def choose_call() -> Choose[Call]:
    options: tuple[Option[Call], ...] = (
        Option(value="any", label=_calls()["any"], icon="clock-outline"),
        Option(value="morning", label=_calls()["morning"], icon="weather-sunset-up"),
        Option(value="afternoon", label=_calls()["afternoon"], icon="weather-sunset-down"),
    )
    return Choose(name="call", question=_("什么时候打给您方便？"), options=options)


def confirm(draft: Draft) -> Confirm:
    return Confirm(
        name="confirm",
        question=_("请看一遍，都对吗？"),
        rows=(
            *_of_the_matter(draft),
            *(answer.row for answer in draft.answers),
            *rows(draft, whole_telephone=True),
        ),
        action=_("没错，交给工作人员"),
    )


def done(draft: Draft, filed: Filed, centre: Centre, paper: Paper | None, offer: Offer) -> Done:
    return end_of_matter(
        filed,
        state=receipts.handed_over_in_words(filed.state),
        person=draft.person,
        lines=(what_next(draft, filed, centre),),
        rows=(*_of_the_matter(draft), *rows(draft)),
        next_steps=(_("结果在任何一台自助终端“我的办件”里看。"),),
        paper=paper,
        offer=offer,
    )


def slip(draft: Draft, centre: Centre, filed: Filed) -> receipts.Receipt:
    """Surname and last four of the number; what the item asked stays with the worker."""
    return receipts.handed_over(
        service=draft.item.on_paper,
        rows=rows(draft),
        outcome=filed,
        next_steps=sentences((what_next(draft, filed, centre), _("结果在任何一台自助终端“我的办件”里看。"))),
    )


def for_family(draft: Draft, centre: Centre, filed: Filed) -> receipts.Receipt:
    """For whoever looks after the person: what a worker does now, and what to have ready."""
    return receipts.for_family(
        service=draft.item.on_paper,
        who=who(draft.person),
        outcome=filed,
        state=receipts.handed_over_in_words(filed.state),
        next_steps=what_next(draft, filed, centre),
        parts=receipts.to_bring(draft.item),
    )


def _of_the_matter(draft: Draft) -> tuple[Row, ...]:
    return (Row(label=_("要办的事"), value=_(draft.item.official)),)


def rows(draft: Draft, *, whole_telephone: bool = False) -> tuple[Row, ...]:
    """What page and paper show alike. A number that was typed and has to be checked stands there whole."""
    telephone = _("没有留电话")
    if draft.telephone is not None:
        telephone = grouped_phone(draft.telephone) if whole_telephone else masked_phone(draft.telephone)
    return (
        *who(draft.person),
        *((Row(label=_("怎么帮"), value=_wishes()[draft.wish]),) if draft.wish != "pass-on" else ()),
        Row(label=_("联系电话"), value=telephone),
        *((Row(label=_("打电话的时间"), value=_calls()[draft.call]),) if draft.telephone is not None else ()),
    )


def what_next(draft: Draft, filed: Filed, centre: Centre) -> str:
    """What happens now, and when, as far as the centre promises a time."""
    if draft.telephone is None and draft.wish == "home-visit":
        todo = _("您没有留电话，请家里人带凭条到服务台，说好哪天上门、到哪里。")
    elif draft.telephone is None:
        todo = _("您没有留电话，请带凭条到服务台，工作人员当面帮您。")
    elif centre.call_back_days is not None:
        todo = _("{days} 个工作日内，工作人员打电话给您。").format(days=centre.call_back_days)
    else:
        todo = _("工作人员会打电话给您。")
    waits = "" if filed.state == "sent" else _("联网后自动交给工作人员。")
    return sentences((waits, todo))


def _wishes() -> dict[Wish, str]:
    return {
        "explain": _("先跟我说说怎么办"),
        "hand-in": _("材料有了，帮我交"),
        "home-visit": _("我出门不方便，请上门"),
    }


def _calls() -> dict[Call, str]:
    return {"any": _("什么时候都行"), "morning": _("上午"), "afternoon": _("下午")}
