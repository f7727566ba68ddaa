"""Level 2: a code to the telephone on record, or a worker's word with a reason; what stands on the card is neither."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from kiosk.contract.identity import Witness
from kiosk.desk import Left
from kiosk.errors import Unavailable
from kiosk.identity import Person
from kiosk.manner import Anew, Back, Manner
from kiosk.pages import Choose, Digits, Notice
from kiosk.second_check import check_by_code
from kiosk.texts import spoken
from tests.kiosk.counters import PIN, WORKERS, Codes, at_the_counter
from tests.kiosk.people import CHEN, LIN

A = TypeVar("A")
AT_LEVEL_1 = replace(LIN, level=1, check="none")
BY_LIN_FANG = [("worker", "w01"), ("worker-pin", PIN)]


async def soon(outcome: asyncio.Task[A]) -> A:
    async with asyncio.timeout(30):
        return await outcome


def begin(work: Coroutine[object, object, A]) -> asyncio.Task[A]:
    return asyncio.get_running_loop().create_task(work)


@pytest.mark.parametrize("declines", ["no-telephone", "too-many-codes", "unknown-person", "something-new"])
async def test_where_no_code_can_be_sent_a_worker_may_vouch(tmp_path: Path, declines: str) -> None:
    """With who it was and why; the worker reads the person's name and number before that."""
    async with at_the_counter(tmp_path, Codes(declines=declines)) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.walk(("no-code", "witness"), *BY_LIN_FANG)
        page = await glass.see("witness-reason")
        assert isinstance(page, Choose)
        assert page.body == (LIN.name, "身份证号 1101 0519 4912 31002X")
        await glass.answer("witness-reason", "no-telephone")
        person = await soon(checked)
        assert (person.level, person.check) == (2, "witness")
        assert person.witness == Witness(worker="w01", reason="no-telephone")


async def test_whose_code_does_not_come_may_ask_for_another_or_for_a_worker(tmp_path: Path) -> None:
    """The page of the code has room for one other way: it leads to both."""
    codes = Codes()
    async with at_the_counter(tmp_path, codes) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.walk(("code", "no-code"), ("no-code-came", "again"))
        await glass.see("code")
        assert len(codes.requests) == 2
        await glass.walk(("code", "no-code"), ("no-code-came", Back()))
        await glass.walk(("code", "no-code"), ("no-code-came", "witness"), *BY_LIN_FANG, ("witness-reason", "nobody"))
        await glass.answer("code", codes.right)
        person = await soon(checked)
        assert (person.level, person.check, person.witness) == (2, "code", None)
        assert len(codes.requests) == 2, "looking at other ways sends nothing"


@pytest.mark.parametrize("workers", [True, False])
async def test_after_a_code_that_is_good_no_more_another_one_can_be_sent(tmp_path: Path, workers: bool) -> None:
    """It came too late, or was wrong too often; a worker's word helps as well, and nobody is told that it was wrong."""
    codes = Codes(tries=1)
    async with at_the_counter(tmp_path, codes, workers=WORKERS if workers else ()) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.answer("code", "999999")
        page = await glass.see("code-is-over")
        assert isinstance(page, Notice)
        assert {option.value for option in page.actions} == {"home", "again"} | ({"witness"} if workers else set())
        codes.tries = 5
        await glass.walk(("code-is-over", "again"), ("code", codes.right))
        assert (await soon(checked)).check == "code"
        assert len(codes.requests) == 2


async def test_without_workers_in_the_settings_no_page_speaks_of_them(tmp_path: Path) -> None:
    async with at_the_counter(tmp_path, Codes(), workers=()) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        page = await glass.see("code")
        assert isinstance(page, Digits)
        assert page.aside is not None
        assert page.aside.value == "again"
        checked.cancel()
    async with at_the_counter(tmp_path, Codes(declines="no-telephone"), workers=()) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.answer("turned-away", "home")
        with pytest.raises(Left):
            await soon(checked)


def parts_of(number: str) -> set[str]:
    """Every six digits that stand on the card in a row, the birth date as people write it too."""
    digits = number.removesuffix("X")
    return {digits[at : at + 6] for at in range(len(digits) - 5)}


@pytest.mark.parametrize("typed", sorted(parts_of(LIN.number)))
async def test_digits_printed_on_the_presented_card_are_never_a_factor(tmp_path: Path, typed: str) -> None:
    """Neither as the code nor as a worker's PIN: whoever found the card could read them off."""
    async with at_the_counter(tmp_path, Codes()) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.answer("code", typed)
        page = await glass.see("code", lambda page: isinstance(page, Digits) and bool(page.problem))
        assert isinstance(page, Digits)
        await glass.walk(("code", "no-code"), ("no-code-came", "witness"), ("worker", "w01"), ("worker-pin", typed))
        pin = await glass.see("worker-pin", lambda page: isinstance(page, Digits) and bool(page.problem))
        assert isinstance(pin, Digits)
        assert pin.secret
        assert not checked.done()
        checked.cancel()


