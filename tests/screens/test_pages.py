"""Every kind of page is answered by touching what stands on the glass."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import product
from unittest.mock import patch

import pytest

from kiosk.desk import Left
from kiosk.manner import Anew, Back, HelpAsked, Manner
from kiosk.pages import Choose, Confirm, Digits, Head, Option, Province, Row
from screens.gallery.outcomes import KEPT_WITHOUT_PAPER
from screens.gallery.questions import CARD, KIND, PHONE, PLACE
from screens.gallery.samples import SAMPLES
from screens.touch import Target
from tests.face.pseudo import spoken_pseudo
from tests.face.rules import judge
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWERS: list[tuple[str, object]] = [
    ("home", "medical"),
    ("home", "rider"),
    ("home", "mine"),
    ("attract", None),
    ("choose-list", "temporary"),
    ("choose-grid", "other"),
    ("choose-grid", "by-card"),
    ("choose-body", "promise"),
    ("choose-long-body", "upload"),
    ("tick", ("water", "meal", "read")),
    ("card", "social-card"),
    ("card-social", "code"),
    ("card-phone", "id-card"),
    ("digits-code", "110022"),
    ("digits-code", "again"),
    ("digits-phone", "13900000000"),
    ("number", "K001-26-000317-7Q4X7"),
    ("number-wrong", "LOBBY1-26-000317-7Q4X7"),
    ("place", "福建省泉州市"),
    ("place", "上海市上海市"),
    ("place", "海南省临高县"),
    ("day", date(2026, 3, 6)),
    ("day", date(2026, 5, 31)),
    ("day-calendar", date(2026, 9, 5)),
    ("confirm", None),
    ("confirm-long", None),
    ("result", "finish"),
    ("result-nothing", "elsewhere"),
    ("done", "copy"),
    ("done", "finish"),
    ("done-without-paper", "finish"),
    ("done-rider", "change"),
    ("preview", "print"),
    ("preview", "no"),
    ("preview-copy", "print"),
    ("table", "print"),
    ("table", "finish"),
    ("table-matters", "finish"),
    ("table-empty", "finish"),
    ("rating", 2),
    ("rating", 0),
    ("notice", "again"),
    ("search", "canteen"),
]


@pytest.mark.parametrize("care", [False, True], ids=["normal", "care"])
@pytest.mark.parametrize(("name", "value"), ANSWERS)
async def test_a_page_is_answered_by_touch(glass: Glass, name: str, value: object, care: bool) -> None:
    """In both manners each answer can be reached, however many pages of the list it takes."""
    shown = await glass.sample(name, care=care)
    await glass.finger.answer(shown, value)
    assert await glass.answer() == value


async def test_every_kind_of_page_has_a_sample() -> None:
    """The checks of the face run over all kinds of page that exist."""
    from kiosk import pages

    kinds = {kind for kind in vars(pages).values() if isinstance(kind, type) and issubclass(kind, pages.Page)}
    assert kinds - {type(page) for page, _head in SAMPLES.values()} == {pages.Page}


@pytest.mark.parametrize(("means", "ends_with"), [("foot:back", Back), ("foot:help", HelpAsked), ("foot:home", Left)])
async def test_the_foot_is_a_way_out(glass: Glass, means: str, ends_with: type[Exception]) -> None:
    """返回, 找人帮忙 and 首页 end any page without an answer."""
    await glass.sample("choose-list")
    await glass.finger.press(means)
    with pytest.raises(ends_with):
        await glass.answer()


async def test_who_finds_something_wrong_goes_back_from_the_page_that_asks(glass: Glass) -> None:
    """The quiet answer does what 返回 does and leaves the red one where it is; it needs a question before."""
    page, head = SAMPLES["confirm"]
    await glass.show(page, replace(head, can_go_back=False))
    assert "change" not in glass.finger.offered()
    red = glass.finger.find("action")
    await glass.show(page, head)
    assert glass.finger.find("action") == red
    await glass.finger.press("change")
    with pytest.raises(Back):
        await glass.answer()


async def test_no_page_is_turned_for_the_way_back_alone(glass: Glass) -> None:
    """Where only the buttons are left for another page, the red one finds room and the foot has the way back."""
    left_out = 0
    for lines in range(1, 20):
        page = Confirm(
            name="confirm", question="都对吗？", action="没错",
            rows=(Row(label="申请人", value="张＊"),), notes=("请带身份证。",) * lines,
        )  # fmt: skip
        await glass.show(page, Head(title="办事"))
        while "page:next" in glass.finger.offered():
            await glass.finger.press("page:next")
        left_out += "change" not in glass.finger.offered()
    assert 0 < left_out < 4


@pytest.mark.parametrize(
    ("means", "manner"), [("foot:care", Manner(care=True)), ("foot:language", Manner(language="en"))]
)
async def test_home_changes_the_manner(glass: Glass, means: str, manner: Manner) -> None:
    """关怀模式 and 中/EN ask for the page again in another manner."""
    await glass.sample("home")
    await glass.finger.press(means)
    with pytest.raises(Anew) as anew:
        await glass.answer()
    assert anew.value.manner == manner


async def test_back_goes_up_within_a_page_first(glass: Glass) -> None:
    """Among a province's cities 返回 leads to the provinces, then to the commonest, and only then leaves."""
    await glass.sample("place")
    await glass.finger.press("place:other")
    await glass.finger.turn_to("province:福建省")
    await glass.finger.press("province:福建省")
    assert "福建省宁德市" in glass.finger.offered()
    await glass.finger.press("foot:back")
    assert "province:北京市" in glass.finger.offered()
    glass.clock.ahead += 0.31  # the same button again: a person's second press, not a trembling finger's
    await glass.finger.press("foot:back")
    assert "福建省厦门市" in glass.finger.offered()
    assert not glass.answered
    glass.clock.ahead += 0.31
    await glass.finger.press("foot:back")
    with pytest.raises(Back):
        await glass.answer()


