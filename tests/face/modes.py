"""In which modes the pages are looked at: every two values of what a mode is made of meet in one of them (all pairs),
and every text size with every layout on the smallest panel, where millimetres are fewest.

Most of what goes wrong between modes goes wrong between two of their parts (a text size in landscape, a language in
care mode), and a score of modes holds all pairs of them where all modes would be hundreds.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from itertools import combinations, product
from typing import Literal, get_args

from kiosk.manner import Manner
from kiosk.texts import Language, spoken
from tests.face.pseudo import spoken_pseudo

Spoken = Literal["zh", "en", "pseudo"]
"""``pseudo`` is English in longer words than any language of the kiosk has."""
LANGUAGES: tuple[Spoken, ...] = get_args(Spoken)


@dataclass(frozen=True, kw_only=True)
class Mode:
    """How the pages are drawn: the manner of a visit, and the panel."""

    language: Spoken = "zh"
    care: bool = False
    larger: bool = False
    contrast: bool = False
    low: bool = False
    landscape: bool = False
    listen: bool = False
    diagonal: float = 21.5
    """Inches."""

    @property
    def manner(self) -> Manner:
        """What of it a visit sets."""
        language: Language = "zh" if self.language == "zh" else "en"
        return Manner(
            language=language, care=self.care, larger=self.larger, contrast=self.contrast, low=self.low,
            listen=self.listen,
        )  # fmt: skip

    def __str__(self) -> str:
        words = [name for name, value in asdict(self).items() if value is True]
        return " ".join([self.language, *words, f"{self.diagonal:g}"])

    @property
    def file_name(self) -> str:
        """The same as a name of files."""
        return str(self).replace(" ", "-")


NORMAL = Mode()
CARE = Mode(care=True)
CONTRAST_LANDSCAPE = Mode(contrast=True, landscape=True)
LARGE_LOW_ENGLISH = Mode(language="en", care=True, larger=True, low=True)
REPRESENTATIVE = (NORMAL, CARE, CONTRAST_LANDSCAPE, LARGE_LOW_ENGLISH)
"""What is looked at in pixels too: contrast, reading, golden pictures. Every part of a mode is in one of them."""
TIGHT = (Mode(language="en", care=True, larger=True), Mode(language="en", care=True, larger=True, landscape=True))
"""Where room is least."""
DIAGONALS = (21.5, 27.0, 32.0)


def speaking(language: Spoken) -> AbstractContextManager[None]:
    """The language within a block."""
    return spoken_pseudo() if language == "pseudo" else spoken(language)


def every_mode() -> list[Mode]:
    """All that there are; the low position is for panels that stand upright."""
    flags = (False, True)
    parts = product(LANGUAGES, flags, flags, flags, flags, flags, flags, DIAGONALS)
    modes = [
        Mode(
            language=language, care=care, larger=larger, contrast=high, low=low, landscape=across, listen=listen,
            diagonal=inches,
        )
        for language, care, larger, high, low, across, listen, inches in parts
    ]  # fmt: skip
    return [mode for mode in modes if not (mode.low and mode.landscape)]


def all_pairs(modes: Sequence[Mode], first: Sequence[Mode] = ()) -> list[Mode]:
    """Modes among which all stands together that stands together in any of ``modes``; ``first`` are taken in any case.

    Greedy: the next is the one with the most that is still missing, the foremost of equals.
    """
    taken = list(first)
    missing = set().union(*map(together, modes)).difference(*map(together, taken))
    while missing:
        taken.append(max(modes, key=lambda mode: len(together(mode) & missing)))
        missing -= together(taken[-1])
    return taken


def together(mode: Mode) -> set[tuple[tuple[str, object], ...]]:
    """What stands together in it: every two of its values, and the text size with the layout on the smallest panel."""
    values = asdict(mode)
    pairs: set[tuple[tuple[str, object], ...]] = {*combinations(values.items(), 2)}
    if mode.diagonal > min(DIAGONALS):
        return pairs
    return {*pairs, tuple((name, values[name]) for name in ("care", "larger", "low", "landscape"))}


def modes_to_look_at() -> list[Mode]:
    """The modes of ``make face``."""
    return all_pairs(every_mode(), first=(*REPRESENTATIVE, *TIGHT))
