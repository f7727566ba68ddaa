"""我的办件 as its scripts say: with a card, and by the number of a receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Literal

import pytest

from kiosk.contract.messages import DeclineCode, Matter, MatterState, Sort
from kiosk.contract.queries import MatterLine, Matters
from kiosk.contract.status import MatterStatus
from kiosk.contract.uploads import MattersInWant
from kiosk.desk import Left
from kiosk.errors import Unavailable
from kiosk.journeys.by_number import TRIES
from kiosk.journeys.my_matters import Here, my_matters
from kiosk.journeys.proxy_request import Centre
from kiosk.manner import Back
from kiosk.pages import NOT_A_RECEIPT, Choose, EnterNumber, Notice, Result
from tests.kiosk.people import LIN
from tests.kiosk.scripted import ENGLISH, ScriptedCounter, played

LATE = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
LINE = MatterLine(
    kind="medical.remote-care-filing",
    at=LATE,
    number="K001-26-000317-7Q4XM",
    matter=Matter(state="sent", number="YD20261122000123", text="等医保部门审核", at=LATE),
)
NUMBER = "K001-26-000317-7Q4X7"
OFFLINE = Unavailable("offline")
UNKNOWN = MatterStatus(outcome="unknown")
HERE = Here(names={"minimum": "最低生活保障"}, centre=Centre(phone="000-00000000"), kiosk="K-001")
journey = partial(my_matters, here=HERE)


def line(state: MatterState = "sent", text: str | None = None, item: str = "minimum", kind: str = "x") -> MatterLine:
    matter = Matter(state=state, text=text, at=LATE)
    return MatterLine(kind=kind, item=item, at=LATE, number="K001-26-000318-7Q4XM", matter=matter)


def found(*lines: MatterLine) -> list[tuple[str, object]]:
    return [("way", "card"), ("card", LIN), ("matters", Matters(lines=lines))]


async def one(of: MatterLine, *asked: tuple[str, object]) -> Result:
    """The page of one matter; ``asked``: what is looked up on the way there."""
    counter = await played(journey, [*found(of), ("matters", of.number), *asked, ("matter", "finish")])
    page = counter.page("matter")
    assert isinstance(page, Result)
    return page


async def test_each_matter_with_its_state_and_its_day() -> None:
    counter = await played(journey, [*found(LINE, line()), ("matters", "finish")])
    shown = counter.page("matters")
    assert isinstance(shown, Choose)
    assert [(option.label, option.note) for option in shown.options] == [
        ("异地就医备案", "已提交，等审核 · 2026年11月22日"),
        ("最低生活保障", "已提交，等审核 · 2026年11月22日"),
    ], "the day is Shanghai's"
    assert shown.personal, "it closes as soon as a result does"


async def test_one_matter_with_both_numbers_and_the_authoritys_words() -> None:
    page = await one(LINE)
    (section,) = page.sections
    assert [row.value for row in section.rows] == ["2026年11月22日", "K001-26-000317-7Q4XM", "YD20261122000123"]
    assert section.state == "已提交，等审核"
    assert section.meaning == "等医保部门审核。有了结果，这里看得到。"


async def test_one_after_the_other() -> None:
    """From one back to the list, by its button and by 返回."""
    counter = await played(
        journey,
        [
            *found(LINE, line()),
            ("matters", LINE.number),
            ("matter", "others"),
            ("matters", line().number),
            ("matter", Back()),
            ("matters", "finish"),
        ],
    )
    assert [page.name for page in counter.pages].count("matters") == 3


async def test_what_was_handed_over_is_called_by_its_item() -> None:
    """By the catalogue's name; an item that this terminal does not know is some other matter."""
    handed_over = "service.proxy-request"
    counter = await played(
        journey,
        [*found(line(kind=handed_over), line(item="unheard-of", kind=handed_over)), ("matters", "finish")],
    )
    shown = counter.page("matters")
    assert isinstance(shown, Choose)
    assert [(option.label, option.note[:8]) for option in shown.options] == [
        ("最低生活保障（请人代办）", "已转给工作人员 "),
        ("其他事项", "已转给工作人员 "),
    ]


