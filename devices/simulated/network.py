"""The simulated network: a relay in front of a server that can be taken down and put up again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from devices.simulated.listening import Listener


class Relay:
    """Passes bytes between whoever connects and the target. Down, it refuses connections and cuts those there are."""

    def __init__(self, listen: tuple[str, int], target: tuple[str, int], on_change: Callable[[], None]) -> None:
        self._host, self._port = listen
        self._target = target
        self._on_change = on_change
        self._listener = Listener(self._serve)

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def is_up(self) -> bool:
        return self._listener.is_open

    async def up(self) -> None:
        """Listen, on the same port as before. OSError when it is taken."""
        if not self._listener.is_open:
            self._port = await self._listener.open(self._host, self._port)
            self._on_change()

    async def down(self) -> None:
        if self._listener.is_open:
            await self._listener.close()
            self._on_change()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as both:
                both.create_task(_carry(reader, far))
                both.create_task(_carry(far_reader, writer))
        except (OSError, ExceptionGroup):
            pass  # cut, by either end
        finally:
            for end in (writer, far):
                if end is not None:
                    end.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the end of what is read; the other direction goes on."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
