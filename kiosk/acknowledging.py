"""What central says that it has of a ledger, weighed against what lies here: what is believed, and what follows.

An acknowledgement is believed where its hash is the one of our own record there. It rises with what central takes; one
that falls is a restored central's, and what lies above it is sent again. One ahead of everything here says that this
disk went back. Rising, only central's newer word counts; falling costs no more than sending again, and always counts.
Where central's clock went wrong, what it said by it is no newer than what it says when it is set right.
All of it works on the database that it is given, within the caller's transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from sqlite_utils import Database

from kiosk import schema
from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.errors import ContractError, NotForHere, OutOfDate
from kiosk.contract.records import RECORD_TAG, Header
from kiosk.contract.sealing import suite

_log = logging.getLogger(__name__)

Verdict = Literal["rises", "stands", "falls", "ahead"]
"""Where it is ahead of all that is here, the ledger ends."""

MILESTONES: Final = timedelta(days=1)
"""How far apart, by central's clock, it is noted since when central has what."""

SET_BACK: Final = timedelta(days=1)
"""An acknowledgement that is older than the one before by more than this is no old one: central's clock was set back.
What comes over the line was signed just now (``sync``); of what comes by hand no older word counts (``takeaway``)."""

NOTED_EVERY: Final = timedelta(hours=1)
"""How often an acknowledgement is noted that came with nothing else and says nothing new."""

KEEP_DAYS: Final = 35

AT_ONCE: Final = 200
"""Records that are dropped in one commit: few milliseconds."""


@dataclass(frozen=True, kw_only=True)
class Here:
    """What lies here of a ledger: its last seq, and our hash at the seq that is acknowledged (None: not here now)."""

    last: int
    hash: bytes | None


def weigh(said: Acknowledgement, before: Acknowledgement | None, here: Here) -> Verdict:
    """What an acknowledgement means beside the one that was believed ``before``. Raises OtherRecord, OutOfDate."""
    if said.seq > here.last:
        return "ahead"
    ours = before.hash if here.hash is None and before is not None and before.seq == said.seq else here.hash
    if ours is not None and ours != said.hash:
        raise OtherRecord(f"central has another record at seq {said.seq}")
    if before is None:
        return "rises"
    if said.seq < before.seq:
        return "falls"
    if timedelta() < before.at - said.at <= SET_BACK:
        raise OutOfDate("central said more than that later")
    return "rises" if said.seq > before.seq else "stands"


