"""好差评: how a service was, asked once when paper and card are taken, and of one or two stars why.

Nobody has to answer any of it. What has been said by the time somebody walks away counts: the stars, the reason, the
telephone, whichever there are. The five words and the reasons are fixed (GB/T 39734); reasons are a table.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final, Protocol, TypeVar

from pydantic import Field as Limits

from kiosk.contract.ratings import DISSATISFIED, ReasonCode, ReasonedRating
from kiosk.desk import Left
from kiosk.identity import is_mobile
from kiosk.manner import Back
from kiosk.pages import Choose, Digits, Done, Option, Page, Rating, Words
from kiosk.tables import CATALOG, Table, read_table
from kiosk.texts import _

A = TypeVar("A")

SKIPPED: Final = 0
"""The answer of somebody who gives no stars."""
CLOSES: Final = 15.0
"""Seconds: who has gone leaves no question to the next."""
OWN_WORDS, NO_REASON = "own-words", "no-reason"
NO_TELEPHONE: Final = "no-telephone"
LONGEST: Final = 60
"""Characters of one's own words."""
WORKING_DAYS: Final = 15
"""Within which somebody looks into one or two stars: the standard's limit, which central counts (``work_orders``)."""


class Shows(Protocol):
    """Shows the page that is made, anew in each manner. Raises Left and Back."""

    def __call__(self, make: Callable[[], Page[A]]) -> Awaitable[A]: ...


async def how_it_was(show: Shows, service: str) -> ReasonedRating | None:
    """What somebody thought of ``service`` (catalogue code); None: nothing."""
    try:
        stars = await show(stars_page)
    except (Left, Back):
        return None
    if stars == SKIPPED:
        return None
    rating = ReasonedRating(service=service, stars=stars)
    with suppress(Left, Back):
        if stars <= DISSATISFIED:
            rating = await _why(show, rating)
            rating = await _call_back(show, rating)
            await show(lambda: heard(rating))
    return rating


async def _why(show: Shows, rating: ReasonedRating) -> ReasonedRating:
    chosen = await show(lambda: reason_page(rating.stars))
    if chosen == NO_REASON:
        return rating
    if chosen == OWN_WORDS:
        return rating.model_copy(update={"words": await show(words_page)})
    return rating.model_copy(update={"reasons": (chosen,)})


async def _call_back(show: Shows, rating: ReasonedRating) -> ReasonedRating:
    """A telephone only from whoever wants to be called; who leaves here has given stars and reason all the same."""
    with suppress(Left, Back):
        if not await show(call_back_page):
            return rating
        typed = await show(telephone_page)
        while typed != NO_TELEPHONE and not is_mobile(typed):
            typed = await show(lambda: telephone_page(problem=_("没有这样的手机号，请看一下，再输一次。")))
        if typed != NO_TELEPHONE:
            return rating.model_copy(update={"telephone": typed})
    return rating


# -- the pages ---------------------------------------------------------------------------------------------------------


def stars_page() -> Rating:
    """The question of 好差评; its words are fixed."""
    words = (
        (1, _("非常不满意"), "emoticon-angry-outline"),
        (2, _("不满意"), "emoticon-sad-outline"),
        (3, _("基本满意"), "emoticon-neutral-outline"),
        (4, _("满意"), "emoticon-happy-outline"),
        (5, _("非常满意"), "emoticon-excited-outline"),
    )
    return Rating(
        name="rating",
        question=_("请给这次服务打个分（可以不打）"),
        hint=_("不记名，没有人知道是谁打的。"),
        options=tuple(Option(value=stars, label=label, icon=icon) for stars, label, icon in words),
        skip=Option(value=SKIPPED, label=_("不打了"), icon="close"),
        closes_after=CLOSES,
    )


def reason_page(stars: int) -> Choose[str]:
    """The standard's reasons for so many stars, one's own words, or none."""
    given = tuple(
        Option(value=reason.code, label=_(reason.label)) for reason in load_reasons() if reason.stars == stars
    )
    return Choose(
        name="rating-reason",
        question=_("哪里没有做好？"),
        hint=_("点最像的一条，也可以不说。"),
        options=(*given, Option(value=OWN_WORDS, label=_("都不是，我写几句"), icon="pencil")),
        aside=Option(value=NO_REASON, label=_("不说了"), icon="close"),
    )


def words_page() -> Words:
    return Words(
        name="rating-words",
        question=_("请写几句，哪里没有做好"),
        hint=_("不用写名字。"),
        longest=LONGEST,
        action=_("写好了"),
        example=_("等了很久"),
    )


def call_back_page() -> Choose[bool]:
    return Choose(
        name="rating-call-back",
        question=_("改好了，要给您回个电话吗？"),
        hint=_("不回电话，就不用留号码。"),
        options=(
            Option(value=False, label=_("不用了"), icon="close"),
            Option(value=True, label=_("要，我留个电话"), icon="phone"),
        ),
    )


def telephone_page(problem: str = "") -> Digits:
    return Digits(
        name="rating-telephone",
        question=_("请输入您的手机号"),
        hint=_("只用来给您回这个电话，回过就删掉。"),
        length=11,
        groups=(3, 4, 4),
        action=_("确定"),
        problem=problem,
        aside=Option(value=NO_TELEPHONE, label=_("还是不留了"), icon="close"),
    )


def heard(rating: ReasonedRating) -> Done:
    """What happens with it. It goes by itself: nobody has to press anything more."""
    looked_into = _("{days} 个工作日内，会有人来查、来改。").format(days=WORKING_DAYS)
    called = (_("改好了给您回电话。"),) if rating.telephone is not None else ()
    return Done(
        name="rating-heard",
        question=_("记下了，谢谢您告诉我们"),
        mood="done",
        lines=(looked_into, *called),
        actions=(Option(value="finish", label=_("知道了"), icon="check", primary=True),),
        closes_after=CLOSES,
    )


# -- the table ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Reason(Table):
    """A reason of the standard list, for one or for two stars."""

    code: ReasonCode
    stars: Annotated[int, Limits(ge=1, le=DISSATISFIED)]
    label: Annotated[str, Limits(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class _Reasons(Table):
    reason: tuple[Reason, ...]

    def __post_init__(self) -> None:
        codes = [reason.code for reason in self.reason]
        if len(set(codes)) != len(codes):
            raise ValueError("two reasons have one code")
        if {reason.stars for reason in self.reason} != set(range(1, DISSATISFIED + 1)):
            raise ValueError("one and two stars each have reasons")


@cache
def load_reasons() -> tuple[Reason, ...]:
    """The standard list. Raises CatalogError."""
    return read_table(CATALOG / "rating.toml", _Reasons).reason
