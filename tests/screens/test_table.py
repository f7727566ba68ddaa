"""A list of records: nothing is lost between its pages, figures stand under each other, and narrow glass gets cards."""

from __future__ import annotations

import pytest

from kiosk.manner import Manner
from kiosk.pages import Head, Option, Table, TableColumn, TableLine
from screens.gallery.outcomes import MATTERS, NO_MATTERS
from screens.gallery.samples import SAMPLES
from screens.table import COVERED, TableHead, TableRow, column_widths
from screens.text import Text
from screens.widgets import NEXT_PAGE, Card
from tests.screens.glass import Glass

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEADS = ["险种", "月份", "每月自己交"]


def _rows(glass: Glass) -> list[TableRow]:
    """From the top."""
    rows = [row for row in glass.stage.walk() if isinstance(row, TableRow) and not isinstance(row, TableHead)]
    return sorted(rows, key=lambda row: -row.top)


def _read(glass: Glass) -> list[str]:
    return [text.text for text in glass.stage._panes.body.walk() if isinstance(text, Text)]


@pytest.mark.parametrize("care", [False, True], ids=["normal", "care"])
async def test_every_record_is_on_one_page_of_it(glass: Glass, care: bool) -> None:
    """With its cells, in order, under the heads or beside their names."""
    await glass.sample("table-matters", care=care)
    seen: list[str] = []
    while True:
        seen += _read(glass)
        if NEXT_PAGE not in glass.finger.offered():
            break
        glass.clock.ahead += 0.31
        await glass.finger.press(NEXT_PAGE)
    for line in MATTERS.lines:
        for cell in (*line.cells, line.note):
            assert any(cell in text for text in seen), cell
    states = [text for text in seen if text in {line.cells[1] for line in MATTERS.lines}]
    assert states == [line.cells[1] for line in MATTERS.lines]


async def test_figures_stand_under_each_other(glass: Glass) -> None:
    """From the right, in digits of one width; words from the left."""
    await glass.sample("table-matters")
    rows = _rows(glass)
    assert len(rows) == 3
    days = [row.cells[2] for row in rows]
    assert len({(round(day.right), day.across) for day in days}) == 1
    assert days[0].across == "right"
    assert len({round(day.measure(digits)) for day in days for digits in ("1111", "8888", "0000")}) == 1
    assert {row.cells[0].x for row in rows} == {rows[0].x}


async def test_the_heads_stand_on_every_page(glass: Glass) -> None:
    await glass.sample("table")
    for _page in range(2):
        assert [text for text in HEADS if text in _read(glass)] == HEADS
        glass.clock.ahead += 0.31
        await glass.finger.press(NEXT_PAGE)


async def test_the_less_important_leaves_first(glass: Glass) -> None:
    """By rank; what has no column any more is told below its line; two columns at least make a table."""
    await glass.sample("table-matters")
    look = glass.stage._look
    page = MATTERS
    widest = column_widths(look, page, look.mm(2000))
    assert list(widest) == [0, 1, 2, 3, 4]
    assert list(column_widths(look, page, look.mm(300))) == [0, 1, 2, 3]
    assert list(column_widths(look, page, look.mm(220))) == [0, 1, 2]
    assert column_widths(look, page, look.mm(100)) == {}
    assert "登记号 K001-26-000317-7Q4X7" in " ".join(text.text for text in _rows(glass)[0].below)


async def test_where_there_is_no_room_for_columns_each_record_is_a_card(glass: Glass) -> None:
    glass.stage.dress(Manner(care=True, larger=True))
    await glass.show(*SAMPLES["table-matters"])
    assert _rows(glass) == []
    assert [card for card in glass.stage.walk() if isinstance(card, Card)]
    assert "登记号" in _read(glass)


async def test_amounts_are_covered_until_held(glass: Glass) -> None:
    """按住看, as on a result."""
    await glass.sample("table")
    where = glass.finger.find("hold")
    middle = (where.x + where.width / 2, where.y + where.height / 2)
    assert COVERED in _read(glass)
    assert not any("1,611.28" in text for text in _read(glass))
    await glass.finger.put_down(*middle)
    assert "1,611.28 元" in _read(glass)
    await glass.finger.take_up(*middle)
    assert "1,611.28 元" not in _read(glass)


async def test_long_words_wrap(glass: Glass) -> None:
    """In their column, as often as it takes."""
    page = Table(
        name="long",
        question="记录",
        columns=(TableColumn(label="单位"), TableColumn(label="月份", number=True), TableColumn(label="状态")),
        lines=(TableLine(cells=("环城路社区卫生服务中心老年日间照料与康复护理站（筹）", "2025年12月", "正在缴费")),),
        nothing="",
        actions=(Option(value="end", label="看好了", primary=True),),
    )
    await glass.show(page, Head(title="记录"))
    (row,) = _rows(glass)
    assert len(row.cells[0].lines) > 1
    assert len(row.cells[1].lines) == 1


async def test_an_empty_list_says_so(glass: Glass) -> None:
    await glass.sample("table-empty")
    assert NO_MATTERS.nothing in _read(glass)
