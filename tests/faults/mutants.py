"""Ways to break the kiosk or central, each of which ``make faults`` must find: applied by a program as it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final, Literal
from unittest import mock
from uuid import UUID

from sqlite_utils import Database

from kiosk import rows, schema
from kiosk.carrier import Carrier
from kiosk.contract.acknowledgements import Acknowledgement, SignedAcknowledgement
from kiosk.contract.base import SigningKey
from kiosk.contract.messages import BatchAnswer, ItemAnswer
from kiosk.contract.records import Record
from kiosk.counter import Counter
from kiosk.errors import Declined, NotCentral
from kiosk.pen import Entry, Pen, Place
from kiosk.rows import Answered, Waiting

Mutant = Callable[[], AbstractContextManager[object]]
Part = Literal["kills", "tampering", "power cuts", "kills of central", "scenes", "block log"]
"""Of the engine's work."""


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
    write = Pen.write

    def over(pen: Pen, db: Database, entry: Entry, place: Place, last: Record | None) -> Record | None:
        if last is not None and last.header.seq > 2:
            db.execute("DELETE FROM prints WHERE record = (SELECT max(n) FROM records)")
            db.execute("DELETE FROM records WHERE n = (SELECT max(n) FROM records)")
            last = rows.last_of(db, place[0])
        return write(pen, db, entry, place, last)

    return mock.patch.object(Pen, "write", over)


def declined_dropped() -> AbstractContextManager[object]:
    """What is refused, by whomever, is taken for done."""
    deliver = Carrier._deliver

    async def dropping(carrier: Carrier, batch: Sequence[Waiting]) -> Answered:
        try:
            return await deliver(carrier, batch)
        except (Declined, NotCentral):
            items = tuple(ItemAnswer(id=waiting.id, outcome="stored") for waiting in batch)
            await carrier.outbox.answered(batch, BatchAnswer(answers=items, contiguous=0))
            return list(zip(batch, items, strict=True))

    return mock.patch.object(Carrier, "_deliver", dropping)


def another_servers_acknowledgement_believed() -> AbstractContextManager[object]:
    """Nobody looks who signed what central is said to have."""

    def believed(
        signed: SignedAcknowledgement, keys: Iterable[SigningKey], *, kiosk: str, ledger: bytes
    ) -> Acknowledgement:
        del keys, kiosk, ledger
        return Acknowledgement.decode(signed.statement)

    return mock.patch.object(SignedAcknowledgement, "verified", believed)


@contextmanager
def directory_not_synced() -> Iterator[object]:
    """A rename is not made durable."""
    with (
        mock.patch("kiosk.files.sync_folder"),
        mock.patch("kiosk.ledger.sync_folder"),
        mock.patch("kiosk.setting_aside.sync_folder"),
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


MUTANTS: Final[dict[str, tuple[Mutant, Part]]] = {
    "synchronous-off": (synchronous_off, "power cuts"),
    "mark-before-acknowledgement": (mark_before_acknowledgement, "kills"),
    "print-before-sent": (print_before_sent, "kills"),
    "seq-reused": (seq_reused, "kills"),
    "declined-dropped": (declined_dropped, "scenes"),
    "altered-resend-taken": (altered_resend_taken, "tampering"),
    "directory-not-synced": (directory_not_synced, "power cuts"),
    "another-servers-acknowledgement-believed": (another_servers_acknowledgement_believed, "scenes"),
}
"""Each with the part of the work that is done first, because it is the likeliest to find it."""


def mutated(name: str) -> AbstractContextManager[object]:
    """The program broken in that way; "" leaves it whole. Raises KeyError."""
    return MUTANTS[name][0]() if name else nullcontext()
