"""The home page, and lists of choices: what stands on the first of several screens, and how."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.manner import Manner
from kiosk.pages import Choose, Option
from screens.frame import QuestionZone
from screens.gallery.questions import HOME
from screens.home import MORE
from screens.text import Icon, Text
from screens.touch import Target
from tests.face.rules import judge
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_in_care_mode_what_old_people_come_for_is_on_the_first_screen(glass: Glass) -> None:
    """As drawn, and nothing twice; the last screen's key says that it leads back to the first."""
    await glass.sample("home", care=True)
    first = _answers(glass)
    assert first[:5] == ["social", "medical", "proof", "mine", "canteen"]
    screens, words = [first], [_words(glass, MORE)]
    while True:
        glass.clock.ahead += 0.31
        await glass.finger.press(MORE)
        if _answers(glass) == first:
            break
        screens.append(_answers(glass))
        words.append(_words(glass, MORE))
    assert words == ["更多"] * (len(screens) - 1) + ["回到第一页"]
    whole = {option.value for option in (*HOME.large, *HOME.small, *HOME.foot, *HOME.care)} | {"search", "rider"}
    everything = [value for values in screens for value in values if value != MORE]
    assert (set(everything), len(everything)) == (whole, len(whole))


@pytest.mark.parametrize("manner", [Manner(), Manner(care=True), Manner(language="en", care=True)], ids=str)
async def test_whoever_sits_reaches_the_first_tile_of_the_largest_panel(glass: Glass, manner: Manner) -> None:
    """1,220 mm from the floor where it hangs as high as the manual allows; on the smallest, under the question."""
    try:
        for diagonal in (32.0, 27.0, 21.5):
            glass.on_panel(diagonal)
            await glass.sample("home", manner=manner)
            assert judge(glass.stage).violations == []
    finally:
        glass.on_panel(21.5)
    (question,) = (widget for widget in glass.stage.walk() if isinstance(widget, QuestionZone))
    first = next(widget for widget in glass.stage._panes.body.walk() if isinstance(widget, Target))
    assert question.y - first.top < glass.stage._look.mm(20)


async def test_tiles_of_a_row_stand_level(glass: Glass) -> None:
    """Icons are in line where one tile has more words than its neighbour."""
    long = [replace(option, note="短" if option.value == "social" else "很长的说明" * 6) for option in HOME.large]
    small = [replace(HOME.small[0], label="两行才写得下的名字"), *HOME.small[1:]]
    glass.stage.dress(Manner())
    await glass.show(replace(HOME, large=tuple(long), small=tuple(small)))
    for row in (HOME.large, HOME.small[:4]):
        icons = [next(w for w in _target(glass, o.value).walk(restrict=True) if isinstance(w, Icon)) for o in row]
        assert len({icon.y for icon in icons}) == 1


@pytest.mark.parametrize("low", [False, True], ids=["usual", "low"])
async def test_no_english_word_is_split_on_a_tile(glass: Glass, low: bool) -> None:
    """Where a word is wider than a tile, the tiles are rows."""
    small = [replace(option, label=f"Unemployment {number}") for number, option in enumerate(HOME.small)]
    glass.stage.dress(Manner(language="en", care=True, larger=True, low=low))
    await glass.show(replace(HOME, small=tuple(small)))
    for _screen in range(4):
        assert [fault for fault in judge(glass.stage).violations if "Latin" in fault] == []
        glass.clock.ahead += 0.31
        await glass.finger.press(MORE)


async def test_a_long_option_takes_no_room_from_a_short_one(glass: Glass) -> None:
    """Each row of a list is as high as its words: both ways stand on one page."""
    options = (
        Option(value="self", label="For myself", icon="account", primary=True),
        Option(value="family", label="For somebody in my family", note="Bring both cards: yours first, then theirs"),
    )
    glass.stage.dress(Manner(language="en", care=True, larger=True, low=True))
    await glass.show(Choose(name="for-whom", question="Who is it for?", options=options))
    assert [value for value in _answers(glass) if value in {"self", "family"}] == ["self", "family"]
    assert "page:next" not in _answers(glass)
    assert judge(glass.stage).violations == []


def _answers(glass: Glass) -> list[object]:
    return [means for means in glass.finger.offered() if not str(means).startswith("foot:")]


def _target(glass: Glass, means: object) -> Target:
    return next(widget for widget in glass.stage.walk() if isinstance(widget, Target) and widget.means == means)


def _words(glass: Glass, means: object) -> str:
    return "".join(text.text for text in _target(glass, means).walk(restrict=True) if isinstance(text, Text))
