from __future__ import annotations

import json
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.control import Printed
from devices.samv import frame
from devices.simulated.id_card import SimulatedReader
from devices.simulated.people import Card
from tests.devices.programs import Done, Simulators, devices


def test_it_is_a_program(reader_over_tcp: Simulators) -> None:
    command = [sys.executable, "-m", "devices", "status", "--line", reader_over_tcp.id_card, "--driver", "samv"]
    done = subprocess.run(command, timeout=30, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"ready")
    done = subprocess.run(
        [*command[:5], "tcp://127.0.0.1:1", *command[6:]], timeout=30, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (4, b"")
    assert done.stderr.count(b"\n") == 1


@pytest.fixture(params=["tcp", "pty"])
def rig(
    request: pytest.FixtureRequest, reader_over_tcp: Simulators, reader_over_pty: Simulators
) -> Iterator[Simulators]:
    chosen = reader_over_tcp if request.param == "tcp" else reader_over_pty
    chosen.control.lift()
    yield chosen
    chosen.control.clear("id_card")
    chosen.control.lift()


def read(rig: Simulators, *options: str) -> Done:
    return devices("read", "id-card", "--line", rig.id_card, *options)


def test_a_card_as_json(rig: Simulators) -> None:
    rig.control.present("rare")
    done = read(rig, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == {
        "kind": "resident",
        "name": "禤𠮷䶮",
        "sex": "female",
        "ethnicity": "回",
        "birth": "1987-06-11",
        "address": "东澜省临漪市礐石镇𡋾头村 17 号",
        "number": "339902198706110029",
        "issuer": "临漪市公安局礐石分局",
        "valid_from": "2016-03-03",
        "valid_to": "2036-03-03",
    }


def test_a_long_term_card_has_null_and_says_so_in_words(reader_over_tcp: Simulators) -> None:
    control = reader_over_tcp.control
    control.present("ouyang")
    assert json.loads(read(reader_over_tcp, "--json").stdout)["valid_to"] is None
    control.present("ouyang")
    assert "valid_to: 长期" in read(reader_over_tcp).stdout.decode().splitlines()
    control.lift()


def test_the_photo_is_written_or_a_silhouette_that_is_said_to_be_one(
    reader_over_tcp: Simulators, tmp_path: Path
) -> None:
    file = tmp_path / "photo.png"
    pictures = []
    for options, said in (
        ((), f"{file} is only a silhouette: no photo decoder is installed\n"),
        (("--decoder", "devices.simulated.photo"), ""),
    ):
        reader_over_tcp.control.present("ouyang")
        done = read(reader_over_tcp, "--photo", str(file), *options)
        assert (done.returncode, done.stderr.decode()) == (0, said)
        pictures.append(file.read_bytes())
    assert pictures[0] != pictures[1]
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    reader_over_tcp.control.present("ouyang")
    done = read(reader_over_tcp, "--photo", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    reader_over_tcp.control.lift()


def test_a_card_that_comes_later_is_waited_for(reader_over_tcp: Simulators) -> None:
    threading.Timer(0.6, reader_over_tcp.control.present, ["ouyang"]).start()
    assert read(reader_over_tcp, "--timeout", "20").returncode == 0
    reader_over_tcp.control.lift()


def test_no_card_in_time_is_3(reader_over_tcp: Simulators) -> None:
    done = read(reader_over_tcp, "--timeout", "0.2")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"", b"no card came in time\n")


@pytest.mark.parametrize("fault", ["silence", "checksum", "sw3:60", "disconnect:2"])
def test_a_reader_that_fails_is_4_and_one_line(reader_over_tcp: Simulators, fault: str) -> None:
    reader_over_tcp.control.present("ouyang")
    reader_over_tcp.control.fault("id_card", fault)
    done = read(reader_over_tcp, "--timeout", "5")
    reader_over_tcp.control.clear("id_card")
    reader_over_tcp.control.lift()
    assert (done.returncode, done.stdout) == (4, b"")
    assert done.stderr.count(b"\n") == 1


def test_a_moved_card_and_noise_are_tried_again(reader_over_tcp: Simulators) -> None:
    reader_over_tcp.control.present("ouyang")
    reader_over_tcp.control.fault("id_card", "checksum@find", 1)
    reader_over_tcp.control.fault("id_card", "sw3:41@read", 1)
    done = read(reader_over_tcp, "--json")
    reader_over_tcp.control.lift()
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_card_of_an_unknown_kind_is_4_and_named() -> None:
    desk = SimulatedReader({}, sticky=True, on_change=lambda: None)
    desk.present_card(Card(text=b"\0" * 248 + b"K\0" + b"\0" * 6, photo=bytes(1024)))

    class Reader(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while request := self.request.recv(64):
                for move in desk.receive(request):
                    assert isinstance(move, bytes)
                    self.request.sendall(move)

    with socketserver.TCPServer(("127.0.0.1", 0), Reader) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        done = devices("read", "id-card", "--line", f"tcp://127.0.0.1:{server.server_address[1]}")
        answering.join()
    assert (done.returncode, done.stdout) == (4, b"")
    assert done.stderr == b"card not read: unknown card type 'K'\n"


def test_nobody_there_is_4() -> None:
    done = devices("read", "id-card", "--line", "tcp://127.0.0.1:1")
    assert done.returncode == 4
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("read", "id-card", "--line", "file:///dev/null"),
        ("read", "id-card", "--line", "nonsense"),
        ("read", "id-card", "--line", "tcp://127.0.0.1:1", "--decoder", "devices.simulated.photo"),
        ("status", "--line", "tcp://127.0.0.1:1", "--driver", "nonsense"),
        ("print", "--line", "tcp://127.0.0.1:1", "/no/such/file"),
    ],
)
def test_wrong_usage_is_2_and_one_line(arguments: tuple[str, ...]) -> None:
    done = devices(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "arguments", [("read", "id-card"), ("read",), ("dance",), ("read", "id-card", "--timeout", "x")]
)
def test_usage_that_is_no_usage_is_2(arguments: tuple[str, ...]) -> None:
    done = devices(*arguments)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_the_status_of_a_reader(reader_over_tcp: Simulators) -> None:
    done = devices("status", "--line", reader_over_tcp.id_card, "--driver", "samv")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"ready, SAM 05.01-20200101-0001234567-0987654321\n"


@pytest.mark.parametrize("told", [frame(b"\0\0\x21"), b""], ids=["bad command", "silence"])
def test_the_status_of_a_reader_that_does_not_tell_its_number(told: bytes) -> None:
    class Reader(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while request := self.request.recv(64):
                self.request.sendall(frame(b"\0\0\x90") if request == frame(b"\x11\xff") else told)

    with socketserver.TCPServer(("127.0.0.1", 0), Reader) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        done = devices("status", "--line", f"tcp://127.0.0.1:{server.server_address[1]}", "--driver", "samv")
        answering.join()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"ready, SAM unknown\n", b"")


def test_the_status_of_what_does_not_answer_is_4() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = devices("status", "--line", f"tcp://127.0.0.1:{server.getsockname()[1]}", "--driver", "samv")
    assert (done.returncode, done.stderr) == (4, b"samv failed: reader does not answer\n")


def test_raw_bytes_go_to_a_file_as_they_are(tmp_path: Path) -> None:
    line = f"file://{tmp_path}/job.bin"
    every = bytes(range(256))
    done = devices("print", "--line", line, "--raw", "-", stdin=every)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "job.bin").read_bytes() == every


