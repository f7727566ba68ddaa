"""What a machine can check of the face; ``make face`` checks every page in every mode (tests/face)."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.manner import Manner
from kiosk.pages import Head, Page
from screens.gallery.samples import SAMPLES
from screens.number import NumberView
from screens.text import Text
from screens.touch import Target
from tests.face.modes import CONTRAST_LANDSCAPE, TIGHT, Mode
from tests.face.pixels import judge_pixels, look_at_glass
from tests.face.rules import judge
from tests.face.sweep import Report, pages_in, sweep
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("mode", [CONTRAST_LANDSCAPE], ids=str)
async def test_the_face(glass: Glass, mode: Mode, tmp_path: Path) -> None:
    """Every page of every kind keeps the table of the face on the smallest panel, across, and in pixels."""
    pages = await pages_in("zh", tmp_path)
    samples = {name: sample for name, sample in pages.items() if name.startswith("sample/")}
    try:
        assert await _violations(glass, mode, samples, in_pixels=True) == []
    finally:
        glass.on_panel(21.5)


async def test_the_face_where_room_is_least(glass: Glass, tmp_path: Path) -> None:
    """The kiosk's own pages keep it in the largest type and long words; of those that are alike, the first."""
    pages = await pages_in("en", tmp_path, samples=False)
    some = {name: page for name, page in pages.items() if "#" not in name}
    assert await _violations(glass, TIGHT[0], some) == []


async def test_what_is_wrong_is_seen(glass: Glass) -> None:
    """A pale word, one that is too small, one that is cut, two that lie on each other: the rules do not sleep."""
    await glass.sample("choose-list")
    assert judge(glass.stage).violations == []
    one, other, third = [widget for widget in glass.stage._panes.body.walk() if isinstance(widget, Text)][:3]
    one.ink, one.style = "gold", glass.stage._look.style("body").__class__(em=12, line=16, weight="regular")
    other.x, other.y = one.x, one.y
    third.text += "…"
    third.width /= 2
    found = " ".join(judge(glass.stage).violations)
    for word in ("contrast", "written in gold", "mm high", "lies on", "is cut", "beyond its place"):
        assert word in found
    third.text, third.lines = "Pay for charging.", ["Pay for char", "ging."]
    assert "a Latin word is split: char / ging" in judge(glass.stage).violations
    third.canvas.clear()
    assert f"{third.text!r} is not drawn" in judge(glass.stage).violations


async def test_what_stands_too_high_in_low_position_is_seen(glass: Glass) -> None:
    """What can be pressed there stands in the lower half."""
    glass.stage.dress(Manner(low=True))
    await glass.show(*SAMPLES["choose-list"])
    target = next(widget for widget in glass.stage._panes.body.walk() if isinstance(widget, Target))
    target.y = glass.stage.height / 2 - target.height
    assert not any(f"{target.means!r} stands" in violation for violation in judge(glass.stage).violations)
    target.y += glass.stage._look.mm(10)
    assert f"{target.means!r} stands 10 mm above the middle" in judge(glass.stage).violations


async def test_what_cannot_be_reached_is_seen(glass: Glass) -> None:
    """And what is larger than may be read across the hall, what is cut, and what is pale under the finger."""
    await glass.sample("choose-list")
    look, target = glass.stage._look, next(w for w in glass.stage._panes.body.walk() if isinstance(w, Target))
    target.y = look.mm(395) - target.height
    target.fill = "red"
    found = " ".join(judge(glass.stage).violations)
    assert "stands 5 mm out of reach" in found
    assert "while it is pressed" in found
    page, head = SAMPLES["number"]
    await glass.show(page, head, "K001-26-000317-7Q4X7" * 4)
    assert judge(glass.stage).violations == []
    view = glass.stage._view
    assert isinstance(view, NumberView)
    field = view.field
    assert field is not None
    field.lines = 1
    field.show(field.written, "")
    assert "is cut at its beginning" in " ".join(judge(glass.stage).violations)


async def _violations(
    glass: Glass, mode: Mode, pages: dict[str, tuple[Page[object], Head]], *, in_pixels: bool = False
) -> list[str]:
    report, faults = Report(), list[str]()
    async for name in sweep(glass, mode, pages.items(), report):
        if in_pixels and name in pages:
            faults += [f"{name}: {fault}" for fault in judge_pixels(glass.stage, look_at_glass())]
    assert report.pages
    return [*report.violations, *faults]
