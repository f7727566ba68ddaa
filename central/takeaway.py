"""What a kiosk without a line sends by hand: taken as from the line, and answered in a file beside it.

The whole file is read and checked before anything of it is taken; taking it twice does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy.exc import OperationalError

from central import devices, intake, roots
from central.command_line import Keys, Url, fail, things
from central.database import Database
from central.errors import Refused
from central.voice import Voice
from kiosk.contract.base import SigningKey
from kiosk.contract.batches import BatchStatement, key_id
from kiosk.contract.errors import BadSignature, ContractError, NotForHere
from kiosk.contract.messages import Batch, BatchAnswer, ItemAnswer, Outcome
from kiosk.contract.signed import Signed
from kiosk.contract.takeaway import (
    AnswerHead,
    AnswerLine,
    BadFile,
    Lines,
    Reading,
    Statement,
    TakeawayHead,
    Unreadable,
    read_back,
    read_line,
    written_durably,
)

log = logging.getLogger("central.takeaway")

SUFFIX: Final = ".ack"


class NotTaken(Exception):
    """Nothing of a file was taken; the message says whose it is and why."""


@dataclass(kw_only=True)
class Taken:
    """What a file held, and what became of it."""

    kiosk: str
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    """Places between the records of a ledger that the file has nothing of."""

    def count(self, answer: BatchAnswer) -> None:
        for item in answer.answers:
            self.outcomes[item.outcome] = self.outcomes.get(item.outcome, 0) + 1


def take(database: Database, voice: Voice, file: Path, now: Callable[[], datetime]) -> Taken:
    """Takes the records in ``file`` and writes the answer beside it. Raises NotTaken, BadKeys."""
    of = ""
    try:
        with file.open("rb") as opened:
            reading = Reading(opened, TakeawayHead)
            of = f"of kiosk {reading.head.kiosk}: "
            taken = Taken(kiosk=reading.head.kiosk)
            said = _checked(reading, _key_of(database, reading.head), taken)
            opened.seek(0)
            _take_all(database, voice, Reading(opened, TakeawayHead), said, _answer_to(file), taken, now)
    except OSError as error:
        raise NotTaken(f"{error.filename or file}: {of}{error.strerror}") from error
    except (ContractError, ValueError) as error:
        raise NotTaken(f"{file}: {of}{error}") from error
    except Refused as error:
        raise NotTaken(f"{file}: {of}{error.problem.title} ({error.problem.code})") from error
    except OperationalError as error:
        raise NotTaken(f"{file}: {of}the database does not answer; import it once more") from error
    return taken


def _key_of(database: Database, head: TakeawayHead) -> SigningKey:
    """The key that has to have signed it: the kiosk's, or for a kiosk that is not known yet the one that it brings."""
    device = head.device
    if device.id != key_id(device.suite, device.public):
        raise BadSignature("the key is not what its name says")
    with database.reading() as connection:
        known = devices.key_of(connection, head.kiosk)
    if known is not None and known != device:
        raise NotForHere("signed by another machine than the one that is known here by that name")
    return known or device


def _checked(reading: Reading[TakeawayHead], key: SigningKey, taken: Taken) -> Statement:
    """Reads all of it. Raises ContractError where one line is not the kiosk's own, or a line is missing."""
    ends: dict[str, int] = {}
    for line in reading.lines():
        batch = read_line(line, Batch)
        if batch.kiosk != taken.kiosk:
            raise NotForHere(f"it holds records of kiosk {batch.kiosk}")
        said = _signed(batch, key)
        if ends.get(batch.ledger, said.first_seq - 1) < said.first_seq - 1:
            taken.gaps.append(f"ledger {batch.ledger}: seq {ends[batch.ledger] + 1} to {said.first_seq - 1}")
        ends[batch.ledger] = max(said.last_seq, ends.get(batch.ledger, 0))
    return reading.verify([key])


def _signed(batch: Batch, key: SigningKey) -> BatchStatement:
    if batch.signature is None:
        raise BadSignature("a line of it is not signed")
    octets = [(wire.header, wire.sealed) for wire in batch.records]
    return batch.signature.verified(key, kiosk=batch.kiosk, ledger=bytes.fromhex(batch.ledger), records=octets)


def _take_all(
    database: Database,
    voice: Voice,
    reading: Reading[TakeawayHead],
    said: Statement,
    beside: Path,
    taken: Taken,
    now: Callable[[], datetime],
) -> None:
    listed = _listed(database, voice)
    head = AnswerHead(kiosk=said.kiosk, suite=voice.key.suite, made_at=now(), of=said.digest, keys=listed)
    with written_durably(beside) as file:
        lines = Lines(file, head, voice.key, voice.sign)
        for line in reading.lines():
            batch = read_line(line, Batch)
            answer = intake.take(database, voice, batch, now())
            taken.count(answer)
            lines.add(AnswerLine(ledger=batch.ledger, answer=_without_persons(answer)))
        if reading.digest != said.digest:
            raise BadFile("it changed while it was read")
        digest = lines.end()
    read_back(beside, AnswerHead, digest)


def _listed(database: Database, voice: Voice) -> Signed | None:
    """What the root signed last, where this voice is in it: a kiosk goes by that list, and would refuse another's."""
    newest = roots.newest(database)
    return None if newest is None or voice.key not in newest.acknowledgement else newest.rooted


def _without_persons(answer: BatchAnswer) -> BatchAnswer:
    """What travels on a stick says of a matter its state alone."""
    return answer.model_copy(update={"answers": tuple(map(_state_alone, answer.answers))})


def _state_alone(item: ItemAnswer) -> ItemAnswer:
    if item.matter is None:
        return item
    return item.model_copy(
        update={"matter": item.matter.model_copy(update={"number": None, "text": None, "until": None})}
    )


def _answer_to(file: Path) -> Path:
    return file.with_name(file.name + SUFFIX)


# -- the command -------------------------------------------------------------------------------------------------------


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``app``."""

    @app.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="What `python main.py outbox export` or `salvage` wrote.")],
        db: Url = None,
        keys: Keys = None,
    ) -> None:
        """Take the records that somebody carried here, and write the answer to FILE.ack, for the kiosk.

        Importing a file again does no harm. Exit code 1: nothing was taken, or not all; the kiosk is named, and why.
        """
        with things(db, keys) as (database, folder):
            rooted = roots.newest(database)
            among = None if rooted is None else rooted.acknowledgement
            voice = Voice(folder.acknowledgement_pair(datetime.now(UTC), among))
            try:
                taken = take(database, voice, file, lambda: datetime.now(UTC))
            except (NotTaken, Unreadable) as error:
                fail(str(error), 1)
        for line in _in_words(taken, _answer_to(file)):
            typer.echo(line)


def _in_words(taken: Taken, answer: Path) -> Iterator[str]:
    counts = ", ".join(f"{outcome} {count}" for outcome, count in sorted(taken.outcomes.items())) or "no records"
    yield f"kiosk {taken.kiosk}: {counts}"
    for gap in taken.gaps:
        yield f"  missing  {gap}"
    yield f"answer: {answer}, to be carried back: python main.py outbox acknowledge {answer.name}"
