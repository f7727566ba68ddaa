"""Another server in central's place: it takes what kiosks send, stores nothing, and says signed that it has everything.
The key's name is central's, the key is its own."""

from __future__ import annotations

import gzip
import json
import urllib.request
from datetime import UTC, datetime

from kiosk.contract.acknowledgements import Acknowledgement
from kiosk.contract.messages import Batch, BatchAnswer, Heartbeat, HeartbeatAnswer, ItemAnswer
from kiosk.contract.records import Record
from kiosk.contract.sealing import NEWEST, suite


class Impostor:
    """Answers for one line."""

    def __init__(self, central: str) -> None:
        self._central = central
        self._private, _ = suite(NEWEST).generate_signing()
        self._last: dict[tuple[str, str], Record] = {}
        self._key = ""

    def answer(self, path: str, body: bytes) -> bytes | None:
        """The body of the answer; None: it passes this on to central."""
        content = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        if path == "/v1/records":
            return self._takes(Batch.model_validate_json(content))
        if path == "/v1/heartbeat":
            return self._beats(Heartbeat.model_validate_json(content))
        return None

    def _takes(self, batch: Batch) -> bytes:
        records = [Record.read(wire.header, wire.sealed) for wire in batch.records]
        self._last[batch.kiosk, batch.ledger] = records[-1]
        answers = tuple(ItemAnswer(id=record.header.id, outcome="stored") for record in records)
        said = BatchAnswer(
            answers=answers,
            contiguous=records[-1].header.seq,
            acknowledgement=self._acknowledged(records[-1]).signed(self._name(), self._private),
        )
        return said.model_dump_json().encode()

    def _beats(self, beat: Heartbeat) -> bytes:
        last = self._last.get((beat.kiosk, beat.ledger or ""))
        said = HeartbeatAnswer(
            service="kiosk-central",
            time=datetime.now(UTC),
            opener="awake",
            acknowledgement=self._acknowledged(last).signed(self._name(), self._private) if last else None,
        )
        return said.model_dump_json().encode()

    def _acknowledged(self, last: Record) -> Acknowledgement:
        header = last.header
        return Acknowledgement(
            suite=NEWEST,
            kiosk=header.kiosk,
            ledger=header.ledger,
            seq=header.seq,
            hash=last.hash,
            at=datetime.now(UTC),
        )

    def _name(self) -> str:
        """Of the key that kiosks have pinned: anybody may read it."""
        if not self._key:
            with urllib.request.urlopen(f"{self._central}/v1/keys", timeout=10) as answer:
                self._key = json.load(answer)["acknowledgement"][0]["id"]
        return self._key
