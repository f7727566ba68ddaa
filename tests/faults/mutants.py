"""Ways to break the kiosk or central, each of which ``make faults`` must find: applied by a program as it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final
from unittest import mock
from uuid import UUID

from sqlite_utils import Database

from kiosk import schema
from kiosk.carrier import Answered, Carrier
from kiosk.contract.messages import BatchAnswer, ItemAnswer, SealingKey
from kiosk.contract.records import Record
from kiosk.counter import Counter
from kiosk.errors import Declined
from kiosk.ledger import Entry, Ledger, Waiting

Mutant = Callable[[], AbstractContextManager[object]]


def synchronous_off() -> AbstractContextManager[object]:
    """A commit returns before it is on the disk."""
    pragmas = tuple(pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in schema._PRAGMAS)
    assert pragmas != schema._PRAGMAS
    return mock.patch.object(schema, "_PRAGMAS", pragmas)


def mark_before_acknowledgement() -> AbstractContextManager[object]:
    """A record counts as central's before central has said so."""
    deliver = Carrier._deliver

    async def marking(carrier: Carrier, batch: Sequence[Waiting]) -> Answered:
        items = tuple(ItemAnswer(id=waiting.id, outcome="stored") for waiting in batch)
        await carrier.outbox.answered(batch, BatchAnswer(answers=items, contiguous=0))
        return await deliver(carrier, batch)

    return mock.patch.object(Carrier, "_deliver", marking)


def print_before_sent() -> AbstractContextManager[object]:
    """The journal hears of a print when it is over."""
    journal = Counter._journal

    async def late(counter: Counter, record: UUID, state: str) -> bool:
        if state == "sent":
            return True
        await journal(counter, record, "sent")
        return await journal(counter, record, state)  # type: ignore[arg-type]

    return mock.patch.object(Counter, "_journal", late)


def seq_reused() -> AbstractContextManager[object]:
    """A record takes the place of the one before it."""
    insert = Ledger._insert

    def over(ledger: Ledger, db: Database, entry: Entry, key: SealingKey) -> Record:
        current, count = ledger._current, 0
        if current is not None:
            count = db.execute("SELECT count(*) FROM records WHERE ledger = ?", [current[0]]).fetchone()[0]
        if current is not None and count > 2:
            db.execute("DELETE FROM prints WHERE record = (SELECT max(n) FROM records)")
            db.execute("DELETE FROM records WHERE n = (SELECT max(n) FROM records)")
            ledger._last = None
        return insert(ledger, db, entry, key)

    return mock.patch.object(Ledger, "_insert", over)


def declined_dropped() -> AbstractContextManager[object]:
    """What is declined is taken for done."""
    deliver = Carrier._deliver

    async def dropping(carrier: Carrier, batch: Sequence[Waiting]) -> Answered:
        try:
            return await deliver(carrier, batch)
        except Declined:
            items = tuple(ItemAnswer(id=waiting.id, outcome="stored") for waiting in batch)
            await carrier.outbox.answered(batch, BatchAnswer(answers=items, contiguous=0))
            return list(zip(batch, items, strict=True))

    return mock.patch.object(Carrier, "_deliver", dropping)


@contextmanager
def directory_not_synced() -> Iterator[object]:
    """A rename is not made durable."""
    with (
        mock.patch("kiosk.files.sync_folder"),
        mock.patch("kiosk.ledger.sync_folder"),
        mock.patch("kiosk.soundness.sync_folder"),
    ):
        yield None


def altered_resend_taken() -> AbstractContextManager[object]:
    """Central takes another record under an id or a place that it has."""
    from central.intake import Intake
    from kiosk.contract.messages import WireRecord

    answer = Intake.answer

    def taking(intake: Intake, wire: WireRecord, record: Record | None) -> ItemAnswer:
        said = answer(intake, wire, record)
        return said.model_copy(update={"outcome": "stored"}) if said.outcome == "conflict" else said

    return mock.patch.object(Intake, "answer", taking)


MUTANTS: Final[dict[str, Mutant]] = {
    "synchronous-off": synchronous_off,
    "mark-before-acknowledgement": mark_before_acknowledgement,
    "print-before-sent": print_before_sent,
    "seq-reused": seq_reused,
    "declined-dropped": declined_dropped,
    "altered-resend-taken": altered_resend_taken,
    "directory-not-synced": directory_not_synced,
}


def mutated(name: str) -> AbstractContextManager[object]:
    """The program broken in that way; "" leaves it whole. Raises KeyError."""
    return MUTANTS[name]() if name else nullcontext()