async def test_after_three_wrong_pins_nobody_vouches_for_a_while(tmp_path: Path) -> None:
    """The visit itself goes on with the code."""
    codes = Codes()
    async with at_the_counter(tmp_path, codes) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.walk(("code", "no-code"), ("no-code-came", "witness"), ("worker", "w02"))
        for left in ("2", "1"):
            await glass.answer("worker-pin", "975310")
            page = await glass.see("worker-pin", lambda page: isinstance(page, Digits) and bool(page.problem))
            assert isinstance(page, Digits)
            assert left in page.problem
        await glass.answer("worker-pin", "975310")
        notice = await glass.see("no-witness")
        assert isinstance(notice, Notice)
        assert "1 分钟" in notice.hint
        await glass.answer("no-witness", "back")
        await glass.walk(("code", "no-code"), ("no-code-came", "witness"), ("worker", "w01"))
        await glass.answer("no-witness", "back")
        await glass.answer("code", codes.right)
        assert (await soon(checked)).check == "code"


async def test_back_leads_out_of_the_worker_s_pages_one_by_one(tmp_path: Path) -> None:
    """And leaves nothing of the worker: who comes there again needs the PIN again."""
    async with at_the_counter(tmp_path, Codes(declines="no-telephone")) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.walk(("no-code", "witness"), ("worker", "w01"), ("worker-pin", Back()), ("worker", Back()))
        await glass.walk(("no-code", "witness"), *BY_LIN_FANG, ("witness-reason", Back()))
        await glass.walk(("no-code", "witness"))
        await glass.see("worker")
        await glass.answer("worker", Left("idle"))
        with pytest.raises(Left):
            await soon(checked)


async def test_another_language_in_between_loses_neither_the_worker_nor_the_code(tmp_path: Path) -> None:
    codes = Codes(declines="no-telephone")
    async with at_the_counter(tmp_path, codes) as (counter, glass):
        with spoken("zh"):
            checked = begin(check_by_code(counter, AT_LEVEL_1))
            await glass.walk(("no-code", "witness"), *BY_LIN_FANG, ("witness-reason", Anew(Manner(language="en"))))
            page = await glass.see("witness-reason", lambda page: page.question.isascii())
            assert isinstance(page, Choose)
            await glass.answer("witness-reason", "cannot-type")
            assert (await soon(checked)).check == "witness"
    assert len(codes.requests) == 1


async def test_offline_the_check_is_owed_and_no_worker_needed(tmp_path: Path) -> None:
    async with at_the_counter(tmp_path, Codes(), workers=(), online=False) as (counter, _glass):
        person = await check_by_code(counter, AT_LEVEL_1)
        assert (person.level, person.check) == (1, "owed")


def test_nothing_of_a_witness_stands_in_a_log() -> None:
    """A person's repr names neither them nor the worker."""
    person: Person = replace(LIN, check="witness", witness=Witness(worker="w01", reason="cannot-type"))
    assert not any(word in repr(person) for word in ("w01", "cannot-type", LIN.name, LIN.number))


async def test_offline_a_worker_may_vouch_at_once(tmp_path: Path) -> None:
    """Not everybody has a telephone to confirm by; whoever has one goes on, and the check is owed."""
    async with at_the_counter(tmp_path, Codes(), online=False) as (counter, glass):
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        page = await glass.answer("code-later", "later")
        assert page.question == "现在发不了验证码"
        assert (await soon(checked)).check == "owed"
        checked = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.walk(("code-later", "witness"), *BY_LIN_FANG, ("witness-reason", "no-telephone"))
        person = await soon(checked)
        assert (person.level, person.check) == (2, "witness")


async def test_what_cannot_wait_owes_nothing(tmp_path: Path) -> None:
    """Central goes away while a code is asked for: a live act is not promised for later."""
    async with at_the_counter(tmp_path, Codes(away=True)) as (counter, _glass):
        with pytest.raises(Unavailable):
            await check_by_code(counter, AT_LEVEL_1, may_owe=False)


async def test_a_code_is_asked_of_nobody_but_the_one_it_was_sent_to(tmp_path: Path) -> None:
    """Of two people of a visit, whoever goes back and does it for the other after all: each has a code of their own."""
    codes = Codes()
    async with at_the_counter(tmp_path, codes) as (counter, glass):
        for person in (AT_LEVEL_1, replace(CHEN, level=1), AT_LEVEL_1):
            checked = begin(check_by_code(counter, person))
            await glass.answer("code", Back())
            with pytest.raises(Back):
                await soon(checked)
        assert [request.person.name for request in codes.requests] == [LIN.name, CHEN.name, LIN.name]
        again = begin(check_by_code(counter, AT_LEVEL_1))
        await glass.answer("code", codes.right)
        await soon(again)
        assert len(codes.requests) == 3, "one that was sent already is not sent again"
