"""Days and months as each language writes them."""

from __future__ import annotations

from datetime import date

from kiosk.dates import day_in_words, month_in_words
from kiosk.texts import spoken

DAY = date(2026, 3, 3)


def test_days_are_written_as_each_language_does() -> None:
    assert (day_in_words(DAY), month_in_words(DAY)) == ("2026年3月3日", "2026年3月")
    with spoken("en"):
        assert (day_in_words(DAY), month_in_words(DAY)) == ("3 March 2026", "March 2026")
