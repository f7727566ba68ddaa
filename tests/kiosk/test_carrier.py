"""Records that central does not take, wherever they stand and however many: what else there is arrives all the same."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from kiosk import rows, schema
from kiosk.carrier import Carrier
from kiosk.contract.base import Message
from kiosk.contract.messages import Batch, BatchAnswer, Health, Problem
from kiosk.contract.records import Header
from kiosk.errors import NotCentral, Unavailable
from kiosk.outbox import Outbox
from kiosk.pen import genesis_after
from tests.kiosk.acts import check_in
from tests.kiosk.central_double import CentralDouble, Poison
from tests.kiosk.test_sync import DEADLINE, FAST, open_house, until

RECORDS = "POST /v1/records"
PATIENT = replace(FAST, refused=60.0)
ANOTHER = Problem(title="no", status=403, code="another-kiosk")


@pytest.mark.parametrize("how", ["422", "500"])
@pytest.mark.parametrize("which", [range(12), [*range(6), *range(34, 40)]], ids=["at the head", "at both ends"])
@pytest.mark.parametrize("at_once", [12, 100])
async def test_poisoned_records_that_stand_together_stop_no_other(
    tmp_path: Path,
    central: CentralDouble,
    how: Poison,
    which: list[int],
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A dozen of forty, all of a batch perhaps: the others arrive, in requests that can be counted."""
    monkeypatch.setattr("kiosk.sync.BATCH", at_once)
    async with open_house(tmp_path, central, PATIENT) as house:
        house.sync._batch = at_once
        central.stop()
        kept = await house.commit(40)
        central.poison = {kept[place].id: how for place in which}
        so_far = central.requests[RECORDS]
        central.start()
        await until(lambda: house.status().stored == 29)
        await house.commit()  # by which those that are left can be told from central's fault
        await until(lambda: (house.status().quarantined, len(house.sync._carrier._resting)) in ((12, 0), (0, 12)))
        await until(lambda: house.status().stored == 30)
        assert house.status().quarantined == (12 if how == "422" else 0)
        assert central.requests[RECORDS] - so_far < 80
    assert len(central.acts) == 30


@pytest.mark.parametrize("how", ["422", "500"])
async def test_an_old_ledger_s_poisoned_records_do_not_stop_the_next_ledger(
    tmp_path: Path, central: CentralDouble, how: Poison
) -> None:
    """A batch is of one ledger: there is no other record in it by which they could be told from central's fault."""
    async with open_house(tmp_path, central, PATIENT) as house:
        central.stop()
        kept = await house.commit(3)
        central.poison = {each.id: how for each in kept}
        await begin_another_ledger(house.outbox)
        await house.commit(5)
        central.start()
        await until(lambda: house.status().stored == 7)
        await until(lambda: house.status().quarantined + len(house.sync._carrier._resting) == 3)