class OtherRecord(ContractError):
    """An acknowledgement of a record that is not ours."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """An acknowledgement that is believed. ``noted_at``: central's time of the one that was noted last."""

    ledger: int
    said: Acknowledgement
    signed: SignedAcknowledgement
    verdict: Verdict
    noted_at: datetime | None

    @property
    def is_news(self) -> bool:
        """Whether it is to be noted, though it came with nothing else: not each time that all stands as it was."""
        return self.verdict != "stands" or self.noted_at is None or abs(self.said.at - self.noted_at) >= NOTED_EVERY

    def note(self, db: Database) -> None:
        """Notes it. Where it falls, what lies above is pending again and its matters are asked for anew."""
        if self.verdict == "ahead":
            return
        if self.verdict == "falls":
            self._fall(db)
        db.execute(
            "INSERT INTO acknowledgements (ledger, statement, key, signature) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (ledger) DO UPDATE SET statement = excluded.statement, key = excluded.key,"
            " signature = excluded.signature",
            [self.ledger, self.signed.statement, self.signed.key, self.signed.signature],
        )
        seq, at = self.said.seq, _micros(self.said.at)
        db.execute("DELETE FROM milestones WHERE ledger = ? AND at > ?", [self.ledger, at])  # by a clock that was wrong
        last = db.execute(
            "SELECT seq, at FROM milestones WHERE ledger = ? ORDER BY at DESC LIMIT 1", [self.ledger]
        ).fetchone()
        if seq and (last is None or (seq > last[0] and at - last[1] >= MILESTONES // _MICROSECOND)):
            db.execute("INSERT INTO milestones (ledger, seq, at) VALUES (?, ?, ?)", [self.ledger, seq, at])

    def leaves_some(self, db: Database) -> bool:
        """Whether central took records that it does not acknowledge: there is a gap below them."""
        above = "SELECT 1 FROM records WHERE ledger = ? AND state = 'stored' AND seq > ? LIMIT 1"
        return db.execute(above, [self.ledger, self.said.seq]).fetchone() is not None

    def send_rest_anew(self, db: Database) -> None:
        """What central took above a gap is pending again: nothing says that it still has it."""
        db.execute(
            "UPDATE records SET state = 'pending' WHERE ledger = ? AND state = 'stored' AND seq > ?",
            [self.ledger, self.said.seq],
        )

    def _fall(self, db: Database) -> None:
        """Central was restored. What it refused is sent again too: what it kept of it may be gone."""
        here = [self.ledger, self.said.seq]
        dropped = db.execute("SELECT dropped FROM ledgers WHERE n = ?", [self.ledger]).fetchone()[0]
        if dropped > self.said.seq:
            _log.error("central lost records that are not here any more: seq %d to %d", self.said.seq + 1, dropped)
        db.execute("UPDATE milestones SET seq = min(seq, ?2) WHERE ledger = ?1", here)
        db.execute(
            "UPDATE records SET state = 'pending', matter = CASE WHEN matter IS NULL THEN NULL ELSE 'kept' END"
            " WHERE ledger = ? AND (state = 'quarantined' OR (state = 'stored' AND seq > ?))",
            here,
        )


def hear(db: Database, ledger: bytes, signed: SignedAcknowledgement, trusted: Iterable[SigningKey]) -> Heard:
    """What an acknowledgement of that ledger means here, under whichever name this kiosk wrote it.

    Raises ContractError where none of ``trusted`` signed it, or it is about another ledger or record, or out of date.
    """
    row = db.execute("SELECT n, kiosk FROM ledgers WHERE ledger = ?", [ledger]).fetchone()
    if row is None:
        raise NotForHere("of a ledger that is not here")
    n: int = row[0]
    said = signed.verified(trusted, kiosk=row[1], ledger=ledger)
    last: int | None = db.execute("SELECT max(seq) FROM records WHERE ledger = ?", [n]).fetchone()[0]
    there = db.execute("SELECT header FROM records WHERE ledger = ? AND seq = ?", [n, said.seq]).fetchone()
    before = believed(db, n)
    verdict = weigh(said, before, Here(last=last or 0, hash=None if there is None else _hash_of(there[0])))
    noted_at = None if before is None else before.at
    return Heard(ledger=n, said=said, signed=signed, verdict=verdict, noted_at=noted_at)


def believed(db: Database, ledger: int) -> Acknowledgement | None:
    """The acknowledgement of that ledger that is kept here."""
    row = db.execute("SELECT statement FROM acknowledgements WHERE ledger = ?", [ledger]).fetchone()
    return None if row is None else Acknowledgement.decode(row[0])


def ledgers_of(db: Database, kiosk: str) -> list[bytes]:
    """The ledgers of a kiosk of which something is acknowledged, the newest first.

    Those of an earlier name are not asked about: central answers a key under the one name that it knows it by.
    """
    found = db.execute(
        "SELECT l.ledger FROM ledgers l JOIN acknowledgements a ON a.ledger = l.n WHERE l.kiosk = ? ORDER BY l.n DESC",
        [kiosk],
    ).fetchall()
    return [row[0] for row in found]


@dataclass(frozen=True, kw_only=True)
class Droppable:
    """What may be dropped of a ledger: nothing above ``up_to``, nothing younger than ``born`` (how its id begins)."""

    ledger: int
    up_to: int
    born: bytes
    since: int
    """The milestone by which that is so, microseconds by central's clock."""


def droppable(db: Database, ledger: int, *, keep: timedelta, now: datetime) -> Droppable | None:
    """By rule 3: central has had it for ``keep``, by its own clock, without ever falling below; and it is older than
    that by this clock too. A clock that jumps drops nothing early, whichever it is."""
    said = believed(db, ledger)
    if said is None:
        return None
    seq, at = db.execute(
        "SELECT max(seq), max(at) FROM milestones WHERE ledger = ? AND at <= ?", [ledger, _micros(said.at - keep)]
    ).fetchone()
    if seq is None:
        return None
    return Droppable(ledger=ledger, up_to=min(seq, said.seq), born=_born(min(now, said.at) - keep), since=at)


def drop(db: Database, *, keep: timedelta, now: datetime) -> int:
    """Drops at most AT_ONCE records of one ledger, in one commit; how many.

    A matter of which nothing is known and a print that is not over keep their record. The last record of a ledger
    stays: the chain goes on from it.
    """
    for (ledger,) in db.execute("SELECT ledger FROM acknowledgements ORDER BY ledger").fetchall():
        may = droppable(db, ledger, keep=keep, now=now)
        found = (
            []
            if may is None
            else db.execute(f"SELECT n, seq {_DROPPED} ORDER BY seq LIMIT ?", [*_bounds(may), AT_ONCE]).fetchall()
        )
        if may is None or not found:
            continue
        with schema.transaction(db):
            places = [(n,) for n, _ in found]
            db.conn.executemany("DELETE FROM prints WHERE record = ?", places)
            db.conn.executemany("DELETE FROM records WHERE n = ?", places)
            db.execute("UPDATE ledgers SET dropped = max(dropped, ?) WHERE n = ?", [found[-1][1], ledger])
            db.execute("DELETE FROM milestones WHERE ledger = ? AND at < ?", [ledger, may.since])
        return len(found)
    return 0


def count_droppable(db: Database, *, keep: timedelta, now: datetime) -> int:
    """How many records may be dropped."""
    each = [
        droppable(db, ledger, keep=keep, now=now)
        for (ledger,) in db.execute("SELECT ledger FROM acknowledgements").fetchall()
    ]
    counts: list[int] = [
        db.execute(f"SELECT count(*) {_DROPPED}", _bounds(may)).fetchone()[0] for may in each if may is not None
    ]
    return sum(counts)


_DROPPED: Final = """
    FROM records r WHERE ledger = ? AND seq <= ? AND state = 'stored'
    AND (matter IS NULL OR matter NOT IN ('kept', 'unsure')) AND substr(id, 1, 6) <= ?
    AND seq < (SELECT max(seq) FROM records WHERE ledger = ?)
    AND NOT EXISTS (SELECT 1 FROM prints WHERE record = r.n AND state IN ('intended', 'sent'))
"""


def _bounds(may: Droppable) -> list[int | bytes]:
    return [may.ledger, may.up_to, may.born, may.ledger]


def _hash_of(header: bytes) -> bytes:
    """The hash of a record whose header's bytes these are."""
    return suite(Header.decode(header).suite).hash(RECORD_TAG + header)


def _born(moment: datetime) -> bytes:
    """What ids that were made then begin with (RFC 9562 §5.7)."""
    return max(0, (moment - _EPOCH) // timedelta(milliseconds=1)).to_bytes(6, "big")


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
