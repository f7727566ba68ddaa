"""The driver with a real pcscd and a virtual card; with a child that does not do as it should; and supervised."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices import SocialCardReader, open_driver
from devices.child import ChildLine
from devices.control import SimulatorControl
from devices.errors import Garbled, Lost, Refused, Silent
from devices.lines import open_line
from devices.pcsc_reader import PcscReader
from devices.samv import NoCard
from devices.simulated.pcscd import READERS
from devices.social_card import SocialCard
from devices.supervisor import Supervisor
from tests.devices.programs import Simulators, devices
from tests.devices.social_card_contract import COMES, SocialCardReaderContract


@pytest.fixture
def slot(social_cards: Simulators) -> Iterator[Simulators]:
    """Empty, and after the test in order."""
    control = social_cards.control
    control.remove()
    yield social_cards
    control.clear("social_card")
    control.remove()
    control.plug("social_card")
    control.service(True)


def child(line_url: str) -> ChildLine:
    line = open_line(line_url)
    assert isinstance(line, ChildLine)
    return line


class TestPcscReader(SocialCardReaderContract):
    @pytest.fixture
    def desk(self, slot: Simulators) -> SimulatorControl:
        return slot.control

    @pytest.fixture
    def reader(self, slot: Simulators, desk: SimulatorControl) -> Iterator[SocialCardReader]:
        driver = PcscReader(child(slot.social_card), patience=0.9)
        driver.hello()
        yield driver
        driver.close()


def test_the_reader_is_chosen_by_a_part_of_its_name(slot: Simulators) -> None:
    slot.control.insert("ouyang")
    other = open_driver("social_card", "pcsc", f"{slot.social_card}&reader={READERS[1][-5:].replace(' ', '%20')}")
    assert other.hello() is None
    assert other.read(1.0) == NoCard()
    other.close()
    nobody = open_driver("social_card", "pcsc", f"{slot.social_card}&reader=ACR")
    assert nobody.hello() == "no card reader"
    nobody.close()
    right = open_driver("social_card", "pcsc", f"{slot.social_card}&reader=pcd%2000%2000")
    assert isinstance(right.read(COMES), SocialCard)
    right.close()


def test_no_context_and_no_card_is_kept(slot: Simulators) -> None:
    """pcscd has 200 of them for the whole machine; a program that keeps them is noticed by the others."""
    line = child(slot.social_card)
    reader = PcscReader(line)
    slot.control.insert("ouyang")
    assert isinstance(reader.read(COMES), SocialCard)
    before = descriptors(line)
    for _ in range(220):
        assert isinstance(reader.read(again=True), SocialCard)
    assert descriptors(line) == before
    reader.close()


def descriptors(line: ChildLine) -> int:
    """Root alone sees them: the child keeps to itself."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    return len(os.listdir(f"/proc/{line._process.pid}/fd"))


def test_the_child_ends_with_its_line_even_in_the_middle_of_a_wait(slot: Simulators) -> None:
    for end in (ChildLine.close, abandon):
        line = child(slot.social_card)
        PcscReader(line).hello()
        line.write(b'{"do": "read", "within": 60.0, "again": false}\n', 1.0)
        end(line)
        assert line._process.wait(5) in (0, -signal.SIGKILL)
        line.close()


def abandon(line: ChildLine) -> None:
    """As when this program is killed: nobody ends the child, its stdin does."""
    line._line.close()


def test_a_wait_is_ended_by_cancel_at_once(slot: Simulators) -> None:
    reader = open_driver("social_card", "pcsc", slot.social_card)
    reader.hello()
    ended: list[float] = []

    def wait() -> None:
        with pytest.raises(Lost):
            reader.read(30.0)
        ended.append(time.monotonic())

    thread = threading.Thread(target=wait)
    thread.start()
    begun = time.monotonic()
    reader.cancel()
    thread.join(5)
    assert ended
    assert ended[0] - begun < 1.0
    reader.close()


def test_service_and_reader_are_told_apart_and_leave_each_other_alone(slot: Simulators) -> None:
    def told() -> tuple[bool, bool]:
        state = slot.control.state()["social_card"]
        assert state is not None
        return state["service"], state["plugged"]

    assert told() == (True, True)
    slot.control.service(False)
    assert told() == (False, True)
    slot.control.unplug("social_card")
    assert told() == (False, False)
    slot.control.service(True)
    assert told() == (True, False)
    driver = open_driver("social_card", "pcsc", slot.social_card)
    assert driver.hello() == "no card reader"
    slot.control.plug("social_card")
    assert driver.hello() is None
    driver.close()


