"""A reader on a serial line whose rate nobody wrote down. The line is a pty, whose other end can read the speed."""

from __future__ import annotations

import asyncio
import os
import select
import termios
import threading
import tty
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from devices import IdCardReader, open_driver
from devices.__main__ import app
from devices.baud import open_at_its_rate
from devices.card_text import IdCard
from devices.errors import Lost, NotFound, Silent
from devices.lines import Line
from devices.samv import frame
from devices.simulated.id_card import SimulatedReader
from devices.simulated.people import load_people
from devices.supervisor import State, Supervisor
from tests.devices.line_contract import descriptors

SPEEDS = {
    termios.B9600: 9600, termios.B19200: 19200, termios.B38400: 38400, termios.B57600: 57600, termios.B115200: 115200,
}  # fmt: skip
STATUS = frame(b"\x11\xff")


class ReaderOfOneRate:
    """A simulated reader on a port. At another rate than its own it hears noise, and may answer with noise."""

    def __init__(self, port: Path) -> None:
        self.url = f"serial://{port}"
        self.rate = 115200
        self.noisy = False
        self.heard: list[tuple[int, bytes]] = []
        """At which rate somebody spoke, and what."""
        self.reader = SimulatedReader(load_people(), sticky=True, on_change=lambda: None)
        self._port = port

    @property
    def asked_at(self) -> list[int]:
        rates = [rate for rate, _ in self.heard]
        return [rate for at, rate in enumerate(rates) if at == 0 or rate != rates[at - 1]]

    def plug(self) -> None:
        self._plugged = True
        ours, theirs = os.openpty()
        tty.setraw(ours)
        self._port.symlink_to(os.ttyname(theirs))
        self._listening = threading.Thread(target=self._listen, args=(ours, theirs), daemon=True)
        self._listening.start()

    def unplug(self) -> None:
        self._port.unlink()
        self._plugged = False
        self._listening.join(5)

    def _listen(self, ours: int, theirs: int) -> None:
        while self._plugged:
            if not select.select([ours], [], [], 0.02)[0]:
                continue
            data = os.read(ours, 4096)
            rate = SPEEDS[termios.tcgetattr(ours)[4]]
            self.heard.append((rate, data))
            if rate == self.rate:
                for move in self.reader.receive(data):
                    assert isinstance(move, bytes)
                    os.write(ours, move)
            elif self.noisy:
                os.write(ours, bytes(byte ^ 0x5A for byte in data))
        os.close(theirs)
        os.close(ours)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[ReaderOfOneRate]:
    reader = ReaderOfOneRate(tmp_path / "port")
    reader.plug()
    yield reader
    reader.unplug()


@pytest.mark.parametrize(
    ("rate", "noisy", "asked_at"), [(9600, True, [115200, 57600, 38400, 19200, 9600]), (57600, False, [115200, 57600])]
)
def test_a_reader_is_found_at_its_rate_and_looked_for_there_first(
    reader: ReaderOfOneRate, rate: int, noisy: bool, asked_at: list[int]
) -> None:
    """From the fastest down, with a question that changes nothing, least of all the rate."""
    reader.rate, reader.noisy = rate, noisy
    with closing(open_driver("id_card", "samv", reader.url)):
        pass
    assert reader.asked_at == asked_at
    assert {data for _, data in reader.heard} == {STATUS}
    reader.heard.clear()
    reader.reader.present("rare")
    with closing(open_driver("id_card", "samv", reader.url)) as driver:
        assert isinstance(driver.read(), IdCard)
    assert reader.asked_at == [rate]


def test_a_reader_out_of_order_is_found_too(reader: ReaderOfOneRate) -> None:
    """What it says is for the greeting to judge; that it says it is enough here."""
    reader.reader.faults.add("sw3:66", None)
    open_driver("id_card", "samv", reader.url).close()


def test_a_rate_that_was_written_down_is_the_only_one(reader: ReaderOfOneRate) -> None:
    with closing(open_driver("id_card", "samv", f"{reader.url}?baud=19200")) as driver:
        assert reader.heard == []
        with pytest.raises(Silent):
            driver.hello()
    assert reader.asked_at == [19200]


def test_the_command_line_finds_the_rate_as_well(reader: ReaderOfOneRate) -> None:
    reader.rate = 57600
    done = CliRunner().invoke(app, ["status", "--driver", "samv", "--line", reader.url])
    assert (done.exit_code, done.stdout) == (0, "ready, SAM 05.01-20200101-0001234567-0987654321\n")


def test_where_nobody_answers_is_silence_and_nothing_is_left_open(reader: ReaderOfOneRate) -> None:
    before = descriptors()
    tried: list[Line] = []

    def nobody(line: Line) -> bool:
        tried.append(line)
        return False

    with pytest.raises(Silent, match="any rate"):
        open_at_its_rate(reader.url, nobody)
    assert len(tried) == 5

    def lost(_line: Line) -> bool:
        raise Lost("line ended")

    with pytest.raises(Lost):
        open_at_its_rate(reader.url, lost)
    with pytest.raises(NotFound):
        open_at_its_rate(f"{reader.url}-elsewhere", lost)
    assert descriptors() == before


async def test_a_reader_that_was_away_is_back_at_its_rate_within_five_seconds(reader: ReaderOfOneRate) -> None:
    reader.rate = 57600
    supervisor: Supervisor[IdCardReader] = Supervisor(
        "id card reader", lambda: open_driver("id_card", "samv", reader.url)
    )
    changed = asyncio.Event()
    supervisor.on_change = lambda _state: changed.set()

    async def becomes(state: State) -> None:
        async with asyncio.timeout(30):
            while supervisor.state != state:
                changed.clear()
                await changed.wait()

    running = asyncio.create_task(supervisor.run())
    await becomes("ready")
    reader.unplug()
    await becomes("lost")
    reader.heard.clear()
    reader.plug()
    await becomes("ready")
    assert reader.asked_at == [57600]
    running.cancel()
