"""Working days: the week, the holidays, the Saturdays that are worked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from central.working_days import BadHolidays, WorkingDays, load_working_days


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2026, 11, 23), 15, date(2026, 12, 14)),  # three plain weeks
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # a Saturday
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over 国庆
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2026, 2, 13), 15, date(2026, 3, 12)),  # over 春节: Feb 14 and 28 are worked
    ],
)
def test_the_days_after_a_day(day: date, count: int, then: date) -> None:
    assert load_working_days().after(day, count) == then


def test_a_year_that_is_not_there_counts_by_the_week() -> None:
    assert WorkingDays().after(date(2031, 10, 1), 5) == date(2031, 10, 8)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[2026]\noff = ["2027-01-01"]\nworked = []\n', r"holidays\.toml: 2027-01-01 stands under 2026"),
        ('[2026]\noff = ["2026-01-03"]\nworked = []\n', "off by the week"),
        ('[2026]\noff = []\nworked = ["2026-01-05"]\n', "worked by the week"),
        ("[2026]\noff = []\n", r"holidays\.toml: 2026\.worked: "),
        ('[2026]\noff = ["2026-01-01", "soon"]\nworked = []\n', r"holidays\.toml: 2026\.off\.2: "),
        ("2026", r"holidays\.toml: is not TOML: "),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadHolidays, match=says):
        load_working_days(file)
