"""Central has suspended this kiosk: it serves nobody until staff resume it, and what was recorded here goes up all the
same. And what it does so that no visit is ever the reason."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
import pytest_asyncio

import main
from kiosk.contract.filing_basis import FilingBasis, FilingBasisOf
from kiosk.contract.identity import PersonReference
from kiosk.contract.messages import Problem
from kiosk.contract.queries import PERSONS_A_VISIT, Filings, FilingsOf, Inquiry, Presented
from kiosk.counter import Counter
from kiosk.line import Pace
from kiosk.pages import Notice
from kiosk.second_check import check_by_code
from kiosk.settings import check_settings
from tests.acceptance.whole import Glass
from tests.kiosk.acts import check_in
from tests.kiosk.central_double import CentralDouble
from tests.kiosk.counters import Codes, at_the_counter
from tests.kiosk.hall import at_pace
from tests.kiosk.people import CHEN, LIN

SUSPENDED = Problem(title="no", status=403, code="suspended")
FAST = Pace(heartbeat=0.1, first=0.02, most=0.1, matter_first=0.02, matter_most=0.2, refused=0.1, rest_most=0.1)
FILINGS = Filings(insured_place=None, status=None, filings=())


# -- until staff resume it ---------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def machine(tmp_path: Path, glass: Glass, central: CentralDouble) -> AsyncIterator[main.Machine]:
    """A machine that is open, and talks with its central."""
    with at_pace(FAST):
        machine = main.put_together(check_settings({"central": {"url": central.url}}, ""), tmp_path, glass)
    await machine.equipment.outbox.start()
    running = [asyncio.create_task(work) for work in (machine.equipment.sync.run(), machine.reception.run())]
    await glass.see("home")
    yield machine
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await main.close(machine)


def suspend(central: CentralDouble) -> None:
    """As central does: questions and heartbeats are refused."""
    central.refuse = lambda path: SUSPENDED if path == "/v1/heartbeat" or path.startswith("/v1/queries/") else None


async def test_it_is_out_of_order_until_then(machine: main.Machine, glass: Glass, central: CentralDouble) -> None:
    """Central is there all the time, and what is recorded goes up."""
    sync = machine.equipment.sync
    suspend(central)
    page = await glass.see("out-of-order")
    assert isinstance(page, Notice)
    assert "停用了这台机器" in page.hint
    kept = await machine.equipment.outbox.commit(check_in())
    assert await sync.drain(5)
    assert kept.id in central.records
    assert (sync.online, sync.suspended, sync.refusal) == (True, True, None)
    central.refuse = lambda _path: None
    await glass.see("home")
    assert not sync.suspended


@pytest.mark.usefixtures("machine")
async def test_central_is_not_pressed_meanwhile(glass: Glass, central: CentralDouble) -> None:
    """A refused heartbeat is an answer: the next one comes when it is due."""
    suspend(central)
    await glass.see("out-of-order")
    before = central.requests["POST /v1/heartbeat"]
    await asyncio.sleep(10 * FAST.heartbeat)
    assert 4 <= central.requests["POST /v1/heartbeat"] - before <= 11


async def test_it_stays_so_while_central_is_away(machine: main.Machine, glass: Glass, central: CentralDouble) -> None:
    """And learns it again with the first greeting."""
    sync = machine.equipment.sync
    suspend(central)
    await glass.see("out-of-order")
    central.stop()
    await glass.until(lambda: glass.network is False, "that there is no network")
    assert sync.suspended
    central.start()
    await glass.until(lambda: glass.network is True, "the network")
    assert sync.suspended
    assert (await glass.see("out-of-order")).name == "out-of-order"


async def test_what_nobody_signed_suspends_nobody(
    machine: main.Machine, glass: Glass, central: CentralDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands in the line is not central: it is unreachable, which is no reason to serve nobody."""
    monkeypatch.setattr("tests.kiosk.central_double.speak", lambda _message: bytes(64))
    suspend(central)
    await glass.until(lambda: glass.network is False, "that central is not there")
    assert not machine.equipment.sync.suspended
    assert (await glass.see("home")).name == "home"


# -- a visit asks about few people -------------------------------------------------------------------------------------


class Asked:
    """Answers, and remembers about whom it was asked in which visit, as central counts them."""

    def __init__(self) -> None:
        self.visits: dict[UUID, set[str]] = defaultdict(set)

    def ask(self, query: Inquiry[Any], presented: Presented) -> Filings | FilingBasis:
        self.visits[presented.visit] |= {person.number for person in query.about}
        return FilingBasis(rows=(), open=()) if isinstance(query, FilingBasisOf) else FILINGS


def somebody(number: int) -> PersonReference:
    return PersonReference(number=f"33990219920318{number:04d}", name="陈")


async def ask(counter: Counter, person: PersonReference) -> UUID:
    """Asks about a person, and in which visit."""
    with patch.object(counter.equipment.central, "ask", (central := Asked()).ask):
        await counter.query(FilingsOf(person=person))
    (visit,) = central.visits
    return visit


async def test_more_of_a_family_one_by_one_are_more_visits(tmp_path: Path) -> None:
    """Two to each; whoever was asked about before stays where they were, for their code came back there."""
    async with at_the_counter(tmp_path, Codes()) as (counter, _glass):
        first = [await ask(counter, somebody(number)) for number in range(5)]
        assert first[0] == counter.guest.visit
        assert [first.count(visit) for visit in dict.fromkeys(first)] == [PERSONS_A_VISIT, PERSONS_A_VISIT, 1]
        assert [await ask(counter, somebody(number)) for number in range(5)] == first
        small = PersonReference(number="33990219920318123x", name="陈")
        large = small.model_copy(update={"number": "33990219920318123X"})
        assert await ask(counter, small) == await ask(counter, large)


async def test_a_parent_looks_after_one_child_after_the_other(tmp_path: Path) -> None:
    """Whose numbers are typed: guardian and child are two, and the next child begins another visit."""
    central = Asked()
    async with at_the_counter(tmp_path, Codes()) as (counter, _glass):
        with patch.object(counter.equipment.central, "ask", central.ask):
            for number in range(3):
                basis = FilingBasisOf(
                    person=somebody(number),
                    item="resident-enrolment",
                    authority="medical",
                    place="350900",
                    applicant=CHEN.reference,
                )
                await counter.query(basis)
    assert [len(people) for people in central.visits.values()] == [PERSONS_A_VISIT] * 3


async def test_a_code_belongs_to_the_visit_of_its_person(tmp_path: Path) -> None:
    """What needs the code is asked in the visit in which it came back, whoever was asked about in between."""
    codes = Codes()
    async with at_the_counter(tmp_path, codes) as (counter, glass):
        for number in range(3):
            await ask(counter, somebody(number))
        checking = asyncio.ensure_future(check_by_code(counter, replace(LIN, level=1, check="none")))
        await glass.answer("code", codes.right)
        await checking
        (request,) = codes.requests
        await ask(counter, CHEN.reference)
        assert request.visit == await ask(counter, LIN.reference)
        assert request.visit != counter.guest.visit
