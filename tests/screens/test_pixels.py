"""What stands on the glass is looked at itself: contrast and ink of each text, in the modes that stand for all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kivy.graphics import Color, Rectangle

from screens.text import Text
from screens.theme import ColourName
from tests.face.modes import Mode
from tests.face.pixels import judge_pixels, look_at_glass
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("mode", [Mode(), Mode(care=True), Mode(contrast=True)], ids=str)
@pytest.mark.parametrize("name", ["home", "confirm-long", "digits-wrong", "tick"])
async def test_every_text_can_be_read_in_the_pixels(glass: Glass, mode: Mode, name: str) -> None:
    """Rare characters, disabled tiles, masked numbers: as dark as the table says, and whole."""
    await glass.sample(name, manner=mode.manner)
    assert judge_pixels(glass.stage, look_at_glass()) == []


async def test_a_panel_that_lies_across_is_read_whole(glass: Glass) -> None:
    """Its window is wider than the screen that it is shown on, and nothing of it is missing."""
    glass.on_panel(21.5, landscape=True)
    try:
        await glass.sample("notice-out")
        seen = look_at_glass()
        assert seen.pixels.size == (1920, 1080)
        assert judge_pixels(glass.stage, seen) == []
    finally:
        glass.on_panel(21.5)


def _paler(text: Text) -> None:
    text.recolour("gold")
    text.ink = "ink"


def _on_another_ground(text: Text) -> None:
    _cover(text, "red", first=True)


def _half_covered(text: Text) -> None:
    _cover(text, "paper", share=0.5)


def _a_character_covered(text: Text) -> None:
    _cover(text, "paper", share=1 / len(text.text))


def _hidden(text: Text) -> None:
    text.canvas.clear()


def _struck_out(text: Text) -> None:
    with text.canvas.after:
        Color(*text.look.colour("ink"))
        Rectangle(pos=(text.x, text.center_y), size=(text.width, 6))


def _another_word(text: Text) -> None:
    said = text.text
    text.say("四五六七八九十百千"[: len(said)])
    text.draw()
    text.say(said)


def _cover(text: Text, colour: ColourName, *, share: float = 1.0, first: bool = False) -> None:
    with text.canvas.before if first else text.canvas.after:
        Color(*text.look.colour(colour))
        Rectangle(pos=text.pos, size=(text.natural_width() * share, text.height))


MUTANTS: list[tuple[Callable[[Text], None], str]] = [
    (_paler, "has a contrast of"),
    (_on_another_ground, "stands on #A6281E, not on #FBF7F0"),
    (_half_covered, "of its ink"),
    (_a_character_covered, "of its ink"),
    (_hidden, "has a contrast of 1.0"),
    (_struck_out, "of its ink"),
    (_another_word, "of its ink"),
]


@pytest.mark.parametrize(("spoil", "said"), MUTANTS, ids=[spoil.__name__.strip("_") for spoil, _said in MUTANTS])
async def test_what_spoils_a_text_is_seen(glass: Glass, spoil: Callable[[Text], None], said: str) -> None:
    """A wrong colour, a wrong ground, something before it or nothing there: said of this text, and of no other."""
    await glass.sample("choose-list")
    assert glass.stage._panes.question is not None
    text = next(w for w in glass.stage._panes.question.walk() if isinstance(w, Text) and "哪种" in w.text)
    spoil(text)
    faults = judge_pixels(glass.stage, look_at_glass())
    assert faults
    assert any(said in fault for fault in faults)
    words = set(text.text)
    assert all(words & set(fault.split("'")[1]) for fault in faults)
