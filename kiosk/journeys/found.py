"""What a query found, as pages and paper show it: rows as cards, as a table, as lines of a slip."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from kiosk.code_words import CodeWords, Word
from kiosk.contract.lookups import Found
from kiosk.dates import day_in_words, month_in_words
from kiosk.pages import Row, Section, TableColumn, TableLine
from kiosk.query_entry import CODE, Column, Part, QueryEntry
from kiosk.regions import place_name
from kiosk.texts import _

LINES_ON_PAPER: Final = 24
SAID_ONCE: Final = 16
"""Characters of what is said above a list in place of in its rows."""

Line = Mapping[str, str]
"""A row: column → value in the contract's form."""


def rows_of(found: Found, part: Part) -> tuple[Line, ...]:
    """What the part's service listed."""
    return next((listed.rows for listed in found.parts if listed.service == part.code), ())


def sections(part: Part, rows: tuple[Line, ...], words: CodeWords) -> tuple[Section, ...]:
    """A card a row. Its head is what the row is about and how it stands; what that means stands below."""
    return tuple(_section(part, row, words) for row in rows)


def in_every_row(part: Part, rows: tuple[Line, ...], words: CodeWords) -> dict[str, str]:
    """Columns of lower rank that say the same in each of several rows, and what: said once, it makes the rows short.
    Names and numbers that are short enough; days and codes are each row's own."""
    same: dict[str, str] = {}
    for column in part.column:
        said = {cell(column, row, words) for row in rows}
        if column.rank and not column.private and column.kind in _NAMES and len(rows) > 1 and len(said) == 1:
            text = said.pop()
            if 0 < len(text) <= SAID_ONCE:
                same[column.code] = f"{_(column.label)} {text}"
    return same


def table_columns(part: Part, without: Collection[str] = ()) -> tuple[TableColumn, ...]:
    return tuple(
        TableColumn(
            label=_(column.label) if column.label else "",
            number=column.kind in _FIGURES and column is not part.column[0],
            private=column.private,
            rank=column.rank,
        )
        for column in part.column
        if column.code not in without
    )


def table_lines(
    part: Part, rows: tuple[Line, ...], words: CodeWords, without: Collection[str] = ()
) -> tuple[TableLine, ...]:
    return tuple(
        TableLine(
            cells=tuple(cell(column, row, words) for column in part.column if column.code not in without),
            note=_state(part, row, words).meaning,
        )
        for row in rows
    )


def slip_rows(entry: QueryEntry, found: Found, words: CodeWords) -> tuple[Row, ...]:
    """The lines of a slip: of each row the columns that may stand on paper, the first of them on the left. Of more than
    there is room for it says how many are left out."""
    lines: list[Row] = []
    for part in entry.part:
        columns = [column for column in part.column if column.paper]
        for row in rows_of(found, part) if columns else ():
            said = [text for column in columns if (text := cell(column, row, words))]
            lines.append(Row(label=said[0] if len(said) > 1 else _(part.title), value="  ".join(said[1:] or said)))
    left_out = len(lines) - LINES_ON_PAPER
    more = (Row(label=_("还有 {n} 条").format(n=left_out), value=_("请在屏幕上看")),) if left_out > 0 else ()
    return (*lines[:LINES_ON_PAPER], *more)


def cell(column: Column, row: Line, words: CodeWords) -> str:
    """One value in words; what is not there is "", or what the column says then."""
    value = row.get(column.code, "")
    if not value and column.kind != "span":
        return _(column.absent) if column.absent else ""
    match column.kind:
        case "money":
            return _money(value)
        case "month" | "day":
            return _in_words(value)
        case "months":
            return _("{count} 个月").format(count=value)
        case "span":
            return _span(value, row.get(column.to, "")) or (_(column.absent) if column.absent else "")
        case "place":
            return place_name(value)
        case "tail":
            return _("尾号 {tail}").format(tail=value)
        case "text":
            return value
        case kind:
            return words.word(kind.removeprefix(CODE), value).label


def _section(part: Part, row: Line, words: CodeWords) -> Section:
    title = next((cell(column, row, words) for column in part.column if column.role == "title"), "")
    state = _state(part, row, words)
    return Section(
        title=title or _(part.title),
        state=state.label,
        mood=state.mood,
        rows=tuple(_facts(part, row, words)),
        meaning=state.meaning,
    )


def _facts(part: Part, row: Line, words: CodeWords) -> Iterator[Row]:
    for column in part.column:
        if not column.role and (text := cell(column, row, words)):
            yield Row(label=_(column.label), value=text, private=column.private)


def _state(part: Part, row: Line, words: CodeWords) -> Word:
    """How a row stands."""
    column = next((column for column in part.column if column.role == "state"), None)
    if column is None:
        return Word(label="")
    if column.kind.startswith(CODE) and column.code in row:
        return words.word(column.kind.removeprefix(CODE), row[column.code], row.get(column.by, ""))
    return Word(label=cell(column, row, words))


def _money(value: str) -> str:
    try:
        return _("{yuan} 元").format(yuan=f"{Decimal(value):,.2f}")
    except InvalidOperation:
        return value


def _in_words(value: str) -> str:
    """A month (202603) or a day (2026-03-05) as people write it; anything else as it is."""
    try:
        if re.fullmatch(r"\d{6}", value):
            return month_in_words(date(int(value[:4]), int(value[4:]), 1))
        return day_in_words(date.fromisoformat(value))
    except ValueError:
        return value


def _span(begin: str, end: str) -> str:
    first, last = (_in_words(value) if value else "" for value in (begin, end))
    if first and last:
        return first if begin == end else _("{begin}到{end}").format(begin=first, end=last)
    if first:
        return _("{begin}起").format(begin=first)
    return _("到{end}").format(end=last) if last else ""


_NAMES: Final = ("text", "tail")
_FIGURES: Final = ("money", "month", "months", "day", "tail")
