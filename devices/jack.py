"""Whether an earphone is in its socket, as the sound card's driver tells: the ALSA controls "… Headphone Jack".

Where a card has no such control nobody knows, and for who may be overheard that means no.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final

PROGRAM: Final = "amixer"
CARDS: Final = Path("/proc/asound")
WITHIN: Final = 1.0
"""Seconds that the card may take to answer."""


def card_of(url: str) -> str | None:
    """The card that a line's URL names (`alsa://plughw:CARD=Device,DEV=0`, `alsa://hw:1`); None where it names none."""
    found = re.fullmatch(r"alsa://[\w-]+:(?:CARD=)?([\w-]+)(?:,.*)?", url)
    return found[1] if found else None


def card_is_there(card: str, cards: Path = CARDS) -> bool:
    """Whether there is such a card: a handset or headset on USB is its own card, and is gone when it is unplugged."""
    return (cards / (f"card{card}" if card.isdigit() else card)).exists()


def is_plugged_in(card: str) -> bool:
    """Whether anything is in one of the card's earphone sockets."""
    command = [PROGRAM, f"--card={card}", "contents"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=WITHIN, check=False, env=os.environ | {"LC_ALL": "C"}
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return any(_JACK.search(control) for control in done.stdout.split("numid=")[1:])


_JACK: Final = re.compile(r"^\d+,iface=CARD,name='[^']*(?:Headphone|Headset)[^']*Jack'.*: values=on", re.DOTALL)
