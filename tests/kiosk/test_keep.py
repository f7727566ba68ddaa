"""A service that fails is started again, and says when it keeps failing."""

from __future__ import annotations

import asyncio
import gc

import pytest

import main
from kiosk import keep as keeping
from kiosk.keep import FAILURES, keep
from tests.kiosk.people import LIN


class Heard:
    """What the service's keeper said."""

    def __init__(self) -> None:
        self.said: list[str | None] = []
        self.came = asyncio.Event()

    def __call__(self, name: str | None) -> None:
        self.said.append(name)
        self.came.set()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "PAUSES", (0.0, 0.0))


async def test_it_is_started_again_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    begun = 0
    standing = asyncio.Event()

    async def service() -> None:
        nonlocal begun
        begun += 1
        if begun < FAILURES:
            raise OSError("the cable")
        standing.set()
        await asyncio.Event().wait()

    heard = Heard()
    task = asyncio.create_task(keep("printer", service, heard))
    await asyncio.wait_for(standing.wait(), 5)
    assert heard.said == []
    assert [message.split("\n")[0] for message in caplog.messages] == ["printer failed: OSError"] * (FAILURES - 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_five_failures_in_a_minute_mean_out_of_order_until_it_is_tried_again() -> None:
    async def service() -> None:
        raise OSError("the cable")

    heard = Heard()
    task = asyncio.create_task(keep("sync", service, heard))
    async with asyncio.timeout(30):
        while len(heard.said) < 2:
            heard.came.clear()
            await heard.came.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard.said[:2] == ["sync", None]


async def test_what_failed_and_where_is_logged_without_the_words_of_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in a journey may quote what it was about."""
    begun = asyncio.Event()

    async def stumble() -> None:
        people: dict[str, str] = {}
        try:
            del people[LIN.name]
        except KeyError as error:
            raise ValueError(LIN.number) from error

    async def service() -> None:
        if caplog.records:
            begun.set()
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as group:
            group.create_task(stumble())

    task = asyncio.create_task(keep("reception", service, lambda _name: None))
    await begun.wait()
    task.cancel()
    (said,) = caplog.messages
    assert said.startswith("reception failed: ExceptionGroup")
    assert "from ValueError" in said
    assert "from KeyError" in said
    assert "test_keep.py" in said
    assert LIN.number not in caplog.text
    assert LIN.name not in caplog.text


async def test_an_error_that_nobody_waits_for_is_logged_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise KeyError(LIN.name)

    asyncio.get_running_loop().set_exception_handler(main._unheard)
    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()
    assert caplog.text.count("Task exception was never retrieved: KeyError") == 1
    assert LIN.name not in caplog.text


async def test_a_service_that_ends_by_itself_is_a_failure_too(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()

    async def service() -> None:
        return

    task = asyncio.create_task(keep("sync", service, heard))
    await asyncio.wait_for(heard.came.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "sync ended by itself" in caplog.text
