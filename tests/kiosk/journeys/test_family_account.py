"""家庭共济 as its script says: who may, who does, somebody more or less; live only."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from kiosk.catalog import load_catalog
from kiosk.contract.beforehand import Family, FamilyMember
from kiosk.contract.live import FamilyAccount
from kiosk.contract.messages import Matter
from kiosk.desk import Left
from kiosk.errors import Unavailable
from kiosk.family_account import load_family_rules
from kiosk.journeys.family_account import cannot, choose_relation, family_account
from kiosk.pages import Choose, Confirm, Digits, Done, Notice, Result
from kiosk.receipts import in_their_words
from kiosk.tables import CatalogError
from kiosk.texts import spoken
from kiosk.visit import Visit
from tests.kiosk.hall import texts_of
from tests.kiosk.people import CHEN, LIN
from tests.kiosk.scripted import NOW, ScriptedCounter, played

ITEM = load_catalog().item("family-account")
RULES = load_family_rules()
JOURNEY = partial(family_account, item=ITEM, rules=RULES)
NOBODY = Family(by="here", balance=Decimal("1286.40"))
MOTHER = FamilyMember(entry="JS1", name="沈＊＊", ends="0027", relation="parent", since=date(2025, 3, 1))
SHARED = Family(by="here", balance=Decimal("1286.40"), members=(MOTHER,))
MEMBER = "440524188001010014"
ADDED = Matter(state="decided", number="JS2", text="这位家人可以用您的医保钱了", at=datetime(2026, 11, 22, tzinfo=UTC))
REMOVED = ADDED.model_copy(update={"text": "这位家人不再用您的医保钱"})
DECLINED = Matter(state="declined", text="没有查到这位家人的基本医保。", at=datetime(2026, 11, 22, tzinfo=UTC))

ADDING = [
    ("card", LIN),
    ("family", NOBODY),
    ("family", "add"),
    ("relation", "child"),
    ("member-by", "number"),
    ("member-number", MEMBER),
    ("member-name", "陈建国"),
    ("confirm", None),
]
REMOVING = [("card", LIN), ("family", SHARED), ("family", "remove"), ("member", "JS1"), ("confirm", None)]


async def test_somebody_is_added() -> None:
    """By number, name and relation; the last page and the paper know no more than surnames and last fours."""
    counter = await played(JOURNEY, [*ADDING, ("submit", ADDED), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, FamilyAccount)
    assert act.member is not None
    assert (act.wish, act.relation, act.member.number, act.member.name) == ("add", "child", MEMBER, "陈建国")
    confirm, done = counter.page("confirm"), counter.page("done")
    assert isinstance(confirm, Confirm)
    assert isinstance(done, Done)
    assert [(row.label, row.value) for row in confirm.rows] == [
        ("谁的钱", "林＊＊  尾号 002X"),
        ("谁来用", "陈建国"),
        ("和您的关系", "子女"),
        ("身份证号", "4405 2418 8001 010014"),
    ]
    assert confirm.notes[0] == "钱可以共济，卡不能共用。"
    assert done.lines == ("这位家人可以用您的医保钱了。",)
    for shown in (done, *counter.receipts):
        words = " ".join(texts_of(shown))
        assert "陈＊＊  尾号 0014" in words
        for secret in ("陈建国", MEMBER, LIN.name, LIN.number, "1286"):
            assert secret not in words
    assert "钱可以共济，卡不能共用。" in counter.receipts[0].next_steps


async def test_the_member_is_read_from_a_card_that_is_here() -> None:
    """Nobody types a number that a card can say; it is nobody for whom the owner acts."""
    by_card = [*ADDING[:4], ("member-by", "card"), ("relative", CHEN), ("confirm", None)]
    counter = await played(JOURNEY, [*by_card, ("submit", ADDED), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, FamilyAccount)
    assert act.member == CHEN.reference
    assert (act.person, act.agent) == (LIN.reference, None)


async def test_somebody_is_taken_away() -> None:
    counter = await played(JOURNEY, [*REMOVING, ("submit", REMOVED), ("done", "finish")])
    (act,) = counter.acts
    assert isinstance(act, FamilyAccount)
    assert (act.wish, act.entry, act.member) == ("remove", "JS1", None)
    done = counter.page("done")
    assert isinstance(done, Done)
    assert ("谁来用", "沈＊＊  尾号 0027") in [(row.label, row.value) for row in done.rows]


async def test_who_uses_it_and_how_much_there_is() -> None:
    """The amount is covered; somebody can be taken away only where there is somebody."""
    for family, may in ((NOBODY, ["add", "finish"]), (SHARED, ["add", "remove", "finish"])):
        counter = ScriptedCounter([("card", LIN), ("family", family), ("family", "finish")])
        with pytest.raises(Left):
            await played(JOURNEY, counter.script)
        shown = await _shown(family)
        assert [option.value for option in shown.actions] == may
        (balance,) = shown.sections[0].rows
        assert (balance.value, balance.private) == ("1,286.40 元", True)
        assert shown.sections[1].meaning == ("" if family.members else "还没有加家人。")
        assert [row.value for row in shown.sections[1].rows] == (
            ["沈＊＊  尾号 0027，2025年3月1日起"] if family.members else []
        )


async def _shown(family: Family) -> Result:
    script = [("card", LIN), ("family", family), ("family", "add"), *ADDING[3:]]
    counter = await played(JOURNEY, [*script, ("submit", ADDED), ("done", "finish")])
    page = counter.page("family")
    assert isinstance(page, Result)
    return page


@pytest.mark.parametrize("wrong", ["440524188001010015", "11010519491231002X", "000000000000000000"])
async def test_a_number_that_cannot_be_one_is_asked_for_again(wrong: str) -> None:
    """One's own too."""
    at = next(place for place, (name, _answer) in enumerate(ADDING) if name == "member-number")
    script = [*ADDING[:at], ("member-number", wrong), *ADDING[at:], ("submit", ADDED), ("done", "finish")]
    page = (await played(JOURNEY, script)).page("member-number")
    assert isinstance(page, Digits)
    assert page.problem


