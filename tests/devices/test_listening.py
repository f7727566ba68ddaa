"""A port that ends with all that came in through it. A socket that is left open fails the test by its warning."""

from __future__ import annotations

import asyncio
import gc
import socket

import pytest

from devices.simulated.listening import Listener


@pytest.mark.parametrize("turns", range(6))
def test_it_ends_with_a_connection_that_is_just_coming_in(turns: int) -> None:
    """However far it got: nobody's socket stays open, and the far end hears of it."""

    async def live() -> None:
        listener = Listener(_echo)
        port = await listener.open("127.0.0.1", 0)
        with socket.create_connection(("127.0.0.1", port), timeout=5) as far:
            for _ in range(turns):
                await asyncio.sleep(0)
            await listener.close()
            assert await asyncio.to_thread(_heard, far) == b""

    asyncio.run(live())
    gc.collect()


def test_it_serves_again_on_its_old_port() -> None:
    """Closed and opened; who served before is gone."""

    async def live() -> None:
        listener = Listener(_echo)
        port = await listener.open("127.0.0.1", 0)
        await listener.close()
        assert not listener.is_open
        assert await listener.open("127.0.0.1", port) == port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        await listener.close()
        assert await reader.read() == b""
        writer.close()

    asyncio.run(live())


def _heard(far: socket.socket) -> bytes:
    try:
        return far.recv(16)
    except ConnectionResetError:
        return b""


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
