"""Material Design Icons by name: the font file, and the character that draws each icon."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fonticon_mdi7 import MDI7

FONT = Path(MDI7.__font_file__)
UNKNOWN = "help-circle-outline"
"""Stands in for a name that the font does not have, so that a catalogue's slip is seen and not fatal."""


@cache
def icon_character(name: str) -> str:
    """The character of the icon ``name`` (as materialdesignicons.com spells it, ``card-account-details``)."""
    table = vars(MDI7)
    entry: str = table.get(name.replace("-", "_"), table[UNKNOWN.replace("-", "_")])
    return entry[-1]


def is_icon(name: str) -> bool:
    """Whether the font has an icon of this name."""
    return name.replace("-", "_") in vars(MDI7)
