"""Makes the sound files of the fixed sentences, and their list: the texts without a {slot}, in each language.

    python packaging/voice.py            makes in assets/voice what is missing, takes away what nobody says any more
    python packaging/voice.py --list     prints what staff may record: file name, tab, sentence

The texts are those of assets/locale. A sentence's file is NAME-VOICE.wav: its name as ``kiosk.sentences`` gives it, and
how it was spoken. A recording of the same sentence is NAME.wav, in the folder ``recordings`` of the kiosk's data.
The house has to be importable (PYTHONPATH=.). Without espeak-ng only the list is made.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

from babel.messages.pofile import read_po

from devices.errors import NotFound
from devices.speech import VOICE, speak
from kiosk.catalog import Catalog, load_catalog
from kiosk.sentences import ALOUD, COLUMNS, FILE, LIST, NO, SOUNDS, TEXT, YES, Listed, file_name
from kiosk.texts import LOCALES

NEVER_SPOKEN = {"kiosk/checkup.py", "kiosk/doctor.py"}
"""What only the doctor says, on a console."""
OF_A_PERSON = {"assets/catalog/insurance_words.toml", "assets/catalog/code_words.toml"}
"""What these say is how somebody is insured, or how a matter of theirs stands: it is not for the hall, though it is
always the same words."""

AMOUNT = re.compile(r"[\d,.]+ ?(元|yuan)")
"""An amount that can be chosen, and then is somebody's: no amount is for the hall."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--list", action="store_true", help="only print the list")
    only_list: bool = arguments.parse_args().list
    sentences = list(listed())
    if only_list:
        for each in sentences:
            if not each.has_slots:
                sys.stdout.write(f"{file_name(each.text)}.wav\t{' '.join(each.text.split())}\n")
        return 0
    make(sentences, SOUNDS)
    return 0


def listed() -> Iterator[Listed]:
    """Every text that may be spoken, once, in Chinese and in each other language."""
    aloud: dict[str, bool] = {}
    discreet = of_an_illness(load_catalog())
    for file in sorted(LOCALES.glob("*/LC_MESSAGES/kiosk.po")):
        with file.open("rb") as lines:
            for message in read_po(lines):
                where = {place for place, _line in message.locations}
                if not message.id or where <= NEVER_SPOKEN:
                    continue
                for text in (str(message.id), str(message.string)):
                    if re.search(r"\w", text):
                        public = bool(where - NEVER_SPOKEN - OF_A_PERSON) and message.id not in discreet
                        public = public and not AMOUNT.fullmatch(text)
                        aloud[text] = aloud.get(text, False) or public
    for text in sorted(aloud):
        yield Listed(text=text, aloud=aloud[text])


def of_an_illness(catalog: Catalog) -> set[str]:
    """What only discreet items and discreet questions say: it tells the hall what somebody looks for."""
    said: dict[bool, set[str]] = {True: set(), False: set()}
    for item in catalog.items:
        for field in item.field:
            said[bool(item.discreet) or field.discreet] |= {*strings(field)}
        said[bool(item.discreet)] |= {*strings(replace(item, field=()))}
    return said[True] - said[False]


def strings(entry: object) -> Iterator[str]:
    """Every text in an entry of the catalogue."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, tuple):
        for part in entry:
            yield from strings(part)
    elif is_dataclass(entry):
        for each in fields(entry):
            yield from strings(entry.__dict__[each.name])


def make(sentences: list[Listed], folder: Path) -> None:
    """The files that are missing, and the list, even where nothing speaks."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {folder / f"{file_name(each.text)}-{VOICE}.wav": each.text for each in sentences if not each.has_slots}
    for file in folder.glob("*.wav"):
        if file not in wanted:
            file.unlink()
    missing = [(file, text) for file, text in wanted.items() if not file.exists()]
    if missing:
        say(f"Making {len(missing)} sound files in {folder.name}.")
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _made in pool.map(lambda each: make_one(*each), missing):
                pass
    except NotFound as error:
        say(f"{error}: the voice has no sound files.")
        write_list(sentences, folder)
        os.utime(folder / LIST, (0, 0))  # so that the next setup tries again
    else:
        write_list(sentences, folder)


def make_one(file: Path, text: str) -> None:
    """Whole or not at all: what is half written would be played."""
    unfinished = file.with_suffix(".part")
    unfinished.write_bytes(speak(text).write())
    unfinished.replace(file)


def write_list(sentences: list[Listed], folder: Path) -> None:
    with (folder / LIST).open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        for each in sentences:
            name = "" if each.has_slots else f"{file_name(each.text)}.wav"
            rows.writerow({FILE: name, ALOUD: YES if each.aloud else NO, TEXT: each.text})


def say(what: str) -> None:
    sys.stderr.write(f"setup: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