@pytest.mark.parametrize("state", ["kept", "sent", "papers wanted", "declined", "unsure"])
async def test_what_can_be_done_next_is_said(state: MatterState) -> None:
    """Whatever is not settled ends with a sentence that says what to do, or that nothing need be done."""
    asked = [("papers-wanted", MattersInWant(lines=()))] if state == "papers wanted" else []
    assert (await one(line(state), *asked)).sections[0].meaning.endswith("。")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (None, "没有通过"),
        ("authority", "没有通过"),
        ("not-confirmed", "没有提交"),
        ("no-matter", "材料没有交上去"),
        ("papers-lost", "材料没有交上去"),
    ],
)
async def test_only_an_authority_lets_nothing_pass(code: DeclineCode | None, says: str) -> None:
    """What central declined itself was never examined, and none of the four words of authorities is said of it: in
    the list, of the one matter, and by its number."""
    matter = Matter(state="declined", code=code, at=LATE)
    of = MatterLine(kind="service.filing", item="minimum", at=LATE, number=LINE.number, matter=matter)
    counter = await played(journey, [*found(of), ("matters", of.number), ("matter", "finish")])
    listed, page = counter.page("matters"), counter.page("matter")
    assert isinstance(listed, Choose)
    assert isinstance(page, Result)
    assert listed.options[0].note.startswith(says)
    assert page.sections[0].state == says
    status = MatterStatus(outcome="known", state="declined", code=code, recorded_at=LATE)
    assert stated(await by_number(("number", NUMBER), ("status", status), ("status", "finish"))) == says


async def test_none_found_says_so_and_a_receipt_can_be_tried() -> None:
    counter = await played(journey, [*found(), ("no-matters", "finish")])
    page = counter.page("no-matters")
    assert isinstance(page, Notice)
    assert page.hint
    script = [*found(), ("no-matters", "number"), ("number", NUMBER), *KNOWN]
    assert (await played(journey, script)).pages[-1].name == "status"


async def test_without_an_answer_it_can_be_tried_again_or_by_number() -> None:
    """Central away: nothing old is shown; the page leads on to the number, again, or home."""
    away: list[tuple[str, object]] = [("way", "card"), ("card", LIN), ("matters", OFFLINE)]
    again: list[tuple[str, object]] = [
        ("no-answer", "again"),
        ("matters", Matters(lines=(LINE,))),
        ("matters", "finish"),
    ]
    assert (await played(journey, [*away, *again])).pages[-1].name == "matters"
    assert (await played(journey, [*away, ("no-answer", "number"), ("number", NUMBER), *KNOWN])).pages[
        -1
    ].name == "status"
    with pytest.raises(Left):
        await played(journey, [*away, ("no-answer", "home")])


# -- by number -----------------------------------------------------------------------------------------------------

KNOWN: list[tuple[str, object]] = [
    ("status", MatterStatus(outcome="known", state="sent", theirs="YD20261122000123", recorded_at=LATE)),
    ("status", "finish"),
]


async def by_number(*script: tuple[str, object]) -> ScriptedCounter:
    return await played(journey, [("way", "number"), *script])


def stated(counter: ScriptedCounter) -> str:
    """The state that is said of a number."""
    page = counter.page("status")
    assert isinstance(page, Result)
    return page.sections[0].state


def problem(counter: ScriptedCounter) -> str:
    page = counter.page("number")
    assert isinstance(page, EnterNumber)
    return page.problem


async def test_a_number_is_answered_without_a_card() -> None:
    """The state, the authority's number and the day; neither whose it is nor what it was."""
    counter = await by_number(("number", NUMBER.lower().replace("-", "")), *KNOWN)
    page = counter.page("status")
    assert isinstance(page, Result)
    (section,) = page.sections
    assert (section.title, section.state) == (NUMBER, "已提交，等审核")
    assert [row.value for row in section.rows] == ["YD20261122000123", "2026年11月22日"]
    asked = counter.page("number")
    assert isinstance(asked, EnterNumber)
    assert asked.begins == "K001-26-", "so numbers of this machine begin this year"


