"""A language that does not exist: English whose words are 40 % longer, as those of some languages are, with no place to
break them. A page that holds it holds what translators will bring.

    with spoken_pseudo():
        …                       # Language "en" is spoken, in long words
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from kiosk import texts

LONGER = 0.4
"""How much longer each word is, of its length."""

_WORD = re.compile(r"\{[^}]*\}|[A-Za-z]+(?:'[a-z]+)?")


@contextmanager
def spoken_pseudo() -> Iterator[None]:
    """English in long words within a block, wherever English is spoken in it; the language before comes back."""
    before = texts.language()
    longer = PseudoEnglish(gettext.translation("kiosk", texts.LOCALES, ["en"]))
    with mock.patch.object(gettext, "translation", return_value=longer), texts.spoken("zh"), texts.spoken("en"):
        yield
    texts.speak(before)


class PseudoEnglish(gettext.NullTranslations):
    """English, made longer."""

    def __init__(self, english: gettext.NullTranslations) -> None:
        super().__init__()
        self._english = english

    def gettext(self, message: str) -> str:
        english = self._english.gettext(message)
        return lengthened(english) if english != message else message


def lengthened(text: str) -> str:
    """``Print a copy``: ``Printpr a copyco``. Slots and numbers stay."""
    return _WORD.sub(lambda word: _longer(word[0]), text)


def _longer(word: str) -> str:
    return word if word.startswith("{") else word + word.lower().replace("'", "")[: round(len(word) * LONGER)]
