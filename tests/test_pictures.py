"""The pictures of README and manual: what is shown is there, what is there is shown, and `make shots` makes it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.face.shots import SHOTS
from tests.test_architecture import ROOT

PICTURES = ROOT / "docs" / "pictures"
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_what_is_shown_is_there_and_what_is_there_is_shown() -> None:
    """By the README in both languages; by the manual in part."""
    there = {file.resolve() for file in PICTURES.iterdir()}
    shown = {page.name: _shown(page.parent, page.read_text(encoding="utf-8")) for page in PAGES}
    assert shown["README.md"] == shown["README.zh-CN.md"] == there
    assert set().union(*shown.values()) == there
    assert shown["manual.zh-CN.md"]


def test_every_picture_is_made_by_make_shots() -> None:
    """The receipt's by the tour, the rest from the table."""
    assert {file.name for file in PICTURES.iterdir()} == {f"{name}.png" for name in (*SHOTS, "receipt")}


def _shown(folder: Path, text: str) -> set[Path]:
    return {(folder / link).resolve() for link in re.findall(r'(?:src="|\]\()([^")\s]*\.(?:png|svg|jpe?g))', text)}
