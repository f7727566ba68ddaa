from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from devices.card_text import IdCard
from devices.control import Changed, SimulatorControl
from devices.errors import Garbled, Lost, NotFound, Refused, Silent
from devices.lines import Line, open_line
from devices.samv import NoCard, SamV, frame
from devices.simulated.id_card import SimulatedReader
from devices.simulated.people import load_people
from devices.simulated.wire import HangUp
from tests.devices.programs import Simulators, simulators


@pytest.fixture
def rig(reader_over_tcp: Simulators) -> Iterator[Simulators]:
    yield reader_over_tcp
    reader_over_tcp.control.clear("id_card")
    reader_over_tcp.control.plug("id_card")
    reader_over_tcp.control.lift()
    reader_over_tcp.control.sticky(True)


# -- the reader's own order --------------------------------------------------------------------------------------------


@pytest.fixture
def reader() -> SimulatedReader:
    return SimulatedReader(load_people(), sticky=True, on_change=lambda: None)


def status_of(reader: SimulatedReader, command: str) -> int:
    """SW3 of the answer to a command."""
    (answer,) = reader.receive(frame(bytes.fromhex(command)))
    assert isinstance(answer, bytes)
    return answer[9]


FIND, SELECT, READ, ADDRESS = "2001", "2002", "3001", "3003"


def test_without_a_card_nothing_is_found_selected_or_read(reader: SimulatedReader) -> None:
    assert [status_of(reader, command) for command in (FIND, SELECT, READ, ADDRESS)] == [0x80, 0x81, 0x41, 0x41]


def test_a_card_is_selected_after_it_was_found_and_read_after_it_was_selected(reader: SimulatedReader) -> None:
    reader.present("ouyang")
    assert status_of(reader, SELECT) == 0x81
    assert status_of(reader, READ) == 0x41
    assert status_of(reader, FIND) == 0x9F
    assert status_of(reader, READ) == 0x41
    assert [status_of(reader, command) for command in (SELECT, READ, ADDRESS)] == [0x90, 0x90, 0x91]


def test_a_sticky_reader_finds_a_card_that_it_has_read_only_after_it_was_lifted(reader: SimulatedReader) -> None:
    reader.present("ouyang")
    assert [status_of(reader, command) for command in (FIND, FIND, SELECT, READ, FIND)] == [
        0x9F,
        0x9F,
        0x90,
        0x90,
        0x80,
    ]
    reader.lift()
    assert status_of(reader, FIND) == 0x80
    reader.present("ouyang")
    assert status_of(reader, FIND) == 0x9F


def test_bad_requests_are_answered_as_documented(reader: SimulatedReader) -> None:
    assert status_of(reader, "7777") == 0x21
    wrong = frame(b"\x11\xff")[:-1] + b"\0"
    assert list(reader.receive(wrong)) == [bytes.fromhex("AAAAAA9669000400001014")]
    assert list(reader.receive(bytes.fromhex("AAAAAA96690001FF"))) == [frame(b"\0\0\x11")]
    assert list(reader.receive(bytes.fromhex("AAAAAA9669FFFF"))) == [frame(b"\0\0\x11")]


def test_a_request_may_come_in_pieces_and_behind_noise(reader: SimulatedReader) -> None:
    request = b"noise\xaa\xaa" + frame(b"\x11\xff")
    answers = [move for byte in request for move in reader.receive(bytes([byte]))]
    assert answers == [bytes.fromhex("AAAAAA9669000400009094")]


def test_a_fault_strikes_as_often_as_it_was_asked_for(reader: SimulatedReader) -> None:
    reader.faults.add("sw3:47@find", 2)
    assert status_of(reader, "11ff") == 0x90
    assert [status_of(reader, FIND) for _ in range(3)] == [0x47, 0x47, 0x80]
    reader.faults.add("disconnect:3", None)
    assert list(reader.receive(frame(b"\x11\xff"))) == [b"\xaa\xaa\xaa", HangUp()]
    reader.faults.clear()
    assert status_of(reader, "11ff") == 0x90


@pytest.mark.parametrize(
    "fault", ["", "nonsense", "sw3", "sw3:1", "sw3:zz", "disconnect", "slow:x", "half:1", "half@x"]
)
def test_a_fault_that_does_not_exist_is_refused(reader: SimulatedReader, fault: str) -> None:
    with pytest.raises(ValueError, match=r"there are|takes"):
        reader.faults.add(fault, 1)


# -- the control port --------------------------------------------------------------------------------------------------


