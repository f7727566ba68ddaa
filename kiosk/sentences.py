"""The fixed sentences: which of them the loudspeaker may say, and the sound file of each.

``packaging/voice.py`` makes the files and their list in ``assets/voice``: every text of the screens that has no {slot},
in Chinese and in English. A recording with the name that the list gives to a sentence takes the place of its file.
"""

from __future__ import annotations

import csv
import hashlib
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devices.errors import Garbled
from devices.speech import VOICE, is_chinese
from devices.wav import Wav

SOUNDS: Final = Path(__file__).parent.parent / "assets" / "voice"
LIST: Final = "sentences.csv"
FILE, ALOUD, TEXT = COLUMNS = ("文件名", "喇叭可念", "句子")
YES, NO = "是", "否"
SLOT: Final = re.compile(r"\{(\w*)(?::[^}]*)?\}")
COUNTS: Final = {"count", "months", "n", "page", "pages", "seconds"}
"""Slots for numbers that say nothing of the person who stands there."""
ENDS: Final = re.compile(r"(?<=[。！？；\n])|(?<=[.!?;] )")
"""Where one sentence may end and another begin."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A text of the house. ``aloud``: it says the same to everybody, so that the hall may hear it."""

    text: str
    aloud: bool

    @property
    def has_slots(self) -> bool:
        """Whether something is filled in, so that there is no one sound of it."""
        return SLOT.search(self.text) is not None


class Sentences:
    """What is known of all texts. ``recordings`` is where staff put their own; ``words`` are public beside them: the
    centre's name, telephone numbers of offices."""

    def __init__(
        self,
        listed: Iterable[Listed],
        *,
        sounds: Path = SOUNDS,
        recordings: Path | None = None,
        words: Iterable[str] = (),
    ) -> None:
        self._folders = [(folder, end) for folder, end in ((recordings, ""), (sounds, f"-{VOICE}")) if folder]
        every = [*listed]
        self._whole = {each.text for each in every if not each.has_slots}
        self._aloud = {each.text for each in every if each.aloud and not each.has_slots} | {*words}
        self._filled = [_with_slots(each.text) for each in every if each.aloud and each.has_slots]

    def may_be_aloud(self, text: str) -> bool:
        """Whether the hall may hear it: it is a fixed text, or one filled in with such texts alone, or some of them one
        after the other. Whatever else went into a text may be a person's."""
        return all(self._is_public(part) for part in self.parts(text))

    def parts(self, text: str) -> list[str]:
        """The text as the fixed texts that it is made of, as far as it is; without one that has nothing to say."""
        if not re.search(r"\w", text):
            return []
        if text in self._whole:
            return [text]
        pieces = [piece.strip() for piece in ENDS.split(text) if piece.strip()]
        return pieces if len(pieces) > 1 and any(piece in self._whole for piece in pieces) else [text]

    def sound_of(self, text: str) -> Wav | None:
        """The recording or the file of a fixed text; None where there is none, and of a text that is not fixed."""
        if text not in self._whole:
            return None
        name = file_name(text)
        for folder, end in self._folders:
            file = folder / f"{name}{end}.wav"
            try:
                return Wav.read(file.read_bytes())
            except FileNotFoundError:
                continue
            except (OSError, Garbled) as error:
                _log.warning("%s is not played: %s", file, error)
        return None

    def _is_public(self, text: str) -> bool:
        if text in self._aloud:
            return True
        matches = (form.fullmatch(text) for form in self._filled)
        return any(all(word in self._aloud for word in match.groups()) for match in matches if match is not None)


def _with_slots(text: str) -> re.Pattern[str]:
    """A text with something in each of its slots, of two characters at least: a single one may be a surname."""
    form, end = "", 0
    for slot in SLOT.finditer(text):
        form += re.escape(text[end : slot.start()]) + (r"\d{1,4}" if slot[1] in COUNTS else "(.{2,}?)")
        end = slot.end()
    return re.compile(form + re.escape(text[end:]), re.DOTALL)


def file_name(text: str) -> str:
    """What the sound of a text is called, however it was made: it depends on nothing but the text."""
    return f"{'zh' if is_chinese(text) else 'en'}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def read_list(folder: Path = SOUNDS) -> list[Listed]:
    """The list that ``packaging/voice.py`` wrote. Without it nothing is known to be public, which the log is told."""
    try:
        with (folder / LIST).open(encoding="utf-8-sig", newline="") as file:
            return [Listed(text=row[TEXT], aloud=row[ALOUD] == YES) for row in csv.DictReader(file)]
    except (OSError, KeyError, csv.Error) as error:
        _log.warning("no list of sentences in %s (%s): run make setup", folder, type(error).__name__)
        return []
