"""Head and foot: what gives way first where words are long."""

from __future__ import annotations

import pytest

from kiosk.manner import Manner
from kiosk.pages import Head
from kiosk.texts import spoken
from screens.frame import FootZone, HeadZone
from screens.gallery.samples import SAMPLES
from screens.text import Icon, Text
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")

LARGEST = Manner(language="en", care=True, larger=True)


@pytest.mark.parametrize("manner", [Manner(), Manner(care=True), Manner(care=True, larger=True)], ids=str)
@pytest.mark.parametrize("name", ["home", "choose-list", "confirm"])
async def test_every_button_of_the_foot_has_its_icon(glass: Glass, name: str, manner: Manner) -> None:
    """Whoever cannot read goes by them: above the words, where there is no room beside them."""
    await glass.sample(name, manner=manner)
    (foot,) = (widget for widget in glass.stage.walk() if isinstance(widget, FootZone))
    assert len(foot.buttons) >= 3
    for button in foot.buttons:
        (icon,) = (widget for widget in button.walk(restrict=True) if isinstance(widget, Icon))
        assert icon.right <= button.words.x or icon.y >= button.words.top


async def test_a_long_title_ends_with_a_whole_word(glass: Glass) -> None:
    title = "Contracted hospitals and listed drugs"
    glass.stage.dress(LARGEST)
    await glass.show(SAMPLES["choose-list"][0], Head(title=title))
    shown = next(text.text for text in _head(glass) if isinstance(text, Text))
    assert shown.endswith("…")
    assert title.startswith(shown.removesuffix("…") + " ")


async def test_the_step_stays_where_icons_say_what_works(glass: Glass) -> None:
    """Nobody misses 网络正常; what is out of order is said in words all the same."""
    glass.stage.dress(LARGEST)
    with spoken("en"):
        await glass.show(SAMPLES["choose-list"][0], Head(title="Filing", step="Step 2 of 7"))
        assert _said(glass) == ["Filing", "Step 2 of 7"]
        assert [icon.name for icon in _head(glass) if isinstance(icon, Icon)] == ["wifi", "printer-check"]
        glass.stage.update_status(network=False, printer="ready")
        assert _said(glass) == ["Filing", "No network", "Step 2 of 7"]
        glass.stage.update_status(network=True, printer="ready")


async def test_more_faults_than_words_have_room_for_are_said_in_one(glass: Glass) -> None:
    """Each keeps its icon. None is left out, which would say that it works."""
    faults = ["wifi-off", "printer-off", "card-off-outline"]
    for manner, said in ((Manner(), ["没有网络", "不能打印", "不能读身份证"]), (Manner(care=True), ["有几样用不了"])):
        glass.stage.dress(manner)
        await glass.show(SAMPLES["choose-list"][0], Head(title="备案"))
        glass.stage.update_status(network=False, printer="lost", unreadable="id-card")
        assert [icon.name for icon in _head(glass) if isinstance(icon, Icon)] == faults
        assert [words for words in _said(glass) if words not in ("备案", glass.stage.centre)] == said
    glass.stage.update_status(network=True, printer="ready")


def _head(glass: Glass) -> list[Text | Icon]:
    """Title and state."""
    (head,) = (widget for widget in glass.stage.walk() if isinstance(widget, HeadZone))
    return [part for block in head.left for part in block.walk(restrict=True) if isinstance(part, Text | Icon)]


def _said(glass: Glass) -> list[str]:
    """The words of the head but for the time."""
    (head,) = (widget for widget in glass.stage.walk() if isinstance(widget, HeadZone))
    return [text.text for text in (*_head(glass), *head.right_side[1:]) if isinstance(text, Text)]
