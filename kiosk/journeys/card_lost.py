"""社保卡临时挂失与解挂: a lost card is stopped for some days, or used again when it was found. Live only.

The person may have no card at all: identity card or a code from the telephone. The bank's part of the card is the
bank's: the page and the paper name it with its telephone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.contract.beforehand import SocialCard, SocialCardsOf
from kiosk.contract.live import SocialCardLoss
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Left
from kiosk.identity import Person
from kiosk.items import Item
from kiosk.journeys.live import at_once, holder, ways_out
from kiosk.pages import Notice, Option, Row
from kiosk.texts import _

LIFT = "lift"


async def card_lost(desk: Desk, item: Item) -> None:
    """Two answers after the card: what the card's state leaves to do, and the confirmation. Raises Left.

    The authority is told whose card it is and not which: of several nothing is promised here.
    """
    person = await desk.identify(level=2, at_once=True)
    found = await desk.query(SocialCardsOf(person=person.reference, witness=person.witness))
    usable = tuple(card for card in found.cards if card.state != "ended")
    if len(usable) != 1:
        await desk.ask(several(item) if usable else not_in_use() if found.cards else no_card(item))
        raise Left("cancelled")
    (card,) = usable
    if card.state == "stopped" and await desk.ask(stopped_already(card)) != LIFT:
        raise Left("cancelled")
    wish: Literal["report", "lift"] = "lift" if card.state == "stopped" else "report"
    await at_once(desk, CardDeed(item=item, person=person, card=card, wish=wish, day=f"{desk.now:%Y-%m-%d}"))


@dataclass(frozen=True, kw_only=True)
class CardDeed:
    """Stops a card, or lets it be used again."""

    item: Item
    person: Person
    card: SocialCard
    wish: Literal["report", "lift"]
    day: str

    @property
    def act(self) -> SocialCardLoss:
        return SocialCardLoss(
            person=self.person.reference,
            wish=self.wish,
            shown=self.person.shown,
            check=self.person.proven,
            witness=self.person.witness,
            agent=self.person.agent,
            intent=f"{self.day} {self.item.code} {self.wish}"[:64],
        )

    def question(self) -> str:
        return _("要停用这张社保卡吗？") if self.wish == "report" else _("要恢复使用这张社保卡吗？")

    def action(self) -> str:
        return _("停用这张卡") if self.wish == "report" else _("恢复使用")

    def rows(self) -> tuple[Row, ...]:
        bank = (Row(label=_("发卡银行"), value=self.card.bank),) if self.card.bank else ()
        return (
            holder(_("持卡人"), self.person),
            Row(label=_("社保卡"), value=_("尾号 {tail}").format(tail=self.card.ends)),
            *bank,
        )

    def to_check(self) -> tuple[Row, ...]:
        return self.rows()

    def notes(self) -> tuple[str, ...]:
        if self.wish == "lift":
            return (_("卡在您手里再恢复。"), self._bank_too())
        return (self._how_long(), _phone_code(), self._bank_too())

    def once_done(self) -> tuple[str, ...]:
        if self.wish == "lift":
            return (self._bank_too(),)
        return (
            self._bank_too(),
            _phone_code(),
            _("到期卡会自己恢复。卡真的找不到了，请在这之前补办新卡。"),
        )

    def telephones(self) -> tuple[str, ...]:
        """The entry's, where the bank that the card names takes the place of whichever bank it may be."""
        if self.wish == "lift":
            return (_("请打 12333 问一问。"), self._bank_too())
        if self.card.bank_telephone is None:
            return ways_out(self.item)
        return (*ways_out(self.item)[:1], self._bank_too())

    def _how_long(self) -> str:
        if self.card.days is None:
            return _("停用几天以后，卡会自己恢复。")
        return _("停用 {days} 天，到期卡会自己恢复。").format(days=self.card.days)

    def _bank_too(self) -> str:
        """The bank's part is stopped, and used again, at the bank."""
        telephone = self.card.bank_telephone
        if self.card.bank is None or telephone is None:
            return _("银行那部分不在这里办，请打发卡银行。")
        return _("银行那部分不在这里办，请打{bank} {phone}。").format(bank=self.card.bank, phone=telephone)


def _phone_code() -> str:
    return _("停用期间，用手机医保码照样看病。")


# -- the pages -----------------------------------------------------------------------------------------------------


def no_card(item: Item) -> Notice:
    hint = _("可能是在别的地方办的，也可能已经换了新卡。")
    return _by_telephone("no-card", _("没有查到您在用的社保卡"), hint, item)


def several(item: Item) -> Notice:
    hint = _("怕停错了，请打电话停用或恢复。")
    return _by_telephone("several-cards", _("您有几张社保卡，这里分不清是哪一张"), hint, item)


def _by_telephone(name: str, question: str, hint: str, item: Item) -> Notice:
    return Notice(
        name=name, icon="card-search-outline", question=question, hint=hint, lines=ways_out(item), actions=(_leave(),)
    )


def not_in_use() -> Notice:
    """True of a card that was lost for good, given back, or never activated."""
    return Notice(
        name="not-in-use",
        icon="card-off-outline",
        mood="plain",
        question=_("查到的社保卡没有在用，不用停用"),
        hint=_("可能已经挂失、注销，或者还没有启用。"),
        lines=(
            _("要补办或启用，请到发卡银行或服务台。"),
            _("丢的是别的地方办的卡，现在就打 12333 停用。"),
        ),
        actions=(_leave(),),
    )


def stopped_already(card: SocialCard) -> Notice:
    until = (_("到 {day} 为止，之后卡会自己恢复。").format(day=day_in_words(card.until)),) if card.until else ()
    return Notice(
        name="stopped-already",
        icon="card-off-outline",
        mood="plain",
        question=_("这张社保卡停用着"),
        hint=_("卡找到了，可以恢复使用。"),
        lines=(*until, _phone_code()),
        actions=(
            Option(value="leave", label=_("不用恢复"), icon="home"),
            Option(value=LIFT, label=_("卡找到了，恢复使用"), icon="card-plus-outline", primary=True),
        ),
        personal=True,
    )


def _leave() -> Option[str]:
    return Option(value="leave", label=_("知道了"), icon="home", primary=True)
