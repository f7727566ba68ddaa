from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager

import pytest

from devices import StatusLight, open_driver
from devices.errors import Garbled, Silent
from devices.light import LAMPS, ModbusLight, crc, framed, is_there
from devices.lines import open_line
from devices.simulated.ends import End, make_end
from devices.simulated.light import SimulatedLight
from devices.supervisor import Supervisor
from tests.devices.light_contract import LightContract
from tests.devices.programs import devices


@contextmanager
def plugged_in(board: SimulatedLight, line: str) -> Iterator[End]:
    """The board at the end of a line, in a thread of its own."""
    plugged: Future[tuple[End, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        end = make_end(line, board, lambda: None, "light")
        await end.plug()
        over = asyncio.Event()
        plugged.set_result((end, asyncio.get_running_loop(), over))
        await over.wait()
        await end.close()

    thread = threading.Thread(target=asyncio.run, args=[live()])
    thread.start()
    end, loop, over = plugged.result(5)
    try:
        yield end
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


class OverALine(LightContract):
    url: str

    @pytest.fixture
    def board(self) -> SimulatedLight:
        return SimulatedLight(unit=7)

    @pytest.fixture
    def light(self, board: SimulatedLight) -> Iterator[StatusLight]:
        with plugged_in(board, self.url) as end:
            driver = open_driver("light", "modbus", end.url, unit=7)
            driver.hello()
            yield driver
            driver.close()


class TestModbusOverTcp(OverALine):
    url = "tcp://127.0.0.1:0"


class TestModbusOverASerialLine(OverALine):
    url = "pty://"


def test_a_request_is_the_one_of_the_standard() -> None:
    """The example of MODBUS Application Protocol V1.1b3, 6.11, with the checksum that a calculator of another make has:
    write 10 coils from address 19, CD 01."""
    assert framed(bytes.fromhex("11 0F 00 13 00 0A 02 CD 01")) == bytes.fromhex("11 0F 00 13 00 0A 02 CD 01 BF 0B")
    assert crc(b"123456789") == 0x4B37  # the check value of CRC-16/MODBUS


def test_a_board_of_another_number_is_not_there() -> None:
    with (
        plugged_in(SimulatedLight(unit=2), "tcp://127.0.0.1:0") as end,
        closing(open_line(end.url)) as line,
    ):
        assert not is_there(line)
        with pytest.raises(Silent):
            ModbusLight(line).hello()
        ModbusLight(line, unit=2).hello()


def test_a_board_that_refuses_is_there() -> None:
    """At the right rate, that is."""
    board = SimulatedLight()
    board.faults.add("refuse:2", 1)
    with plugged_in(board, "tcp://127.0.0.1:0") as end, closing(open_line(end.url)) as line:
        assert is_there(line)


class Flood:
    """A line that never stops sending, some bytes at a time."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.read_so_far = 0
        self.written = b""

    def write(self, data: bytes, within: float) -> None:
        self.written += data

    def read(self, size: int, within: float) -> bytes:
        assert self.read_so_far < 1_000_000, "it does not end"
        self.read_so_far += min(size, self.size)
        return bytes(min(size, self.size))

    def cancel(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


@pytest.mark.parametrize("size", [1, 64, 256])
def test_a_line_that_never_stops_sending_does_not_hold_the_driver(size: int) -> None:
    flood = Flood(size)
    with pytest.raises(Garbled, match="never stops"):
        ModbusLight(flood).show("help")
    assert flood.written == b""
    assert not is_there(Flood(size))


async def test_a_supervisor_keeps_it() -> None:
    board = SimulatedLight()
    with plugged_in(board, "tcp://127.0.0.1:0") as end:
        url = end.url
        supervisor: Supervisor[StatusLight] = Supervisor("light", lambda: open_driver("light", "modbus", url))
        ready = asyncio.Event()
        supervisor.on_change = lambda state: ready.set() if state == "ready" else None
        running = asyncio.create_task(supervisor.run())
        async with asyncio.timeout(30):
            await ready.wait()
            await supervisor.use(lambda light: light.show("busy"))
        assert board.lamps == LAMPS["busy"]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_the_commands_light_a_lamp_and_ask_for_it() -> None:
    board = SimulatedLight()
    with plugged_in(board, "tcp://127.0.0.1:0") as end:
        assert devices("light", "help", "--line", end.url).returncode == 0
        assert board.lamps == LAMPS["help"]
        assert devices("status", "--driver", "modbus", "--line", end.url).stdout == b"ready\n"
        board.faults.add("refuse:4", 1)
        done = devices("light", "free", "--line", end.url)
    assert (done.returncode, done.stderr) == (4, b"light failed: device failure\n")
