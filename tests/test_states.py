"""Every page has a page for every state that it can be in: docs/pages.md, held against the pages and the gallery."""

from __future__ import annotations

from pathlib import Path

from kiosk import pages
from screens.gallery.samples import SAMPLES, STATES

TABLE = (Path(__file__).parents[1] / "docs" / "pages.md").read_text("utf-8")
STATES_OF_A_PAGE = ["usual", "searching", "empty", "slow", "failed", "offline", "no paper", "out of order"]


def _rows() -> list[list[str]]:
    lines = [line for line in TABLE.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_kind_of_page_has_its_line() -> None:
    head, _rule, *rows = _rows()
    assert head == ["page", *STATES_OF_A_PAGE]
    kinds = {kind.__name__ for kind in vars(pages).values() if isinstance(kind, type) and issubclass(kind, pages.Page)}
    assert {row[0].strip("`") for row in rows} == kinds - {"Page"}
    assert all(len(row) == len(head) for row in rows)


def test_what_is_named_hangs_in_the_gallery_and_the_other_way_round() -> None:
    _head, _rule, *rows = _rows()
    named = {name for row in rows for cell in row[1:] for name in cell.split(", ") if name != "·"}
    assert named == SAMPLES.keys() | STATES.keys()


def test_each_state_is_shown_by_a_page() -> None:
    """And the usual one by a page of that kind."""
    _head, _rule, *rows = _rows()
    for place, state in enumerate(STATES_OF_A_PAGE, 1):
        assert [row for row in rows if row[place] != "·"], state
    for row in rows:
        for name in row[1].split(", "):
            page, _its_head = SAMPLES[STATES[name].of if name in STATES else name]
            assert type(page).__name__ == row[0].strip("`"), name
