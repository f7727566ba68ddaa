"""Records carried to central by hand, where no line leads: the file that is taken away, and what central answers.

Reads beside a running kiosk and changes nothing there; what is acknowledged is noted as if the line had brought it.
What travels is ``contract.takeaway``: sealed records, of which whoever finds the stick can read nothing.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from uuid import UUID

from sqlite_utils import Database

from kiosk import acknowledging, schema, soundness
from kiosk.acknowledging import Heard
from kiosk.contract.base import SigningKey
from kiosk.contract.batches import Octets, Signer
from kiosk.contract.errors import ContractError
from kiosk.contract.messages import Batch, BatchAnswer, ItemAnswer, Keys, Outcome, WireRecord
from kiosk.contract.records import Header
from kiosk.contract.signed import Signed
from kiosk.contract.takeaway import (
    AnswerHead,
    AnswerLine,
    BadFile,
    Lines,
    Reading,
    TakeawayHead,
    Unreadable,
    read_back,
    read_line,
    written_durably,
)
from kiosk.errors import NotCentral, NotKept
from kiosk.files import write_durably
from kiosk.keyring import brought, sealing_key
from kiosk.ledger import Ledger, Waiting
from kiosk.pinning import overlap

RECORDS_AT_ONCE: Final = 100
OCTETS_AT_ONCE: Final = 512 * 1024
"""Of one batch, as on the line."""

_log = logging.getLogger(__name__)


class NotWritten(Exception):
    """The file could not be written where it was to be; the message says why."""


class NotTaken(Exception):
    """Nothing of the file was taken; the message says whose it is and why."""


class KeysRefused(NotTaken):
    """Nothing was taken: the list of keys that came with it is not the root's."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """Some records of one ledger, in order."""

    kiosk: str
    ledger: bytes
    records: Sequence[Octets]


@dataclass(kw_only=True)
class Written:
    """What a file holds."""

    records: int = 0
    ledgers: set[bytes] = field(default_factory=set)


# -- taking away -------------------------------------------------------------------------------------------------------


def kiosks_in(path: Path) -> dict[str, int]:
    """The kiosks whose records lie in an outbox, the present one last, and how many central does not have of each.

    Raises NotKept.
    """
    try:
        with schema.open_to_read(path) as db:
            rows = db.execute(
                "SELECT l.kiosk, sum(r.state = 'pending') FROM ledgers l LEFT JOIN records r ON r.ledger = l.n"
                " GROUP BY l.kiosk ORDER BY max(r.n)"
            ).fetchall()
    except sqlite3.Error as error:
        raise NotKept("broken", schema.code_of(error)[1]) from error
    return {kiosk: pending or 0 for kiosk, pending in rows}


def newest_in(path: Path) -> Header | None:
    """The header of what was recorded last: the name that this kiosk has, and its mode. Raises NotKept."""
    try:
        with schema.open_to_read(path) as db:
            row = db.execute("SELECT header FROM records ORDER BY n DESC LIMIT 1").fetchone()
        return None if row is None else Header.decode(row[0])
    except ContractError as error:
        raise NotKept("broken", str(error)) from error
    except sqlite3.Error as error:
        raise NotKept("broken", schema.code_of(error)[1]) from error


def runs_in(path: Path, kiosk: str, *, everything: bool) -> Iterator[Run]:
    """What central does not have of a kiosk's records, or everything that is here, in batches. Raises NotKept."""
    query, last = (_ALL if everything else _PENDING), 0
    while True:
        try:
            with schema.open_to_read(path) as db:
                rows = db.execute(query, [kiosk, last, RECORDS_AT_ONCE]).fetchall()
        except sqlite3.Error as error:
            raise NotKept("broken", schema.code_of(error)[1]) from error
        if not rows:
            return
        last = rows[-1][0]
        yield from in_batches(kiosk, ((ledger, (header, sealed)) for _, ledger, header, sealed in rows))


_ALL: Final = """
    SELECT r.n, l.ledger, r.header, r.sealed FROM records r JOIN ledgers l ON l.n = r.ledger
    WHERE l.kiosk = ? AND r.n > ? ORDER BY r.n LIMIT ?
"""
_PENDING: Final = """
    SELECT r.n, l.ledger, r.header, r.sealed FROM records r JOIN ledgers l ON l.n = r.ledger
    WHERE l.kiosk = ? AND r.n > ? AND r.state = 'pending' ORDER BY r.n LIMIT ?
"""


def in_batches(kiosk: str, records: Iterable[tuple[bytes, Octets]]) -> Iterator[Run]:
    """Records with the ledgers that they are of, as runs of one ledger that fit into a batch."""
    run: list[Octets] = []
    of, octets = b"", 0
    for ledger, record in records:
        size = sum(map(len, record))
        if run and (ledger != of or octets + size > OCTETS_AT_ONCE or len(run) == RECORDS_AT_ONCE):
            yield Run(kiosk=kiosk, ledger=of, records=run)
            run, octets = [], 0
        run.append(record)
        of, octets = ledger, octets + size
    if run:
        yield Run(kiosk=kiosk, ledger=of, records=run)