def test_text_goes_to_a_file_as_escpos(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("您好，一共 20.00 元\n", encoding="utf-8")
    done = devices("print", "--line", f"file://{tmp_path}/job.bin", "--columns", "32", str(text))
    assert (done.returncode, done.stderr) == (0, b"")
    assert "您好".encode("gb18030") in (tmp_path / "job.bin").read_bytes()


def test_text_that_is_not_utf_8_is_2(tmp_path: Path) -> None:
    done = devices("print", "--line", f"file://{tmp_path}/job.bin", "-", stdin=b"\xff\xfe")
    assert done.returncode == 2
    assert b"--raw" in done.stderr


@pytest.fixture
def paper(printer_over_tcp: Simulators) -> Iterator[Simulators]:
    yield printer_over_tcp
    printer_over_tcp.control.clear("printer")
    printer_over_tcp.control.paper("ok")
    printer_over_tcp.control.cover(False)
    printer_over_tcp.control.power(True)


def test_text_comes_out_on_paper(paper: Simulators) -> None:
    with paper.control.watch() as watch:
        done = devices("print", "--line", paper.printer, "-", stdin="您好\n第二行".encode())
        assert (done.returncode, done.stderr) == (0, b"")
        ticket = next(event for event in watch if isinstance(event, Printed))
    assert ticket.text.split() == ["您好", "第二行"]
    assert ticket.png.startswith(b"\x89PNG")


def test_what_is_not_printed_is_4_and_one_line(paper: Simulators) -> None:
    paper.control.paper("out")
    done = devices("print", "--line", paper.printer, "-", stdin=b"text")
    assert (done.returncode, done.stdout, done.stderr) == (4, b"", b"not printed: no paper\n")


def test_what_nobody_knows_is_4_and_one_line(paper: Simulators) -> None:
    paper.control.fault("printer", "disconnect:2470", 1)  # what is sent before a job, and half of it
    done = devices("print", "--line", paper.printer, "-", stdin=b"text\n" * 20)
    assert done.returncode == 4
    assert done.stderr.startswith(b"perhaps printed, perhaps not: ")
    assert done.stderr.count(b"\n") == 1


def test_the_status_of_a_printer(paper: Simulators) -> None:
    paper.control.cover(True)
    done = devices("status", "--line", paper.printer, "--driver", "escpos")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"cover open" in done.stdout
    paper.control.power(False)
    done = devices("status", "--line", paper.printer, "--driver", "escpos")
    assert done.returncode == 4
