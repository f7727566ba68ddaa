"""The oracle: what was promised, compared with what central and its authorities have. It reads their databases and asks
nobody."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from kiosk import schema
from kiosk.contract.records import Header
from tests.faults.ear import Heard
from tests.faults.printer_end import PrinterEnd
from tests.faults.pushed import KINDS, version_held
from tests.faults.small_files import held

EFFECTS = ("demonstration_filings", "demonstration_services", "demonstration_deeds")
"""What the authorities remember of having done."""


@dataclass
class Verdict:
    """What is off, counted; ``findings`` say what. ``central``: promises that central has."""

    promised: int = 0
    central: int = 0
    lost: int = 0
    receipts_doubled: int = 0
    filings_doubled: int = 0
    findings: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Counts another one too."""
        self.promised += other.promised
        self.central += other.central
        self.lost += other.lost
        self.receipts_doubled += other.receipts_doubled
        self.filings_doubled += other.filings_doubled
        self.findings += other.findings

    @property
    def bad(self) -> bool:
        """Whether anything is off."""
        return bool(self.lost or self.receipts_doubled or self.filings_doubled or self.findings)


@dataclass(frozen=True)
class Central:
    """The files behind central and its authorities."""

    database: Path
    sandbox: Path

    def records(self, kiosk: str) -> Counter[UUID]:
        """How often it has each record of a kiosk."""
        with reading(self.database) as db:
            rows = db.execute("SELECT id FROM records WHERE kiosk = ? AND outcome = 'stored'", [kiosk]).fetchall()
        return Counter(UUID(row[0]) for row in rows if row[0] is not None)

    def numbers(self, kiosk: str) -> set[str]:
        """The registration numbers of a kiosk's records, and of those that came in the place of another."""
        sql = """
            SELECT header FROM records WHERE kiosk = ?1
            UNION ALL SELECT header FROM quarantine WHERE kiosk = ?1 AND outcome = 'conflict'
        """
        with reading(self.database) as db:
            headers = [row[0] for row in db.execute(sql, [kiosk])]
        return {str(Header.decode(header).number) for header in headers}

    def quarantined(self, kiosk: str) -> dict[UUID, str]:
        """What it keeps aside, and why."""
        with reading(self.database) as db:
            rows = db.execute("SELECT id, why FROM quarantine WHERE kiosk = ? AND id IS NOT NULL", [kiosk]).fetchall()
        return {UUID(row[0]): row[1] for row in rows}

    def gaps(self, kiosk: str) -> list[str]:
        """Ledgers of a kiosk whose records do not follow one another."""
        with reading(self.database) as db:
            rows = db.execute(
                "SELECT ledger, count(*), max(seq) FROM records WHERE kiosk = ? GROUP BY ledger", [kiosk]
            ).fetchall()
        return [f"{ledger[:8]}: {count} of {last}" for ledger, count, last in rows if count != last]

    def unfinished(self) -> int:
        """Filings of which nobody knows yet whether they went out, and records that nobody looked at."""
        with reading(self.database) as db:
            sending = db.execute("SELECT count(*) FROM filings WHERE state = 'sending'").fetchone()[0]
            fresh = db.execute(
                """
                SELECT count(*) FROM work w WHERE NOT EXISTS (
                    SELECT 1 FROM records r JOIN filings f ON f.kiosk = r.kiosk AND f.id = r.id
                    WHERE r.kiosk = w.kiosk AND r.ledger = w.ledger AND r.seq = w.seq)
                """
            ).fetchone()[0]
        return int(sending + fresh)

    def doubled_filings(self) -> list[str]:
        """Records that reached an authority more than once, and what reached it from no record."""
        done: Counter[str] = Counter()
        with reading(self.sandbox) as db:
            for table in EFFECTS:
                done.update(row[0] for row in db.execute(f"SELECT ours FROM {table}"))
        with reading(self.database) as db:
            owners = dict(db.execute("SELECT ours, kiosk || ' ' || id FROM filing_numbers"))
        per_record = Counter(owners[ours] for ours in done.elements() if ours in owners)
        strangers = [ours for ours in done if ours not in owners and not ours.startswith("register:")]
        return [f"{record} filed {count} times" for record, count in per_record.items() if count > 1] + [
            f"{ours} filed under a number that central does not know" for ours in strangers
        ]


