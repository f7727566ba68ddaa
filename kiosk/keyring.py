"""The keys of central's that this kiosk keeps to: on its disk, in what it believes, in what it seals to.

Which ones they may be is ``pinning``'s. Here they are put into force, at the start and when central offers others. The
authorities among them are tried before anything is given up: a slip of the root's would shut every hall until somebody
came by.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from devices.worker import Worker
from kiosk.contract.audit import AuditEvent, PublishedRefused, PublishedTaken
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Keys, SealingKey
from kiosk.contract.records import ClockFlags
from kiosk.contract.rooted import root_hash, root_of, under_root
from kiosk.contract.sealing import SUITES
from kiosk.contract.signed import Signed
from kiosk.errors import NO_TRUST, NotCentral, NotKept
from kiosk.files import read_if_there, write_durably
from kiosk.line import Central
from kiosk.outbox import Outbox
from kiosk.pen import Clock
from kiosk.pinning import read_pinned, to_pin
from kiosk.release import VERSION
from kiosk.trust import Authorities

_log = logging.getLogger(__name__)


def sealing_key(keys: Keys) -> SealingKey | None:
    """The newest of ``keys`` whose suite is spoken here."""
    return next((key for key in keys.sealing if key.suite in SUITES), None)


def known_root(pinned: Keys | None, told: str | None) -> str | None:
    """The hash of the root key by which keys are believed: the machine was told it, or met it first."""
    if told is not None or pinned is None or pinned.rooted is None:
        return told
    return root_hash(root_of(pinned.rooted))


def brought(pinned: Keys | None, listed: Signed | None, told: str | None) -> Keys | None:
    """The keys to go by where somebody carries such a list here, as the root allows: the line under their authorities
    is not tried, for there may be none. Raises ContractError where the root did not sign it."""
    root = known_root(pinned, told)
    if listed is None or root is None:
        return pinned
    keys = to_pin(pinned, under_root(listed, root, above=0), root)
    if keys == pinned:
        return pinned
    try:
        Authorities.of(keys.authorities)
    except (ContractError, OSError) as error:
        _log.error("keys of version %d are not taken: their authorities: %s", keys.version, error)
        return pinned
    if sealing_key(keys) is None:
        _log.error("keys of version %d are not taken: no suite in common", keys.version)
        return pinned
    return keys


@dataclass
class Keyring:
    """Belongs to the sync, whose ``worker`` speaks with central. ``told_root`` is the hash of the root key, where
    the machine was told."""

    file: Path
    told_root: str | None
    central: Central
    outbox: Outbox
    worker: Worker
    note: Callable[[AuditEvent], None]
    keys: Keys | None = field(default=None, init=False)

    @property
    def root(self) -> str | None:
        """The hash of the root key by which keys are believed: the machine was told it, or met it first."""
        return known_root(self.keys, self.told_root)

    @property
    def settings(self) -> tuple[SigningKey, ...]:
        """The keys by which what steers this kiosk is signed."""
        return () if self.keys is None else self.keys.settings

    @property
    def acknowledgement(self) -> tuple[SigningKey, ...]:
        """The keys by which central speaks of itself."""
        return () if self.keys is None else self.keys.acknowledgement

    @property
    def outdated(self) -> bool:
        """Whether the root key says that this program is too old to serve people."""
        return self.keys is not None and self.keys.minimum > VERSION

    def reading(self) -> Clock:
        """What a record says of the clock, and of the key that it is sealed to: one that has expired refuses nobody."""
        clock, key = self.central.trust.time.reading(), None if self.keys is None else sealing_key(self.keys)
        if key is None or self.central.trust.now() <= key.not_after:
            return clock
        return replace(clock, flags=clock.flags | ClockFlags.KEY_EXPIRED)

    async def take_up(self) -> None:
        """Puts the keys into force that were pinned earlier, if there are any that can be used. Raises NotKept."""
        if self.keys is not None or (content := await self.worker.do(lambda: read_if_there(self.file))) is None:
            return
        try:
            keys = read_pinned(content, self.told_root)
            await self._use(keys, await self._filed(keys))
        except OSError as error:
            raise NotKept("broken", f"authorities: {error.strerror}") from error
        except ContractError as error:
            _log.error("%s cannot be used: %s; pinned anew at the next contact", self.file.name, error)

    async def offered(self, keys: Keys) -> None:
        """Pins what is to be believed of this offer. Raises NotCentral; NotKept where nothing was pinned before."""
        try:
            pinned = to_pin(self.keys, keys, self.told_root)
        except ContractError as error:
            self.note(PublishedRefused(what="keys", why="signature"))
            raise NotCentral(str(error)) from None
        if pinned == self.keys:
            return
        try:
            authorities = await self._filed(pinned)
            await self._try(authorities)
            await self.worker.do(lambda: write_durably(self.file, pinned.model_dump_json().encode()))
        except OSError as error:
            if self.keys is None:
                raise NotKept("broken", f"{self.file.name}: {error.strerror}") from error
            _log.error("keys of version %d are not taken yet: %s", pinned.version, error.strerror)
            return
        except (ContractError, NotCentral) as error:
            _log.error("keys of version %d are not taken: under their authorities, %s", pinned.version, error)
            self.note(PublishedRefused(what="keys", why="cannot be used"))
            if self.keys is None:
                raise NotCentral(NO_TRUST) from None
            return
        await self._use(pinned, authorities)
        self.note(PublishedTaken(what="keys", number=pinned.version))

    async def _use(self, keys: Keys, authorities: Authorities | None) -> None:
        await self.outbox.use_keys(keys)
        self.keys, trust = keys, self.central.trust
        trust.voices, trust.authorities = keys.acknowledgement, authorities

    async def _filed(self, keys: Keys) -> Authorities | None:
        """Where the authorities of ``keys`` lie; those in force, if it is they. Raises ContractError, OSError."""
        now = self.central.trust.authorities
        if now is not None and now.certificates == keys.authorities:
            return now
        return await self.worker.do(lambda: Authorities.of(keys.authorities))

    async def _try(self, authorities: Authorities | None) -> None:
        if authorities is not self.central.trust.authorities:
            await self.worker.do(lambda: self.central.demand_under(authorities))
