"""What a machine can check of the face; ``make face`` checks every page in every mode (tests/face)."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.pages import Head, Page
from screens.text import Text
from tests.face.rules import judge
from tests.face.sweep import Mode, Report, pages_in, sweep
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("care", [False, True], ids=["normal", "care"])
async def test_the_face(glass: Glass, care: bool, tmp_path: Path) -> None:
    """Every page of every kind keeps the table of the face, on the smallest panel."""
    pages = await pages_in("zh", tmp_path)
    samples = {name: sample for name, sample in pages.items() if name.startswith("sample/")}
    assert await _violations(glass, Mode(care=care), samples) == []


async def test_the_face_where_room_is_least(glass: Glass, tmp_path: Path) -> None:
    """The kiosk's own pages keep it in large type and long words; of those that are alike, the first two."""
    pages = await pages_in("en", tmp_path, samples=False)
    some = {name: page for name, page in pages.items() if name.partition("#")[2] in ("", "2")}
    assert await _violations(glass, Mode(language="en", care=True), some) == []


async def test_what_is_wrong_is_seen(glass: Glass) -> None:
    """A pale word, one that is too small, two that lie on each other: the rules do not sleep."""
    await glass.sample("choose-list")
    assert judge(glass.stage).violations == []
    one, other = [widget for widget in glass.stage._body.walk() if isinstance(widget, Text)][:2]
    one.ink, one.style = "gold", glass.stage._look.style("body").__class__(em=12, line=16, weight="regular")
    other.pos = one.pos
    found = " ".join(judge(glass.stage).violations)
    for word in ("contrast", "mm high", "lies on"):
        assert word in found


async def _violations(glass: Glass, mode: Mode, pages: dict[str, tuple[Page[object], Head]]) -> list[str]:
    report = Report()
    async for _name in sweep(glass, mode, pages.items(), report):
        pass
    assert report.pages
    return report.violations
