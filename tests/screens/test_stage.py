"""Touches count once and where they were meant; pages follow each other without a gap."""

from __future__ import annotations

import asyncio
from pathlib import Path

import kivy
import pytest
from kivy.core.window import Window
from kivy.lang import Builder

from kiosk import texts
from kiosk.manner import Anew, HelpAsked, Manner
from screens import choose_day, choose_place
from screens.gallery.outcomes import OFFLINE, WAIT
from screens.gallery.questions import RIDERS
from screens.gallery.samples import SAMPLES
from screens.surface import Surface
from screens.touch import Target
from screens.tour import next_frame
from screens.window import _Handler
from tests.screens.glass import Glass

F1 = 282
"""Kivy's code of the key."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_touch_that_slides_off_is_none(glass: Glass) -> None:
    """A touch begins and ends on its target."""
    await glass.sample("choose-list")
    retired, posted = glass.finger.find("retired"), glass.finger.find("posted")
    await glass.finger.touch(retired.x + 50, retired.y + 20, lift=(posted.x + 50, posted.y + 20))
    assert not glass.answered


async def test_no_key_opens_anything_else(glass: Glass) -> None:
    """F1 opens settings of kivy's in other programs."""
    await glass.sample("home")
    Window.dispatch("on_keyboard", F1, 58, None, [])
    assert Window.children == [glass.stage]


async def test_the_look_of_kivys_own_widgets_is_not_loaded(glass: Glass) -> None:
    """Reading it is a tenth of the start, and there are none of them here."""
    assert "<Label>" not in {rule.name for _selector, rule in Builder.rules}
    assert kivy.kivy_data_dir.startswith(kivy.kivy_base_dir), "all else of kivy's data is where it was"


async def test_a_press_shows_before_it_counts(glass: Glass) -> None:
    """Under the finger a target changes its colour within the frame."""
    await glass.sample("choose-list")
    where = glass.finger.find("retired")
    target = next(w for w in glass.stage.walk() if isinstance(w, Surface) and (w.x, w.y) == (where.x, where.y))
    seen = [target.pressed]
    await glass.finger.put_down(where.x + 50, where.y + 20)
    seen.append(target.pressed)
    await glass.finger.take_up(0, 0)
    seen.append(target.pressed)
    assert seen == [False, True, False]


async def test_a_finger_from_the_page_before_presses_nothing(glass: Glass) -> None:
    """Of two fingers one answers the page; where the other stood was a choice of that page, not of the next."""
    for held in ("foot:language", "social"):
        await glass.sample("home")
        where = glass.finger.find(held)
        middle = (where.x + where.width / 2, where.y + where.height / 2)
        await glass.finger.put_down(*middle)
        await glass.sample("notice")
        await glass.finger.take_up(*middle)
        await glass.finger.press("again")
        assert await glass.answer() == "again"


async def test_the_second_tap_of_two_does_nothing(glass: Glass) -> None:
    """A double tap answers one page: the second tap meets neither the answered page nor the next one."""
    glass.clock.freeze()
    await glass.sample("choose-list")
    where = glass.finger.find("retired")
    middle = (where.x + 50, where.y + where.height / 2)
    await glass.finger.put_down(*middle)
    await glass.finger.take_up(*middle)
    assert await glass.answer() == "retired"
    await glass.finger.put_down(*middle)  # the answered page still stands there
    await glass.finger.take_up(*middle)
    assert await glass.answer() == "retired"
    await glass.sample("choose-list")
    assert not glass.stage.gate.open
    await glass.finger.put_down(*middle)
    await glass.finger.take_up(*middle)
    assert not glass.answered
    glass.clock.ahead += 0.31
    await glass.finger.touch(*middle)
    assert await glass.answer() == "retired"


@pytest.mark.parametrize(
    ("name", "manner", "pressed", "comes"),
    [
        ("confirm-long", Manner(low=True), "page:next", "action"),
        ("place", Manner(), "place:other", "province:北京市"),
        ("choose-list", Manner(), "foot:aids", "aids:done"),
        ("day", Manner(), "day:other", "month:next"),
    ],
)
async def test_the_second_tap_of_two_presses_nothing_that_came_with_the_first(
    glass: Glass, name: str, manner: Manner, pressed: str, comes: str
) -> None:
    """A page that changes in place is another one to the finger: the red action does not come under it."""
    glass.clock.freeze()
    await glass.sample(name, manner=manner)
    glass.clock.ahead += 1
    where = glass.finger.find(pressed)
    await glass.finger.touch(where.x + where.width / 2, where.y + where.height / 2)
    assert comes in [target.means for target in glass.stage.walk() if isinstance(target, Target)]
    assert not glass.stage.gate.open
    glass.clock.ahead += 0.29
    assert not glass.stage.gate.open
    glass.clock.ahead += 0.02
    assert glass.stage.gate.open