def test_the_state_says_everything(rig: Simulators) -> None:
    rig.control.present("rare")
    rig.control.fault("id_card", "half@read", 3)
    state = rig.control.state()
    assert state["printer"] is None
    assert state["network"] is None
    reader = state["id_card"]
    assert reader is not None
    assert (reader["plugged"], reader["connected"], reader["person"]) == (True, False, "rare")
    assert reader["faults"] == ["half@read"]


def test_the_people_are_introduced(rig: Simulators) -> None:
    people = rig.control.people()
    assert people[0] == {"id": "chen-jianguo", "name": "陈建国", "about": "外卖骑手，34 岁"}
    assert len(people) == len(load_people())


def test_whoever_watches_is_told_of_every_change(rig: Simulators) -> None:
    with rig.control.watch() as watch:

        def person() -> str | None:
            event = watch.next(5)
            assert isinstance(event, Changed)
            assert event.state["id_card"] is not None
            return event.state["id_card"]["person"]

        assert person() is None
        rig.control.present("rare")
        assert person() == "rare"
        rig.control.present("rare")  # no change
        rig.control.lift()
        assert person() is None
        with pytest.raises(Silent):
            watch.next(0.05)


def test_watching_can_be_cancelled(rig: Simulators) -> None:
    with rig.control.watch() as watch:
        threading.Timer(0.05, watch.cancel).start()
        with pytest.raises(Lost):
            list(watch)