def unsigned(run: Run) -> Batch:
    """The run as it goes over the line."""
    wires = tuple(WireRecord(header=header, sealed=sealed) for header, sealed in run.records)
    return Batch(kiosk=run.kiosk, ledger=run.ledger.hex(), records=wires)


def write(out: Path, runs: Iterable[Run], kiosk: str, device: Signer, now: datetime) -> Written:
    """Writes a takeaway, makes it durable, reads it back and compares. Raises NotWritten, and what ``runs`` raises.

    Where there is nothing to take away, no file is written.
    """
    written = Written()
    runs = iter(runs)
    first = next(runs, None)
    if first is None:
        return written
    if out.exists():
        raise NotWritten(f"{out}: is there already; give another name, or delete it")
    key = SigningKey(id=device.id, suite=device.suite, public=device.public)
    head = TakeawayHead(kiosk=kiosk, suite=device.suite, made_at=now, device=key)
    try:
        with written_durably(out) as file:
            lines = Lines(file, head, key, device.sign)
            for run in chain([first], runs):
                lines.add(unsigned(run).signed_by(device))
                written.records += len(run.records)
                written.ledgers.add(run.ledger)
            digest = lines.end()
        read_back(out, TakeawayHead, digest)
    except OSError as error:
        raise NotWritten(f"{out}: {_WHY.get(error.errno or 0, error.strerror)}") from error
    except Unreadable as error:
        with suppress(OSError):
            out.unlink()
        raise NotWritten(f"{out}: {error}") from error
    return written


class Central(Protocol):
    """What sending asks of ``central.CentralClient``, which signs by the machine's key. Blocking."""

    def keys(self) -> Keys: ...

    def send(self, batch: Batch) -> BatchAnswer: ...


def send(central: Central, pinned: Keys, runs: Iterable[Run]) -> dict[Outcome, int]:
    """Sends records as the line does, and counts what central makes of them. Raises Unavailable, Declined."""
    if not overlap(pinned, central.keys()):
        raise NotCentral("its keys are not the pinned ones")
    outcomes: dict[Outcome, int] = {}
    for run in runs:
        for item in central.send(unsigned(run)).answers:
            outcomes[item.outcome] = outcomes.get(item.outcome, 0) + 1
    return outcomes


