"""What a log says of an error: its kind and where it arose, never what a person said."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Iterator

import httpx2 as httpx
import pytest
from fastapi import FastAPI

from central import problems
from central.errors import LIBRARIES, WITHOUT_WORDS, keep_words_out
from central.serving import Server, address_of, listening


@pytest.fixture(autouse=True)
def words_kept_out() -> Iterator[None]:
    """As in the program."""
    keep_words_out()
    yield
    for library in LIBRARIES:
        logging.getLogger(library).removeFilter(WITHOUT_WORDS)


def test_a_server_that_fails_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """uvicorn logs what an application raises, with the whole traceback."""
    application = FastAPI()
    problems.install(application)

    @application.get("/")
    def fails() -> None:
        raise ValueError("陈建国 不在名单里")

    async def asked() -> int:
        with listening("127.0.0.1", 0) as listener:
            server = Server(application, listener)
            serving = asyncio.create_task(server.serve())
            await server.ready.wait()
            answer = await asyncio.to_thread(httpx.get, address_of(listener))
            server.stop()
            await serving
            return answer.status_code

    assert asyncio.run(asked()) == 500
    assert "陈建国" not in caplog.text
    (said,) = [record for record in caplog.records if record.name == "uvicorn.error"]
    assert said.getMessage().startswith("Exception in ASGI application: ValueError < fails:")


def test_a_task_that_nobody_waited_for_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ValueError("陈建国 不在名单里")

    async def lets_it_be() -> None:
        task = asyncio.create_task(fails())
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(lets_it_be())
    assert "陈建国" not in caplog.text
    assert "Task exception was never retrieved: ValueError < fails:" in caplog.text
