"""The machines' keys: by which a kiosk's batches are known to be its own.

A demonstration's kiosk brings its key with its first signed batch, and keeps it: another one is refused, never taken in
its place. Any other kiosk's key comes with its enrolment.
"""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from central import signatures
from central.errors import Refused
from central.tables import kiosks
from kiosk.contract.base import SigningKey
from kiosk.contract.batches import key_id
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Batch

log = logging.getLogger("central.devices")

BRINGS_ITS_KEY: Final = "demo"
"""The mode in which a kiosk's key is taken at its word, once. Any other is enrolled first."""


def key_of(connection: Connection, kiosk: str) -> SigningKey | None:
    """The kiosk's key; None where none is known."""
    row = connection.execute(select(kiosks).where(kiosks.c.kiosk == kiosk)).one_or_none()
    if row is None or row.key_id is None:
        return None
    return SigningKey(id=row.key_id, suite=row.key_suite, public=row.key_public)


def demand_own(connection: Connection, batch: Batch) -> None:
    """The batch is signed by its kiosk, whose row is held. Raises Refused (unsigned, bad-signature, another-key)."""
    known = key_of(connection, batch.kiosk)
    if batch.signature is None:
        if known is not None or signatures.speaker() is not None:
            raise Refused(401, "unsigned", "This kiosk signs what it sends")
        return
    key = known or batch.device
    if key is None or (batch.device is not None and batch.device != key):
        log.warning("kiosk %s comes with another key than its own", batch.kiosk)
        raise Refused(403, "another-key", "This is not the key of this kiosk")
    try:
        batch.signature.verified(
            key,
            kiosk=batch.kiosk,
            ledger=bytes.fromhex(batch.ledger),
            records=[(wire.header, wire.sealed) for wire in batch.records],
        )
    except (ContractError, ValueError) as error:
        log.warning("the signature of kiosk %s does not hold: %s", batch.kiosk, type(error).__name__)
        raise Refused(401, "bad-signature", "The signature does not hold") from None
    if known is None:
        _take_up(connection, batch.kiosk, key)


def _take_up(connection: Connection, kiosk: str, key: SigningKey) -> None:
    """A demonstration's kiosk is known by this key from here on. Raises Refused (another-key)."""
    if key.id != key_id(key.suite, key.public):
        raise Refused(403, "another-key", "The key is not what its name says")
    here = (kiosks.c.kiosk == kiosk) & (kiosks.c.mode == BRINGS_ITS_KEY)
    its = {"key_id": key.id, "key_suite": key.suite, "key_public": key.public}
    try:
        with connection.begin_nested():
            taken = connection.execute(update(kiosks).where(here).values(**its)).rowcount
    except IntegrityError:
        raise Refused(403, "another-key", "Another kiosk has this key") from None
    if not taken:
        raise Refused(403, "another-key", "This kiosk's key comes with its enrolment")
    log.info("kiosk %s is known by key %s", kiosk, key.id)
