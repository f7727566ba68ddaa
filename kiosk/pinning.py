"""Which of central's keys a kiosk keeps to: those of its first contact, and what may follow them."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from kiosk.contract.base import SigningKey
from kiosk.contract.messages import Keys
from kiosk.files import read_if_there


def pinned_keys(file: Path) -> tuple[SigningKey, ...]:
    """The keys by which what steers this kiosk is signed, as they are pinned in ``file``. Blocking."""
    pinned = _pinned(file)
    return () if pinned is None else pinned.settings


def acknowledgement_keys(file: Path) -> tuple[SigningKey, ...]:
    """The keys by which central says what it has, as they are pinned in ``file``. Blocking."""
    pinned = _pinned(file)
    return () if pinned is None else pinned.acknowledgement


def _pinned(file: Path) -> Keys | None:
    try:
        content = read_if_there(file)
        return None if content is None else Keys.model_validate_json(content)
    except (OSError, ValidationError):
        return None  # the sync tells, once it runs


def to_pin(pinned: Keys | None, offered: Keys) -> Keys:
    """What is pinned after this offer. Keys that sign settings or acknowledgements stay as they were first seen: they
    would let whoever answers in central's place steer the machine, or have it forget what central has not; and nothing
    here tells who answers."""
    if pinned is None:
        return offered
    newest = offered if _succeed(pinned, offered) else pinned
    stay = {
        "settings": pinned.settings or offered.settings,
        "acknowledgement": pinned.acknowledgement or offered.acknowledgement,
    }
    return newest.model_copy(update=stay)


def overlap(pinned: Keys, offered: Keys) -> bool:
    """Whether a central that offers these keys is the one whose keys are pinned."""
    return any(key in offered.sealing for key in pinned.sealing)


def _succeed(pinned: Keys, offered: Keys) -> bool:
    """Whether newer keys may follow the pinned ones: the newest of those is still among them."""
    return offered.version > pinned.version and pinned.sealing[0] in offered.sealing
