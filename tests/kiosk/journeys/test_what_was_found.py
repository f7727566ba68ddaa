"""Pages that say what was found of somebody close as soon as a result does."""

from __future__ import annotations

from pathlib import Path

from kiosk.pages import Choose, Notice, Result, Table
from tests.face.pages import real_pages

FOUND = {
    "certificate-refused", "cannot-share", "filed-already", "filed-there", "matters", "not-insured", "nothing-there",
    "payments", "records", "stopped-already", "ways", "which-filing",
}  # fmt: skip
"""Names of pages; so is every finding before a filing."""


async def test_what_was_found_of_somebody_is_not_left_standing(tmp_path: Path) -> None:
    pages = await real_pages(tmp_path)
    seen: set[str] = set()
    for page, _head in pages.values():
        if page.name in FOUND or page.name.startswith("found-"):
            assert isinstance(page, Choose | Notice | Result | Table), page.name
            assert page.personal, page.name
            seen.add(page.name)
    assert seen >= FOUND
    assert any(name.startswith("found-") for name in seen)
