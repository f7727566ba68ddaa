"""The simulated card's end of its line: a slot of a real pcscd's virtual reader.

The reader is unplugged by a service without readers. A card is in the slot as long as the connection to vpcd stands.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import quote

from devices.simulated.ends import End
from devices.simulated.pcscd import Pcscd
from devices.simulated.social_card import SimulatedSocialCard


class VpcdEnd(End):
    def __init__(self, device: SimulatedSocialCard, on_change: Callable[[], None]) -> None:
        super().__init__(on_change)
        self._card = device
        self._pcscd: Pcscd | None = None
        self._is_up = False
        self._connection: socket.socket | None = None
        self._serving: asyncio.Task[None] | None = None
        device.on_move = self._card_moved

    def state(self) -> Mapping[str, object]:
        return {**super().state(), "service": self._is_up}

    async def plug(self) -> None:
        """Unavailable (an OSError) where there can be no such service."""
        if self.plugged:
            return
        if self._pcscd is None:
            self._pcscd = await asyncio.to_thread(Pcscd)
            self.url = f"pcsc://?service={quote(self._pcscd.address)}"
            self._is_up = True
        elif self._is_up:
            await asyncio.to_thread(self._pcscd.start)
        self.plugged = True
        self._card_moved()
        self._on_change()

    async def unplug(self) -> None:
        if self.plugged and self._pcscd is not None:
            self.plugged = False
            self._card_moved()
            if self._is_up:
                await asyncio.to_thread(self._pcscd.start, with_reader=False)
            self._on_change()

    async def service(self, up: bool) -> None:
        """Kill pcscd, or start it (again), with its reader where that is plugged in."""
        if self._pcscd is not None:
            if up:
                await asyncio.to_thread(self._pcscd.start, with_reader=self.plugged)
            else:
                await asyncio.to_thread(self._pcscd.kill)
            self._is_up = up
            self._card_moved()
            self._on_change()

    async def close(self) -> None:
        serving = self._serving
        self.plugged = False
        self._card_moved()
        if serving is not None:
            with suppress(asyncio.CancelledError):
                await serving
        if self._pcscd is not None:
            await asyncio.to_thread(self._pcscd.close)
            self._pcscd = None

    def _card_moved(self) -> None:
        """Out with the one that is in; in with another, at once."""
        if self._serving is not None:
            self._serving.cancel()
            self._serving = None
        self._leave()
        if self.plugged and self._card.is_in and self._pcscd is not None:
            self._serving = asyncio.create_task(self._insert(self._pcscd))

    async def _insert(self, pcscd: Pcscd) -> None:
        """vpcd takes a card in when it looks next, a second later at worst: no other device is to wait for that."""
        connecting = asyncio.ensure_future(asyncio.to_thread(pcscd.card))
        try:
            self._connection = await asyncio.shield(connecting)
        except OSError:
            return  # nobody listens: the card lies in a reader that is off
        except asyncio.CancelledError:
            connecting.add_done_callback(_close)
            raise
        await self._serve(self._connection)

    def _leave(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection = None
            self.is_connected = False

    async def _serve(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._card.connected()
        self.is_connected = True
        self._on_change()
        try:
            # vpcd sends a length and, after that was acknowledged, the body: an acknowledgement held back costs 40 ms.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            while data := await loop.sock_recv(connection, 65536):
                await self._do(self._card.receive(data))
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        except OSError:
            pass  # pulled out, or the service has gone
        finally:
            connection.close()  # by whoever reads from it: its number may be another's at once
        self._leave()
        self._on_change()

    async def _send(self, data: bytes) -> None:
        if self._connection is not None:
            await asyncio.get_running_loop().sock_sendall(self._connection, data)

    async def _hang_up(self) -> None:
        self._leave()


def _close(connecting: asyncio.Future[socket.socket]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        connecting.result().close()
