"""A central that is a few dictionaries: what it keeps, says and forgets, for models of many steps. No HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import copy
from datetime import datetime
from itertools import count
from typing import Literal
from uuid import UUID

from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.messages import (
    Batch,
    BatchAnswer,
    Health,
    Heartbeat,
    HeartbeatAnswer,
    ItemAnswer,
    Keys,
    Matter,
    Outcome,
    RecordStatus,
)
from kiosk.contract.records import Record
from kiosk.contract.sealing import NEWEST, suite
from kiosk.errors import Declined, Unavailable
from kiosk.timekeeper import Timekeeper
from kiosk.trust import Authorities, Trust
from tests.kiosk.central_double import new_pair

Fault = Literal["away", "answer lost", "fails"]
Poison = Literal["conflict", "unreadable", "refused", "fails"]


class PlainCentral:
    """The port ``kiosk.sync.Central``. ``now`` is its clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.trust = Trust(time=Timekeeper(wall=now, boot=lambda: now().timestamp()))
        self.private, sealing = new_pair()
        self._signs, public = suite(NEWEST).generate_signing()
        signing = SigningKey(id="acknowledgements-1", suite=NEWEST, public=public)
        self._keys = Keys(version=1, sealing=(sealing,), acknowledgement=(signing,))
        self.stored: dict[UUID, Record] = {}
        self.unread: dict[UUID, Record] = {}
        """Kept as bytes, in their places."""
        self.conflicts: dict[UUID, Record] = {}
        """In quarantine, and in no place."""
        self.poison: dict[UUID, Poison] = {}
        self.faults: list[Fault] = []
        """What befalls the next exchanges, the last one first."""
        self.away = False
        self.asked: Counter[str] = Counter()

    def backup(self) -> PlainCentral:
        """What it has at this moment."""
        kept = copy(self)
        kept.stored, kept.unread, kept.conflicts = dict(self.stored), dict(self.unread), dict(self.conflicts)
        return kept

    def restore(self, kept: PlainCentral) -> None:
        """Has what it had then, and nothing of what came later."""
        self.stored, self.unread, self.conflicts = dict(kept.stored), dict(kept.unread), dict(kept.conflicts)

    # -- the port ------------------------------------------------------------------------------------------------------

    def time(self) -> None:
        asked_at = self.trust.time.boot()
        self._exchange("time")
        self.trust.time.heard(self.now(), asked_at)

    def health(self) -> Health:
        self._exchange("health")
        return Health(service="kiosk-central", time=self.now(), opener="awake")

    def demand_under(self, authorities: Authorities | None) -> None:
        """There is no TLS on this line."""

    def heartbeat(self, beat: Heartbeat) -> HeartbeatAnswer:
        self._exchange("heartbeat")
        said = None if beat.ledger is None else self._acknowledge(beat.kiosk, bytes.fromhex(beat.ledger))
        return HeartbeatAnswer(service="kiosk-central", time=self.now(), opener="awake", acknowledgement=said)

    def keys(self, *, from_anybody: bool = False) -> Keys:
        self._exchange("keys")
        return self._keys

    def ready(self, batch: Batch) -> Batch:
        return batch

    def send(self, batch: Batch) -> BatchAnswer:
        lost = self._exchange("send", can_lose=True)
        records = [Record.read(wire.header, wire.sealed) for wire in batch.records]
        for record in records:
            if self.poison.get(record.header.id) == "refused":
                raise Declined("invalid", "It cannot be read", 422)
            if self.poison.get(record.header.id) == "fails":
                raise Unavailable("server")
        answers = tuple(ItemAnswer(id=record.header.id, outcome=self._take(record)) for record in records)
        if lost:
            raise Unavailable("offline")
        said = self._acknowledge(batch.kiosk, bytes.fromhex(batch.ledger))
        return BatchAnswer(answers=answers, contiguous=0, acknowledgement=said)

    def status(self, id: UUID, within: float = 0.0) -> RecordStatus:  # noqa: A002 - the header's name
        self._exchange("status")
        if id not in self.stored:
            raise Declined("unknown-record", "There is no such record", 404)
        return RecordStatus(id=id, matter=Matter(state="sent", at=self.now()))

    def close(self) -> None:
        """No exchange is under way."""

    # -- inside --------------------------------------------------------------------------------------------------------

    def _exchange(self, name: str, *, can_lose: bool = False) -> bool:
        """Whether the answer will be lost. Raises Unavailable."""
        self.asked[name] += 1
        fault = self.faults.pop() if self.faults else None
        if self.away or fault == "away":
            raise Unavailable("offline")
        if fault == "fails":
            raise Unavailable("server")
        if fault == "answer lost" and not can_lose:
            raise Unavailable("slow")
        return fault == "answer lost"

    def _take(self, record: Record) -> Outcome:
        id_ = record.header.id
        poison = self.poison.get(id_)
        if poison == "conflict":
            self.conflicts[id_] = record
            return "conflict"
        if poison == "unreadable" and id_ not in self.unread:
            self.unread[id_] = record
            return "unreadable"
        place = (record.header.kiosk, record.header.ledger, record.header.seq)
        twin = self.stored.get(id_) or self._places().get(place)
        if twin is not None:
            assert twin.hash == record.hash, "another record in its place"
            return "duplicate"
        self.stored[id_] = record
        return "stored"

    def _acknowledge(self, kiosk: str, ledger: bytes) -> SignedAcknowledgement:
        places = self._places()
        seq = next(seq for seq in count() if (kiosk, ledger, seq + 1) not in places)
        there = places[kiosk, ledger, seq].hash if seq else bytes(32)
        said = Acknowledgement(suite=NEWEST, kiosk=kiosk, ledger=ledger, seq=seq, hash=there, at=self.now())
        return said.signed("acknowledgements-1", self._signs)

    def _places(self) -> dict[tuple[str, bytes, int], Record]:
        all_ = (*self.stored.values(), *self.unread.values())
        return {(each.header.kiosk, each.header.ledger, each.header.seq): each for each in all_}
