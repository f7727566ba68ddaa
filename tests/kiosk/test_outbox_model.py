"""Outbox and sync against a model of what they promise, over whatever may happen in whatever order.

The outbox, the carrier and the sync are the real ones, on a database in a file; the line and central are not. A model
that is a few sets and lists says what must be true. ``MODEL_EXAMPLES=1000`` looks longer.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest import mock
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk import schema
from kiosk.contract.records import Record, check_chain
from kiosk.ledger import PrintState
from kiosk.outbox import Outbox
from kiosk.sync import Sync
from tests.kiosk.acts import check_in, filing
from tests.kiosk.inline import inline
from tests.kiosk.plain_central import Fault, PlainCentral, Poison
from tests.virtual_time import Clock, VirtualLoop

EPOCH: Final = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
KEEP: Final = timedelta(days=35)
BACKUP_AT_MOST: Final = timedelta(days=7)
UNFINISHED: Final = ("intended", "sent")
SETTLES_WITHIN: Final = 300
"""Turns of the sync after which everything has arrived, once nothing stands in the way."""


class OutboxMachine(RuleBasedStateMachine):
    """One kiosk and its central."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self._stack = ExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        self.folder = Path(folder)
        pragmas = tuple(each.replace("synchronous=FULL", "synchronous=OFF") for each in schema._PRAGMAS)
        self._stack.enter_context(mock.patch.object(schema, "_PRAGMAS", pragmas))
        self._stack.enter_context(inline())
        runner = asyncio.Runner(loop_factory=lambda: VirtualLoop(self.clock))
        self.run = self._stack.enter_context(runner).run
        self.central = PlainCentral(self.now)
        self.promised: dict[UUID, Record] = {}
        self.prints: dict[UUID, list[PrintState]] = {}
        self.spoilt: set[UUID] = set()
        """What central ever refused, or took for another: it may stay with the kiosk."""
        self.delivered: set[UUID] = set()
        self.backups: list[tuple[float, PlainCentral]] = []
        self.run(self._begin())

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.clock.now)

    async def _begin(self) -> None:
        self.outbox = Outbox(self.folder / "outbox.db", kiosk="K-001", mode="demo", now=self.now)
        await self.outbox.start()
        self.sync = Sync(
            outbox=self.outbox, central=self.central, keys_file=self.folder / "keys.json", jitter=lambda: 0.5
        )
        await self.sync.start()

    # -- what happens --------------------------------------------------------------------------------------------------

    @initialize()
    def first_contact(self) -> None:
        """Before it nothing can be kept."""
        self.turn()

    @rule(with_person=st.booleans(), printing=st.booleans())
    def commit(self, with_person: bool, printing: bool) -> None:
        act = filing() if with_person else check_in()
        kept = self.run(self.outbox.commit(act, happened_at=self.now(), printing=printing))
        self.promised[kept.id] = self.on_disk()[kept.id][0]
        if printing:
            self.prints[kept.id] = ["intended"]

    @rule()
    def turn(self) -> None:
        """The sync does what there is to do."""
        self.run(self.sync._turn())
        self.delivered |= self.central.stored.keys()

    @rule(seconds=st.sampled_from([1, 7, 61, 3600, 86_400, 4 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.clock.now += seconds

    @rule(faults=st.lists(st.sampled_from(["away", "answer lost", "fails"]), min_size=1, max_size=4))
    def line_fails(self, faults: list[Fault]) -> None:
        """What befalls the next exchanges."""
        self.central.faults = faults

    @rule(away=st.booleans())
    def outage(self, away: bool) -> None:
        self.central.away = away

    @precondition(lambda self: self.promised)
    @rule(kind=st.sampled_from(["conflict", "unreadable", "refused", "fails"]), data=st.data())
    def poison(self, kind: Poison, data: st.DataObject) -> None:
        """Central will take something amiss about a record that it does not have."""
        waiting = [id_ for id_ in self.promised if id_ not in self.delivered and id_ not in self.spoilt]
        if waiting:
            id_ = data.draw(st.sampled_from(waiting))
            self.central.poison[id_] = kind
            if kind != "fails":
                self.spoilt.add(id_)

    @rule()
    def cure(self) -> None:
        """A mistake in central is mended."""
        self.central.poison = {id_: kind for id_, kind in self.central.poison.items() if kind != "fails"}

    @rule(crash=st.booleans())
    def restart(self, crash: bool) -> None:
        """The program ends, or is ended, and starts again."""
        before = self.outbox
        if not crash:
            self.run(before.close())
        self.run(self._begin())
        if crash:
            self.run(before.close())
        for states in self.prints.values():
            if states[-1] in UNFINISHED:
                states[-1] = "unknown" if states[-1] == "sent" else "not printed"

    @rule()
    def backup(self) -> None:
        self.backups.append((self.clock.now, self.central.backup()))

    @precondition(lambda self: self.backups)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """Central has what it had, at most some days ago."""
        since = self.clock.now - BACKUP_AT_MOST.total_seconds()
        recent = [kept for at, kept in self.backups if at >= since]
        if recent:
            self.central.restore(data.draw(st.sampled_from(recent)))
            self.central.faults = ["away"]  # it was away meanwhile

    @rule()
    def drop(self) -> None:
        """What central has had for long makes room."""
        self.run(self.outbox.drop(KEEP))

    @precondition(lambda self: self.prints)
    @rule(data=st.data(), state=st.sampled_from(["sent", "printed", "not printed", "unknown"]))
    def mark_print(self, data: st.DataObject, state: PrintState) -> None:
        id_ = data.draw(st.sampled_from(list(self.prints)))
        if id_ not in self.on_disk():
            return
        self.run(self.outbox.mark_print(id_, state))
        states = self.prints[id_]
        if state in UNFINISHED and states[-1] not in UNFINISHED:
            states.append(state)
        else:
            states[-1] = state

    # -- what is true --------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lost(self) -> None:
        """What was promised is here, unaltered, or central has it."""
        here = self.on_disk()
        for id_, record in self.promised.items():
            if id_ in here:
                assert here[id_][0].header_bytes == record.header_bytes
                assert here[id_][0].sealed == record.sealed
            else:
                assert self.central.stored[id_].hash == record.hash

    @invariant()
    def states_are_true(self) -> None:
        """Stored is what central said that it has; quarantined is what it took amiss."""
        for id_, (_, state) in self.on_disk().items():
            if state == "stored":
                assert id_ in self.delivered or id_ in self.central.unread
            elif state == "quarantined":
                assert id_ in self.spoilt

    @invariant()
    def chains_hold(self) -> None:
        """Each ledger is one run without a gap, from where records were dropped."""
        ledgers: dict[bytes, list[Record]] = {}
        for record, _ in self.on_disk().values():
            ledgers.setdefault(record.header.ledger, []).append(record)
        for records in ledgers.values():
            assert check_chain(records) == len(records)

    @invariant()
    def prints_are_journalled(self) -> None:
        here = self.on_disk()
        assert self.journal() == {id_: states for id_, states in self.prints.items() if id_ in here}

    def teardown(self) -> None:
        """Once nothing stands in the way, everything arrives, each record once and in its place."""
        try:
            self.central.away = False  # an exchange that fails is how the kiosk learns that central may be another
            self.cure()
            self.clock.now += 2 * self.sync.pace.above_gaps
            self.run(self._settle())
            for id_, record in self.promised.items():
                assert id_ in self.spoilt or self.central.stored[id_].hash == record.hash
            assert all(state == "stored" or id_ in self.spoilt for id_, (_, state) in self.on_disk().items())
        finally:
            self.run(self.outbox.close())
            self._stack.close()

    async def _settle(self) -> None:
        """Turns until nothing waits but what central refuses by itself: as long as nothing else passes, that may be
        central's fault. Two heartbeats later nothing has changed."""
        quiet = 0.0
        for _ in range(SETTLES_WITHIN):
            pause = await self.sync._turn()
            waiting = {each.id for each in await self.outbox.pending(1000)}
            refused = {id_ for id_, kind in self.central.poison.items() if kind == "refused"}
            quiet = quiet + pause if self.sync._greeted and waiting <= refused else 0.0
            if quiet > 2 * self.sync.pace.heartbeat:
                return
            self.clock.now += pause
        raise AssertionError("it does not come to an end")

    # -- looking -------------------------------------------------------------------------------------------------------

    def on_disk(self) -> dict[UUID, tuple[Record, str]]:
        with schema.open_to_read(self.folder / "outbox.db") as db:
            rows = db.execute("SELECT header, sealed, state FROM records ORDER BY n").fetchall()
        records = [(Record.read(header, sealed), state) for header, sealed, state in rows]
        return {record.header.id: (record, state) for record, state in records}

    def journal(self) -> dict[UUID, list[PrintState]]:
        with schema.open_to_read(self.folder / "outbox.db") as db:
            rows = db.execute("SELECT r.id, p.state FROM prints p JOIN records r ON r.n = p.record ORDER BY p.n")
            found: dict[UUID, list[PrintState]] = {}
            for id_, state in rows.fetchall():
                found.setdefault(UUID(bytes=id_), []).append(state)
        return found


def test_one_failed_exchange_is_enough_to_doubt_that_it_is_the_same_central() -> None:
    """It took a record above a gap, which no acknowledgement tells of, and was restored within seconds."""
    machine = OutboxMachine()
    machine.first_contact()
    machine.backup()
    for _ in range(2):
        machine.commit(with_person=False, printing=False)
    taken_amiss, above = machine.promised
    machine.central.poison[taken_amiss] = "conflict"
    machine.spoilt.add(taken_amiss)
    machine.turn()
    assert above in machine.central.stored
    machine.central.restore(machine.backups[0][1])
    machine.central.faults = ["away"]
    machine.turn()
    machine.teardown()
    assert above in machine.central.stored


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(
    max_examples=int(os.environ.get("MODEL_EXAMPLES", "15")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
