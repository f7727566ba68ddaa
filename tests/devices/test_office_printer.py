"""The A4 printer: what comes out is what went in, and what became of it is told as it is.

The simulated printer speaks IPP itself, and once a real cupsd stands before it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from time import monotonic, sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from devices import DocumentPrinter, open_driver
from devices.__main__ import app
from devices.errors import DeviceError, Garbled, NotFound
from devices.ipp import Operation, Tag, decoded, encoded
from devices.lines import Line, open_line, opened_anew
from devices.office_printer import NotPrinted, OfficePrinter, Unknown
from devices.printer import Printed
from devices.simulated.office_printer import CANCELLED, COMPLETED, PENDING, Job, SimulatedOfficePrinter
from tests.devices.office_printers import plugged_in

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 200 + b"\n%%EOF\n"


@pytest.fixture
def simulated() -> SimulatedOfficePrinter:
    return SimulatedOfficePrinter()


@pytest.fixture
def url(simulated: SimulatedOfficePrinter) -> Iterator[str]:
    with plugged_in(simulated) as end:
        yield end.url


@pytest.fixture
def printer(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[DocumentPrinter]:
    """The driver; nobody waits long for a stuck job here."""
    monkeypatch.setattr("devices.office_printer.STUCK_FOR", 0.2)
    monkeypatch.setattr("devices.office_printer.FINISHED_WITHIN", 1.0)
    monkeypatch.setattr("devices.office_printer.ANSWER_WITHIN", 0.5)
    monkeypatch.setattr("devices.office_printer.SEND_WITHIN", 1.0)
    monkeypatch.setattr("devices.office_printer.LOOKS_EVERY", 0.02)
    with closing(open_driver("office_printer", "cups", url, queue="/ipp/print")) as driver:
        yield driver


def test_what_comes_out_is_what_went_in(printer: DocumentPrinter, simulated: SimulatedOfficePrinter) -> None:
    """Byte for byte, one after the other over one connection."""
    assert [printer.print(PDF), printer.print(b"%PDF-other")] == [Printed(), Printed()]
    assert simulated.documents == [PDF, b"%PDF-other"]


@pytest.mark.parametrize(
    ("reason", "hinders"),
    [
        ("media-empty-error", "no sheets"),
        ("media-needed", "no sheets"),
        ("media-jam-error", "jam"),
        ("cover-open", "cover open"),
        ("toner-empty", "no toner"),
        ("offline-report", "offline"),
        ("media-low-warning", None),
        ("toner-low-report", None),
        ("media-empty-warning", None),
    ],
)
def test_what_hinders_it_is_told_before_a_byte_is_sent(
    printer: DocumentPrinter, simulated: SimulatedOfficePrinter, reason: str, hinders: str | None
) -> None:
    """A warning hinders nothing."""
    simulated.reasons.append(reason)
    assert printer.hello() == hinders
    assert printer.print(PDF) == (Printed() if hinders is None else NotPrinted(hinders))  # type: ignore[arg-type]
    assert (simulated.jobs == []) is (hinders is not None)


def test_a_queue_that_is_stopped(printer: DocumentPrinter, simulated: SimulatedOfficePrinter) -> None:
    """Nothing is handed over to wait there for somebody else."""
    simulated.stopped = True
    assert printer.print(PDF) == NotPrinted("stopped")
    assert simulated.jobs == []


@pytest.mark.parametrize(
    ("fault", "outcome", "state"),
    [
        ("refuse", NotPrinted("refused"), None),
        ("abort", Unknown("withdrawn"), "aborted"),
        ("wait", NotPrinted("withdrawn"), "cancelled"),
        ("out", Unknown("no sheets"), "cancelled"),
        ("silence@print", Unknown("line lost"), "completed"),
        ("half@print", Unknown("line lost"), "completed"),
        ("noise@print", Unknown("line lost"), "completed"),
        ("disconnect:10@print", Unknown("line lost"), "completed"),
        ("silence@job", Printed(), "completed"),
        ("swallow@print", NotPrinted("withdrawn"), "cancelled"),
        ("forget@job", Unknown("job forgotten"), "completed"),
        ("hang-up@print", Unknown("line lost"), None),
    ],
)
def test_what_became_of_a_job(
    printer: DocumentPrinter,
    simulated: SimulatedOfficePrinter,
    fault: str,
    outcome: Printed | NotPrinted | Unknown,
    state: str | None,
) -> None:
    """Not printed only where nothing can have come out; no job is left that would come out later."""
    simulated.faults.add(fault, 1)
    began = monotonic()
    assert printer.print(PDF) == outcome
    assert monotonic() - began < 5
    names = {3: "pending", 5: "processing", 7: "cancelled", 8: "aborted", 9: "completed"}
    assert [names[job.state] for job in simulated.jobs] == ([] if state is None else [state])
    assert len(simulated.documents) == (state == "completed")


@pytest.mark.parametrize("answer", ["silence@job", "half@job", "noise@job", "disconnect:0@job", "disconnect:40@job"])
@pytest.mark.parametrize(
    ("fault", "outcome"), [("wait@print", NotPrinted("withdrawn")), ("out@print", Unknown("line lost"))]
)
def test_a_job_whose_status_is_not_told_is_withdrawn(
    printer: DocumentPrinter, simulated: SimulatedOfficePrinter, fault: str, outcome: NotPrinted | Unknown, answer: str
) -> None:
    """Late, spoilt, or with the line: it must not come out for whoever stands there next."""
    simulated.faults.add(fault, 1)
    simulated.faults.add(answer, 1)
    assert printer.print(PDF) == outcome
    assert [job.state for job in simulated.jobs] == [CANCELLED]
    simulated.load()
    assert printer.print(b"%PDF-next") == Printed()
    assert simulated.documents == [b"%PDF-next"]


def test_only_the_job_in_doubt_is_withdrawn(printer: DocumentPrinter, simulated: SimulatedOfficePrinter) -> None:
    """Another kiosk may print over the same queue, under the same name."""
    simulated.jobs.append(Job(1, PENDING, name="document of another"))
    simulated.faults.add("swallow@print", 1)
    assert printer.print(PDF) == NotPrinted("withdrawn")
    assert [job.state for job in simulated.jobs] == [PENDING, CANCELLED]


def test_a_job_that_turns_up_later_is_withdrawn_then(
    printer: DocumentPrinter, simulated: SimulatedOfficePrinter
) -> None:
    """What was sent over a line that ended may be read yet."""
    assert isinstance(printer, OfficePrinter)
    simulated.faults.add("hang-up@print", 1)
    assert printer.print(PDF) == Unknown("line lost")
    (left,) = printer._left
    assert printer.hello() is None
    simulated.jobs.append(Job(1, PENDING, name=left.name))
    assert printer.hello() is None
    assert [job.state for job in simulated.jobs] == [CANCELLED]
    assert printer._left == []


def test_what_cannot_be_withdrawn_at_once_is_withdrawn_before_anything_is_printed(
    printer: DocumentPrinter, simulated: SimulatedOfficePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CUPS is started anew, or its machine is: the driver stays, and says off line."""
    monkeypatch.setattr("devices.office_printer.WITHDRAWN_WITHIN", 0.1)
    monkeypatch.setattr("devices.office_printer.opened_anew", _nobody_there)
    simulated.faults.add("wait@print", 1)
    simulated.faults.add("disconnect:0@job", 1)
    assert printer.print(PDF) == Unknown("line lost")
    assert printer.hello() == "offline"
    assert printer.print(PDF) == NotPrinted("offline")
    assert [job.state for job in simulated.jobs] == [PENDING]
    monkeypatch.setattr("devices.office_printer.opened_anew", opened_anew)
    assert printer.hello() is None
    assert [job.state for job in simulated.jobs] == [CANCELLED]
    assert printer.print(PDF) == Printed()