async def test_one_place_may_have_the_longest_name_and_another_the_longest_word(glass: Glass) -> None:
    """Both decide how many tiles there is room for: the pager stands above the foot, rows are as long throughout."""
    provinces = [
        Province(name=name, cities=(Option(value=name, label=name), Option(value=name * 2, label=name * 2)))
        for name in ("Innerin Mongoliamon", "Heilongjiangheilo", *(f"Jiangxijia{number}" for number in range(20)))
    ]
    glass.stage.dress(Manner(larger=True))
    await glass.show(replace(PLACE, common=(), provinces=tuple(provinces)), Head(title="办事", can_go_back=True))
    across = set()
    while True:
        assert judge(glass.stage).violations == []
        tiles = [where for means, where in glass.stage.targets() if str(means).startswith("province:")]
        across.add(max(Counter(round(where.y) for where in tiles).values()))
        if "page:next" not in glass.finger.offered():
            break
        await glass.finger.press("page:next")
    assert len(across) == 1


async def test_without_a_way_back_there_is_no_button(glass: Glass) -> None:
    """Where nothing lies before, 返回 is not offered."""
    await glass.show(KIND, Head(title="办事", can_go_back=False))
    assert "foot:back" not in glass.finger.offered()


@pytest.mark.parametrize(
    ("name", "draft", "ticked"),
    [("choose-grid", "taxi", []), ("choose-grid", "ride-hailing", ["ride-hailing"]), ("tick", ("read",), ["read"])],
)
async def test_an_earlier_answer_is_marked(glass: Glass, name: str, draft: object, ticked: list[object]) -> None:
    """After 返回 the earlier answer stands there with its tick; one that is no longer offered does not."""
    page, head = SAMPLES[name]
    await glass.show(page, head, draft)
    assert glass.stage.ticked() == ticked


async def test_an_earlier_number_stands_there(glass: Glass) -> None:
    """After 返回 a telephone number need not be typed again."""
    await glass.show(PHONE, draft="13900000000")
    await glass.finger.press("action")
    assert await glass.answer() == "13900000000"


async def test_an_incomplete_number_cannot_be_given(glass: Glass) -> None:
    """The action can be pressed only when all digits are there."""
    await glass.sample("digits-code")
    await glass.finger.press("key:1")
    assert "action" not in glass.finger.offered()


async def test_a_number_may_be_shorter_than_its_places(glass: Glass) -> None:
    """An amount: from its shortest on it can be given."""
    page, head = SAMPLES["digits-code"]
    assert isinstance(page, Digits)
    await glass.show(replace(page, shortest=2), head)
    await glass.finger.press("key:5")
    assert "action" not in glass.finger.offered()
    await glass.finger.press("key:0")
    await glass.finger.press("action")
    assert await glass.answer() == "50"


