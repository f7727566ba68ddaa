"""The device's end of a line: a TCP port or a pty, plugged in or not.

Over TCP there is one connection at a time, as at a serial device server: a second one is closed at once while the
first is alive, and takes over when the other end of the first has gone. A server of the network, such as an IPP
printer, lets in all who come, and hears each with an ear of its own: CUPS watches over one connection what it sends
over another. Over a pty the line outlives its clients, as a serial port does; its URL names a link of ours, as
/dev/serial/by-id does, because each plugging in makes a pty of another name.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import socket
import struct
import tempfile
import tty
from abc import ABC, abstractmethod
from asyncio.trsock import TransportSocket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from devices.simulated.listening import Listener
from devices.simulated.wire import HangUp, Move, Pause, SimulatedDevice, SimulatedServer

ESTABLISHED = 1
"""tcpi_state in Linux' struct tcp_info."""
SO_ATTACH_FILTER, BPF_RET_K = 26, 0x06
"""Linux' asm-generic/socket.h and linux/bpf_common.h: attach a filter; return a constant."""


class End(ABC):
    """One simulated device on one line. `on_change` is called when it is plugged, unplugged or connected."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self.url = ""
        self.plugged = False
        self.is_connected = False
        self._hushed = 0
        self._speaking = asyncio.Lock()

    def state(self) -> Mapping[str, object]:
        """What there is to know of it."""
        return {"plugged": self.plugged, "connected": self.is_connected}

    @abstractmethod
    async def plug(self) -> None:
        """Be there, under the same URL as before. OSError when that is not possible."""

    @abstractmethod
    async def unplug(self) -> None:
        """Be gone: whoever is connected loses the line."""

    def cut(self) -> None:
        """Be gone without an end of the line, as when the power fails, until plugged in again. ValueError where no such
        thing is known: a serial adapter whose device has no power stays where it is, and the device is silent."""
        raise ValueError("only a device of the network goes without an end of its line")

    async def close(self) -> None:
        """Unplug for good."""
        await self.unplug()

    def hush(self) -> None:
        """Leave unsaid what the device has not said yet."""
        self._hushed += 1

    async def say(self, moves: Iterable[Move]) -> None:
        """What the device does unasked, such as sending the code that was scanned; in nobody's ear it is lost."""
        try:
            await self._do(moves)
        except OSError:
            await self._hang_up()

    async def _do(self, moves: Iterable[Move]) -> None:
        """One thing after another: an answer is not mixed with what is said unasked. A HangUp ends with
        ConnectionAbortedError."""
        async with self._speaking:
            await self._speak(moves, self._send)

    async def _speak(self, moves: Iterable[Move], send: Callable[[bytes], Awaitable[None]]) -> None:
        hushed = self._hushed
        for move in moves:
            if self._hushed != hushed:
                return
            match move:
                case bytes():
                    await send(move)
                case Pause(seconds):
                    await asyncio.sleep(seconds)
                case HangUp():
                    raise ConnectionAbortedError

    @abstractmethod
    async def _send(self, data: bytes) -> None: ...

    @abstractmethod
    async def _hang_up(self) -> None:
        """End the line, which can be opened again."""


