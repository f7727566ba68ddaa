"""Days and months in words, as the language of the visit writes them (Unicode CLDR, through babel); spans of months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Final

from kiosk.texts import Language, language


def day_in_words(day: date) -> str:
    """``2026年3月3日``, ``3 March 2026``."""
    from babel.dates import format_date

    return format_date(day, "long", locale=_LOCALES[language()])


def month_in_words(day: date) -> str:
    """The month of a day: ``2026年3月``, ``March 2026``."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", day, locale=_LOCALES[language()])


def day_of_the_week(day: date) -> str:
    """A day not far off, as one speaks of it: ``12月1日周二``, ``Tuesday 1 December``."""
    from babel.dates import format_skeleton

    return format_skeleton("MMMMEEEEd", day, locale=_LOCALES[language()])


def months_later(day: date, months: int) -> date:
    """The same day ``months`` later (or earlier), or the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_LOCALES: Final[dict[Language, str]] = {"zh": "zh_Hans_CN", "en": "en_GB"}
