"""The machines' keys: by which a kiosk's batches are known to be its own; and ``python -m central kiosks``, by which
staff see who is suspended, and resume it (``suspending``).

A demonstration's kiosk brings its key with its first signed batch, and keeps it: another one is refused, never taken in
its place. Any other kiosk's key comes with its enrolment. A machine whose disk was replaced has another key: who runs
central has the old one forgotten then. What was kept under it stays as it is.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Annotated, Final

import typer
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from central import signatures, suspending
from central.command_line import AsJson, Url, served_before
from central.database import Database
from central.errors import Refused
from central.local_time import SHANGHAI
from central.tables import kiosks
from kiosk.contract.base import SigningKey
from kiosk.contract.batches import key_id
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Batch

log = logging.getLogger("central.devices")

NO_KEY: Final = {"key_id": None, "key_suite": None, "key_public": None}

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


class NoSuchKiosk(Exception):
    """No kiosk of that name has spoken yet, or it has no key; the message says which."""


def read(database: Database) -> list[dict[str, str | None]]:
    """The kiosks that have spoken, by name. Keys: kiosk, mode, since (ISO 8601, UTC), key (its name), suspended (since
    when, or None) and why."""
    with database.reading() as connection:
        rows = connection.execute(select(kiosks).order_by(kiosks.c.kiosk)).all()
    return [
        {
            "kiosk": row.kiosk,
            "mode": row.mode,
            "since": row.since.isoformat(),
            "key": row.key_id,
            "suspended": None if row.suspended_at is None else row.suspended_at.isoformat(),
            "why": row.suspended_why,
        }
        for row in rows
    ]


def forget_key(database: Database, kiosk: str) -> str:
    """The kiosk is known by no key from here on; the name of the one it had. Raises NoSuchKiosk."""
    with database.writing() as connection:
        known = connection.execute(select(kiosks.c.key_id).where(kiosks.c.kiosk == kiosk).with_for_update()).first()
        if known is None:
            raise NoSuchKiosk(f"there is no kiosk {kiosk}")
        if known.key_id is None:
            raise NoSuchKiosk(f"kiosk {kiosk} has no key")
        connection.execute(update(kiosks).where(kiosks.c.kiosk == kiosk).values(**NO_KEY))
    return str(known.key_id)


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``app``."""

    @app.command("kiosks")
    def show(
        db: Url = None,
        forgotten: Annotated[
            str | None, typer.Option("--forget-key", help="Forget the key of this kiosk: its disk was replaced.")
        ] = None,
        resumed: Annotated[
            str | None, typer.Option("--resume", help="Let this kiosk ask again, which asked about too many people.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """List the kiosks that have spoken, the keys by which they are known, and which are suspended; or forget one of
        those keys, or resume a kiosk."""
        with served_before(db, NoSuchKiosk, suspending.NotSuspended) as database:
            if forgotten is not None:
                typer.echo(f"forgotten: {forget_key(database, forgotten)}")
            if resumed is not None:
                typer.echo(f"resumed, was suspended for {suspending.resume(database, resumed)}")
            if forgotten is not None or resumed is not None:
                return
            found = read(database)
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else "\n".join(map(_line, found)))


def _line(row: dict[str, str | None]) -> str:
    since = datetime.fromisoformat(str(row["since"])).astimezone(SHANGHAI)
    line = f"{row['kiosk']:10} {row['mode']:8} since {since:%Y-%m-%d}  key {row['key'] or 'none'}"
    if row["suspended"] is None:
        return line
    stopped = datetime.fromisoformat(row["suspended"]).astimezone(SHANGHAI)
    return f"{line}  SUSPENDED {stopped:%Y-%m-%d %H:%M}, {row['why']}"


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
