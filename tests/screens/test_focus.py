"""Keys: every page can be worked by them, what is focused can be seen, and a scanner presses nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from kivy.core.window import Window
from PIL import Image, ImageChops

from kiosk.journeys.by_number import ask_number
from kiosk.manner import Anew, Back, Manner
from kiosk.pages import Attract, Home
from screens.gallery.samples import SAMPLES
from screens.keys import SHORTEST, Command
from screens.keys import STUCK as KEY_IS_STUCK
from screens.ring import APART, RING
from screens.theme import Theme, contrast
from screens.touch import Target
from tests.face.focus_order import focus_order, wrong_way
from tests.screens.glass import Glass
from tests.screens.keyboard import alone, key_down, key_up, press, press_at_once, type_fast, type_slowly

pytestmark = pytest.mark.asyncio(loop_scope="session")


def lit(glass: Glass) -> object:
    """What the focused target means; None when nothing is focused."""
    widget = glass.stage.focus.lit
    return widget.means if isinstance(widget, Target) else None


async def to(glass: Glass, means: object, by: str = "tab") -> None:
    """Goes on until that is focused."""
    for _step in range(60):
        if lit(glass) == means:
            return
        press_at_once(by)
    raise AssertionError(f"{by} does not lead to {means}")


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "attract"])
async def test_tab_goes_round_every_page_in_reading_order(glass: Glass, name: str) -> None:
    await glass.sample(name)
    assert list(focus_order(glass.stage)) == []
    assert lit(glass) is None
    offered = [target.means for target in glass.stage.focus.stops()]
    met: list[object] = []
    for _target in offered:
        press_at_once("tab")
        met.append(lit(glass))
    assert met == offered
    assert offered == [means for means, _where in glass.stage.targets()]
    if offered:
        await press("tab")
        assert lit(glass) == offered[0]
        await press("tab", shift=True)
        assert lit(glass) == offered[-1]


@pytest.mark.parametrize("manner", [Manner(care=True, listen=True), Manner(low=True)])
async def test_the_order_is_that_of_reading_in_other_manners(glass: Glass, manner: Manner) -> None:
    for page, head in SAMPLES.values():
        glass.stage.dress(manner)
        await glass.show(page, head)
        assert list(focus_order(glass.stage)) == []
        if head.can_leave and not isinstance(page, Home | Attract):
            glass.stage._warn(15)
            assert list(focus_order(glass.stage)) == []
            assert glass.stage.focus.stops()[0].means == "stay"


async def test_the_check_of_the_order_finds_what_is_wrong(glass: Glass) -> None:
    """The check has teeth."""
    await glass.sample("choose-grid")
    stops = glass.stage.focus.stops()
    assert list(wrong_way(stops)) == []
    assert list(wrong_way([stops[1], stops[0]]))
    assert list(wrong_way([stops[-1], stops[0]]))


async def test_enter_and_space_choose(glass: Glass) -> None:
    for key in ("enter", "keypad enter", "space"):
        await glass.sample("choose-list")
        glass.clock.ahead += 1
        await press("tab", "tab", key)
        assert await glass.answer() == "long-stay"
        await glass.leave()
        glass.stage.wipe()


async def test_a_key_that_nothing_is_focused_for_does_nothing(glass: Glass) -> None:
    await glass.sample("choose-list")
    await press("enter", "space")
    assert not glass.answered


async def test_a_touch_hides_the_focus(glass: Glass) -> None:
    """Whoever touches needs no ring, and Enter presses nothing that is not seen."""
    await glass.sample("choose-list")
    await press("tab", "tab")
    await glass.finger.touch(5, Window.height / 2)
    assert glass.stage.focus.lit is None
    await press("enter")
    assert not glass.answered


async def test_the_next_page_begins_at_its_first_target(glass: Glass) -> None:
    """Whoever uses keys need not look for the focus; whoever does not never sees it."""
    await glass.sample("home")
    assert glass.stage.focus.lit is None
    await press("tab")
    await glass.sample("choose-list")
    assert lit(glass) == "retired"
    glass.stage.wipe()
    await glass.sample("choose-list")
    assert glass.stage.focus.lit is None


async def test_one_enter_answers_one_page(glass: Glass) -> None:
    """A second Enter on its heels is not for the next page; one that is held down and repeats itself is none."""
    await glass.sample("choose-list")
    glass.clock.freeze()
    await press("tab", "enter")
    assert await glass.answer() == "retired"
    await glass.sample("choose-list")
    await press("enter")
    assert not glass.answered
    glass.clock.ahead += KEY_IS_STUCK / 2
    for _repeat in range(30):
        key_down("enter")
        glass.clock.ahead += KEY_IS_STUCK / 2
    assert not glass.answered
    key_up("enter")
    assert await glass.answer() == "retired"


async def test_a_key_that_goes_down_on_one_page_presses_nothing_on_the_next(glass: Glass) -> None:
    await glass.sample("choose-list")
    await press("tab")
    key_down("enter")
    await glass.sample("choose-list")
    glass.clock.ahead += 1
    key_up("enter")
    assert not glass.answered


async def test_a_key_whose_release_was_lost_can_be_pressed_again(glass: Glass) -> None:
    await glass.sample("choose-list")
    await press("tab")
    key_down("enter")
    await glass.sample("choose-list")
    glass.clock.ahead += KEY_IS_STUCK + 0.1
    await press("enter")
    assert await glass.answer() == "retired"


async def test_escape_goes_back_where_back_leads_anywhere(glass: Glass) -> None:
    await glass.sample("choose-list")
    await press("escape")
    with pytest.raises(Back):
        await glass.answer()
    glass.clock.ahead += 1
    await glass.sample("home")
    await press("escape")
    assert not glass.answered


async def test_digits_are_typed_and_taken_back(glass: Glass) -> None:
    await glass.sample("digits-phone")
    await type_slowly("1380000000")
    await press("backspace")
    await type_slowly("01")
    assert lit(glass) is None
    await to(glass, "action")
    await press("enter")
    assert await glass.answer() == "13800000001"


async def test_a_letter_finds(glass: Glass) -> None:
    await glass.sample("search")
    before = glass.finger.offered()
    await type_slowly("y")
    assert glass.finger.offered() != before


async def test_arrows_go_across_a_grid(glass: Glass) -> None:
    await glass.sample("digits-code")
    await press("tab")
    for key, means in (("down", "key:4"), ("right", "key:5"), ("down", "key:8"), ("up", "key:5"), ("left", "key:4")):
        await press(key)
        assert lit(glass) == means
    await to(glass, "foot:help", by="down")


async def test_the_focus_stays_where_it_is_when_the_page_changes_in_place(glass: Glass) -> None:
    await glass.sample("tick")
    await press("tab", "tab", "tab")
    means = lit(glass)
    before = set(glass.stage.ticked())
    await press("enter")
    assert set(glass.stage.ticked()) ^ before == {means}
    assert lit(glass) == means
    ring = glass.stage.focus.lit
    assert ring is not None
    assert ring.parent is not None, "the ring is around what stands there, not around what stood there"


async def test_what_is_covered_is_seen_while_the_key_is_held(glass: Glass) -> None:
    await glass.sample("result")
    await to(glass, "hold")
    assert not texts_on(glass) & {"12,345.67 元", "38,412.50 元"}
    covered = texts_on(glass)
    key_down("enter")
    uncovered = texts_on(glass)
    for _repeat in range(5):
        key_down("enter")
    assert texts_on(glass) == uncovered != covered
    key_up("enter")
    assert texts_on(glass) == covered


def texts_on(glass: Glass) -> set[str]:
    from screens.text import Text

    return {widget.text for widget in glass.stage.walk() if isinstance(widget, Text)}


async def test_any_key_leads_home_from_the_page_of_an_empty_hall(glass: Glass) -> None:
    """As any touch does; F2 asks for listening at once, for whoever cannot see that something stands in between."""
    for key in ("tab", "enter", "escape", "down"):
        glass.stage.wipe()
        glass.clock.ahead += 1
        await glass.sample("attract")
        await press(key)
        assert await glass.answer() is None
    glass.clock.ahead += 1
    await glass.sample("attract")
    assert glass.stage.focus.lit is None, "the whole glass is one target, and needs no ring"
    await press("f2")
    with pytest.raises(Anew):
        await glass.answer()
    await glass.sample("home")
    assert lit(glass) == "social", "whoever uses keys has the focus on the next page"


async def test_any_key_lifts_the_idle_warning_and_does_no_more(glass: Glass) -> None:
    await glass.sample("choose-list")
    await press("tab")
    for key in ("tab", "enter", "escape"):
        glass.stage._warn(15)
        await press(key)
        assert glass.stage._panes.warning is None
        assert lit(glass) == "retired"
        assert not glass.answered


async def test_the_ring_is_seen_and_moves_nothing(glass: Glass, tmp_path: Path) -> None:
    """It differs from what surrounds it by 3:1 in every set of colours, and touches no other target."""
    await glass.sample("home")
    glass.stage.picture(tmp_path / "before.png")
    places = [where for _means, where in glass.stage.targets()]
    await press("tab")
    await glass.stage.drawn()
    glass.stage.picture(tmp_path / "after.png")
    assert [where for _means, where in glass.stage.targets()] == places
    with Image.open(tmp_path / "before.png") as before, Image.open(tmp_path / "after.png") as after:
        box = ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox()
    assert box is not None
    lit_one, out = places[0], (RING + APART) * glass.stage._look.px_per_mm + 2
    left, upper, right, lower = box
    assert lit_one.x - out <= left < lit_one.x and lit_one.right < right <= lit_one.right + out  # noqa: PT018
    height = Window.height
    assert height - lit_one.top - out <= upper < height - lit_one.top
    assert height - lit_one.y < lower <= height - lit_one.y + out
    for care in (False, True):
        for high in (False, True):
            look = Theme(glass.stage._look.panel, 21.5, Manner(care=care, contrast=high))
            assert look.size("key gap") / look.px_per_mm > RING + APART
            for ground in ("paper", "card", "sand"):
                assert contrast(look.colour("focus"), look.colour(ground)) >= 3
            assert look.colour("focus") != look.colour("red")


async def test_letters_press_the_keys_of_a_pad_in_any_case(glass: Glass) -> None:
    """Pads of numbers have great letters; a sign that a pad has is no volume there."""
    volume = glass.voice.volume
    await glass.show(ask_number(begins=""))
    await type_slowly("k001-26-000317-7q4x7")
    await to(glass, "action")
    await press("enter")
    assert await glass.answer() == "K001-26-000317-7Q4X7"
    assert glass.voice.volume == volume
    await glass.sample("choose-list")
    await type_slowly("-")
    assert glass.voice.volume == volume - 10
    glass.voice.louder()


async def test_a_scanner_presses_nothing(glass: Glass) -> None:
    """Nothing that a wedge types is a person's: not its Enter on what is focused, no digit, no sign."""
    codes = ("4243669509084040896099330000", "aB-9+/=Zz", "12 34 56", "0" * SHORTEST)
    await glass.sample("digits-code")
    await press("tab")
    volume = glass.voice.volume
    for code in codes:
        for end in ("enter", "keypad enter", "tab"):
            await type_fast(code, end=end)
            await alone()
            assert lit(glass) == "key:1"
            glass.clock.ahead += 1
    assert glass.voice.volume == volume
    assert not glass.answered
    await press("tab", "enter")
    await type_slowly("34567")
    await to(glass, "action")
    await press("enter")
    assert await glass.answer() == "234567", "what is pressed between two scans counts"


async def test_f2_turns_listening_on_and_off_on_any_page(glass: Glass) -> None:
    for name in ("home", "choose-list"):
        for on in (False, True):
            await glass.sample(name, listen=on)
            await press("f2")
            with pytest.raises(Anew) as anew:
                await glass.answer()
            assert anew.value.manner == Manner(listen=not on)


async def test_each_key_is_in_the_manual(glass: Glass) -> None:
    """As keyboards have it printed on them."""
    manual = (Path(__file__).parent.parent.parent / "docs" / "manual.zh-CN.md").read_text(encoding="utf-8")
    table = manual[manual.index("| 按键 |") :].partition("\n\n")[0]
    printed = {
        "right": "→", "left": "←", "down": "↓", "up": "↑", "next": "Tab", "previous": "Shift", "back": "Esc",
        "delete": "Backspace", "again": "F1", "listen": "F2", "louder": "+", "softer": "-",
    }  # fmt: skip
    assert set(printed) == set(get_args(Command))
    assert set(re.findall("`(.+?)`", table)) == {*printed.values(), "Enter", "0", "9"}