async def test_ticks_may_follow_each_other_at_once(glass: Glass) -> None:
    """Nothing else comes under the finger by them."""
    glass.clock.freeze()
    await glass.sample("tick")
    before = glass.stage.ticked()
    for means in ("rest", "water"):
        await glass.finger.press(means)
    assert set(before) ^ set(glass.stage.ticked()) == {"rest", "water"}


async def test_a_wheel_is_no_finger(glass: Glass) -> None:
    glass.clock.freeze()
    await glass.sample("choose-list")
    where = glass.finger.find("retired")
    y = Window.height - where.y - 20
    for button in ("scrolldown", "scrollup"):
        Window.dispatch("on_mouse_down", where.x + 50, y, button, [])
        await next_frame()
        Window.dispatch("on_mouse_up", where.x + 50, y, button, [])
        await next_frame()
    assert not glass.answered


async def test_what_is_pressed_after_the_answer_leaves_nothing(glass: Glass) -> None:
    """The answered page stands there until the next one comes: neither help nor 看和听 keeps what was answered."""
    glass.clock.freeze()
    await glass.sample("digits-code")
    for digit in "123456":
        glass.clock.ahead += 1
        await glass.finger.press(f"key:{digit}")
    glass.clock.ahead += 1
    await glass.finger.press("action")
    assert await glass.answer() == "123456"
    glass.clock.ahead += 1
    await glass.finger.press("foot:help")
    await glass.sample("digits-code")
    glass.clock.ahead += 1
    assert "action" not in glass.finger.offered()


async def test_a_trembling_finger_ticks_once(glass: Glass) -> None:
    """The same tile twice within 300 ms is one tick."""
    glass.clock.freeze()
    await glass.sample("tick")
    where = glass.finger.find("read")
    middle = (where.x + 50, where.y + where.height / 2)
    await glass.finger.touch(*middle)
    await glass.finger.touch(*middle)
    assert "read" in glass.stage.ticked()
    glass.clock.ahead += 0.31
    await glass.finger.touch(*middle)
    assert "read" not in glass.stage.ticked()


async def test_a_finger_that_never_lifts_keeps_nobody_off(glass: Glass) -> None:
    """A panel that forgets to lift a touch does not lock the page."""
    await glass.sample("choose-list")
    where = glass.finger.find("retired")
    await glass.finger.put_down(where.x + 50, where.y + 20)
    await glass.finger.press("posted")
    assert await glass.answer() == "posted"


async def test_a_page_taken_away_stays_until_the_next(glass: Glass) -> None:
    """When a card answers, the drawing stays on the glass, and cannot be pressed, until the next page is there."""
    await glass.sample("choose-list")
    before = len(list(glass.stage.walk()))
    await glass.leave()
    await next_frame()
    assert len(list(glass.stage.walk())) == before
    await glass.finger.press("retired")
    shown = await glass.sample("choose-grid")
    assert shown.page is RIDERS


async def test_only_one_page_is_shown(glass: Glass) -> None:
    """Asking for a second page while one waits is a mistake of the caller's, and is said."""
    await glass.sample("choose-list")
    with pytest.raises(RuntimeError):
        await glass.stage.show(OFFLINE, SAMPLES["notice"][1])


async def test_a_wipe_leaves_nothing(glass: Glass) -> None:
    """After a wipe nothing of the visit can be pressed or read, the manner is the plain one."""
    from kivy.core.clipboard import Clipboard

    await glass.sample("confirm-long", care=True)
    await glass.leave()
    Clipboard.copy("阿依古丽")
    glass.stage.wipe()
    assert glass.stage.manner == Manner()
    assert glass.stage.shown is None
    assert not Clipboard.paste()
    assert all(means != "action" for means, _where in glass.stage.targets())


async def test_a_still_page_is_not_drawn_again(glass: Glass) -> None:
    """The clock shows minutes, so nothing is drawn while nothing happens."""
    from kivy.core.window import Window

    await glass.sample("home")
    await next_frame()
    flips: list[object] = []
    Window.bind(on_flip=flips.append)
    for _frame in range(20):
        glass.stage.tick()
        await next_frame()
    Window.unbind(on_flip=flips.append)
    assert flips == []


