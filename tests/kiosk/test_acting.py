"""Two people in one visit, and people without a card: who is who, and on whose word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import pytest

from kiosk import readers
from kiosk.audit import Audit
from kiosk.contract.audit import AuditEvent, PinLocked, WorkerVouched, WrongPin
from kiosk.contract.identity import Agent, PersonReference, Witness
from kiosk.desk import Left
from kiosk.equipment import Guest
from kiosk.errors import NotKept
from kiosk.identity import Person
from kiosk.manner import Back
from kiosk.pages import Choose, Digits, PlaceCard
from kiosk.staff import PinLock, Staff, StaffMember, sealed_card
from kiosk.witness import vouched, worker_at
from tests.kiosk.counters import PIN, SEALED_PIN
from tests.kiosk.outbox_writer import keys
from tests.kiosk.people import CHEN, LIN
from tests.kiosk.test_identification import Stand, id_card, social_card, standing

A = TypeVar("A")
CHILD_S_NUMBER = "339902201704080027"
BY_LIN_FANG = [("worker-pin", PIN)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_POLL_EVERY", 0.01)
    monkeypatch.setattr(readers, "_AT_A_TIME", 0.01)


@asynccontextmanager
async def at_the_stand(data: Path, *, without_card: bool = True, staffed: bool = True) -> AsyncIterator[Stand]:
    """A stand whose item may be done without a card, with one worker."""
    async with standing(data) as stand:
        members = (StaffMember(code="w01", name="林芳", pin=SEALED_PIN),) if staffed else ()
        stand.counter.equipment = replace(
            stand.counter.equipment, staff=Staff(members=members, lock=PinLock(data / "pins"))
        )
        stand.counter.service = replace(stand.counter.service, without_card=without_card)
        stand.counter.guest = Guest()
        await stand.counter.equipment.outbox.start(keys())
        yield stand


def says(words: str, page: object) -> bool:
    return isinstance(page, Digits) and words in page.problem


def begin(work: Coroutine[object, object, A]) -> asyncio.Task[A]:
    return asyncio.get_running_loop().create_task(work)


async def soon(outcome: asyncio.Task[A]) -> A:
    async with asyncio.timeout(30):
        return await outcome


async def seen_empty(stand: Stand) -> None:
    """The slot was looked at for this page: a card in it from now on was put there for it."""
    looks = stand.slot.looks
    async with asyncio.timeout(30):
        while stand.slot.looks < looks + 2:  # noqa: ASYNC110 - of another thread
            await asyncio.sleep(0.002)


async def of_the_other(stand: Stand) -> PlaceCard:
    """The page that asks for the other's card, once it has seen that the agent's own still lies there."""
    await stand.problem("这是您自己的")
    page = await stand.glass.see("card", lambda page: isinstance(page, PlaceCard) and "家里人" in page.question)
    assert isinstance(page, PlaceCard)
    return page


async def test_both_cards_one_after_another(tmp_path: Path) -> None:
    """The agent's own card that still lies there is not taken for the other's; the head says for whom it is."""
    async with at_the_stand(tmp_path) as stand:
        found = begin(stand.counter.identify(1, whom="other"))
        first = await stand.glass.see("card")
        assert isinstance(first, PlaceCard)
        assert (first.question, first.where) == ("请先放您自己的身份证", "等一下再看家里人的。")
        assert stand.glass.head is not None
        assert stand.glass.head.step == "先认一下您是谁"
        stand.reader.lies = id_card(CHEN)
        await stand.glass.answer("relation", "child")
        await of_the_other(stand)
        assert stand.glass.head.step == "再认一下家里人"
        await seen_empty(stand)
        stand.slot.holds = social_card(LIN)
        person = await soon(found)
        assert person.number == LIN.number
        assert person.agent == Agent(person=CHEN.reference, relation="child", shown="id-card")
        asked = begin(stand.counter.ask(PlaceCard(name="any", question="", where="", instruction=""), None))
        await stand.glass.see("any")
        assert stand.glass.head is not None
        assert stand.glass.head.title.startswith("替林＊＊办")
        assert stand.glass.head.notice == "读好了，请先把社保卡拔出来收好"
        asked.cancel()
        assert (await stand.counter.identify(1, whom="other")) == person, "known already"
        assert (await stand.counter.identify(1)).number == CHEN.number


async def test_one_of_the_family_is_named_by_their_card(tmp_path: Path) -> None:
    """One's own that still lies there is not theirs, and nobody acts for anybody."""
    async with at_the_stand(tmp_path) as stand:
        stand.reader.lies = id_card(CHEN)
        found = begin(stand.counter.identify(1, whom="relative"))
        await stand.problem("换成家里人的")
        page = await stand.glass.see("card", lambda page: "家里人" in page.question)
        assert isinstance(page, PlaceCard)
        assert page.where == "谁来用，就放谁的。"
        await seen_empty(stand)
        stand.slot.holds = social_card(LIN)
        relative = await soon(found)
        assert (relative.number, relative.agent) == (LIN.number, None)
        assert (await stand.counter.identify(1)).number == CHEN.number
        assert not stand.counter.guest.acts_for_another


