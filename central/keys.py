"""The key files: the opener's private sealing keys, the key that signs what steers kiosks, the one that signs what
central says of itself, and the key of central's references of persons.

One folder, open to its owner alone. A key file is written aside, made durable and renamed, so that a power cut leaves
either all of a key or none. Whoever loses the folder loses what was sealed to its keys.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from kiosk.contract.base import Base64, SigningKey
from kiosk.contract.sealing import NEWEST, suite

HOLDS: Final = timedelta(days=365)
RENEWED: Final = timedelta(days=60)
"""This long before the newest key expires there is another."""


Use = Literal["settings", "acknowledgements"]


class BadKeys(Exception):
    """The key folder cannot be used; the message says which file and why."""


class SealingPair(BaseModel):
    """A private sealing key with its public half, as its file holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    id: str
    suite: int
    private: Base64
    public: Base64
    made_at: AwareDatetime
    not_after: AwareDatetime


class SigningPair(BaseModel):
    """A private key to sign by, with its public half, as its file holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    id: str
    suite: int
    private: Base64
    public: Base64
    made_at: AwareDatetime


class KeyFolder:
    """The folder of key files. Made when it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def reference_key(self) -> bytes:
        """The key of References, made at first use. Raises BadKeys."""
        return self._secret("references.key")[1]

    def sandbox_key(self) -> tuple[Path, bytes]:
        """The key that central and the sandbox sign by, and its file; made at first use. Raises BadKeys."""
        return self._secret("sandbox.key")

    def _secret(self, name: str) -> tuple[Path, bytes]:
        file = self._folder / name
        if not file.exists():
            self._write(file, secrets.token_bytes(32))
        key = private_bytes(file)
        if len(key) != 32:
            raise BadKeys(f"{file}: is not a key of 32 bytes")
        return file.absolute(), key

    def sealing_pairs(self, now: datetime) -> list[SealingPair]:
        """Every pair, the newest first; one more is made when the newest is missing or soon expires. Raises BadKeys."""
        pairs = [self._read(file) for file in self._folder.glob("sealing-*.json")]
        pairs.sort(key=lambda pair: pair.made_at, reverse=True)
        if not pairs or pairs[0].not_after - now < RENEWED:
            pairs.insert(0, self._make(now))
        return pairs

    def settings_pair(self, now: datetime, trusted: Iterable[SigningKey] | None = None) -> SigningPair:
        """The pair that signs what steers kiosks: of those that the root signed (``trusted``) the newest; without a
        root the oldest, for kiosks keep to the one that they saw first. Made at first use. Raises BadKeys."""
        return self._pair("settings", now, trusted)

    def acknowledgement_pair(self, now: datetime, trusted: Iterable[SigningKey] | None = None) -> SigningPair:
        """The pair by which central speaks of itself, in the hands of the processes that answer kiosks; chosen in the
        same way. Made at first use. Raises BadKeys."""
        return self._pair("acknowledgements", now, trusted)

    def signing_pairs(self, use: Use, now: datetime) -> list[SigningPair]:
        """Every pair for that use, the oldest first; one is made where there is none. Raises BadKeys."""
        pairs = [self._read_signing(file) for file in self._folder.glob(f"{use}-*.json")]
        return sorted(pairs, key=lambda pair: pair.made_at) or [self.make_signing(use, now)]

    def make_signing(self, use: Use, now: datetime) -> SigningPair:
        """One more pair for that use. It signs nothing before the root has signed it."""
        private, public = suite(NEWEST).generate_signing()
        name = _name(now)
        pair = SigningPair(id=name, suite=NEWEST, private=private, public=public, made_at=now)
        self._write(self._folder / f"{use}-{name}.json", pair.model_dump_json().encode())
        return pair

    def make_sealing(self, now: datetime) -> SealingPair:
        """One more pair to seal to, before the newest expires."""
        return self._make(now)

    def copy_to(self, folder: Path) -> int:
        """Copies every key file to another folder; how many there are. Raises BadKeys, OSError."""
        copy = KeyFolder(folder)
        files = sorted([*self._folder.glob("*.json"), *self._folder.glob("*.key")])
        for file in files:
            copy._write(folder / file.name, private_bytes(file))
        return len(files)

    def _pair(self, use: Use, now: datetime, trusted: Iterable[SigningKey] | None) -> SigningPair:
        pairs = self.signing_pairs(use, now)
        if trusted is None:
            return pairs[0]
        among = {key.public for key in trusted}
        believed = [pair for pair in pairs if pair.public in among]
        if not believed:
            raise BadKeys(f"no key for {use} is here that the root signed")
        return believed[-1]

    def _make(self, now: datetime) -> SealingPair:
        private, public = suite(NEWEST).generate()
        name = _name(now)
        pair = SealingPair(id=name, suite=NEWEST, private=private, public=public, made_at=now, not_after=now + HOLDS)
        self._write(self._folder / f"sealing-{name}.json", pair.model_dump_json().encode())
        return pair

    def _read(self, file: Path) -> SealingPair:
        try:
            return SealingPair.model_validate_json(private_bytes(file))
        except ValidationError:
            raise BadKeys(f"{file}: is not a key file") from None

    def _read_signing(self, file: Path) -> SigningPair:
        try:
            return SigningPair.model_validate_json(private_bytes(file))
        except ValidationError:
            raise BadKeys(f"{file}: is not a key file") from None

    def _write(self, file: Path, content: bytes) -> None:
        part = file.with_name(f"{file.name}.part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.rename(file)
        sync(self._folder)


def sync(path: Path) -> None:
    """Makes a file, or what a folder says of its files, durable. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name(now: datetime) -> str:
    return f"{now:%Y%m%d}-{secrets.token_hex(4)}"


def private_bytes(file: Path) -> bytes:
    """A file that nobody but its owner may open. Raises BadKeys."""
    try:
        if file.stat().st_mode & 0o077:
            raise BadKeys(f"{file}: others may read it; chmod 600 {file.name}")
        return file.read_bytes()
    except OSError as error:
        raise BadKeys(f"{file}: {error.strerror}") from None