async def test_the_status_stands_in_words(glass: Glass) -> None:
    """Network and printer are told in words beside their icons, and a reader that is gone."""
    from screens.frame import Status
    from screens.text import Text

    await glass.sample("home")
    for status, words in (
        (Status(network=True, printer="ready"), "网络正常 可以打印"),
        (Status(network=False, printer="lost"), "没有网络 不能打印"),
        (Status(network=True, printer="ready", unreadable="id-card"), "网络正常 可以打印 不能读身份证"),
        (Status(network=True, printer="ready", unreadable="social-card"), "网络正常 可以打印 不能读社保卡"),
        (Status(network=True, printer="ready", unreadable="code"), "网络正常 可以打印 不能扫码"),
    ):
        glass.stage.update_status(network=status.network, printer=status.printer, unreadable=status.unreadable)
        texts = {text.text for text in glass.stage.walk() if isinstance(text, Text)}
        assert set(words.split()) <= texts
    glass.stage.update_status(network=True, printer="ready")


async def test_the_picture_is_what_is_drawn(glass: Glass, tmp_path: Path) -> None:
    """A picture is taken of the window as it is, and is not empty."""
    from PIL import Image

    await glass.sample("home")
    glass.stage.picture(tmp_path / "home.png")
    with Image.open(tmp_path / "home.png") as picture:
        assert picture.size == (glass.stage.width, glass.stage.height)
        assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 50


async def test_a_rider_s_end_closes_by_itself(glass: Glass) -> None:
    """After its seconds the page answers with its last action; a touch gives it its time again."""
    glass.clock.freeze()
    await glass.sample("done-rider")
    glass.clock.ahead += 2.9
    glass.stage.tick()
    await asyncio.sleep(0)
    assert not glass.answered
    glass.clock.ahead += 0.2
    glass.stage.tick()
    assert await glass.answer() == "finish"


async def test_a_slow_answer_is_explained(glass: Glass) -> None:
    """After two seconds of waiting the page says what it waits for."""
    from screens.text import Text

    await glass.sample("wait")
    glass.clock.ahead += 2.1
    glass.stage.tick()
    assert WAIT.slow in {text.text for text in glass.stage.walk() if isinstance(text, Text)}


async def test_a_callback_that_fails_is_logged_without_the_words_of_its_error(caplog: pytest.LogCaptureFixture) -> None:
    """What is drawn is about a person, and so may be a mistake in drawing it."""
    told: list[Exception] = []
    mistake = KeyError("陈建国")
    _Handler(told.append).handle_exception(mistake)
    assert told == [mistake]
    assert "a callback of the screens failed: KeyError" in caplog.text
    assert "陈建国" not in caplog.text


ENTERED: dict[str, tuple[object, ...]] = {
    "digits-code": ("key:1", "key:3", "key:8"),
    "digits-wrong": ("key:1", "key:3", "key:8"),
    "tick": ("water",),
    "search": ("key:s", "key:b"),
    "day-calendar": (choose_day.NEXT_MONTH,),
    "place": (choose_place.OTHER,),
}
"""Samples, and what is pressed in them without an answer."""
ONE_OF_A_KIND = {type(page): name for name, (page, _head) in reversed(SAMPLES.items())}


@pytest.mark.parametrize("name", dict.fromkeys([*ONE_OF_A_KIND.values(), *ENTERED]))
async def test_in_another_manner_the_page_comes_again_with_what_was_entered(glass: Glass, name: str) -> None:
    """In English and in care mode: every kind of page."""
    page, head = SAMPLES[name]
    before, manner = await enter(glass, name), Manner(language="en", care=True)
    glass.stage._touch_leave(lambda: Anew(manner))
    with pytest.raises(Anew):
        await glass.answer()
    with texts.spoken(manner.language):
        glass.stage.dress(manner)
        await glass.show(page, head)
        assert unfinished(glass) == before
        assert not glass.answered


@pytest.mark.parametrize("name", ["digits-code", "tick"])
async def test_help_keeps_what_was_entered_and_home_and_wipe_do_not(glass: Glass, name: str) -> None:
    """The page of help says that this one is kept; but nobody else finds it."""
    page, head = SAMPLES[name]
    before = await enter(glass, name)
    glass.stage._touch_leave(HelpAsked)
    await glass.sample("notice")
    await glass.show(page, head)
    assert unfinished(glass) == before
    for wipe in (False, True):
        glass.stage._touch_leave(HelpAsked)
        await glass.sample("notice" if wipe else "home")
        if wipe:
            await glass.leave()
            glass.stage.wipe()
        await glass.show(page, head)
        assert unfinished(glass) != before


def unfinished(glass: Glass) -> object:
    assert glass.stage._view is not None
    return glass.stage._view.unfinished()


async def enter(glass: Glass, name: str) -> object:
    """Shows a sample and presses what can be pressed in it; what is unfinished then."""
    page, head = SAMPLES[name]
    await glass.show(page, head)
    fresh = unfinished(glass)
    for means in ENTERED.get(name, ()):
        await glass.finger.press(means)
    entered = unfinished(glass)
    assert (entered != fresh) == (name in ENTERED)
    return entered