async def test_whoever_goes_back_and_does_it_for_oneself_is_oneself(tmp_path: Path) -> None:
    async with at_the_stand(tmp_path) as stand:
        stand.reader.lies = id_card(CHEN)
        found = begin(stand.counter.identify(1, whom="other"))
        await stand.glass.answer("relation", "child")
        await of_the_other(stand)
        await stand.glass.answer("card", Back())
        with pytest.raises(Back):
            await soon(found)
        person = await soon(begin(stand.counter.identify(1)))
        assert (person.number, person.agent) == (CHEN.number, None)


async def test_a_child_without_a_card_is_known_by_a_worker_s_word(tmp_path: Path) -> None:
    """The parent has shown a card; the worker types, compares and says why. That word is the second factor too."""
    async with at_the_stand(tmp_path) as stand:
        stand.reader.lies = id_card(CHEN)
        found = begin(stand.counter.identify(2, whom="other"))
        await stand.glass.answer("relation", "parent")
        await of_the_other(stand)
        await stand.glass.walk(("card", "worker"), *BY_LIN_FANG)
        for wrong, words in (("339902201704080028", "不对"), (CHEN.number, "代办人自己"), ("1" * 18, "不对")):
            await stand.glass.answer("number", wrong)
            page = await stand.glass.see("number", partial(says, words))
            assert isinstance(page, Digits)
        await stand.glass.walk(("number", CHILD_S_NUMBER), ("name", "沈念一"), ("witness-reason", "child"))
        person = await soon(found)
        assert (person.name, person.number, person.shown, person.level) == ("沈念一", CHILD_S_NUMBER, "worker", 2)
        assert (person.check, person.witness) == ("witness", Witness(worker="w01", reason="child"))
        assert person.sex == "female"
        assert person.agent is not None


async def test_whose_card_is_lost_is_known_by_a_worker_s_word(tmp_path: Path) -> None:
    """Alone at the machine; a worker who does not vouch leaves the page that asks for a card."""
    async with at_the_stand(tmp_path) as stand:
        found = begin(stand.counter.identify(1))
        steps = (("card", "worker"), *BY_LIN_FANG, ("number", LIN.number), ("name", LIN.name))
        await stand.glass.walk(*steps, ("witness-reason", "nobody"))
        await stand.glass.walk(("card", "worker"), ("worker-pin", Back()))
        await stand.glass.walk(("card", "worker"), *BY_LIN_FANG, ("number", Back()))
        await stand.glass.walk(*steps, ("witness-reason", "card-lost"))
        person = await soon(found)
        assert (person.name, person.number, person.check) == (LIN.name, LIN.number, "witness")
        assert (await stand.counter.identify(2)).check == "witness", "nothing more is asked"


@pytest.mark.parametrize(("without_card", "staffed"), [(False, True), (True, False)])
async def test_it_is_offered_only_where_the_item_allows_it_and_a_worker_can_vouch(
    tmp_path: Path, without_card: bool, staffed: bool
) -> None:
    async with at_the_stand(tmp_path, without_card=without_card, staffed=staffed) as stand:
        found = begin(stand.counter.identify(1))
        page = await stand.problem("")
        assert "worker" not in [option.value for option in page.others]
        found.cancel()


