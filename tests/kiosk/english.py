"""The English texts, compiled as setup does it: what a test says in English does not hang on when setup last ran."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kiosk import texts


def compiled_english(folder: Path) -> Path:
    """``folder``, with the English texts in it, to stand in for ``texts.LOCALES``."""
    there = folder / "en" / "LC_MESSAGES"
    there.mkdir(parents=True)
    with (texts.LOCALES / "en" / "LC_MESSAGES" / "kiosk.po").open("rb") as written:
        catalog = read_po(written, locale="en")
    with (there / "kiosk.mo").open("wb") as out:
        write_mo(out, catalog)
    return folder
