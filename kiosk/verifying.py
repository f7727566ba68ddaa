"""Whether the ledgers on this machine are whole: each record follows the one before, and up to where central's word
anchors them.

A chain by itself can be written anew by whoever holds the disk; what central acknowledged cannot, and neither can the
end be cut below it. What lies above the last acknowledgement is intact by its own word alone. What was dropped because
central has it is missing by right. Reads without changing anything, beside a running kiosk too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from kiosk import schema
from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.acts import Genesis
from kiosk.contract.audit import PREFIX
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import ChainBroken, ContractError
from kiosk.contract.records import Record, check_chain
from kiosk.errors import NotKept

ASIDE: Final = "-damaged-"


@dataclass(frozen=True, kw_only=True)
class Break:
    """The first place at which a ledger is not what it was."""

    seq: int
    what: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is true of one ledger. ``intact``: the last seq up to which all that should be here is, and follows."""

    ledger: str
    kiosk: str
    records: int
    events: int
    last: int
    dropped: int
    """No seq above it may be missing."""
    intact: int
    anchored: int
    """Central's signed word holds up to here; 0: there is none."""
    anchored_at: datetime | None
    broken: Break | None

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "ledger": self.ledger,
            "kiosk": self.kiosk,
            "records": self.records,
            "events": self.events,
            "last": self.last,
            "dropped": self.dropped,
            "intact": self.intact,
            "anchored": self.anchored,
            "anchored_at": None if self.anchored_at is None else self.anchored_at.isoformat(),
            "broken": None if self.broken is None else {"seq": self.broken.seq, "what": self.broken.what},
        }


def verify(path: Path, keys: Iterable[SigningKey]) -> list[Verdict]:
    """Every ledger in the outbox ``path``, the oldest first; none where there is no file. ``keys`` are those by which
    central's word is signed. Raises NotKept where the file cannot be read to its end."""
    if not path.exists():
        return []
    trusted = tuple(keys)
    try:
        with schema.open_to_read(path) as db:
            db.execute("BEGIN")  # one state of it, whatever is committed meanwhile
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "records" not in tables:
                return []
            rows = db.execute("SELECT n, kiosk, ledger FROM ledgers ORDER BY n").fetchall()
            anchors = "acknowledgements" in tables
            return [_verdict(db, n, kiosk, ledger, trusted, anchors=anchors) for n, kiosk, ledger in rows]
    except sqlite3.Error as error:
        raise NotKept("broken", schema.code_of(error)[1]) from error


def set_aside(path: Path) -> list[str]:
    """Databases beside it that were damaged and are kept for whoever looks into them."""
    return sorted(file.name for file in path.parent.glob(f"{path.stem}{ASIDE}*{path.suffix}"))


def _verdict(
    db: Database, n: int, kiosk: str, ledger: bytes, keys: tuple[SigningKey, ...], *, anchors: bool
) -> Verdict:
    dropped: int = db.execute("SELECT dropped FROM ledgers WHERE n = ?", [n]).fetchone()[0] if anchors else 0
    said, distrust = _anchor(db, n, kiosk, ledger, keys) if anchors else (None, None)
    walk = _Walk(kiosk=kiosk, ledger=ledger, dropped=dropped, said=said)
    rows = db.execute("SELECT seq, id, header, sealed FROM records WHERE ledger = ? ORDER BY seq", [n])
    broken = walk.to_the_end(rows) or distrust
    holds = said is not None and broken is None
    return Verdict(
        ledger=ledger.hex(),
        kiosk=kiosk,
        records=walk.records,
        events=walk.events,
        last=walk.last,
        dropped=dropped,
        intact=walk.last if broken is None else min(walk.last, broken.seq - 1),
        anchored=said.seq if said is not None and holds else 0,
        anchored_at=said.at if said is not None and holds else None,
        broken=broken,
    )


def _anchor(
    db: Database, n: int, kiosk: str, ledger: bytes, keys: tuple[SigningKey, ...]
) -> tuple[Acknowledgement | None, Break | None]:
    """Central's word for this ledger, or what is wrong with it."""
    row = db.execute("SELECT statement, key, signature FROM acknowledgements WHERE ledger = ?", [n]).fetchone()
    if row is None:
        return None, None
    statement, key, signature = row
    try:
        signed = SignedAcknowledgement(statement=statement, key=key, signature=signature)
        return signed.verified(keys, kiosk=kiosk, ledger=ledger), None
    except ContractError as error:
        return None, Break(seq=1, what=f"central's word is not central's: {error}")


@dataclass(kw_only=True)
class _Walk:
    """From the first record to the last, once, one at a time."""

    kiosk: str
    ledger: bytes
    dropped: int
    said: Acknowledgement | None
    records: int = 0
    events: int = 0
    last: int = 0
    _before: Record | None = field(default=None, repr=False)

    def to_the_end(self, rows: Iterable[tuple[int, bytes, bytes, bytes]]) -> Break | None:
        """The first fault, or None."""
        first = next(self._faults(rows), None)
        if first is None and self.said is not None and self.said.seq > self.last:
            return Break(seq=self.last + 1, what=f"the end is cut off: central has it up to {self.said.seq}")
        return first

    def _faults(self, rows: Iterable[tuple[int, bytes, bytes, bytes]]) -> Iterator[Break]:
        for seq, identifier, header, sealed in rows:
            try:
                record = Record.read(header, sealed)
            except ContractError as error:
                yield Break(seq=seq, what=f"no record: {error}")
                return
            yield from self._of(seq, identifier, record)
            self.records += 1
            self.events += record.header.kind.startswith(PREFIX)
            self.last = seq
            self._before = record

    def _of(self, seq: int, identifier: bytes, record: Record) -> Iterator[Break]:
        header = record.header
        if (header.kiosk, header.ledger) != (self.kiosk, self.ledger):
            yield Break(seq=seq, what="a record of another ledger")
        if (header.seq, header.id.bytes) != (seq, identifier):
            yield Break(seq=seq, what="a record that belongs elsewhere")
        if seq == 1 and header.kind != Genesis.kind:
            yield Break(seq=seq, what="does not begin with its genesis")
        if seq != self.last + 1:
            missing = f"{self.last + 1}" if seq == self.last + 2 else f"{self.last + 1} to {seq - 1}"
            if seq - 1 > self.dropped:
                yield Break(seq=max(self.last, self.dropped) + 1, what=f"missing: {missing}")
            self._before = None  # dropped: what it was called, central's word says
        try:
            check_chain([record], self._before)
        except ChainBroken as error:
            yield Break(seq=seq, what=str(error).partition(": ")[2])
        if self.said is not None and self.said.seq == seq and self.said.hash != record.hash:
            yield Break(seq=seq, what="central has another record there")
