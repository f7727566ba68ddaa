from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
import weakref

import pytest

from devices.worker import Worker


async def test_gives_the_outcome_of_work_in_its_own_thread() -> None:
    worker = Worker("test")
    assert await worker.do(threading.current_thread) is not threading.current_thread()
    assert await worker.do(lambda: 6 * 7) == 42
    worker.close()


async def test_raises_what_the_work_raises_and_goes_on() -> None:
    worker = Worker("test")
    with pytest.raises(ZeroDivisionError):
        await worker.do(lambda: 1 / 0)
    assert await worker.do(lambda: 1) == 1
    worker.close()


async def test_works_in_the_order_of_asking_one_after_another() -> None:
    worker = Worker("test")
    running: list[int] = []
    order: list[int] = []

    def work(number: int) -> None:
        running.append(number)
        time.sleep(0.002)
        assert running == [number]
        running.remove(number)
        order.append(number)

    async def ask(number: int) -> None:
        await worker.do(lambda: work(number))

    await asyncio.gather(*(ask(number) for number in range(10)))
    assert order == list(range(10))
    worker.close()


async def test_who_stops_waiting_does_not_stop_the_work_nor_the_next() -> None:
    worker = Worker("test")
    begun, go, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go.wait(5)
        done.set()

    waiting = asyncio.create_task(worker.do(work))
    await asyncio.to_thread(begun.wait, 5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    assert await worker.do(done.is_set)
    worker.close()


async def test_work_that_nobody_waits_for_any_more_is_not_begun() -> None:
    worker = Worker("test")
    go = threading.Event()
    done: list[str] = []
    worker.post(lambda: go.wait(5))
    waiting = asyncio.create_task(worker.do(lambda: done.append("work")))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    go.set()
    await worker.do(lambda: done.append("next"))
    assert done == ["next"]
    worker.close()


async def test_what_fails_for_nobody_in_particular_is_logged_and_the_thread_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = Worker("test of posting")
    cards: dict[str, str] = {}
    worker.post(lambda: cards["陈建国"])
    worker.post(sys.exit)
    assert await worker.do(lambda: 1) == 1
    assert caplog.messages == [
        "test of posting: what was left to do failed: KeyError",
        "test of posting: what was left to do failed: SystemExit",
    ]
    worker.close()


async def test_after_close_the_thread_ends_and_work_is_refused() -> None:
    worker = Worker("test of closing")
    worker.close()
    worker.close()
    with pytest.raises(RuntimeError):
        await worker.do(lambda: 1)
    for thread in threading.enumerate():
        if thread.name == "test of closing":
            await asyncio.to_thread(thread.join, 5)
            assert not thread.is_alive()


def test_work_that_hangs_does_not_hold_the_exit() -> None:
    program = """
import asyncio, time
from devices.worker import Worker
async def main():
    worker = Worker("hangs")
    try:
        await asyncio.wait_for(worker.do(lambda: time.sleep(60)), 0.05)
    except TimeoutError:
        pass
asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", program], timeout=20, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


async def test_work_that_nobody_waits_for_any_more_is_forgotten_before_its_turn() -> None:
    """The thread may be busy for long, and what it was to do may know of a person."""
    worker = Worker("test of forgetting")
    busy, thing = threading.Event(), Thing()
    known = weakref.ref(thing)
    holding = asyncio.create_task(worker.do(lambda: busy.wait(5)))
    waiting = asyncio.create_task(worker.do(thing.work))
    del thing
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    del waiting
    gc.collect()
    assert known() is None
    busy.set()
    assert await holding
    worker.close()


class Thing:
    def work(self) -> None: ...