@pytest.mark.parametrize("status", [422, 500])
async def test_where_nothing_passes_nothing_is_put_to_rest(
    tmp_path: Path, central: CentralDouble, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is central's, and it is asked little: a few records of a batch, and one from behind it."""
    monkeypatch.setattr("kiosk.sync.BATCH", 40)
    async with open_house(tmp_path, central, PATIENT) as house:
        house.sync._batch = 40
        central.stop()
        await until(lambda: not house.sync.online)
        await house.commit(60)
        refusal = Problem(title="no", status=status, code="invalid")
        central.refuse = lambda path: refusal if path == "/v1/records" else None
        sent, greeted = central.requests[RECORDS], central.requests["GET /v1/keys"]
        central.start()
        await until(lambda: central.requests["GET /v1/keys"] >= greeted + 6)
        turns = central.requests["GET /v1/keys"] - greeted
        assert central.requests[RECORDS] - sent <= turns * 16
        assert (house.status().quarantined, house.sync._carrier._resting) == (0, {})
        central.refuse = lambda _path: None
        assert await house.sync.drain(DEADLINE)
    assert len(central.acts) == 61


async def test_what_is_ready_goes_and_nothing_else_in_its_place(tmp_path: Path, central: CentralDouble) -> None:
    """A batch is made ready while another is on its way; one of other records is made anew."""
    sent: list[Batch] = []
    ready: list[Batch] = []

    def make_ready(batch: Batch) -> Batch:
        ready.append(batch.model_copy())
        return ready[-1]

    async def send(batch: Batch) -> BatchAnswer:
        sent.append(batch)
        raise Unavailable("offline")

    async def behind() -> None:
        raise AssertionError("nobody asks")

    async with open_house(tmp_path, central, PATIENT) as house:
        central.stop()
        await house.commit(4)
        batch = (await house.outbox.pending(100))[-4:]
        carrier = Carrier(
            outbox=house.outbox,
            packer=house.sync._packer,
            ready=make_ready,
            send=send,
            is_there=behind,
            rest=1.0,
            rest_most=1.0,
        )
        for goes in (batch, batch[1:], batch):
            await carrier.make_ready(batch)
            with pytest.raises(Unavailable):
                await carrier.carry(goes, failed_before=False, behind=behind)
            assert [wire.header for wire in sent[-1].records] == [waiting.header for waiting in goes]
            assert (sent[-1] is ready[-1]) is (goes is batch)


@pytest.mark.parametrize("error", [Unavailable("offline"), NotCentral("it answers 413 as text/html")])
@pytest.mark.parametrize("gone_for", [0.0, 0.15], ids=["another process answers", "it has to start anew"])
@pytest.mark.parametrize("place", [0, 57])
async def test_a_record_by_which_central_or_the_line_ends_stops_no_other(
    tmp_path: Path, central: CentralDouble, error: Unavailable, gone_for: float, place: int
) -> None:
    """No answer comes to it, but others do: it goes again later."""
    pace = replace(PATIENT, rest_most=0.3)
    async with open_house(tmp_path, central, pace) as house:
        central.stop()
        kept = await house.commit(120)
        client, poison, back_at = house.sync.central, {kept[place].id}, 0.0
        send, health = client.send, client.health

        def demand_there() -> None:
            if time.monotonic() < back_at:
                raise Unavailable("offline")

        def dying(batch: Batch) -> BatchAnswer:
            nonlocal back_at
            demand_there()
            if any(Header.decode(wire.header).id in poison for wire in batch.records):
                back_at = time.monotonic() + gone_for
                raise error
            return send(batch)

        def gone() -> Health:
            demand_there()
            return health()

        with mock.patch.object(client, "send", dying), mock.patch.object(client, "health", gone):
            central.start()
            await until(lambda: house.status().stored == 120)
            assert (house.status().pending, house.status().quarantined) == (1, 0)
    async with open_house(tmp_path, central, pace):
        assert len(central.acts) == 121


async def record_as_before(folder: Path, central: CentralDouble) -> None:
    """Three records under the name that the kiosk had, and their ledger's first."""
    outbox = Outbox(folder / "outbox.db", kiosk="K-000", mode="demo")
    await outbox.start(central.keys)
    for _ in range(3):
        await outbox.commit(check_in())
    await outbox.close()


def know_by_one_name(central: CentralDouble, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Central takes what the machine says by that name alone."""
    take = central._take

    def by_name(batch: Batch) -> tuple[int, Message]:
        return take(batch) if batch.kiosk == name else (403, ANOTHER)

    monkeypatch.setattr(central, "_take", by_name)


async def test_what_cannot_be_said_in_an_earlier_name_stops_nothing(
    tmp_path: Path, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that belongs to one name says nothing in another: those records go by hand, and the kiosk goes on."""
    await record_as_before(tmp_path, central)
    know_by_one_name(central, "K-001", monkeypatch)
    async with open_house(tmp_path, central, PATIENT, met=False) as house:
        await until(lambda: house.sync.first_contact_done)
        for _ in range(5):
            stored = house.status().stored
            await house.commit()
            await until(lambda: house.status().stored > stored)  # noqa: B023 - awaited here
            assert house.sync.refusal is None
        await until(lambda: house.sync._carrier.earlier_names.rests)
        assert (house.status().pending, house.status().stored) == (4, 6)
        assert central.requests[RECORDS] < 12
        central.refuse = lambda path: ANOTHER if path == "/v1/records" else None
        await house.commit()
        await until(lambda: house.sync.refusal == "another-kiosk")


async def test_what_stands_under_an_earlier_name_goes_while_central_knows_no_other(
    tmp_path: Path, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kiosk was renamed here and not at central yet: nothing waits that central would take."""
    await record_as_before(tmp_path, central)
    know_by_one_name(central, "K-000", monkeypatch)
    async with open_house(tmp_path, central, PATIENT, met=False) as house:
        await until(lambda: house.status().stored == 4)
        await until(lambda: house.sync.refusal == "another-kiosk")
        assert house.status().pending == 1, "the genesis of the present name"


async def begin_another_ledger(outbox: Outbox) -> None:
    """As after a conflict, without one."""
    ledger = outbox.befallen

    def begin() -> None:
        assert ledger.key is not None
        with ledger._using() as db, schema.transaction(db):
            last = rows.last_of(db, db.execute("SELECT max(n) FROM ledgers").fetchone()[0])
            begun = ledger._pen(ledger.key).begin(db, genesis_after("conflict", last, None), datetime.now(UTC))
        ledger._go_on_in(begun)

    await outbox.in_turn(begin)