class _Port(End):
    """A port that others connect to."""

    def __init__(self, on_change: Callable[[], None], host: str, port: int) -> None:
        super().__init__(on_change)
        self._host, self._port = host, port
        self._listener = Listener(self._serve)
        self._writers: list[asyncio.StreamWriter] = []
        self._is_cut = False

    async def plug(self) -> None:
        if self._is_cut:
            await self.unplug()
        if not self._listener.is_open:
            self._port = await self._listener.open(self._host, self._port)
            self.url = f"tcp://{self._host}:{self._port}"
            self.plugged = True
            self._on_change()

    async def unplug(self) -> None:
        if self._listener.is_open:
            self.plugged = self._is_cut = False
            await self._listener.close()
            self._on_change()

    @abstractmethod
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None: ...

    async def _converse(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self._writers.append(writer)
        self._connections_changed()
        try:
            while data := await reader.read(4096):
                await answer(data)
        finally:
            self._writers.remove(writer)
            self._connections_changed()

    def _connections_changed(self) -> None:
        self.is_connected = bool(self._writers)
        self._on_change()

    async def _send(self, data: bytes) -> None:
        for writer in tuple(self._writers):
            await _sent(writer, data)

    async def _hang_up(self) -> None:
        for writer in self._writers:
            writer.close()

    def cut(self) -> None:
        """The kernel throws away what comes for our sockets, unanswered: the other end hears of nothing any more."""
        if not self._listener.is_open:
            raise ValueError("not plugged in")
        for one in (*self._listener.sockets, *(writer.get_extra_info("socket") for writer in self._writers)):
            _make_deaf(one)
        self._is_cut = True
        self.plugged = self.is_connected = False
        self._on_change()


class TcpEnd(_Port):
    """One connection at a time."""

    def __init__(self, device: SimulatedDevice, on_change: Callable[[], None], host: str, port: int) -> None:
        super().__init__(on_change, host, port)
        self._device = device
        self._turn = asyncio.Lock()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if any(_alive(other) for other in self._writers):
            return
        with suppress(OSError):  # hung up, by either end
            async with self._turn:
                self._device.connected()
                await self._converse(reader, writer, self._answer)

    async def _answer(self, data: bytes) -> None:
        await self._do(self._device.receive(data))


class ServerEnd(_Port):
    """As many connections as come; one does not wait for another."""

    def __init__(self, server: SimulatedServer, on_change: Callable[[], None], host: str, port: int) -> None:
        super().__init__(on_change, host, port)
        self._server = server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hear = self._server.ear()

        async def answer(data: bytes) -> None:
            await self._speak(hear(data), partial(_sent, writer))

        with suppress(OSError):  # hung up, by either end
            await self._converse(reader, writer, answer)


async def _sent(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def _make_deaf(connection: socket.socket | TransportSocket) -> None:
    """A socket filter (BPF) of one instruction: keep 0 bytes of every packet. Not even an acknowledgement goes out."""
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", BPF_RET_K, 0, 0, 0))
    program = struct.pack("HP", 1, ctypes.addressof(drop_all))
    connection.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def _alive(writer: asyncio.StreamWriter) -> bool:
    """Whether the other end still holds the connection, asked of the kernel: unread bytes may hide its end from us."""
    if writer.is_closing():
        return False
    connection: TransportSocket = writer.get_extra_info("socket")
    state: bytes = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    return state[0] == ESTABLISHED


class PtyEnd(End):
    def __init__(self, device: SimulatedDevice, on_change: Callable[[], None], name: str) -> None:
        super().__init__(on_change)
        self._device = device
        self._folder = Path(tempfile.mkdtemp(prefix="simulated-"))
        self._link = self._folder / name
        self._name = ""
        self._ends: tuple[int, int] | None = None
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._serving: asyncio.Task[None] | None = None

    async def plug(self) -> None:
        if self._ends is None:
            ours, theirs = _openpty_other_than(self._name)
            self._name = os.ttyname(theirs)
            tty.setraw(ours)
            os.set_blocking(ours, False)
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self._name)
            self._ends = ours, theirs  # their end stays open here too, so that a client's closing does not end the pty
            self.url = f"serial://{self._link}?baud=115200"
            self.plugged = self.is_connected = True
            self._device.connected()
            asyncio.get_running_loop().add_reader(ours, self._on_bytes, ours)
            self._serving = asyncio.create_task(self._serve())
            self._on_change()

    async def unplug(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            with suppress(asyncio.CancelledError):
                await self._serving
        self._end()

    def _end(self) -> None:
        if self._ends is not None:
            self._serving = None
            asyncio.get_running_loop().remove_reader(self._ends[0])
            self._link.unlink(missing_ok=True)
            for descriptor in self._ends:
                os.close(descriptor)
            self._ends = None
            self._heard = asyncio.Queue()
            self.plugged = self.is_connected = False
            self._on_change()

    async def close(self) -> None:
        await self.unplug()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _serve(self) -> None:
        try:
            while True:
                await self._do(self._device.receive(await self._heard.get()))
        except ConnectionAbortedError:
            self._end()
            await self.plug()

    def _on_bytes(self, ours: int) -> None:
        with suppress(BlockingIOError):
            self._heard.put_nowait(os.read(ours, 4096))

    async def _send(self, data: bytes) -> None:
        """What nobody reads is lost after a second, as on a wire."""
        rest = data
        for _ in range(100):
            if self._ends is None or not rest:
                return
            try:
                rest = rest[os.write(self._ends[0], rest) :]
            except BlockingIOError:
                await asyncio.sleep(0.01)

    async def _hang_up(self) -> None:
        await self.unplug()
        await self.plug()


def _openpty_other_than(name: str) -> tuple[int, int]:
    """A serial adapter that is plugged in again may be numbered differently: ours always is."""
    ours, theirs = os.openpty()
    if os.ttyname(theirs) != name:
        return ours, theirs
    others = os.openpty()
    os.close(ours)
    os.close(theirs)
    return others


def make_end(url: str, device: SimulatedDevice, on_change: Callable[[], None], name: str) -> End:
    """An end for `tcp://127.0.0.1:PORT` (0: any free port) or `pty://`, not plugged in yet. ValueError otherwise."""
    if url == "pty://":
        return PtyEnd(device, on_change, name)
    return TcpEnd(device, on_change, *tcp_address(url))


def make_server_end(url: str, server: SimulatedServer, on_change: Callable[[], None]) -> End:
    """An end for `tcp://127.0.0.1:PORT` (0: any free port), not plugged in yet. ValueError otherwise."""
    return ServerEnd(server, on_change, *tcp_address(url))


def tcp_address(url: str, scheme: str = "tcp") -> tuple[str, int]:
    """Host and port of `tcp://HOST:PORT`. ValueError otherwise."""
    parts = urlsplit(url)
    if parts.scheme != scheme or not parts.hostname or parts.port is None or parts.path not in ("", "/"):
        raise ValueError(f"{url!r} is not {scheme}://HOST:PORT")
    return parts.hostname, parts.port
