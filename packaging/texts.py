"""Brings the translations up to date with the texts: what stands in ``_()`` in the code, and the words of the tables.

    python packaging/texts.py            rewrites assets/locale/*/LC_MESSAGES/kiosk.po: new texts empty, old ones gone
    python packaging/texts.py --check    writes nothing
Either says what has no translation and what was translated with other {slots}, and --check what is translated though
nothing says it any more; exit 1 when anything is wrong.

A table's texts are its strings that hold a Han character; that they pass through ``_()`` is up to the code that shows
them. ``packaging/setup.sh`` compiles the files.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

HOUSE = Path(__file__).parent.parent
ROOMS = ("kiosk", "screens")
TABLES = HOUSE / "assets" / "catalog"
NO_TEXTS = {"surnames.toml", "written_words.toml"}
"""Tables of Han characters that nobody reads as a text."""
NO_FIELDS = {"aliases"}
"""Fields that things are found by, in Chinese."""
LOCALES = HOUSE / "assets" / "locale"
LANGUAGES = ("en",)
HEADER = """\
# What the kiosk says, from the Chinese. packaging/texts.py keeps the list; the translations are written by hand.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
HAN = re.compile("[〇㐀-鿿]")
SLOT = re.compile(r"\{(\w*)(?::[^}]*)?\}")


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--check", action="store_true", help="write nothing, only say what is missing")
    only_check: bool = arguments.parse_args().check
    missing: list[str] = []
    for language in LANGUAGES:
        file = LOCALES / language / "LC_MESSAGES" / "kiosk.po"
        catalog = updated(file, language)
        missing += [f"{language}: {fault}" for fault in faults(catalog)]
        if only_check:
            missing += [f"{language}: {fault}" for fault in stale(read(file, language), catalog)]
        else:
            body = BytesIO()
            write_po(body, catalog, width=120, omit_header=True, include_lineno=False, ignore_obsolete=True)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(HEADER.format(language=language).encode() + body.getvalue())
    for line in missing:
        sys.stderr.write(line.replace("\n", "\\n") + "\n")
    return 1 if missing else 0


def updated(file: Path, language: str) -> Catalog:
    """The translations in ``file``, with every text of the house and none besides."""
    template = Catalog(project="kiosk", charset="utf-8")
    for where, text in texts():
        template.add(text, locations=[(where, 0)])
    catalog = read(file, language)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=language, project="kiosk", charset="utf-8")
    with file.open("rb") as lines:
        return read_po(lines, locale=language)


def texts() -> Iterator[tuple[str, str]]:
    """(file, text) for all that a person may read on screen or paper."""
    for file in sorted(HOUSE.glob("*.py")) + [code for room in ROOMS for code in sorted((HOUSE / room).rglob("*.py"))]:
        for _line, text, _comments, _context in extract_from_file("python", file, keywords={"_": None}):
            if isinstance(text, str) and text:
                yield file.relative_to(HOUSE).as_posix(), text
    for table in sorted(TABLES.rglob("*.toml")):
        if table.name not in NO_TEXTS:
            for text in strings(tomllib.loads(table.read_text(encoding="utf-8"))):
                if HAN.search(text):
                    yield table.relative_to(HOUSE).as_posix(), text


def strings(value: object) -> Iterator[str]:
    """Every string in a table that is read, at any depth; keys are no texts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in NO_FIELDS:
                yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def faults(catalog: Catalog) -> Iterator[str]:
    """Texts without a translation, and translations whose {slots} are not the text's."""
    for message in catalog:
        if not isinstance(message.id, str) or not message.id:
            continue
        translation = message.string if isinstance(message.string, str) else ""
        if not translation:
            yield f"no translation: {message.id}"
        elif set(SLOT.findall(message.id)) != set(SLOT.findall(translation)):
            yield f"other slots: {message.id}"


def stale(written: Catalog, catalog: Catalog) -> Iterator[str]:
    """Translations in the file of texts that are none any more."""
    for message in written:
        if isinstance(message.id, str) and message.id and message.id not in catalog:
            yield f"no text any more: {message.id}"


if __name__ == "__main__":
    sys.exit(main())