@pytest.mark.parametrize(
    ("request_line", "says"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"[]", "object"),
        (b"{}", "discriminator"),
        (b'{"do": "dance"}', "present"),
        (b'{"do": "present"}', "person"),
        (b'{"do": "present", "person": 7}', "person"),
        (b'{"do": "present", "person": "nobody"}', "chen-jianguo"),
        (b'{"do": "lift", "now": true}', "now"),
        (b'{"do": "fault", "device": "id_card", "fault": "fire", "times": 1}', "silence"),
        (b'{"do": "fault", "device": "id_card", "fault": "half", "times": 0}', "times"),
        (b'{"do": "fault", "device": "printer", "fault": "half", "times": 1}', "no printer here"),
        (b'{"do": "paper", "state": "out"}', "no printer here"),
        (b'{"do": "network", "up": true}', "no network here"),
        (b'{"do": "plug", "device": "printer"}', "no printer here"),
        (b"\xff\xfe", "JSON"),
    ],
)
def test_a_wrong_request_is_answered_and_the_next_one_works(rig: Simulators, request_line: bytes, says: str) -> None:
    address = urlsplit(rig.control_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as talk, talk.makefile("rb") as heard:
        talk.sendall(request_line + b'\n{"do": "people"}\n')
        answer = json.loads(heard.readline())
        assert answer["ok"] is False
        assert says in answer["error"]
        assert json.loads(heard.readline())["ok"] is True


def test_a_line_without_end_ends_the_connection_and_nothing_else(rig: Simulators) -> None:
    address = urlsplit(rig.control_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as talk:
        try:
            talk.sendall(b"x" * 1_000_000)
            assert talk.recv(1) == b""
        except ConnectionError:
            pass
    assert len(rig.control.people()) == len(load_people())


def test_the_client_says_what_is_wrong(rig: Simulators) -> None:
    with pytest.raises(Refused, match="no such person"):
        rig.control.present("nobody")
    with pytest.raises(NotFound):
        SimulatorControl("tcp://127.0.0.1:1").state()


@pytest.mark.parametrize(("answer", "error"), [(b"[]\n", Garbled), (b"\xff\n", Garbled), (b"", Silent)])
def test_the_client_does_not_trust_the_port(answer: bytes, error: type[Exception]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)
                connection.recv(100)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(error):
            SimulatorControl(f"tcp://127.0.0.1:{server.getsockname()[1]}", within=0.2).state()
        thread.join(5)


# -- the line's end ----------------------------------------------------------------------------------------------------


def test_a_second_connection_is_closed_while_the_first_is_alive(rig: Simulators) -> None:
    first = SamV(open_line(rig.id_card))
    first.hello()
    second = open_line(rig.id_card)
    with pytest.raises(Lost):
        second.read(1, 5.0)
    second.close()
    first.hello()
    first.close()


def test_a_connection_takes_over_from_a_dead_one_at_once(rig: Simulators) -> None:
    for _ in range(50):
        driver = SamV(open_line(rig.id_card))
        driver.hello()
        driver.close()


def test_unplugged_nobody_is_found_and_plugged_in_it_is_where_it_was(rig: Simulators) -> None:
    rig.control.unplug("id_card")
    with pytest.raises(NotFound):
        open_line(rig.id_card)
    rig.control.unplug("id_card")
    rig.control.plug("id_card")
    rig.control.plug("id_card")
    driver = SamV(open_line(rig.id_card))
    driver.hello()
    driver.close()


def test_a_pty_outlives_its_clients_and_keeps_its_name(reader_over_pty: Simulators) -> None:
    control = reader_over_pty.control
    for person in ("ouyang", "rare"):
        control.present(person)
        driver = SamV(open_line(reader_over_pty.id_card))
        assert isinstance(driver.read(), IdCard)
        driver.close()
    control.unplug("id_card")
    with pytest.raises(NotFound):
        open_line(reader_over_pty.id_card)
    control.plug("id_card")
    control.lift()
    driver = SamV(open_line(reader_over_pty.id_card))
    assert driver.read() == NoCard()
    driver.close()


def test_a_hang_up_over_a_pty_is_a_loss_and_the_port_comes_back(reader_over_pty: Simulators) -> None:
    reader_over_pty.control.fault("id_card", "disconnect:5", 1)
    driver = SamV(open_line(reader_over_pty.id_card))
    with pytest.raises(Lost):
        driver.hello()
    driver.close()
    driver = SamV(plugged_in_again(reader_over_pty.id_card))
    driver.hello()
    driver.close()


def plugged_in_again(url: str, within: float = 20.0) -> Line:
    """The line once its port is back."""
    end = time.monotonic() + within
    while True:
        try:
            return open_line(url)
        except NotFound:
            if time.monotonic() > end:
                raise


# -- the network -------------------------------------------------------------------------------------------------------


class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello" * 50_000)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given
        """Nothing: the tests' output stays clean."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)


def test_the_network_goes_down_and_comes_up(server: str) -> None:
    with simulators("--network", f"http://127.0.0.1:0={server}") as rig:
        for _ in range(2):
            with urlopen(rig.network, timeout=5) as answer:
                assert len(answer.read()) == 250_000
        address = urlsplit(rig.network)
        with socket.create_connection((address.hostname, address.port), timeout=5) as open_one:
            rig.control.network(False)
            assert open_one.recv(1) == b""  # cut
        with pytest.raises(URLError, match="refused"):
            urlopen(rig.network, timeout=5)
        state = rig.control.state()["network"]
        assert state == {"up": False}
        rig.control.network(True)
        with urlopen(rig.network, timeout=5) as answer:
            assert answer.status == 200


def test_a_server_that_is_not_there_ends_the_connection() -> None:
    with simulators("--network", "http://127.0.0.1:0=http://127.0.0.1:1") as rig:
        address = urlsplit(rig.network)
        with socket.create_connection((address.hostname, address.port), timeout=5) as talk:
            try:
                assert talk.recv(1) == b""
            except ConnectionResetError:
                pass


# -- the program -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_program_with_0(number: signal.Signals) -> None:
    with simulators("--id-card", "pty://") as rig:
        link = Path(urlsplit(rig.id_card).path)
        assert link.is_symlink()
        rig.process.send_signal(number)
        assert rig.process.wait(5) == 0
        assert not link.parent.exists()


def test_the_end_of_stdin_ends_the_program_with_0_whoever_is_connected() -> None:
    with simulators("--id-card", "tcp://127.0.0.1:0") as rig:
        driver = SamV(open_line(rig.id_card))
        driver.hello()
        with rig.control.watch():
            assert rig.process.stdin is not None
            rig.process.stdin.close()
            assert rig.process.wait(5) == 0
        driver.close()


def test_without_a_pipe_as_stdin_it_goes_on() -> None:
    command = [sys.executable, "-m", "devices.simulated"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())
        assert urls.keys() == {"id_card", "printer", "social_card", "scanner", "office_printer", "network", "control"}
        assert set(SimulatorControl(urls["control"]).state().values()) == {None}
        process.terminate()
        assert process.wait(5) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--id-card", "serial:///dev/ttyS0"],
        ["--id-card", "tcp://127.0.0.1"],
        ["--id-card", "tcp://127.0.0.1:99999"],
        ["--id-card", "tcp://192.0.2.1:4000"],
        ["--network", "http://127.0.0.1:0"],
        ["--control", "udp://127.0.0.1:0"],
        ["--people", "/no/such/file"],
    ],
)
def test_wrong_usage_is_one_line_and_2(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "devices.simulated", *arguments]
    ended = subprocess.run(command, timeout=20, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1


def test_being_greeted_costs_next_to_nothing(rig: Simulators) -> None:
    def seconds() -> float:
        fields = Path(f"/proc/{rig.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    driver = SamV(open_line(rig.id_card))
    before = seconds()
    for _ in range(100):
        driver.hello()
    driver.close()
    assert seconds() - before < 0.5
