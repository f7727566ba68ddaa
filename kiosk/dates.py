"""Days and months in words, as the language of the visit writes them (Unicode CLDR, through babel)."""

from __future__ import annotations

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


_LOCALES: Final[dict[Language, str]] = {"zh": "zh_Hans_CN", "en": "en_GB"}