async def test_who_acts_for_another_shows_something_of_their_own(tmp_path: Path) -> None:
    """No worker says who it is: the matter names the agent and has no place for that worker's word."""
    async with at_the_stand(tmp_path) as stand:
        found = begin(stand.counter.identify(1, whom="other"))
        page = await stand.problem("")
        assert "worker" not in [option.value for option in page.others]
        stand.reader.lies = id_card(CHEN)
        await stand.glass.answer("relation", "child")
        page = await of_the_other(stand)
        assert "worker" in [option.value for option in page.others]
        found.cancel()


async def test_an_agent_s_card_is_as_old_as_the_service_allows(tmp_path: Path) -> None:
    async with at_the_stand(tmp_path) as stand:
        stand.counter.service = replace(stand.counter.service, accepts_expired_card=False)
        stand.reader.lies = replace(id_card(CHEN), valid_to=date(2020, 1, 1))
        found = begin(stand.counter.identify(1, whom="other"))
        page = await stand.glass.answer("turned-away", "home")
        assert "过期" in page.question
        with pytest.raises(Left):
            await soon(found)


async def test_a_worker_who_spoke_of_the_promise_is_not_fetched_twice(tmp_path: Path) -> None:
    async with at_the_stand(tmp_path) as stand:
        word = Witness(worker="w01", reason="visited-at-home")
        assert await stand.counter.witness(replace(LIN, witness=word)) == word
        vouching = begin(stand.counter.witness(replace(LIN, witness=Witness(worker="w01", reason="no-telephone"))))
        await stand.glass.walk(*BY_LIN_FANG, ("witness-reason", "promised-here"))
        assert await soon(vouching) == Witness(worker="w01", reason="promised-here")


async def test_a_worker_says_who_it_is_whose_number_was_typed(tmp_path: Path) -> None:
    """The worker reads the child's name and number, and gives a reason of who somebody is."""
    child = PersonReference(number=CHILD_S_NUMBER, name="沈念一")
    async with at_the_stand(tmp_path) as stand:
        assert stand.counter.can_vouch
        vouching = begin(stand.counter.vouch_for(child))
        await stand.glass.walk(*BY_LIN_FANG)
        page = await stand.glass.see("witness-reason")
        assert isinstance(page, Choose)
        assert (page.question, page.body) == ("是他本人吗？", ("沈念一", "身份证号 3399 0220 1704 080027"))
        await stand.glass.answer("witness-reason", "child")
        assert await soon(vouching) == Witness(worker="w01", reason="child")
        vouching = begin(stand.counter.vouch_for(child))
        await stand.glass.walk(*BY_LIN_FANG, ("witness-reason", "nobody"))
        assert await soon(vouching) is None


async def test_where_no_worker_is_known_nobody_vouches_and_the_desk_is_named(tmp_path: Path) -> None:
    async with at_the_stand(tmp_path, staffed=False) as stand:
        assert not stand.counter.can_vouch
        vouching = begin(stand.counter.witness(LIN))
        page = await stand.glass.answer("no-witness", "back")
        assert (page.question, page.hint) == ("现在不能在这台机器上作证", "请到服务台办，工作人员马上帮您。")
        assert await soon(vouching) is None


async def test_leaving_in_between_leaves_it_all(tmp_path: Path) -> None:
    async with at_the_stand(tmp_path) as stand:
        found: asyncio.Task[Person] = begin(stand.counter.identify(1))
        await stand.glass.walk(("card", "worker"), *BY_LIN_FANG, ("number", Left("idle")))
        with pytest.raises(Left):
            await soon(found)
        assert stand.counter.guest.person is None


WORKER = replace(CHEN, name="林芳", number="339901195509260028")
"""A worker, as their own identity card says it."""


def with_a_card(stand: Stand) -> None:
    """The worker's own card may stand for the PIN."""
    staff = stand.counter.equipment.staff
    (member,) = staff.members
    members = (replace(member, card=sealed_card(WORKER.number)),)
    stand.counter.equipment = replace(stand.counter.equipment, staff=replace(staff, members=members))


