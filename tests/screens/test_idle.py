"""An empty place in front of the machine: warning, then wipe; results sooner; home never."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kiosk.desk import Left
from kiosk.manner import Manner
from kiosk.pages import Done, Notice, Result
from screens.gallery.samples import SAMPLES
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _later(glass: Glass, seconds: float) -> None:
    glass.clock.ahead += seconds
    glass.stage.tick()
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("name", "care", "warned_after", "left_after"),
    [
        ("choose-list", False, 60, 75),
        ("choose-list", True, 120, 150),
        ("result", False, 15, 30),
        ("result", True, 30, 60),
        ("table", False, 15, 30),
        ("card", False, 60, 75),
        ("send-papers", False, 180, 195),
    ],
)
async def test_warning_then_wipe(glass: Glass, name: str, care: bool, warned_after: float, left_after: float) -> None:
    """The warning stands in the question's place for its seconds, then the visit ends as idle."""
    glass.clock.freeze()
    await glass.sample(name, care=care)
    await _later(glass, warned_after - 1)
    assert "stay" not in glass.finger.offered()
    await _later(glass, 2)
    assert "stay" in glass.finger.offered()
    await _later(glass, left_after - warned_after - 2)
    assert not glass.answered
    await _later(glass, 2)
    with pytest.raises(Left) as left:
        await glass.answer()
    assert left.value.reason == "idle"


async def test_what_was_found_of_somebody_closes_as_a_result_does(glass: Glass) -> None:
    """A notice that tells of nobody waits as other pages do; one that says what was found does not."""
    page, head = SAMPLES["notice"]
    assert isinstance(page, Notice)
    assert not page.personal
    glass.clock.freeze()
    for personal, warned_after in ((False, 60), (True, 15)):
        await glass.show(replace(page, personal=personal), head)
        await _later(glass, warned_after - 1)
        assert "stay" not in glass.finger.offered()
        await _later(glass, 2)
        assert "stay" in glass.finger.offered()


async def test_a_result_about_nobody_waits_as_other_pages_do(glass: Glass) -> None:
    """A guide is read as long as it takes."""
    page, head = SAMPLES["result"]
    assert isinstance(page, Result)
    glass.clock.freeze()
    await glass.show(replace(page, personal=False), head)
    await _later(glass, 59)
    assert "stay" not in glass.finger.offered()
    await _later(glass, 2)
    assert "stay" in glass.finger.offered()


async def test_a_file_that_a_telephone_fetches_waits_for_it(glass: Glass) -> None:
    """Until it is there; then the page is as any other."""
    page, head = SAMPLES["done"]
    assert isinstance(page, Done)
    glass.clock.freeze()
    await glass.show(replace(page, fetches="a-token"), head)
    await _later(glass, 179)
    assert "stay" not in glass.finger.offered()
    await glass.show(replace(page, fetches=""), head)
    await _later(glass, 61)
    assert "stay" in glass.finger.offered()


def _warned(glass: Glass) -> bool:
    return glass.stage._panes.warning is not None


@pytest.mark.parametrize(("care", "wipe"), [(False, 15), (True, 30)], ids=["normal", "care"])
@pytest.mark.parametrize("name", ["notice-help", "digits-pin"])
async def test_a_page_that_staff_has_to_come_to_waits_five_minutes(
    glass: Glass, name: str, care: bool, wipe: int
) -> None:
    """As the page of 找人帮忙 says; whoever comes finds the page there."""
    page, head = SAMPLES[name]
    glass.clock.freeze()
    glass.stage.dress(Manner(care=care))
    await glass.show(replace(page, awaits_staff=True), head)
    await _later(glass, 299)
    assert not _warned(glass)
    await _later(glass, 2)
    assert _warned(glass)
    await _later(glass, wipe)
    with pytest.raises(Left):
        await glass.answer()


@pytest.mark.parametrize(
    "manner", [Manner(), Manner(care=True), Manner(low=True), Manner(larger=True, low=True)], ids=str
)
async def test_the_warning_says_that_a_touch_is_enough(glass: Glass, manner: Manner) -> None:
    """In low position its button stands in the upper half, out of some people's reach."""
    from screens.frame import IdleWarning

    glass.clock.freeze()
    glass.stage.dress(manner)
    await glass.show(*SAMPLES["choose-list"])
    await _later(glass, 121 if manner.care else 61)
    (warning,) = (widget for widget in glass.stage.walk() if isinstance(widget, IdleWarning))
    assert "碰一下" in warning.words.text


async def test_the_warning_counts_down(glass: Glass) -> None:
    """The seconds that are left are told, and the question comes back with 再看一会儿."""
    from screens.text import Text

    def words() -> str:
        return "".join(t.text for t in glass.stage.walk() if isinstance(t, Text) and t.parent.opacity)

    glass.clock.freeze()
    await glass.sample("choose-list")
    await _later(glass, 62)
    assert "13 秒" in words()
    await _later(glass, 3)
    assert "10 秒" in words()
    await glass.finger.press("stay")
    assert "stay" not in glass.finger.offered()
    await _later(glass, 59)
    assert "stay" not in glass.finger.offered()


