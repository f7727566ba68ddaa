"""A TCP port that ends with all that came in through it.

asyncio's own server hands a connection to a task; a task that is cancelled before its first step never learns that it
has one to close. Here a connection is known from the moment that it is accepted.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine
from typing import Final

ACCEPTING: Final = 3
"""Turns of the loop between what the kernel accepted and the call of who serves it."""

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


class Listener:
    """Serves every connection in a task of its own, which need not close it. Can be opened again once it is closed."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self, host: str, port: int) -> int:
        """Listens; the port. OSError when it is taken."""
        self._server = await asyncio.start_server(self._accept, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def is_open(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """Those that listen."""
        return tuple(self._server.sockets) if self._server is not None else ()

    async def close(self) -> None:
        """Ends every connection, sent to its end or not, and waits for those who served them."""
        if self._server is None:
            return
        server, self._server = self._server, None
        for each in server.sockets:
            asyncio.get_running_loop().remove_reader(each.fileno())
        for _ in range(ACCEPTING):  # asyncio forgets what it is accepting when its server is closed under it
            await asyncio.sleep(0)
        server.close()
        serving = [task for task in self._connections if task is not asyncio.current_task()]
        for task in serving:
            self._connections[task].transport.abort()
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        writer = self._connections.pop(task)
        writer.transport.abort() if writer.is_closing() else writer.close()
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler({"message": "a connection failed", "exception": error})