def compare(kiosk: str, heard: Heard, rows: Central, printer: PrinterEnd, outbox: Path) -> Verdict:
    """What one kiosk promised, and what became of it, after it had time to deliver."""
    verdict = Verdict(promised=len(heard.promised))
    there, aside, numbers = rows.records(kiosk), rows.quarantined(kiosk), rows.numbers(kiosk)
    for id_, number in heard.promised.items():
        if there[id_] == 1 or id_ in aside:
            verdict.central += 1
        else:
            verdict.lost += 1
            verdict.findings.append(f"{number} ({id_}) was promised, central has it {there[id_]} times")
    prefix = kiosk.replace("-", "") + "-"
    for number in sorted(printer.begun - numbers):
        if number.startswith(prefix) and number not in heard.promised.values():
            verdict.lost += 1
            verdict.findings.append(f"{number} stands on paper, central does not know it")
    of_kiosk = [paper for paper in printer.papers if paper.number.startswith(prefix) and not paper.copy]
    for (number, sort), count in Counter((paper.number, paper.sort) for paper in of_kiosk).items():
        if count > 1:
            verdict.receipts_doubled += count - 1
            verdict.findings.append(f"{number}: {count} unmarked receipts ({sort})")
    begun = {number for number in printer.begun if number.startswith(prefix)}
    try:
        unprinted = not_printed(outbox)
    except sqlite3.Error as error:
        there_now = ", ".join(sorted(f"{file.name} {file.stat().st_size}" for file in outbox.parent.iterdir()))
        verdict.findings.append(f"{kiosk}: its outbox cannot be read, {error} ({there_now})")
        unprinted = set()
    for number in sorted(begun & unprinted):
        verdict.receipts_doubled += 1
        verdict.findings.append(f"{number} went to the printer, and the journal says that it was not printed")
    verdict.findings += [f"{kiosk}: a gap at central, {gap}" for gap in rows.gaps(kiosk)]
    return verdict


def marked_early(kiosk: str, rows: Central, outbox: Path) -> list[str]:
    """Records that count as central's on the kiosk, and that central does not have: nobody would send them again."""
    try:
        states = kept_in(outbox) if outbox.exists() else {}
    except sqlite3.OperationalError:  # no table yet: a first start was cut off
        return []
    there = rows.records(kiosk).keys() | rows.quarantined(kiosk).keys()
    early = [id_ for id_, state in states.items() if state == "stored" and id_ not in there]
    return [f"{kiosk}: {id_} counts as stored, and central does not have it" for id_ in early]


def files_lost(kiosk: str, heard: Heard, data: Path) -> list[str]:
    """Small files, catalogues and settings that hold less than the kiosk said they do."""
    lost = []
    for name, said in heard.holds.items():
        holds = version_held(data, name) if name in KINDS else held(data, name)
        if holds < said:
            lost.append(f"{kiosk}: {name} held {said} before the end and {holds} after it")
    return lost


def not_printed(outbox: Path) -> set[str]:
    """Numbers whose latest print never began, by the kiosk's own journal: somebody may print them again."""
    if not outbox.exists():
        return set()
    with schema.open_to_read(outbox) as db:
        rows = db.execute(
            """
            SELECT r.header FROM prints p JOIN records r ON r.n = p.record
            WHERE p.n IN (SELECT max(n) FROM prints GROUP BY record) AND p.state IN ('not printed', 'intended')
            """
        ).fetchall()
    return {str(Header.decode(row[0]).number) for row in rows}


def kept_in(outbox: Path) -> dict[UUID, str]:
    """Ids of the records in an outbox, and their states. Raises sqlite3.Error, ContractError."""
    with schema.open_to_read(outbox) as db:
        return {UUID(bytes=row[0]): row[1] for row in db.execute("SELECT id, state FROM records")}


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """A database that somebody else writes."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20.0)) as db:
        yield db
