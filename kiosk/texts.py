"""The words of screens and paper: every one passes through ``_()``, whose argument is the Chinese original.

One machine serves one person at a time, so the language is one value, set by the visit and set back by the wipe.
Catalogues are gettext files under ``assets/locale``; a text without a translation stays Chinese, never blank.
"""

from __future__ import annotations

import gettext
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, get_args

Language = Literal["zh", "en"]
LOCALES = Path(__file__).parent.parent / "assets" / "locale"

_log = logging.getLogger(__name__)
_original = gettext.NullTranslations()
_current: tuple[Language, gettext.NullTranslations] = ("zh", _original)


def _(text: str) -> str:
    """``text`` in the language of the visit. Nothing stays nothing: to gettext it would be the catalogue's header."""
    return _current[1].gettext(text) if text else ""


def sentences(parts: Iterable[str]) -> str:
    """Whole sentences one after the other, as the language of the visit sets them."""
    return ("" if _current[0] == "zh" else " ").join(part for part in parts if part)


def language() -> Language:
    """The language of the visit."""
    return _current[0]


def speak(wanted: Language) -> None:
    """Sets the language of all texts made from here on."""
    global _current  # noqa: PLW0603 - the one value that this module is about
    if wanted == _current[0]:
        return
    translations = _original
    if wanted != "zh":
        try:
            translations = gettext.translation("kiosk", LOCALES, [wanted])
        except OSError:
            _log.warning("no texts for %s under %s: run make setup", wanted, LOCALES)
    _current = (wanted, translations)


@contextmanager
def spoken(wanted: Language) -> Iterator[None]:
    """The language within a block; the one before comes back."""
    before = language()
    speak(wanted)
    try:
        yield
    finally:
        speak(before)


LANGUAGES: tuple[Language, ...] = get_args(Language)
