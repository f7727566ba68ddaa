"""Where this machine's own key is kept, behind a port: a file here, a chip or a certified module where there is one.

The key says of records and requests that they come from this machine. It is made at the first start and leaves its
store never: whoever needs it asks it to sign. Without it the machine is a stranger to central.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from kiosk.contract.base import Base64
from kiosk.contract.batches import key_id
from kiosk.contract.errors import BadSignature, UnknownSuite
from kiosk.contract.sealing import NEWEST, suite
from kiosk.files import write_durably

DEVICE_KEY: Final = "device.key"


class KeyUnusable(Exception):
    """A key cannot be used; the message says which file, why, and what to do where that is known."""


@dataclass(frozen=True, kw_only=True)
class DeviceKey:
    """The machine's key: what it is called, its public half, and that it signs."""

    id: str
    suite: int
    public: bytes
    signs: Callable[[bytes], bytes] = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The signature of ``message``."""
        return self.signs(message)


class KeyStore(Protocol):
    """Whatever holds the machine's key."""

    def device_key(self) -> DeviceKey:
        """The key, made where there is none yet. Raises KeyUnusable. Blocking."""


@dataclass(frozen=True)
class FileKeyStore:
    """The key in a file of ``folder`` that its owner alone may read."""

    folder: Path

    def device_key(self) -> DeviceKey:
        """As the port says."""
        file = self.folder / DEVICE_KEY
        try:
            content = _read_secret(file)
            if content is None:
                content = _made()
                write_durably(file, content, mode=0o600)
        except OSError as error:
            raise KeyUnusable(f"{file}: {error.strerror}") from error
        return _key_from(content, file)

    def made_before(self) -> DeviceKey | None:
        """The key; None where there is none that can be used. Nothing is made. Blocking."""
        file = self.folder / DEVICE_KEY
        try:
            content = _read_secret(file)
            return None if content is None else _key_from(content, file)
        except (OSError, KeyUnusable):
            return None


class _Pair(BaseModel):
    """The file's content."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    suite: int
    private: Base64
    public: Base64


def _made() -> bytes:
    private, public = suite(NEWEST).generate_signing()
    return _Pair(suite=NEWEST, private=private, public=public).model_dump_json().encode()


def _read_secret(file: Path) -> bytes | None:
    """The content of a file that nobody but its owner may read; None where there is none."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as opened:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
            raise KeyUnusable(f"{file}: others may read it; chmod 600 {file.name}, and have central told of a new key")
        return opened.read()


def _key_from(content: bytes, file: Path) -> DeviceKey:
    """The key, once it has signed something that its public half confirms: a damaged one would fail everywhere else."""
    try:
        pair = _Pair.model_validate_json(content)
        sign = partial(_sign, pair)
        suite(pair.suite).verify(sign(b"kiosk/probe"), b"kiosk/probe", pair.public)
    except (ValidationError, UnknownSuite, BadSignature, ValueError):
        raise KeyUnusable(f"{file}: is not a key file") from None
    return DeviceKey(id=key_id(pair.suite, pair.public), suite=pair.suite, public=pair.public, signs=sign)


def _sign(pair: _Pair, message: bytes) -> bytes:
    return suite(pair.suite).sign(message, pair.private)
