"""The pages of what is carried out at once: every branch, with the longest that can stand there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from kiosk.contract.beforehand import Family, FamilyMember, SocialCard, SocialCards
from kiosk.contract.messages import Matter
from kiosk.desk import Left
from kiosk.family_account import load_family_rules
from kiosk.identity import Person

Script = list[tuple[str, object]]

GONE = Left("cancelled")
BANK = "中国邮政储蓄银行股份有限公司"
CARD = SocialCard(ends="112X", state="in use", days=15, bank=BANK, bank_telephone="05930000000")
STOPPED = CARD.model_copy(update={"state": "stopped", "until": date(2026, 12, 28)})
UNKNOWN = SocialCard(ends="112X", state="in use")
MEMBERS = tuple(
    FamilyMember(
        entry=f"JS{number}", name="阿卜杜克热木江＊＊", ends="112X", relation=kin.code, since=date(2025, 12, 28)
    )
    for number, kin in enumerate(load_family_rules().relation)
)
FAMILY = Family(by="here", balance=Decimal("123456.78"), members=MEMBERS)
WHY = "没有查到您的职工医保个人账户，不能给家里人用。"
STOPPED_NOW, USED_AGAIN = "这张卡的社保部分停用了", "这张卡恢复使用了"
SHARED, NOT_SHARED = "这位家人可以用您的医保钱了", "这位家人不再用您的医保钱"
TOO_LATE = "没有办成：超过了办理时间。要办，请再来一次"
AUTHORITY_SAYS = (WHY, STOPPED_NOW, USED_AGAIN, SHARED, NOT_SHARED, TOO_LATE)


def scripts(person: Person) -> Iterator[tuple[str, Script, bool]]:
    """Item, script, whether there is paper."""
    card: Script = [("card", person)]
    yield "card-lost", [*card, ("social-cards", SocialCards(cards=())), ("no-card", GONE)], True
    ended = CARD.model_copy(update={"state": "ended"})
    yield "card-lost", [*card, ("social-cards", SocialCards(cards=(ended,))), ("not-in-use", GONE)], True
    yield "card-lost", [*card, ("social-cards", SocialCards(cards=(CARD, STOPPED))), ("several-cards", GONE)], True
    for known in (CARD, UNKNOWN):
        stop: Script = [*card, ("social-cards", SocialCards(cards=(known,))), ("confirm", None)]
        for outcome in (_done(STOPPED_NOW, date(2026, 12, 28)), _declined(), None):
            yield "card-lost", [*stop, ("submit", outcome), ("done", GONE)], True
    known_now = _done(STOPPED_NOW)
    asked: Script = [("submit", None), ("done", "again"), ("ask again", known_now), ("done", GONE)]
    yield "card-lost", [*card, ("social-cards", SocialCards(cards=(CARD,))), ("confirm", None), *asked], True
    lift: Script = [*card, ("social-cards", SocialCards(cards=(STOPPED,))), ("stopped-already", "lift")]
    yield "card-lost", [*lift, ("confirm", None), ("submit", _done(USED_AGAIN)), ("done", GONE)], True
    yield "family-account", [*card, ("family", Family(by="app")), ("by-app", GONE)], True
    yield "family-account", [*card, ("family", Family(by="here", why_not=WHY)), ("cannot-share", GONE)], True
    typed: Script = [("member-number", "440524188001010014"), ("member-name", person.name)]
    add: Script = [("relation", "grandparent"), ("member-by", "number"), *typed]
    adding: Script = [*card, ("family", FAMILY), ("family", "add"), *add, ("confirm", None)]
    for outcome in (_done(SHARED), _declined(), None):
        yield "family-account", [*adding, ("submit", outcome), ("done", GONE)], True
    alone: Script = [*card, ("family", FAMILY.model_copy(update={"members": ()})), ("family", "add")]
    wrong: Script = [
        ("relation", "child"), ("member-by", "number"), ("member-number", person.number), ("member-number", GONE),
    ]  # fmt: skip
    yield "family-account", [*alone, *wrong], True
    remove: Script = [*card, ("family", FAMILY), ("family", "remove"), ("member", "JS0"), ("confirm", None)]
    yield "family-account", [*remove, ("submit", _done(NOT_SHARED)), ("done", GONE)], True


def _done(text: str, until: date | None = None) -> Matter:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Matter(state="decided", number="JS202611220000000001", text=text, at=at, until=until)


def _declined() -> Matter:
    return Matter(state="declined", text=TOO_LATE, at=datetime(2026, 11, 22, tzinfo=UTC))