def test_cancelled_over_a_job_in_doubt_it_ends_at_once(
    printer: DocumentPrinter, simulated: SimulatedOfficePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And opens no other line."""
    monkeypatch.setattr("devices.office_printer.WITHDRAWN_WITHIN", 60.0)
    monkeypatch.setattr("devices.office_printer.opened_anew", _nobody_there)
    simulated.faults.add("silence@print", 1)
    canceller = threading.Timer(1.5, printer.cancel)
    canceller.start()
    began = monotonic()
    assert printer.print(PDF) == Unknown("line lost")
    assert monotonic() - began < 5
    canceller.join()
    with pytest.raises(DeviceError):
        printer.hello()


def test_paper_that_is_loaded_in_time(
    printer: DocumentPrinter, simulated: SimulatedOfficePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody puts paper in while the job waits: it comes out."""
    monkeypatch.setattr("devices.office_printer.STUCK_FOR", 5.0)
    simulated.faults.add("out", 1)
    loader = threading.Timer(0.2, simulated.load)
    loader.start()
    assert printer.print(PDF) == Printed()
    loader.join()


def test_a_job_that_ends_as_it_is_withdrawn(
    printer: DocumentPrinter, simulated: SimulatedOfficePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The withdrawal comes too late: it is printed, and told so."""
    assert isinstance(printer, OfficePrinter)
    simulated.jobs.append(Job(1, COMPLETED, begun=True))
    assert printer._given_up(1, None) == Printed()


def test_it_goes_away_and_comes_back(simulated: SimulatedOfficePrinter) -> None:
    """Without it, NotFound; a printer that went away tells nothing but that."""
    with plugged_in(simulated) as end:
        url = end.url
        driver = open_driver("office_printer", "cups", url, queue="/ipp/print")
        assert driver.hello() is None
    with closing(driver):
        assert driver.print(PDF) == NotPrinted("no answer")
        with pytest.raises(DeviceError):
            driver.hello()
    with pytest.raises(NotFound):
        open_driver("office_printer", "cups", url, queue="/ipp/print")


def test_cancelled_is_lost(printer: DocumentPrinter) -> None:
    """From any thread, as every line."""
    printer.cancel()
    with pytest.raises(DeviceError):
        printer.hello()
    assert printer.print(PDF) == NotPrinted("no answer")


def test_the_command_prints(url: str, simulated: SimulatedOfficePrinter, tmp_path: Path) -> None:
    """And says why not."""
    file = tmp_path / "certificate.pdf"
    file.write_bytes(PDF)
    command = ["print-document", str(file), "--line", url, "--queue", "/ipp/print"]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert simulated.documents == [PDF]
    simulated.reasons.append("media-empty")
    refused = CliRunner().invoke(app, command)
    assert (refused.exit_code, refused.stderr) == (4, "not printed: no sheets\n")
    file.write_bytes(b"a text")
    assert CliRunner().invoke(app, command).exit_code == 2


# -- the protocol ------------------------------------------------------------------------------------------------------


def test_a_request_is_the_one_of_the_standard() -> None:
    """RFC 8010, A.1, as far as it goes: a Print-Job with its first attributes."""
    request = encoded(Operation.PRINT_JOB, 1, "/printers/pinetree", [(Tag.NAME, "job-name", "foobar")])
    assert request.startswith(bytes.fromhex("0200 0002 00000001 01 47 0012") + b"attributes-charset\x00\x05utf-8")
    assert request.endswith(b"\x42\x00\x08job-name\x00\x06foobar\x03")


@given(st.binary(max_size=200))
def test_rubbish_is_garbled_and_nothing_else(content: bytes) -> None:
    """Whatever comes."""
    try:
        decoded(content)
    except Garbled:
        pass


@given(
    names=st.lists(st.text(alphabet="abc-", min_size=1, max_size=10), max_size=4),
    number=st.integers(-(2**31), 2**31 - 1),
    text=st.text(max_size=20),
)
def test_what_is_encoded_is_read_back(names: list[str], number: int, text: str) -> None:
    """Numbers, names and lists of keywords."""
    attributes: list[tuple[Tag, str, int | bool | str | Sequence[str]]] = [
        (Tag.INTEGER, "number", number),
        (Tag.NAME, "text", text),
        *([(Tag.KEYWORD, "list", names)] if names else []),
    ]
    answer, request = decoded(encoded(Operation.GET_JOB_ATTRIBUTES, 7, "/x", attributes))
    assert (request, answer.number("number"), answer.words("text")) == (7, number, (text,))
    assert answer.words("list") == tuple(names)


# -- CUPS --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Cups:
    """A running cupsd with one queue, and its spool."""

    url: str
    spool: Path
    log: Path
    process: subprocess.Popen[bytes]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder through which another user gets: what CUPS starts is one, and pytest's folders are closed."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def cups(open_folder: Path, url: str) -> Iterator[Cups]:
    """CUPS itself, of this test alone, with the settings of the manual; its queue leads to the simulated printer."""
    if which("cupsd", path="/usr/sbin:/usr/bin") is None or os.getuid() != 0:
        pytest.skip("there is no cupsd, or nobody who may start it")
    folders = {name: open_folder / name for name in ("etc", "spool", "temporary", "cache", "state", "log", "keys")}
    for folder in folders.values():
        folder.mkdir()
    port = _free_port()
    files = open_folder / "etc" / "cups-files.conf"
    files.write_text(
        f"ServerRoot {folders['etc']}\nRequestRoot {folders['spool']}\nTempDir {folders['temporary']}\n"
        f"CacheDir {folders['cache']}\nStateDir {folders['state']}\nServerKeychain {folders['keys']}\n"
        f"AccessLog {folders['log']}/access\nErrorLog {folders['log']}/error\nPageLog {folders['log']}/page\n"
    )
    settings = open_folder / "etc" / "cupsd.conf"
    settings.write_text(
        f"LogLevel warn\nListen 127.0.0.1:{port}\nBrowsing No\nPreserveJobFiles No\nPreserveJobHistory 600\n"
        "<Location />\n  Order allow,deny\n  Allow localhost\n</Location>\n"
        "<Policy default>\n  <Limit All>\n    Order deny,allow\n  </Limit>\n</Policy>\n"
    )
    behind = url.removeprefix("tcp://")
    (open_folder / "etc" / "printers.conf").write_text(
        f"<Printer office>\nDeviceURI ipp://{behind}/ipp/print\nState Idle\nAccepting Yes\nShared No\n</Printer>\n"
    )
    command = ["/usr/sbin/cupsd", "-f", "-c", str(settings), "-s", str(files)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _until_it_listens(port)
            yield Cups(url=f"tcp://127.0.0.1:{port}", spool=folders["spool"], log=folders["log"], process=process)
        finally:
            process.terminate()
            process.wait(20)


def test_through_cups_it_is_the_same_file(cups: Cups, simulated: SimulatedOfficePrinter) -> None:
    """Over CUPS and its own way to the printer, byte for byte; nothing of it stays in the spool or in a log."""
    with closing(open_driver("office_printer", "cups", cups.url, queue="office")) as driver:
        assert driver.hello() is None
        assert driver.print(PDF) == Printed()
    assert simulated.documents == [PDF]
    left = [file for file in cups.spool.rglob("*") if file.is_file()]
    assert all(PDF[:64] not in file.read_bytes() for file in left)
    assert not [file for file in left if file.name.startswith("d")]


def test_as_many_connections_as_come(url: str, simulated: SimulatedOfficePrinter) -> None:
    """CUPS watches the printer over one while it asks about its job over another: what is half heard on one is not
    mixed with what comes on another, and none is turned away."""
    about = encoded(Operation.GET_PRINTER_ATTRIBUTES, 1, "/ipp/print", [])
    head = f"POST /ipp/print HTTP/1.1\r\nContent-Length: {len(about)}\r\n\r\n".encode("ascii")
    whole = head + about
    with closing(open_line(url)) as first, closing(open_line(url)) as second:
        first.write(whole[:100], within=1)
        second.write(whole, within=1)
        assert second.read(4096, within=10).startswith(b"HTTP/1.1 200")
        first.write(whole[100:], within=1)
        assert first.read(4096, within=10).startswith(b"HTTP/1.1 200")
    assert simulated.jobs == []


@pytest.mark.parametrize("at", ["the job", "its status"])
def test_what_cups_is_late_over_is_withdrawn(
    cups: Cups, simulated: SimulatedOfficePrinter, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """CUPS stands still while a job is handed to it, or waits at the printer, and goes on."""
    monkeypatch.setattr("devices.office_printer.ANSWER_WITHIN", 0.5)
    monkeypatch.setattr("devices.office_printer.SEND_WITHIN", 1.0)
    simulated.faults.add("wait", None)
    goes_on = threading.Timer(2.5, cups.process.send_signal, [signal.SIGCONT])

    def stands_still() -> None:
        cups.process.send_signal(signal.SIGSTOP)
        goes_on.start()

    def stands_still_over_a_job() -> None:
        _until(lambda: bool(simulated.jobs))
        stands_still()

    with closing(OfficePrinter(open_line(cups.url), queue="office")) as driver:
        if at == "the job":
            assert driver.hello() is None
            monkeypatch.setattr(driver, "hello", stands_still)
        else:
            threading.Thread(target=stands_still_over_a_job).start()
        assert isinstance(driver.print(PDF), Unknown | NotPrinted)
        monkeypatch.undo()
        goes_on.join()
        _until(lambda: driver.hello() is None and not driver._left)
        _until(lambda: all(job.state == CANCELLED for job in simulated.jobs))
    assert simulated.documents == []


def test_a_queue_that_cups_does_not_have(cups: Cups) -> None:
    """Is no printer."""
    with closing(open_driver("office_printer", "cups", cups.url, queue="elsewhere")) as driver:
        with pytest.raises(DeviceError):
            driver.hello()
        assert driver.print(PDF) == NotPrinted("no answer")


def _nobody_there(_line: Line) -> Line:
    raise NotFound("nobody listens there")


def _until(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + 60
    while not condition():
        assert monotonic() < deadline
        sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _until_it_listens(port: int) -> None:
    deadline = monotonic() + 60
    while True:
        try:
            open_line(f"tcp://127.0.0.1:{port}").close()
        except NotFound:
            assert monotonic() < deadline, "cupsd does not listen"
            sleep(0.05)
        else:
            return