async def test_words_go_before_the_drawing(glass: Glass) -> None:
    """Where the words leave no room the card page has no drawing: one of less than nothing ends the program."""
    from screens.place_card import Drawing

    page = replace(CARD, problem="没有读到身份证。请拿开，再平放一次，听到“嘀”一声就好了。" * 25)
    with patch.object(Drawing, "arrange", lambda drawing: None):
        await glass.show(page)
        drawings = [widget for widget in glass.stage.walk() if isinstance(widget, Drawing)]
    assert [drawing.unit for drawing in drawings] == []
    await glass.show(CARD)
    assert any(isinstance(widget, Drawing) for widget in glass.stage.walk())


async def test_a_code_is_as_large_as_there_is_room(glass: Glass) -> None:
    """The largest that needs no further page; an old telephone has to see it."""
    from screens.done import CODE_SIDES
    from screens.qr_code import QrCode

    sides: dict[tuple[int, int], float] = {}
    for rows, steps in product((2, *range(6, 16), 40), (1, 2, 3)):
        facts = tuple(Row(label=f"第 {number} 行", value="有") for number in range(rows))
        await glass.show(replace(KEPT_WITHOUT_PAPER, rows=facts, next_steps=("请等一等。",) * steps))
        (sides[rows, steps],) = (widget.side for widget in glass.stage.walk() if isinstance(widget, QrCode))
    _least, medium, large = map(glass.stage._look.mm, CODE_SIDES)
    assert sides[2, 1] == large
    assert {*sides.values()} == {medium, large}


@pytest.mark.parametrize("manner", [Manner(contrast=True), Manner(low=True), Manner(care=True, low=True)], ids=str)
@pytest.mark.parametrize("landscape", [False, True], ids=["upright", "across"])
@pytest.mark.parametrize("name", ["done-certificate", "done-without-paper"])
async def test_a_code_is_whole_and_square_wherever_it_stands(
    glass: Glass, name: str, landscape: bool, manner: Manner
) -> None:
    """At least 60 mm, in the middle of its card or beside its words."""
    from screens.done import CODE_SIDES
    from screens.qr_code import QrCode

    glass.on_panel(21.5, landscape=landscape)
    try:
        await glass.sample(name, manner=manner)
        (code,) = (widget for widget in glass.stage.walk() if isinstance(widget, QrCode))
        assert code.width == code.height >= glass.stage._look.mm(CODE_SIDES[1])
        assert judge(glass.stage).violations == []
    finally:
        glass.on_panel(21.5)


async def test_covered_values_show_only_while_held(glass: Glass) -> None:
    """按住看: an amount can be read while the finger lies on the button."""
    from screens.text import Text

    def readable() -> str:
        return "".join(text.text for text in glass.stage.walk() if isinstance(text, Text))

    await glass.sample("result")
    where = glass.finger.find("hold")
    middle = (where.x + where.width / 2, where.y + where.height / 2)
    assert "23,456" not in readable()
    await glass.finger.put_down(*middle)
    assert "23,456" in readable()
    await glass.finger.take_up(*middle)
    assert "23,456" not in readable()


async def test_a_long_list_is_paged(glass: Glass) -> None:
    """Nothing is scrolled: what does not fit is on another page of the list, and every option is on one."""
    options = tuple(Option(value=str(number), label=f"第 {number} 件事") for number in range(1, 16))
    await glass.show(Choose(name="many", question="要看哪一件？", options=options))
    seen: list[object] = []
    while True:
        seen += [means for means in glass.finger.offered() if str(means).isdigit()]
        if "page:next" not in glass.finger.offered():
            break
        glass.clock.ahead += 0.31
        await glass.finger.press("page:next")
    assert seen == [option.value for option in options]


async def test_a_real_pointer_presses(glass: Glass) -> None:
    """A touch that comes from the X server answers the page."""
    await glass.sample("choose-list")
    where = glass.finger.find("posted")
    x, y = where.x + where.width / 2, glass.stage.height - where.y - where.height / 2
    command = ["xdotool", "mousemove", str(round(x)), str(round(y)), "mousedown", "1", "sleep", "0.1", "mouseup", "1"]
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL)
    assert await process.wait() == 0
    assert await glass.answer() == "posted"


@pytest.mark.parametrize("name", ["home", "wait"])
async def test_long_words_stay_on_the_buttons_of_the_foot(glass: Glass, name: str) -> None:
    """In care mode in a language whose words are long: without icons, nearer to the edge, in two lines."""
    with spoken_pseudo():
        await glass.sample(name, care=True)
        assert {target.means for target in glass.stage.walk() if isinstance(target, Target)} >= {"foot:help"}
        assert [fault for fault in judge(glass.stage).violations if "surface" in fault] == []
