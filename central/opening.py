"""What the opener does with one record after another: opens it, counts or files what it says, notes what became of it.

Each step may be cut off by a power cut and is then done again: a filing goes out under one number of ours and is asked
for before it is sent again (``filings``), and the note of its outcome and the end of the work are one commit. Taking
work up puts it off to a later time first, so that a record that ends the opener does not keep it from all others.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, true, update
from sqlalchemy.exc import DataError

from central import appointments, auditing, codes, confirming, filings, live, papers, ratings, roots, uploads, vouching
from central.authorities.asking import one_task
from central.database import Database, insert
from central.errors import where
from central.insured_places import InsuredPlaces
from central.keys import BadKeys, KeyFolder, SealingPair, SigningPair
from central.people import References
from central.submitting import (
    Submitted,
    applicant_of,
    fate_of,
    item_of,
    no_telephone,
    office_of,
    papers_of,
    question_to,
    submit,
    summary_of,
)
from central.tables import (
    check_ins,
    nonces,
    openers,
    records,
    sealing_keys,
    settings_keys,
    work,
)
from central.tables import codes as codes_table
from central.tasks import Task, done, look_now, note, put_off, settle, tell
from central.upstream import Fate, NotGranted, NotOffered, NumberTaken, Unanswered, Upstreams
from central.working_days import load_working_days
from kiosk.contract.acts import (
    Genesis,
    ProxyRequest,
    Rating,
    RemoteCareFiling,
    RiderCheckIn,
    RiderCorrection,
)
from kiosk.contract.appointments import Appointment, AppointmentCancellation
from kiosk.contract.audit import AuditEvent
from kiosk.contract.errors import BadPayload
from kiosk.contract.filings import ServiceFiling
from kiosk.contract.live import LiveAct, RemoteCareWithdrawal
from kiosk.contract.messages import Matter
from kiosk.contract.papers import Papers
from kiosk.contract.ratings import ReasonedRating
from kiosk.contract.records import Record, open_sealed
from kiosk.contract.registry import ACTS, LIVE
from kiosk.contract.remote_care import RemoteCareFiling2

log = logging.getLogger("central.opener")

AT_ONCE: Final = 20
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
SPEAKS_EVERY: Final = 10.0
"""Seconds: whoever hears nothing of the opener for thirty takes it for dead."""
CODES_KEPT: Final = timedelta(days=40)
NONCES_KEPT: Final = timedelta(minutes=10)


class NotYet(Exception):
    """A record that may become readable later: its key or its kind is not known here."""


class Unreadable(Exception):
    """A record that does not open, or that holds what no database can; the message says which."""


class Opening:
    """The opener's work. One thread at a time; several openers on one database do no harm."""

    def __init__(
        self,
        *,
        database: Database,
        folder: KeyFolder,
        references: References,
        upstreams: Upstreams,
        now: Callable[[], datetime],
        places: InsuredPlaces,
        public_url: str,
        name: str = "opener",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``public_url``: where telephones reach the public pages."""
        self._monotonic = monotonic
        self._spoke = monotonic()
        self._public_url = public_url.rstrip("/")
        self._name = name
        self._places = places
        self._database = database
        self._folder = folder
        self._references = references
        self._upstreams = upstreams
        self._now = now
        self._working_days = load_working_days()
        self._desks = appointments.Desks()
        self._pairs: dict[str, SealingPair] = {}

    def publish_keys(self) -> None:
        """Reads the key files, makes one where none holds, and publishes the public halves. Raises BadKeys."""
        pairs = self._folder.sealing_pairs(self._now())
        self._pairs = {pair.id: pair for pair in pairs}
        rooted = roots.newest(self._database)
        signing: SigningPair | None = None
        try:
            signing = self._folder.settings_pair(self._now(), None if rooted is None else rooted.settings)
        except BadKeys as error:  # what was recorded is opened all the same
            log.warning("nothing can be published: %s", error)
        if rooted is not None and (missing := {key.id for key in rooted.sealing} - self._pairs.keys()):
            log.error("kiosks seal to keys that are not here: %s", ", ".join(sorted(missing)))
        with self._database.writing() as connection:
            known = set(connection.execute(select(sealing_keys.c.id)).scalars())
            last = connection.execute(select(func.max(sealing_keys.c.version))).scalar() or 0
            for pair in reversed(pairs):
                if pair.id in known:
                    continue
                last += 1
                connection.execute(
                    insert(connection, sealing_keys).values(
                        version=last, id=pair.id, suite=pair.suite, public=pair.public, not_after=pair.not_after
                    )
                )
            if signing is not None:
                connection.execute(
                    insert(connection, settings_keys)
                    .values(id=signing.id, suite=signing.suite, public=signing.public, since=signing.made_at)
                    .on_conflict_do_nothing()
                )

    def say_awake(self) -> None:
        """Notes that the opener lives, ends what nobody confirmed, and forgets what need not be kept."""
        now = self._now()
        self._spoke = self._monotonic()
        with self._database.writing() as connection:
            connection.execute(
                insert(connection, openers)
                .values(name=self._name, at=now)
                .on_conflict_do_update(index_elements=["name"], set_={"at": now})
            )
            connection.execute(delete(openers).where(openers.c.at < now - timedelta(days=1)))
            connection.execute(delete(codes_table).where(codes_table.c.sent_at < now - CODES_KEPT))
            connection.execute(delete(nonces).where(nonces.c.at < now - NONCES_KEPT))
            confirming.end_unconfirmed(connection, now)
            uploads.forget(connection, now)
            confirming.forget(connection, now)

    def work_off(self) -> int:
        """Does what is due, at most a handful, and says how much it took up. Whoever stands at a kiosk and waits goes
        first, before each of the others."""
        tasks = self._take_up()
        for task in tasks:
            if task.record.header.kind not in LIVE:
                self._meanwhile()
            self._attend(task)
        return len(tasks)

    def _meanwhile(self) -> None:
        """What waits for no other work: whoever stands at a kiosk, and a word that the opener lives."""
        for waiting in self._take_up(only_live=True):
            self._attend(waiting)
        self._be_heard()

    def _be_heard(self) -> None:
        if self._monotonic() - self._spoke >= SPEAKS_EVERY:
            self.say_awake()

    def _attend(self, task: Task) -> None:
        self._be_heard()
        try:
            with one_task():
                self._do(task)
        except NotYet as reason:
            log.warning("kept for later: %s: %s", task.record.header.id, reason)
        except Unanswered as reason:
            log.warning("an authority does not answer: %s: %s", task.record.header.id, reason)
        except NotOffered as item:
            log.warning("kept for later: %s: no form for %s", task.record.header.id, item)
        except NotGranted:
            log.warning("an authority does not say what became of %s", task.record.header.id)
        except Unreadable as reason:
            self._let_lie(task, reason)
        except Exception as error:  # noqa: BLE001 - one record must not keep the others; tried again later
            log.warning("record %s failed: %s", task.record.header.id, where(error))

    def _take_up(self, *, only_live: bool = False) -> list[Task]:
        now = self._now()
        here = (records.c.kiosk == work.c.kiosk) & (records.c.ledger == work.c.ledger) & (records.c.seq == work.c.seq)
        due = (
            select(work, records.c.header, records.c.sealed)
            .select_from(work.join(records, here))
            .where(work.c.due_at <= now, records.c.kind.in_(LIVE) if only_live else true())
            .order_by(
                records.c.kind.in_(LIVE).desc(),
                filings.arrived(records.c.kiosk, records.c.id),
                work.c.due_at,
                work.c.seq,
            )
            .limit(AT_ONCE)
        )
        with self._database.reading() as connection:
            if connection.execute(due.limit(1)).first() is None:
                return []
        with self._database.writing() as connection:
            rows = connection.execute(due.with_for_update(of=work, skip_locked=True)).all()
            for row in rows:
                pause = min(FIRST_PAUSE * 2 ** min(row.tries, 16), LONGEST_PAUSE)
                connection.execute(
                    update(work)
                    .where(work.c.kiosk == row.kiosk, work.c.ledger == row.ledger, work.c.seq == row.seq)
                    .values(due_at=now + pause, tries=row.tries + 1)
                )
        return [
            Task(
                record=Record.read(row.header, row.sealed),
                place=(row.kiosk, row.ledger, row.seq),
                confirmed=row.confirmed,
            )
            for row in rows
        ]

    def _do(self, task: Task) -> None:
        header = task.record.header
        if (header.kind, header.version) not in ACTS:
            raise NotYet(f"kind {header.kind} {header.version} is not known")
        if header.sealing_key not in self._pairs:
            self.publish_keys()  # one that was made a moment ago
        pair = self._pairs.get(header.sealing_key)
        if pair is None:
            raise NotYet(f"sealing key {header.sealing_key} is not here")
        try:
            act = open_sealed(task.record, pair.private)
        except BadPayload as reason:
            raise Unreadable(str(reason)) from None
        if isinstance(act, Genesis | AuditEvent):
            self._note_event(task, act)
        elif header.mode != self._upstreams.mode:
            self._finish(task)
        elif isinstance(act, RiderCheckIn):
            self._count(task, act, header.id)
        elif isinstance(act, RiderCorrection):
            self._count(task, act.check_in, act.corrects)
        elif isinstance(act, Rating | ReasonedRating):
            self._rate(task, act)
        elif isinstance(act, RemoteCareFiling | RemoteCareFiling2 | ServiceFiling):
            self._file(task, act)
        elif isinstance(act, Papers):
            self._add_papers(task, act)
        elif isinstance(act, ProxyRequest):
            self._hand_over(task, act)
        elif isinstance(act, Appointment):
            self._book(task, act)
        elif isinstance(act, AppointmentCancellation):
            self._cancel(task, act)
        elif isinstance(act, LiveAct):
            self._carry_out(task, act)
        else:
            raise NotYet(f"nobody handles {header.kind}")

    def _let_lie(self, task: Task, reason: Unreadable) -> None:
        log.warning("unreadable: %s: %s", task.record.header.id, reason)
        kiosk, ledger, seq = task.place
        with self._database.writing() as connection:
            here = (records.c.kiosk == kiosk) & (records.c.ledger == ledger) & (records.c.seq == seq)
            connection.execute(update(records).where(here).values(outcome="unreadable"))
            done(connection, task)

    @contextmanager
    def _noting(self) -> Iterator[Connection]:
        """A transaction on what the record says, before anything of it goes out. Raises Unreadable. What an authority
        says afterwards makes no record unreadable."""
        try:
            with self._database.writing() as connection:
                yield connection
        except DataError:
            raise Unreadable("text that the database cannot hold") from None

    def _note_event(self, task: Task, act: Genesis | AuditEvent) -> None:
        with self._noting() as connection:
            auditing.keep(connection, task.record.header, act)
            done(connection, task)

    def _finish(self, task: Task) -> None:
        with self._database.writing() as connection:
            done(connection, task)

    def _count(self, task: Task, act: RiderCheckIn, counted: UUID) -> None:
        """A check-in is counted under its own id; a correction rewrites the one it corrects, whichever came first."""
        header = task.record.header
        corrects = counted != header.id
        values = {
            "method": act.method,
            "category": None if act.category is None else act.category.value,
            "services": json.dumps(act.services, ensure_ascii=False),
            "person": None if act.person is None else self._references.of(act.person),
            "happened_at": header.happened_at,
        }
        with self._noting() as connection:
            statement = insert(connection, check_ins).values(kiosk=header.kiosk, id=counted, **values)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["kiosk", "id"], set_=values)
                if corrects
                else statement.on_conflict_do_nothing()
            )
            category = act.category.value if act.category is not None else "-"
            summary = " ".join(["correction" if corrects else act.method, category, *act.services])
            note(connection, task, person=act.person, references=self._references, summary=summary[:200])
            settle(connection, task, Matter(state="sent", at=self._now()))

    def _rate(self, task: Task, act: Rating | ReasonedRating) -> None:
        """Whoever ends the work counts, so that none counts twice."""
        with self._noting() as connection:
            if done(connection, task):
                ratings.take(connection, task.record.header, act, self._working_days)

    def _file(self, task: Task, act: Submitted) -> None:
        header = task.record.header
        with self._noting() as connection:
            summary = summary_of(act)
            note(
                connection,
                task,
                person=applicant_of(act),
                whom=act.person,
                references=self._references,
                summary=summary,
                intent=act.intent,
            )
            papers.claim(connection, kiosk=header.kiosk, pictures=papers_of(act), record=header.id)
            applicant = self._references.of(applicant_of(act))
            seen = act.check == "witness" or (
                act.check == "code" and codes.proven(connection, applicant, header.kiosk, header.happened_at)
            )
            began = filings.began(connection, header.kiosk, header.id)
            vouching.note(connection, kiosk=header.kiosk, record=header.id, act=act, references=self._references)
        if not (began or task.confirmed or seen) and act.check == "code":
            seen = self._went_out_before(task, act)
        if began or task.confirmed or seen:
            if not began:
                vouching.tell_the_person(self._upstreams.telephones, header.id, act)
            self._deliver(task, act)
        else:
            self._ask_the_person(task, act)

    def _went_out_before(self, task: Task, act: Submitted) -> bool:
        """Whether the authority has it: the code that was right is not known here, perhaps because this database was
        restored from a backup, and then it is forgotten too that it went out."""
        header = task.record.header
        with self._database.writing() as connection:
            ours = filings.new_number(connection, header.kiosk, header.id, self._upstreams.institution, self._now())
        return fate_of(self._upstreams, header.kiosk, ours, act) is not None

    def _hand_over(self, task: Task, act: ProxyRequest) -> None:
        """A matter for the workers of the centre: no authority is asked. Its summary is the item's code alone."""
        with self._noting() as connection:
            note(connection, task, person=act.person, references=self._references, summary=act.item, intent=act.intent)
            settle(connection, task, Matter(state="sent", at=self._now()))

    def _add_papers(self, task: Task, act: Papers) -> None:
        """Papers for a matter: whoever looks after that one hands them over, and ends this one (``Handing``)."""
        header, reference = task.record.header, self._references.of(act.person)
        with self._noting() as connection:
            note(connection, task, person=act.person, references=self._references, summary="papers")
            wants = papers.matter_in_want(connection, act.record, reference)
            if wants is None:
                settle(
                    connection, task, Matter(state="declined", code="no-matter", text=papers.NO_MATTER, at=self._now())
                )
                return
            if wants.declined:
                settle(connection, task, papers.ended(self._now()))
                return
            found = papers.claim(
                connection, kiosk=header.kiosk, pictures=act.pictures, record=act.record, claimed_by=header.id
            )
            if not found:
                settle(connection, task, Matter(state="declined", code="papers-lost", text=papers.LOST, at=self._now()))
                return
            look_now(connection, wants.place, self._now())
            done(connection, task)

    def _book(self, task: Task, act: Appointment) -> None:
        """Whoever ends the work books: what was cancelled since is not booked again."""
        header, person = task.record.header, self._references.of(act.person)
        with self._noting() as connection:
            if not done(connection, task):
                return
            note(connection, task, person=act.person, references=self._references, summary=act.item, intent=act.intent)
            desk = self._desks.of(connection, header.kiosk)
            tell(connection, task, appointments.book(connection, header, act, person, desk, self._now()))

    def _cancel(self, task: Task, act: AppointmentCancellation) -> None:
        """The appointment's own matter tells of it; that of the cancellation is nobody's, and listed nowhere."""
        with self._noting() as connection:
            try:
                matter = appointments.cancel(connection, act, self._references.of(act.person), self._now())
            except appointments.NotHere:
                raise NotYet("the appointment is not here") from None
            note(connection, task, person=None, references=self._references, summary="appointment cancelled")
            settle(connection, task, matter)

    def _deliver(self, task: Task, act: Submitted) -> None:
        """Sends a filing, or asks what became of it; noted with when it is looked at again, or never."""
        header = task.record.header
        kiosk, record, now = header.kiosk, header.id, self._now()
        institution = self._upstreams.institution
        with self._database.writing() as connection:
            held = filings.take(
                connection, kiosk=kiosk, record=record, institution=institution, holder=self._name, now=now
            )
        if held is None:
            return
        fate = self._fate(held, kiosk, act)
        handed = self._hand_papers(task, act, held.ours, fate) if fate is not None else "none"
        if handed == "all":
            fate = fate_of(self._upstreams, kiosk, held.ours, act) or fate
        with self._database.writing() as connection:
            if fate is not None:
                self._note_fate(connection, task, act, fate)
            pause = filings.look_again_after(connection, kiosk, record, self._now())
            if pause is None:
                done(connection, task)
            else:
                put_off(connection, task, self._now() + pause)
            came_meanwhile = fate is not None and pause is not None and papers.waiting(connection, record)
            declined = filings.state_of(connection, kiosk, record) == "declined"
            papers.tell(connection, record, self._now(), declined=declined)
            if handed == "some" or came_meanwhile:
                look_now(connection, task.place, self._now())

    def _hand_papers(self, task: Task, act: Submitted, ours: str, fate: Fate) -> Literal["all", "some", "none"]:
        """Hands over what waits for a filing that the authority has. What it says of the filing is noted before: papers
        may take longer than the person waits."""
        header = task.record.header
        with self._database.reading() as connection:
            if fate.state == "declined" or not papers.waiting(connection, header.id):
                return "none"
        with self._database.writing() as connection:
            self._note_fate(connection, task, act, fate)
        handing = papers.Handing(
            database=self._database,
            pairs=self._pairs,
            institution=self._upstreams.institution,
            now=self._now,
            between=self._meanwhile,
        )
        return handing.hand_over(office_of(self._upstreams, act), header.kiosk, header.id, ours, act.person)

    def _note_fate(self, connection: Connection, task: Task, act: Submitted, fate: Fate) -> None:
        header, places = task.record.header, self._places
        matter = filings.advance(
            connection,
            kiosk=header.kiosk,
            record=header.id,
            fate=fate,
            places=places,
            now=self._now(),
            item=item_of(act),
        )
        if matter is not None:
            lost = papers.lost(
                connection, kiosk=header.kiosk, pictures=papers_of(act), record=header.id, now=self._now()
            )
            tell(connection, task, papers.with_lost(matter, lost))
        if isinstance(act, RemoteCareFiling2) and act.changes and fate.state in ("accepted", "decided"):
            filings.look_again(connection, act.changes, self._now())

    def _fate(self, held: filings.Held, kiosk: str, act: Submitted) -> Fate | None:
        """What the authority says; what may have gone out before is asked for and not sent again unseen."""
        if not held.fresh:
            known = fate_of(self._upstreams, kiosk, held.ours, act)
            if known is not None or held.state != "sending":
                return known
        try:
            return submit(self._upstreams, kiosk, held.ours, act)
        except NotGranted as refusal:
            return Fate(state="declined", text=refusal.text)
        except NumberTaken:
            fate = fate_of(self._upstreams, kiosk, held.ours, act)
            if fate is None:
                raise Unanswered("it has our number and does not say what became of it") from None
            return fate

    def _carry_out(self, task: Task, act: LiveAct) -> None:
        """A live transaction: at once and once, or not at all; noted with when it is asked about again, or never."""
        header = task.record.header
        kiosk, record = header.kiosk, header.id
        with self._noting() as connection:
            note(connection, task, person=act.person, references=self._references, summary=act.kind, intent=act.intent)
            person = self._references.of(act.person)
            seen = act.check == "witness" or codes.proven(connection, person, kiosk, header.happened_at)
            held = live.take(
                connection,
                header,
                checked=seen,
                institution=self._upstreams.institution,
                holder=self._name,
                now=self._now(),
            )
            vouching.note(connection, kiosk=kiosk, record=record, act=act, references=self._references)
            if isinstance(held, Matter):
                settle(connection, task, held)
        if not isinstance(held, live.Held):
            return

        def sends() -> None:
            with self._database.writing() as connection:
                live.sends_again(connection, kiosk, record, self._now())

        settled = None
        try:
            settled = live.carry_out(self._upstreams, kiosk, held, act, self._now, sends)
        except (Unanswered, NotGranted) as reason:
            log.warning("what became of %s is not known yet: %s", record, reason)
        with self._database.writing() as connection:
            matter = live.advance(connection, kiosk, record, settled, self._now())
            tell(connection, task, matter)
            if isinstance(act, RemoteCareWithdrawal) and matter.state == "decided":
                filings.look_again(connection, act.entry, self._now())
            pause = live.look_again_after(connection, kiosk, record, self._now())
            if pause is None:
                done(connection, task)
            else:
                put_off(connection, task, self._now() + pause)
        if held.fresh:
            vouching.tell_the_person(self._upstreams.telephones, record, act)

    def _ask_the_person(self, task: Task, act: Submitted) -> None:
        """The second factor is owed: a message to the telephone on record, whose link is the person's yes."""
        telephone = self._upstreams.telephones.on_record(applicant_of(act))
        if telephone is None:
            with self._database.writing() as connection:
                settle(connection, task, no_telephone(self._now()))
            return
        with self._database.writing() as connection:
            token = confirming.asked(connection, task.place, self._now())
        text = question_to(act, confirming.CONFIRM_WITHIN // timedelta(days=1))
        link = f"{self._public_url}{confirming.PATH}{token}"
        self._upstreams.telephones.send(f"confirm:{task.record.header.id}", telephone, text, link)
        with self._database.writing() as connection:
            done(connection, task)