async def test_a_city_without_an_interface() -> None:
    """What to do on the telephone, with the address to scan; nothing is recorded."""
    counter = ScriptedCounter([("card", LIN), ("family", Family(by="app")), ("by-app", "finish")])
    with pytest.raises(Left):
        await played(JOURNEY, counter.script)
    assert counter.acts == []


async def test_somebody_who_has_nothing_to_share() -> None:
    """In the authority's words."""
    why = "没有查到您的职工医保个人账户，不能给家里人用。"
    script = [("card", LIN), ("family", Family(by="here", why_not=why)), ("cannot-share", "leave")]
    counter = ScriptedCounter(script)
    with pytest.raises(Left):
        await _run(counter)
    page = counter.page("cannot-share")
    assert isinstance(page, Notice)
    assert page.hint == why
    assert "12393" in " ".join(page.lines)
    assert counter.acts == []


def test_who_does_not_read_chinese_is_told_whose_words_they_are() -> None:
    why = "没有查到您的职工医保个人账户，不能给家里人用"
    with spoken("en"):
        assert cannot(why, ITEM).hint == in_their_words(why) != why


async def _run(counter: ScriptedCounter) -> None:
    await Visit(counter, now=NOW, change=lambda _anew: None).run(JOURNEY)


async def test_not_done_and_not_known() -> None:
    for matter, state, mood in ((DECLINED, "没有办成", "trouble"), (None, "还不确定有没有办成", "wait")):
        counter = await played(JOURNEY, [*ADDING, ("submit", matter), ("done", "finish")])
        done = counter.page("done")
        assert isinstance(done, Done)
        assert (done.question, counter.receipts[0].state, done.mood) == (state, state, mood)
        assert "12393" in " ".join((*done.lines, *done.next_steps))


async def test_what_never_went_out_has_no_result() -> None:
    """Central declined it: the receipt is of a registration."""
    for code, sort in (
        (None, "办理结果"),
        ("authority", "办理结果"),
        ("too-late", "登记凭条"),
        ("not-checked", "登记凭条"),
    ):
        matter = DECLINED.model_copy(update={"code": code})
        counter = await played(JOURNEY, [*ADDING, ("submit", matter), ("done", "finish")])
        assert (counter.receipts[0].sort, counter.receipts[0].state) == (sort, "没有办成")


@pytest.mark.parametrize("at", ["card", "submit"])
async def test_without_central_nothing_is_recorded(at: str) -> None:
    whole = [*ADDING, ("submit", ADDED)]
    place = next(place for place, (name, _answer) in enumerate(whole) if name == at)
    counter = ScriptedCounter([*whole[:place], (at, Unavailable("slow"))])
    with pytest.raises(Unavailable):
        await _run(counter)
    assert counter.acts == []


@pytest.mark.parametrize("reason", ["cancelled", "idle", "card"])
async def test_whoever_leaves_has_done_nothing(reason: str) -> None:
    counter = ScriptedCounter([*ADDING[:-1], ("confirm", Left(reason))])  # type: ignore[arg-type] # one of the three
    with pytest.raises(Left):
        await _run(counter)
    assert counter.acts == []


def test_each_relation_once(tmp_path: Path) -> None:
    """A mistake in the table is one line."""
    assert [kin.code for kin in RULES.relation][:3] == ["spouse", "parent", "child"]
    text = Path("assets/catalog/family_account.toml").read_text("utf-8").replace('"parent"', '"spouse"')
    (tmp_path / "family_account.toml").write_text(text, "utf-8")
    with pytest.raises(CatalogError, match='relation "spouse": stands there 2 times'):
        load_family_rules(tmp_path / "family_account.toml")


def test_a_choice_of_relations_has_room() -> None:
    """No list longer than seven."""
    page = choose_relation(RULES)
    assert isinstance(page, Choose)
    assert len(page.options) <= 7