async def test_a_worker_s_own_card_stands_for_the_pin(tmp_path: Path) -> None:
    """Laid down while the page stands that asks for the PIN; it is not taken for the person's."""
    async with at_the_stand(tmp_path) as stand:
        with_a_card(stand)
        found = begin(stand.counter.identify(1))
        await stand.glass.answer("card", "worker")
        await stand.glass.see("worker-pin")
        stand.reader.lies = id_card(WORKER)
        await stand.glass.walk(("number", LIN.number), ("name", LIN.name), ("witness-reason", "card-lost"))
        person = await soon(found)
        assert (person.number, person.witness) == (LIN.number, Witness(worker="w01", reason="card-lost"))


async def test_neither_the_visitor_s_card_nor_one_that_lies_there_is_a_worker(tmp_path: Path) -> None:
    """A worker who forgot a card on the reader vouches for nobody: it has to be laid down anew."""
    async with at_the_stand(tmp_path) as stand:
        with_a_card(stand)
        stand.reader.lies = id_card(WORKER)
        assert (await soon(begin(stand.counter.identify(1)))).number == WORKER.number
        stand.counter.guest = Guest()
        worker = begin(worker_at(stand.counter))
        await stand.glass.see("worker-pin")
        looks = stand.reader.looks
        async with asyncio.timeout(30):
            while stand.reader.looks < looks + 3:  # noqa: ASYNC110 - of another thread
                await asyncio.sleep(0.002)
        assert not worker.done()
        stand.reader.lies = id_card(CHEN)
        looks = stand.reader.looks
        async with asyncio.timeout(30):
            while stand.reader.looks < looks + 3:  # noqa: ASYNC110 - of another thread
                await asyncio.sleep(0.002)
        await asyncio.sleep(0.3)
        assert not worker.done()
        stand.reader.lies = id_card(WORKER)
        member = await soon(worker)
        assert member is not None
        assert member.code == "w01"


async def test_without_a_card_in_the_settings_no_card_is_looked_for(tmp_path: Path) -> None:
    async with at_the_stand(tmp_path) as stand:
        worker = begin(worker_at(stand.counter))
        await stand.glass.see("worker-pin")
        stand.reader.lies = id_card(WORKER)
        looks = stand.reader.looks
        await asyncio.sleep(0.1)
        assert stand.reader.looks == looks
        await stand.glass.answer("worker-pin", PIN)
        assert await soon(worker) is not None


async def test_wrong_pins_are_told_of(tmp_path: Path) -> None:
    """Each, and that they have to wait."""
    told: list[AuditEvent] = []
    async with at_the_stand(tmp_path) as stand:
        with patch.object(Audit, "note", lambda _audit, event: told.append(event)):
            outcome = begin(vouched(stand.counter, "check", CHEN.name, CHEN.number))
            for _ in range(3):
                await stand.glass.walk(("worker-pin", "000001"))
            await stand.glass.walk(("no-witness", "back"))
            assert await soon(outcome) is None
    *wrong, locked = told
    assert wrong == [WrongPin(in_a_row=count) for count in (1, 2, 3)]
    assert isinstance(locked, PinLocked)
    assert (locked.in_a_row, 0 < locked.seconds <= 30) == (3, True)


async def test_a_word_that_cannot_be_recorded_is_none(tmp_path: Path) -> None:
    """The disk is full: the worker learns one cause and what to do, and nobody rests on a word that left no trace."""

    async def full(_audit: Audit, _event: object) -> None:
        raise NotKept("full")

    async with at_the_stand(tmp_path) as stand:
        with patch.object(Audit, "record", full):
            outcome = begin(vouched(stand.counter, "check", CHEN.name, CHEN.number))
            await stand.glass.walk(*BY_LIN_FANG, ("witness-reason", "no-telephone"))
            page = await stand.glass.see("no-witness")
            assert (page.question, page.hint) == ("现在不能在这台机器上作证", "请到服务台办，工作人员马上帮您。")
            await stand.glass.answer("no-witness", "back")
            assert await soon(outcome) is None
        outcome = begin(vouched(stand.counter, "check", CHEN.name, CHEN.number))
        await stand.glass.walk(*BY_LIN_FANG, ("witness-reason", "no-telephone"))
        assert await soon(outcome) == Witness(worker="w01", reason="no-telephone")
        outbox = stand.counter.equipment.outbox
        assert await outbox.count_since(WorkerVouched.kind, datetime(2026, 1, 1, tzinfo=UTC)) == 1