async def test_offline_this_machine_answers_for_what_it_recorded() -> None:
    """The state alone, and that it may be old."""
    counter = await by_number(
        ("number", NUMBER), ("status", OFFLINE), ("recorded", ("kept", "filing")), ("status", "another"),
        ("number", NUMBER), ("status", OFFLINE), ("recorded", None), ("number", NUMBER), *KNOWN,
    )  # fmt: skip
    first = next(page for page in counter.pages if page.name == "status")
    assert isinstance(first, Result)
    assert (first.sections[0].state, first.sections[0].rows) == ("已登记，还没有提交", ())
    assert first.notes == ("这是这台机器最后知道的，可能还有新的。",)


@pytest.mark.parametrize("reason", ["offline", "slow"])
async def test_no_answer_is_no_word_on_the_network(reason: Literal["offline", "slow"]) -> None:
    """Central may be slow while the head of the screen says 网络正常."""
    away = [("number", NUMBER), ("status", Unavailable(reason)), ("recorded", None)]
    assert problem(await by_number(*away, ("number", NUMBER), *KNOWN)).startswith("网络或对方系统没有回应，")


async def test_what_central_does_not_have_yet_this_machine_knows() -> None:
    here = ("recorded", ("kept", "filing"))
    counter = await by_number(("number", NUMBER), ("status", UNKNOWN), here, ("status", "finish"))
    assert counter.pages[-1].name == "status"


@pytest.mark.parametrize(
    ("sort", "state", "says"),
    [
        ("appointment", "decided", "已约好"),
        ("appointment", "declined", "没有约上"),
        ("handed over", "sent", "已转给工作人员"),
        ("at once", "declined", "没有办成"),
        ("cancelled", "decided", "已取消"),
        ("filing", "decided", "已办结"),
        ("filing", "declined", "没有办成"),
    ],
)
async def test_offline_each_matter_is_told_in_the_words_of_whoever_has_it(
    sort: Sort, state: MatterState, says: str
) -> None:
    """Who declined a filing this machine does not keep: that it was examined is not said."""
    here = ("recorded", (state, sort))
    assert stated(await by_number(("number", NUMBER), ("status", OFFLINE), here, ("status", "finish"))) == says


@pytest.mark.parametrize(
    ("typed", "says"),
    [("K001-26-000317-7Q4XC", "看错了一个字"), ("K001", "看错了一个字"), (NOT_A_RECEIPT, "这不是凭条上的码")],
    ids=["the check does not fit", "too short", "another code"],
)
async def test_a_wrong_number_is_told_kindly(typed: str, says: str) -> None:
    """Without asking anybody; and it can be put right: it stands there as it was typed."""
    counter = await by_number(("number", typed), ("number", NUMBER), *KNOWN)
    assert says in problem(counter)
    asked = counter.page("number")
    assert isinstance(asked, EnterNumber)
    assert asked.refused == typed


async def test_the_next_number_begins_anew() -> None:
    counter = await by_number(
        ("number", NUMBER), KNOWN[0], ("status", "another"), ("number", NUMBER), *KNOWN
    )  # fmt: skip
    asked = counter.page("number")
    assert isinstance(asked, EnterNumber)
    assert (asked.begins, asked.refused) == ("K001-26-", "")


async def test_tries_are_limited() -> None:
    """Then the desk is who knows; the same where central says that it was asked too often."""
    wrong: list[tuple[str, object]] = [("number", NUMBER), ("status", UNKNOWN), ("recorded", None)]
    refused = [("number", NUMBER), ("status", MatterStatus(outcome="refused")), ("recorded", None)]
    for script in (wrong * TRIES, refused):
        with pytest.raises(Left):
            await by_number(*script, ("too-often", "home"))


async def test_in_english_too() -> None:
    counter = await by_number(("number", ENGLISH), ("number", NUMBER), *KNOWN)
    assert counter.page("number").question != "请输入登记号"
