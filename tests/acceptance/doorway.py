"""What may stand between a kiosk and central: nothing, a fault, or something that answers in central's place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

Manners = Literal["open", "500", "rubbish", "portal", "silent"]
ANSWERS: dict[str, bytes] = {
    "500": b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\noops",
    "rubbish": b"\x00\x01\x02 this is not HTTP at all\r\n\r\n",
    "portal": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 25\r\n\r\n<html>Wi-Fi login</html>\n",
}


class Doorway:
    """A relay in front of central. ``stands`` closes what is under way, as a change of the network does."""

    def __init__(self, central: str) -> None:
        target = urlsplit(central)
        assert target.hostname is not None
        assert target.port is not None
        self._target = (target.hostname, target.port)
        self._manners: Manners = "open"
        self._open: set[asyncio.StreamWriter] = set()
        self.url = ""

    def stands(self, manners: Manners) -> None:
        """Behaves like this from here on."""
        self._manners = manners
        for writer in self._open:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self._open.add(writer)
        try:
            with suppress(OSError):
                await self._answer(reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._manners == "open":
            there, back = await asyncio.open_connection(*self._target)
            self._open.add(back)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(_pass_on(reader, back))
                    group.create_task(_pass_on(there, writer))
            finally:
                self._open.discard(back)
                back.close()
            return
        await reader.read(65536)
        if self._manners == "silent":
            await reader.read()
        else:
            writer.write(ANSWERS[self._manners])
            await writer.drain()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def doorway(central: str) -> AsyncIterator[Doorway]:
    """Stands in front of ``central`` on a free port, and ends."""
    stands = Doorway(central)
    server = await asyncio.start_server(stands.serve, "127.0.0.1", 0)
    stands.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield stands
    finally:
        server.close()
        stands.stands("500")
