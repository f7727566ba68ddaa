"""The outbox as its own thread sees it, and a program whose syncs are counted from outside.

``python -m tests.bench.outbox_thread FOLDER HOW COUNT`` lives COUNT items through: ``put`` (kept), ``life`` (kept,
delivered, answered) or ``receipt`` (the same with a receipt that is printed). COUNT 0 starts and ends. ``memory`` puts
and takes COUNT batches on whatever is in the folder. It says how much memory it took, in megabytes.
"""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk import schema
from kiosk.contract.acknowledgements import Acknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.messages import BatchAnswer, ItemAnswer
from kiosk.contract.records import Record, new_id
from kiosk.contract.sealing import NEWEST, suite
from kiosk.ledger import Clock, Ledger, Waiting
from kiosk.outbox import BATCH_OCTETS
from kiosk.pen import Entry
from kiosk.sync import BATCH
from tests.kiosk.acts import filing
from tests.kiosk.outbox_writer import keys

ACT: Final = filing()
KEY: Final = keys().sealing[0]
_PRIVATE, _PUBLIC = suite(NEWEST).generate_signing()


def begun(folder: Path, kiosk: str = "K-001") -> Ledger:
    """An open ledger with a key to seal to, as after a start."""
    ledger = Ledger(folder / "outbox.db", kiosk=kiosk, mode="demo", now=_now)
    ledger.open()
    ledger.settle_prints()
    ledger.use_key(KEY, (SigningKey(id="acknowledgements-1", suite=NEWEST, public=_PUBLIC),))
    return ledger


def put(ledger: Ledger, *, printing: bool = False) -> Record:
    """Seals, chains and keeps an act."""
    moment = _now()
    entry = Entry(act=ACT, id=new_id(moment), happened_at=moment, clock=Clock(), printing=printing)
    return ledger.append(entry)


def finish(ledger: Ledger) -> int:
    """Takes the next batch and notes central's answer to it. Returns its size."""
    batch = ledger.pending(BATCH, BATCH_OCTETS)
    if batch:
        ledger.answered(batch, _stored(batch))
    return len(batch)


def fill(ledger: Ledger, count: int) -> None:
    """Adds a backlog, each record in its place in the chain; one seal is made for all."""
    before = put(ledger)
    with ledger._using() as db, schema.transaction(db):
        for _ in range(count - 1):
            header = replace(before.header, seq=before.header.seq + 1, id=new_id(_now()), previous=before.hash)
            before = Record(header=header, header_bytes=header.encode(), sealed=before.sealed)
            db.execute(
                """
                INSERT INTO records (ledger, seq, id, header, sealed, matter)
                SELECT max(n), ?, ?, ?, ?, 'kept' FROM ledgers
                """,
                [header.seq, header.id.bytes, before.header_bytes, before.sealed],
            )
    ledger._last = before


def syncs_per_item(folder: Path, how: str, count: int) -> float:
    """How often an item reaches the disk, those of start and end taken off."""
    return (_syncs(folder, how, count) - _syncs(folder, how, 0)) / count


def megabytes(folder: Path) -> float:
    """What a program takes at most that works on the outbox in ``folder``."""
    program = [sys.executable, "-m", "tests.bench.outbox_thread", str(folder), "memory", "5"]
    said = subprocess.run(program, check=True, capture_output=True, text=True, timeout=300).stdout
    return float(said)


def _syncs(folder: Path, how: str, count: int) -> int:
    if shutil.which("strace") is None:
        raise RuntimeError("strace is needed to count syncs")
    place = folder / f"{how}-{count}"
    place.mkdir()
    trace = place / "trace"
    program = [sys.executable, "-m", "tests.bench.outbox_thread", str(place), how, str(count)]
    calls = "trace=fsync,fdatasync,sync_file_range,msync"
    subprocess.run(["strace", "-f", "-qq", "-e", calls, "-o", str(trace), *program], check=True, timeout=300)
    return len(re.findall(r"\b(?:fsync|fdatasync|sync_file_range|msync)\(", trace.read_text()))


def _stored(batch: Sequence[Waiting]) -> BatchAnswer:
    """As central answers: each is stored, and signed is up to where the ledger is there."""
    last = Record.read(batch[-1].header, batch[-1].sealed)
    header = last.header
    said = Acknowledgement(
        suite=NEWEST, kiosk=header.kiosk, ledger=header.ledger, seq=header.seq, hash=last.hash, at=_now()
    )
    answers = tuple(ItemAnswer(id=waiting.id, outcome="stored") for waiting in batch)
    return BatchAnswer(
        answers=answers, contiguous=header.seq, acknowledgement=said.signed("acknowledgements-1", _PRIVATE)
    )


def _now() -> datetime:
    return datetime.now(UTC)


def main(folder: Path, how: str, count: int) -> None:
    ledger = begun(folder)
    if how == "memory":
        for _ in range(count):
            fill(ledger, BATCH)
            finish(ledger)
        ledger.close()
        sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
        return
    for _ in range(count):
        record = put(ledger, printing=how == "receipt")
        if how == "receipt":
            ledger.mark_print(record.header.id, "sent")
            ledger.mark_print(record.header.id, "printed")
    while how != "put" and finish(ledger):
        pass
    ledger.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