async def test_a_service_that_was_killed_comes_back_without_a_restart_of_anything_else(slot: Simulators) -> None:
    """The supervisor tells what hinders while pcscd is away; the driver, and its child, stay."""
    opened: list[SocialCardReader] = []

    def connect() -> SocialCardReader:
        opened.append(open_driver("social_card", "pcsc", slot.social_card))
        return opened[-1]

    changed = asyncio.Event()
    supervisor = Supervisor("social card", connect, lambda _state: changed.set())

    async def until(is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not is_so():
                changed.clear()
                await changed.wait()

    running = asyncio.create_task(supervisor.run())
    try:
        await until(lambda: supervisor.state == "ready")
        await asyncio.to_thread(slot.control.service, False)
        await until(lambda: supervisor.hindrance == "no PC/SC service")
        await asyncio.to_thread(slot.control.service, True)
        await until(lambda: supervisor.hindrance is None)
        await asyncio.to_thread(slot.control.insert, "lin-xiuying")
        card = await supervisor.use(lambda reader: reader.read(COMES))
        assert isinstance(card, SocialCard)
        assert len(opened) == 1
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_the_program_reads_a_card_and_says_what_is_missing(slot: Simulators) -> None:
    line = slot.social_card
    assert devices("status", "--line", line, "--driver", "pcsc").stdout == b"ready\n"
    done = devices("read", "social-card", "--line", line, "--timeout", "0.1")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"no card came in time\n")
    slot.control.insert("rare", 1)
    done = devices("read", "social-card", "--line", line, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    said = json.loads(done.stdout)
    assert (said["name"], said["generation"], said["birth"]) == ("禤𠮷䶮", 1, "1987-06-11")
    assert (said["missing"], said["warnings"]) == ({}, [])
    slot.control.fault("social_card", "locked")
    done = devices("read", "social-card", "--line", line)
    assert "name: - (locked)" in done.stdout.decode().splitlines()


def test_the_program_tells_the_number_of_a_contactless_chip(slot: Simulators) -> None:
    slot.control.insert("ouyang", 3)
    assert devices("read", "uid", "--line", slot.social_card).stdout == b"08070405\n"
    slot.control.insert("ouyang", 2)
    done = devices("read", "uid", "--line", slot.social_card)
    assert (done.returncode, done.stderr) == (4, b"card not read: no number\n")


def test_the_program_says_in_one_line_what_went_wrong(slot: Simulators) -> None:
    slot.control.fault("social_card", "sw:6a82@select")
    slot.control.insert("ouyang")
    done = devices("read", "social-card", "--line", slot.social_card)
    assert (done.returncode, done.stderr) == (4, b"card not read: not a social security card\n")
    done = devices("read", "social-card", "--line", "pcsc://?service=/nowhere/pcscd.comm")
    assert (done.returncode, done.stderr) == (4, b"card not read: no PC/SC service\n")
    assert devices("read", "social-card", "--line", "pcsc://?cards=2").returncode == 2


class ScriptedChild:
    """A child that says what is written down, to whatever it hears; silence costs nothing."""

    def __init__(self, *says: bytes) -> None:
        self._says = list(says)
        self.restarts = 0

    def write(self, data: bytes, within: float) -> None: ...

    def read(self, size: int, within: float) -> bytes:
        return self._says.pop(0) if self._says else b""

    def restart(self) -> None:
        self.restarts += 1
        self._says = [b'{"event": "ready"}\n', b'{"hindrance": null}\n']

    def cancel(self) -> None: ...

    def close(self) -> None: ...


READY, CARD = b'{"event": "ready"}\n', b'{"event": "card"}\n'


def test_a_child_that_says_nothing_is_replaced() -> None:
    for says in ((), (READY,)):
        line = ScriptedChild(*says)
        reader = PcscReader(line)
        with pytest.raises(Silent):
            reader.hello()
        assert line.restarts == 1
        assert reader.hello() is None


def test_a_child_that_is_stuck_in_a_card_is_replaced_and_the_card_refused() -> None:
    line = ScriptedChild(READY, CARD, CARD)
    reader = PcscReader(line)
    with pytest.raises(Refused, match="card does not answer"):
        reader.read()
    assert line.restarts == 1
    assert reader.hello() is None


def test_a_child_that_tells_of_cards_for_ever_is_replaced() -> None:
    class Fluttering(ScriptedChild):
        def read(self, size: int, within: float) -> bytes:
            time.sleep(0.001)
            return READY if self.restarts or not self._says else self._says[0]

    line = Fluttering(CARD)
    reader = PcscReader(line, patience=0.1)
    reader._ready = True
    with pytest.raises(Refused, match="card does not answer"):
        reader.read()
    assert line.restarts == 1


def test_a_child_that_never_ends_a_line_is_lost() -> None:
    with pytest.raises(Lost, match="without an end"):
        PcscReader(ScriptedChild(READY, *[b"x" * 65536] * 10)).hello()


@pytest.mark.parametrize("words", [b"Traceback\n", b"[]\n", b"7\n", b"\xff\n"])
def test_a_child_that_speaks_no_json_is_lost(words: bytes) -> None:
    with pytest.raises(Lost):
        PcscReader(ScriptedChild(READY, words)).hello()


VALUES = st.one_of(
    st.none(), st.booleans(), st.just("card"), st.text(max_size=5),
    st.dictionaries(st.sampled_from(["09", "01", "zz"]), st.sampled_from(["locked", "d5c5", "xx", "1"]), max_size=2),
)  # fmt: skip
KEYS = st.sampled_from(["hindrance", "records", "no_card", "uid", "refused", "garbled", "event"])
SAID = st.one_of(
    st.binary(max_size=40),
    st.dictionaries(KEYS, VALUES, max_size=2).map(lambda said: json.dumps(said).encode()),
)


@settings(max_examples=60)
@given(st.lists(SAID.map(lambda said: said + b"\n"), max_size=4), st.integers(1, 60))
@example([b'{"records": {"09": "d5c5"}}\n', b'{"hindrance"'], 1)
@example([b'{"records": {"zz": "1"}}\n'], 60)
def test_whatever_a_child_says_gives_a_typed_outcome(says: list[bytes], size: int) -> None:
    """In pieces of any size, too."""
    said = b"".join((READY, *says))
    pieces = [said[start : start + size] for start in range(0, len(said), size)]
    attempts: tuple[Callable[[PcscReader], object], ...] = (PcscReader.hello, PcscReader.read, PcscReader.uid)
    for attempt in attempts:
        reader = PcscReader(ScriptedChild(*pieces))
        try:
            outcome = attempt(reader)
        except (Garbled, Lost, Refused):
            continue
        assert outcome is None or isinstance(outcome, str | NoCard | SocialCard)
