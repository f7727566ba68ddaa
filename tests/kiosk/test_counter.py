"""What goes wrong with paper after the record was made is an outcome: the person hears that the matter is recorded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

import main
from devices import ReceiptPrinter
from devices.paper import Block
from devices.printer import Printed
from devices.supervisor import Supervisor
from kiosk import printing
from kiosk.counter import Counter
from kiosk.desk import Filed, Left, Paper
from kiosk.equipment import Guest
from kiosk.ledger import Ledger
from kiosk.manner import HelpAsked, Manner
from kiosk.outbox import outbox_status
from kiosk.pages import Notice, Wait
from kiosk.receipts import Receipt
from kiosk.settings import check_settings
from tests.acceptance.whole import Glass
from tests.kiosk.acts import check_in
from tests.kiosk.counters import Codes, at_the_counter
from tests.kiosk.outbox_writer import keys
from tests.kiosk.people import LIN
from tests.kiosk.receipts import sent
from tests.kiosk.scripted import NOW


class Press:
    """A printer that prints all it is given."""

    columns = 48

    def __init__(self) -> None:
        self.jobs: list[bytes] = []

    def hello(self) -> str | None:
        return None

    def print(self, job: bytes) -> Printed:
        self.jobs.append(job)
        return Printed()

    def cancel(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def press() -> Press:
    return Press()


@pytest_asyncio.fixture
async def counter(tmp_path: Path, press: Press) -> AsyncIterator[Counter]:
    """A counter with that printer, and an outbox without any record."""
    machine = main.put_together(check_settings({"central": {"url": "http://127.0.0.1:1"}}, ""), tmp_path, Glass())
    ready = asyncio.Event()
    printer: Supervisor[ReceiptPrinter] = Supervisor("printer", lambda: press, lambda _state: ready.set())
    running = asyncio.create_task(printer.run())
    await machine.equipment.outbox.start()
    async with asyncio.timeout(30):
        await ready.wait()
    gear, reception = replace(machine.equipment, printer=printer, answer_within=0.05), machine.reception
    yield Counter(gear, reception.catalog.items[0], Guest(), Manner, reception._change)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await main.close(machine)


async def test_a_receipt_that_cannot_be_set_is_not_printed(
    counter: Counter, press: Press, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumbles(_paper: list[Block], _style: printing.Style) -> bytes:
        raise KeyError(LIN.name)

    monkeypatch.setattr(printing, "job", stumbles)
    assert await counter.print(await sent(), None, 0) == Paper(outcome="not printed", reason="cannot be set")
    assert press.jobs == []
    assert "KeyError" in caplog.text
    assert LIN.name not in caplog.text


async def test_a_printer_that_is_unplugged_while_the_receipt_is_set_printed_nothing(
    counter: Counter, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing reached it: nobody is told that there may be paper, and it may be tried again."""
    printer = counter.equipment.printer
    assert printer is not None
    made = printing.job

    def unplugged(*receipt: object) -> bytes:
        printer._bond = None
        return made(*receipt)  # type: ignore[arg-type]

    monkeypatch.setattr(printing, "job", unplugged)
    assert await counter.print(await sent(), None, 0) == Paper(outcome="not printed", reason="not there")
    assert press.jobs == []


@pytest.mark.parametrize("why", ["the printer goes", "the printer goes late", "it cannot be set"])
async def test_a_print_that_was_intended_and_is_not_begun_is_over(
    counter: Counter, press: Press, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """It is not under way until the next start: a record whose print is not over is never dropped."""
    gear = counter.equipment
    await gear.outbox.use_keys(keys())
    printer = gear.printer
    assert printer is not None
    states: Iterator[bool] = iter([True, why != "the printer goes"])
    monkeypatch.setattr(Counter, "can_print", property(lambda _self: next(states)))
    if why == "the printer goes late":
        monkeypatch.setattr(Supervisor, "state", property(lambda _self: "lost"))
    written = await sent()

    def writer(_filed: Filed) -> Receipt:
        if why == "it cannot be set":
            raise KeyError(LIN.name)
        return written

    filed = await counter.submit(check_in(), writer)
    reason = "cannot be set" if why == "it cannot be set" else "not there"
    assert filed.paper == Paper(outcome="not printed", reason=reason)
    assert outbox_status(gear.outbox.befallen.path).prints == {"not printed": 1}
    assert press.jobs == []


async def test_a_receipt_whose_record_is_gone_is_not_printed_without_its_mark(counter: Counter, press: Press) -> None:
    """As when the database was damaged, and another one began, between the record and its receipt."""
    gone = Filed(at=NOW, id=UUID(int=1), number="K001-26-000317-7Q4X", state="kept")
    assert await counter.print(await sent(), gone, 0) == Paper(outcome="not printed", reason="journal")
    assert press.jobs == []
    assert await counter.print(await sent(), gone, 1) == Paper(outcome="printed", copy=1)


async def test_a_receipt_whose_mark_the_disk_does_not_take_is_not_printed(
    counter: Counter, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs after the commit: the person hears in time that the matter is recorded, and that there is no paper."""
    monkeypatch.setattr("kiosk.outbox.COMMIT_WITHIN", 0.1)
    let_go = threading.Event()
    monkeypatch.setattr(Ledger, "mark_print", lambda _self, _id, _state: let_go.wait(10))
    filed = Filed(at=NOW, id=UUID(int=1), number="K001-26-000317-7Q4X", state="kept")
    try:
        async with asyncio.timeout(30):
            assert await counter.print(await sent(), filed, 0) == Paper(outcome="not printed", reason="journal")
    finally:
        let_go.set()
    assert press.jobs == []


async def test_help_comes_while_something_decided_is_carried_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it goes on meanwhile: neither help nor its end, nor that nobody is there any more, gives it up."""
    monkeypatch.setattr("kiosk.counter._WAIT_PAGE_AFTER", 0.0)
    async with at_the_counter(tmp_path, Codes()) as (counter, glass):
        over = asyncio.Event()

        async def carried_through() -> str:
            await over.wait()
            return "done"

        work = asyncio.create_task(counter.unhurried(carried_through(), "正在打印"))
        waiting = await glass.see("wait")
        assert isinstance(waiting, Wait)
        assert waiting.slow, "after two seconds it says what is awaited"
        await glass.answer("wait", HelpAsked())
        page = await glass.see("help")
        assert isinstance(page, Notice)
        assert [action.value for action in page.actions] == ["stay"]
        await glass.answer("help", Left("idle"))
        await glass.answer("wait", HelpAsked())
        await glass.answer("help", "stay")
        await glass.see("wait")
        over.set()
        async with asyncio.timeout(10):
            assert await work == "done"