# -- central's answer --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """What this kiosk knows central by. ``told_root`` is the hash of the root key, where the machine was told; ``keys``
    None: those in ``file`` were lost."""

    file: Path
    keys: Keys | None
    told_root: str | None = None

    def after(self, listed: Signed | None) -> Keys:
        """The keys to go by where an answer brings such a list. Raises _BadList, BadFile."""
        try:
            keys = brought(self.keys, listed, self.told_root)
        except ContractError as error:
            raise _BadList(f"its list of keys is not taken: {error}") from error
        if keys is None:
            raise BadFile("no keys of central's are known here, and it brings none")
        return keys

    def replace_by(self, keys: Keys) -> None:
        """Raises NotKept."""
        try:
            write_durably(self.file, keys.model_dump_json().encode())
        except OSError as error:
            raise NotKept("broken", f"{self.file.name}: {error.strerror}") from error


class _BadList(ContractError):
    """A list of keys that the root did not sign."""


@dataclass(kw_only=True)
class Noted:
    """What an answer changed here. ``elsewhere``: answers about records that do not wait here (any more). ``left``:
    about records that central took then, and that no acknowledgement which is believed covers: they are sent again.
    ``keys`` came with it and are pinned."""

    stored: int = 0
    quarantined: int = 0
    elsewhere: int = 0
    left: int = 0
    keys: Keys | None = None


def acknowledge(answer: Path, ledger: Ledger, pinned: Pinned, *, alone: bool) -> Noted:
    """Notes central's answer to a takeaway, as if the line had brought it, under whichever name of this kiosk the
    records were written. Raises NotTaken, NotKept.

    ``alone``: no kiosk runs here. One that runs goes on in the ledger and by the keys that it knows: beside it nothing
    is taken of an answer by which another ledger begins, or that brings newer keys.
    """
    noted = Noted()
    try:
        if (damage := soundness.examine(ledger.path)) is not None:
            raise NotKept("broken", damage.what)
        with answer.open("rb") as file:
            reading = Reading(file, AnswerHead)
            for line in reading.lines():
                read_line(line, AnswerLine)
            if reading.head.kiosk not in kiosks_in(ledger.path):
                raise BadFile(f"this is kiosk {ledger.kiosk}")
            reading.demand_whole()
            keys = pinned.after(reading.head.keys)
            reading.verify(keys.acknowledgement)
            if (sealing := sealing_key(keys)) is None:
                raise NotKept("no keys", "no suite in common")
            if not alone and keys != pinned.keys:
                raise BadFile("newer keys come with it: end the kiosk, then once more")
            if not alone and any(_ends_a_ledger(ledger, each, keys) for each in _lines(file)):
                raise BadFile("another ledger begins by it: end the kiosk, then once more")
            if keys != pinned.keys:
                pinned.replace_by(keys)
                noted.keys = keys
            ledger.use_key(sealing, keys.acknowledgement)
            for answered in _lines(file):
                _note(ledger, answered, keys, noted)
    except (ContractError, OSError) as error:
        refused = KeysRefused if isinstance(error, _BadList) else NotTaken
        raise refused(f"{answer}: {whose(answer, AnswerHead)}{_words(error)}") from error
    except sqlite3.Error as error:
        raise NotKept("broken", schema.code_of(error)[1]) from error
    return noted


def _lines(file: BinaryIO) -> Iterator[AnswerLine]:
    """From the first on."""
    file.seek(0)
    return (read_line(line, AnswerLine) for line in Reading(file, AnswerHead).lines())


def _note(ledger: Ledger, line: AnswerLine, keys: Keys, noted: Noted) -> None:
    """A file may be older than what was heard since: what central took then, a backup may have lost. Nothing is settled
    but what its word covers that is believed now, and a conflict, by which the ledger ends."""
    with schema.open_to_read(ledger.path) as db:
        heard = _heard(db, line, keys)
        up_to = _believed(db, line) if heard is None else heard.said.seq
    pairs: list[tuple[Waiting, ItemAnswer]] = []
    for item in line.answer.answers:
        waiting = ledger.waiting(item.id) if isinstance(item.id, UUID) else None
        if waiting is None or waiting.ledger.hex() != line.ledger:
            noted.elsewhere += 1
            continue
        if waiting.seq > up_to and item.outcome != "conflict":
            noted.left += 1
            continue
        pairs.append((waiting, item))
        if item.outcome in ("stored", "duplicate"):
            noted.stored += 1
        else:
            noted.quarantined += 1
    signed = None if heard is None else heard.signed
    if pairs:
        update = {"answers": tuple(item for _, item in pairs), "acknowledgement": signed}
        ledger.answered([waiting for waiting, _ in pairs], line.answer.model_copy(update=update))
    elif signed is not None:
        ledger.acknowledged(bytes.fromhex(line.ledger), signed)


def _heard(db: Database, line: AnswerLine, keys: Keys) -> Heard | None:
    """What the line acknowledges. None where it is not believed, or older than what is: not even if it is less, for
    what came after it would then count as more."""
    signed = line.answer.acknowledgement
    if signed is None:
        return None
    try:
        heard = acknowledging.hear(db, bytes.fromhex(line.ledger), signed, keys.acknowledgement)
    except ContractError as error:
        _log.warning("an acknowledgement is not believed: %s", error)
        return None
    return None if heard.noted_at is not None and heard.said.at < heard.noted_at else heard


def _believed(db: Database, line: AnswerLine) -> int:
    """Up to which seq central has its ledger, by what was heard before."""
    row = db.execute("SELECT n FROM ledgers WHERE ledger = ?", [bytes.fromhex(line.ledger)]).fetchone()
    said = None if row is None else acknowledging.believed(db, row[0])
    return 0 if said is None else said.seq


def _ends_a_ledger(ledger: Ledger, line: AnswerLine, keys: Keys) -> bool:
    """Whether another begins by it: central has another record in place of one of ours, or more than lies here."""
    with schema.open_to_read(ledger.path) as db:
        current = db.execute(
            "SELECT n, ledger FROM ledgers WHERE kiosk = ? ORDER BY n DESC LIMIT 1", [ledger.kiosk]
        ).fetchone()
        if current is None or current[1].hex() != line.ledger:
            return False
        for item in line.answer.answers:
            if item.outcome == "conflict" and isinstance(item.id, UUID):
                place = [item.id.bytes, current[0]]
                if db.execute(_ENDING, place).fetchone() is not None:
                    return True
        heard = _heard(db, line, keys)
    return heard is not None and heard.verdict == "ahead"


_ENDING: Final = "SELECT 1 FROM records WHERE id = ? AND ledger = ? AND state = 'pending' AND seq > 1"


def whose(file: Path, head: type[TakeawayHead] | type[AnswerHead]) -> str:
    """Of which kiosk a file says that it is, in words before the reason why it is not taken."""
    try:
        with file.open("rb") as opened:
            return f"of kiosk {Reading(opened, head).head.kiosk}: "
    except (ContractError, OSError):
        return ""


_WHY: Final = {
    errno.ENOSPC: "there is no room for it",
    errno.EDQUOT: "there is no room for it",
    errno.EFBIG: "there is no room for it",
    errno.EROFS: "is on a medium that is write-protected",
    errno.EIO: "the medium fails, or was pulled out",
    errno.ENODEV: "the medium was pulled out",
    errno.ENXIO: "the medium was pulled out",
}


def _words(error: ContractError | OSError) -> str:
    return error.strerror or "cannot be read" if isinstance(error, OSError) else str(error)
