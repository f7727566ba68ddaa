"""Which of central's keys a kiosk keeps to.

A machine that was told the hash of the root key believes the keys that the root signed, and no others: not at the first
contact, not later, not from its own disk. One that was not told it (the demonstration) keeps to what it saw first, to
the root that came with it too; newer sealing keys may follow the pinned ones, keys that sign may not. Which authorities
stand above central's certificate, and which program is too old, the root alone says. ``keyring`` acts by it.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from kiosk.contract.base import SigningKey
from kiosk.contract.errors import BadSignature, ContractError, OutOfDate
from kiosk.contract.messages import Keys
from kiosk.contract.rooted import root_hash, root_of, under_root
from kiosk.files import read_if_there


def pinned_keys(file: Path, root: str | None = None) -> tuple[SigningKey, ...]:
    """The keys by which what steers this kiosk is signed, as they are pinned in ``file``. Blocking."""
    pinned = _in_file(file, root)
    return () if pinned is None else pinned.settings


def acknowledgement_keys(file: Path, root: str | None = None) -> tuple[SigningKey, ...]:
    """The keys by which central says what it has, as they are pinned in ``file``. Blocking."""
    pinned = _in_file(file, root)
    return () if pinned is None else pinned.acknowledgement


def read_pinned(content: bytes, root: str | None) -> Keys:
    """The keys that were pinned: where the root is known, what it signed of them. Raises ContractError."""
    try:
        keys = Keys.model_validate_json(content)
    except ValidationError:
        raise ContractError("not keys") from None
    if root is None:
        return keys
    if keys.rooted is None:
        raise BadSignature("no root signed them")
    return under_root(keys.rooted, root, above=0)


def to_pin(pinned: Keys | None, offered: Keys, root: str | None = None) -> Keys:
    """What is pinned after this offer. Raises ContractError where it is not to be believed."""
    known = root or (None if pinned is None or pinned.rooted is None else root_hash(root_of(pinned.rooted)))
    if known is not None:
        return _by_root(pinned, offered, known)
    if pinned is None:
        its = offered.rooted
        return _unsigned(offered) if its is None else under_root(its, root_hash(root_of(its)), above=0)
    if not overlap(pinned, offered):
        raise BadSignature("its keys are not the pinned ones")
    newest = offered if _succeed(pinned, offered) else pinned
    stay = {
        "settings": pinned.settings or offered.settings,
        "acknowledgement": pinned.acknowledgement or offered.acknowledgement,
        "rooted": None,
    }
    return _unsigned(newest).model_copy(update=stay)


def _unsigned(keys: Keys) -> Keys:
    """Without what has to be signed to count."""
    return keys.model_copy(update={"authorities": (), "minimum": (0, 0, 0)})


def _by_root(pinned: Keys | None, offered: Keys, root: str) -> Keys:
    if offered.rooted is None:
        if pinned is None or not overlap(pinned, offered):
            raise BadSignature("its keys are signed by no root")
        return pinned  # a central that lost what was signed is still the one
    try:
        return under_root(offered.rooted, root, above=0 if pinned is None else pinned.version)
    except OutOfDate:
        assert pinned is not None, "every version is above 0"
        return pinned


def overlap(pinned: Keys, offered: Keys) -> bool:
    """Whether a central that offers these keys is the one whose keys are pinned."""
    return any(key in offered.sealing for key in pinned.sealing)


def _succeed(pinned: Keys, offered: Keys) -> bool:
    """Whether newer keys may follow the pinned ones: the newest of those is still among them."""
    return offered.version > pinned.version and pinned.sealing[0] in offered.sealing


def _in_file(file: Path, root: str | None) -> Keys | None:
    try:
        content = read_if_there(file)
        return None if content is None else read_pinned(content, root)
    except (OSError, ContractError):
        return None  # the sync tells, once it runs