async def test_any_touch_ends_the_warning(glass: Glass) -> None:
    """Somebody who touches the page is there."""
    glass.clock.freeze()
    await glass.sample("choose-list")
    await _later(glass, 61)
    await glass.finger.touch(5, glass.stage.height / 2)
    assert "stay" not in glass.finger.offered()


async def test_a_key_of_a_pad_ends_the_warning(glass: Glass) -> None:
    """Whoever types is there: it does not stand over what they are to read."""
    glass.clock.freeze()
    await glass.sample("digits-code")
    await _later(glass, 61)
    assert _warned(glass)
    await glass.finger.press("key:1")
    assert not _warned(glass)


async def test_a_finger_that_slides_off_the_warning_ends_it(glass: Glass) -> None:
    glass.clock.freeze()
    await glass.sample("choose-list")
    await _later(glass, 61)
    stay = glass.finger.find("stay")
    await glass.finger.touch(stay.x + 20, stay.y + 20, lift=(5, 5))
    assert not _warned(glass)


async def test_an_answer_given_under_the_warning_counts(glass: Glass) -> None:
    """The warning covers the question alone: the choices stay where they are and can be pressed."""
    glass.clock.freeze()
    await glass.sample("choose-list")
    await _later(glass, 61)
    await glass.finger.press("posted")
    assert await glass.answer() == "posted"


async def test_what_waits_for_ever(glass: Glass) -> None:
    """A machine that is out of order, and the page of an empty hall."""
    for name in ("attract", "notice-out"):
        await glass.sample(name)
        await _later(glass, 3600)
        assert not glass.answered
        assert "stay" not in glass.finger.offered()


async def test_what_somebody_made_of_a_machine_that_is_out_of_order_ends(glass: Glass) -> None:
    """Aids, help and manner are not left standing in front of it."""
    glass.clock.freeze()
    await glass.sample("notice-out")
    await _later(glass, 3600)
    await glass.finger.press("foot:aids")
    await _later(glass, 76)
    with pytest.raises(Left):
        await glass.answer()
    await glass.sample("notice-out", care=True)
    await _later(glass, 149)
    assert not glass.answered
    await _later(glass, 2)
    with pytest.raises(Left):
        await glass.answer()
    page, _head = SAMPLES["notice-help"]
    glass.stage.dress(Manner())
    await glass.show(page, SAMPLES["notice-out"][1])
    await _later(glass, 316)
    with pytest.raises(Left):
        await glass.answer()


async def test_an_untouched_home_page_rests(glass: Glass) -> None:
    """After three minutes without a touch it makes way, without a warning; a touch begins them anew."""
    glass.clock.freeze()
    await glass.sample("home")
    await _later(glass, 179)
    assert not glass.answered
    await glass.finger.touch(5, glass.stage.height / 2)
    await _later(glass, 179)
    assert not glass.answered
    assert "stay" not in glass.finger.offered()
    await _later(glass, 2)
    with pytest.raises(Left) as left:
        await glass.answer()
    assert left.value.reason == "idle"


async def test_what_one_person_set_is_not_left_to_the_next(glass: Glass) -> None:
    """Care mode on a home page that nobody touches any more ends by itself, without a warning."""
    glass.clock.freeze()
    await glass.sample("home", care=True)
    await _later(glass, 149)
    assert not glass.answered
    await _later(glass, 2)
    with pytest.raises(Left):
        await glass.answer()


async def test_a_stuck_touch_does_not_hold_idleness_off(glass: Glass) -> None:
    """A finger that the panel never lifts is no sign of a person."""
    glass.clock.freeze()
    await glass.sample("choose-list")
    where = glass.finger.find("retired")
    await glass.finger.put_down(where.x + 50, where.y + 20)
    await _later(glass, 76)
    with pytest.raises(Left):
        await glass.answer()


@pytest.mark.parametrize("care", [False, True], ids=["normal", "care"])
async def test_a_rating_that_nobody_gives_is_skipped(glass: Glass, care: bool) -> None:
    """Who has gone leaves no question to the next: 15 s without a touch, twice as long in care mode."""
    glass.clock.freeze()
    await glass.sample("rating", care=care)
    await _later(glass, 29 if care else 14)
    assert not glass.answered
    assert "stay" not in glass.finger.offered()
    await _later(glass, 2)
    assert await glass.answer() == 0


async def test_what_comes_from_a_telephone_is_a_sign_of_life(glass: Glass) -> None:
    """Nobody touches the glass while they photograph: a picture that arrives begins the time anew."""
    glass.clock.freeze()
    await glass.sample("send-papers")
    await _later(glass, 170)
    await glass.sample("send-papers-came")
    await _later(glass, 170)
    assert "stay" not in glass.finger.offered()
    await _later(glass, 20)
    assert "stay" in glass.finger.offered()
