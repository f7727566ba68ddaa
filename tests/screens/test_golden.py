"""Pages look as they looked when somebody found them good; and what would be a difference is seen as one.

``make face`` compares all four modes that there are pictures of, this one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast
from unittest import mock

import pytest
from kivy.core.text import Label as Glyphs
from PIL import Image

from kiosk.pages import Choose, Head, Page
from screens import text
from screens.gallery.questions import KIND
from screens.gallery.samples import SAMPLES, AnyPage
from screens.text import Icon, Text
from screens.touch import Target
from screens.widgets import Button
from tests.face import golden
from tests.face.golden import compare
from tests.face.modes import CARE, REPRESENTATIVE, Mode
from tests.face.pictures import few_colours, picture
from tests.face.sweep import pages_in
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("mode", [CARE], ids=str)
async def test_every_page_looks_as_it_did(glass: Glass, mode: Mode, tmp_path: Path) -> None:
    """What differs is in out/golden as a sheet: look at it, then mend the page or ``make golden``."""
    try:
        assert await golden.faults(glass, mode, await pages_in(mode.language, tmp_path)) == []
    finally:
        glass.on_panel(21.5)


async def test_golden_pictures_stay_small() -> None:
    """They come with every clone, and each mode that is looked at in pixels has some."""
    files = list(golden.GOLDEN.rglob("*.png"))
    assert {file.parent.name for file in files} == {mode.file_name for mode in REPRESENTATIVE}
    assert sum(file.stat().st_size for file in files) < 4_500_000


def _another_word(choose: Choose[str]) -> Choose[str]:
    return replace(choose, hint=choose.hint.replace("急诊", "门诊"))


def _another_icon(choose: Choose[str]) -> Choose[str]:
    return _first_option(choose, icon="home-city")


def _no_icon(choose: Choose[str]) -> Choose[str]:
    return _first_option(choose, icon="")


def _one_option_less(choose: Choose[str]) -> Choose[str]:
    return replace(choose, options=choose.options[:-1])


def _first_option(choose: Choose[str], icon: str) -> Choose[str]:
    return replace(choose, options=(replace(choose.options[0], icon=icon), *choose.options[1:]))


@pytest.mark.parametrize("changed", [_another_word, _another_icon, _no_icon, _one_option_less])
async def test_another_content_is_seen(glass: Glass, changed: Callable[[Choose[str]], Choose[str]]) -> None:
    """A word of the smallest type, an icon, an option."""
    before = await _picture(glass)
    assert compare(before, await _picture(glass, changed(KIND))).is_seen


def _button_moved(glass: Glass) -> None:
    button = next(widget for widget in glass.stage.walk() if isinstance(widget, Button))
    button.place(button.x + glass.stage._look.mm(2), button.top)


def _icon_missing(glass: Glass) -> None:
    next(w for w in glass.stage.walk() if isinstance(w, Icon) and w.name == "arrow-left").canvas.clear()


def _tile_of_another_colour(glass: Glass) -> None:
    target = next(widget for widget in glass.stage._panes.body.walk() if isinstance(widget, Target))
    target.fill = "blush"
    target.dress()


def _green_turned_black(glass: Glass) -> None:
    next(w for w in glass.stage.walk() if isinstance(w, Text) and w.text == "网络正常").recolour("ink")


@pytest.mark.parametrize("spoil", [_button_moved, _icon_missing, _tile_of_another_colour, _green_turned_black])
async def test_another_look_is_seen(glass: Glass, spoil: Callable[[Glass], None]) -> None:
    """A button 2 mm beside its place, an icon that is not drawn, another fill, a word that lost its colour."""
    before = await _picture(glass)
    assert not compare(before, picture(golden.SHORT_SIDE)).is_seen
    spoil(glass)
    assert compare(before, picture(golden.SHORT_SIDE)).is_seen


@pytest.mark.parametrize(
    ("name", "hinting"), [("home", "light"), ("choose-list", "mono"), ("card", "light"), ("tick", "mono")]
)
async def test_another_hinting_is_no_difference(glass: Glass, name: str, hinting: str) -> None:
    """Letters as another version of the font's renderer draws them."""
    page, _head = SAMPLES[name]
    before = await _picture(glass, page)
    with _letters_hinted(hinting):
        after = await _picture(glass, page)
    difference = compare(before, after)
    assert 0 < difference.shapes < golden.SHAPES
    assert not difference.is_seen
    assert not compare(few_colours(before).convert("RGB"), after).is_seen


@pytest.mark.parametrize("name", ["home", "card-phone", "choose-list", "done"])
async def test_few_colours_are_no_difference(glass: Glass, name: str) -> None:
    """What is kept of a page looks as the page did, with room to spare, and its paper is exactly its paper."""
    page, _head = SAMPLES[name]
    seen = await _picture(glass, page)
    kept = few_colours(seen).convert("RGB")
    difference = compare(kept, seen)
    assert difference.shapes <= golden.SHAPES / 2
    assert difference.hues < golden.HUES
    assert difference.fills < golden.FILLS
    assert max(kept.getcolors(2**18) or [])[1] == max(seen.getcolors(2**18) or [])[1]


async def test_a_difference_is_shown(glass: Glass, tmp_path: Path) -> None:
    """The sheet: before, after, and where; a page without a picture and a picture without a page are said too."""
    pages = {"sample/kind": _sample("choose-list"), "sample/day": _sample("day")}
    mode = Mode()
    with mock.patch.multiple(golden, GOLDEN=tmp_path / "golden", SHEETS=tmp_path / "sheets", ROOT=tmp_path):
        assert len(await golden.faults(glass, mode, pages)) == len(pages)
        assert await golden.take(glass, mode, pages) == len(pages)
        assert await golden.faults(glass, mode, pages) == []
        assert await golden.take(glass, mode, pages) == 0
        fewer = cast("Page[object]", _one_option_less(KIND))
        otherwise, stale = await golden.faults(glass, mode, {"sample/kind": (fewer, SAMPLES["choose-list"][1])})
        assert "looks otherwise" in otherwise
        assert "day.png is of no page" in stale
        with Image.open(tmp_path / "sheets" / mode.file_name / "kind.png") as sheet:
            assert sheet.size == (3 * 270 + 20, 480)
            marks = sheet.crop((560, 0, 830, 480)).convert("L")
        assert marks.getextrema() == (0, 255)


def _sample(name: str) -> tuple[Page[object], Head]:
    page, head = SAMPLES[name]
    return cast("Page[object]", page), head


async def _picture(glass: Glass, page: AnyPage = KIND) -> Image.Image:
    await glass.show(page, SAMPLES["choose-list"][1])
    return picture(golden.SHORT_SIDE)


@contextmanager
def _letters_hinted(hinting: str) -> Iterator[None]:
    caches = (text._glyphs, text._descent, text._measured)
    with mock.patch.object(text, "Glyphs", partial(Glyphs, font_hinting=hinting)):
        for cache in caches:
            cache.cache_clear()
        yield
    for cache in caches:
        cache.cache_clear()
