"""The program: starts, says where it listens, opens what arrives, outlives its opener, ends when it is told."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout
from typer.testing import CliRunner

from central import database, serving
from central.__main__ import app
from central.database import Database
from central.house import House
from central.serving import Opener, sweep
from kiosk.contract.messages import Matter
from kiosk.contract.records import Record
from tests.central.kiosks import CHEN, FakeKiosk, filing, tap
from tests.central.programs import ROOT, Central, central, run, until


@pytest.fixture
def running(empty_url: str, tmp_path: Path) -> Iterator[Central]:
    with central("--db", empty_url, "--keys", str(tmp_path / "keys")) as server:
        yield server


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Central]:
    with central("--db", f"sqlite:///{tmp_path}/data/central.db") as server:
        yield server


def sent(kiosk: FakeKiosk, record: Record, within: float = 10) -> Matter:
    matter = kiosk.matter(record, within=within)
    assert matter is not None
    assert matter.state == "sent"
    return matter


def test_a_visit_from_end_to_end(running: Central) -> None:
    """Over TCP, with the opener as a process of its own, which is woken: by looking alone it would take two seconds."""
    assert running.health().opener == "awake"
    kiosk = FakeKiosk(running.http)
    kiosk.send()
    kiosk.prove(CHEN)
    kiosk.send(kiosk.write(tap()))
    took = []
    for _ in range(3):
        record = kiosk.write(filing())
        began = monotonic()
        kiosk.send(record)
        assert sent(kiosk, record).number is not None
        took.append(monotonic() - began)
    assert min(took[1:]) < 1.5


def test_the_opener_killed_while_records_arrive(running: Central) -> None:
    """It starts again by itself; every record is opened, the filing is filed once."""
    kiosk = FakeKiosk(running.http)
    kiosk.send()
    kiosk.prove(CHEN)
    filed = [kiosk.write(filing()) for _ in range(3)]
    taps = [kiosk.write(tap()) for _ in range(40)]
    first = running.opener()
    kiosk.send(*filed, *taps)
    os.kill(first, signal.SIGKILL)
    numbers = {sent(kiosk, record).number for record in filed}
    until(lambda: all(kiosk.matter(record) is not None for record in taps))
    assert running.opener() != first
    until(lambda: running.health().opener == "awake")
    held = kiosk.ask("filings", CHEN).json()["filings"]
    assert {item["number"] for item in held} == numbers
    assert len(held) == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: the opener keeps to itself")
def test_the_opener_listens_nowhere_and_ends_with_its_parent(alone: Central) -> None:
    """Of all listening sockets none is the opener's; a killed server takes it along."""
    opener = Path(f"/proc/{alone.opener()}")
    own = {os.readlink(descriptor) for descriptor in (opener / "fd").iterdir()}
    tables = [line.split() for name in ("tcp", "tcp6") for line in (opener / "net" / name).read_text().splitlines()[1:]]
    listening = {f"socket:[{columns[9]}]" for columns in tables if columns[3] == "0A"}
    assert listening, "the server's own at least"
    assert not own & listening
    alone.process.kill()
    until(lambda: not opener.exists() or "(zombie)" in (opener / "status").read_text())


@pytest.mark.parametrize("how", ["input", "SIGTERM", "SIGINT"])
def test_it_ends_cleanly(alone: Central, how: str) -> None:
    """Exit code 0, no traceback, the opener gone, even while somebody waits for a matter."""
    kiosk = FakeKiosk(alone.http)
    kiosk.send()
    opener = Path(f"/proc/{alone.opener()}")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(kiosk.matter, kiosk.records[0], 10)
        until(lambda: not waiting.done())
        if how == "input":
            alone.close_input()
        else:
            alone.process.send_signal(signal.Signals[how])
        began = monotonic()
        assert alone.end() == 0
        assert monotonic() - began < 5
        assert waiting.result(10) is None
    assert not opener.exists()
    assert "Traceback" not in "".join(alone.said)
    assert alone.stdout.read() == ""


def test_nothing_is_lost_over_a_restart(tmp_path: Path) -> None:
    """Keys, kiosks and records are there again; a resend is a duplicate."""
    url = f"sqlite:///{tmp_path}/data/central.db"
    with central("--db", url) as first:
        kiosk = FakeKiosk(first.http)
        record = kiosk.write(tap())
        kiosk.send()
        keys = first.http.get("/v1/keys").json()
    with central("--db", url) as second:
        assert second.http.get("/v1/keys").json() == keys
        kiosk.http = second.http
        assert {item.outcome for item in kiosk.send().answers} == {"duplicate"}
        sent(kiosk, record)
    folder = tmp_path / "data/keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_another_register_and_no_input(tmp_path: Path) -> None:
    """--register replaces the people; only an input that is a pipe ends the server."""
    file = tmp_path / "register.toml"
    file.write_text('authority = "某市医保局"\n[[places]]\ncode = "350900"\nname = "宁德市"\n')
    arguments = ["--db", f"sqlite:///{tmp_path}/central.db", "--register", str(file)]
    with central(*arguments, stdin=subprocess.DEVNULL) as server:
        kiosk = FakeKiosk(server.http)
        kiosk.send()
        assert kiosk.ask("insurance-status", CHEN, place="350900").json()["rows"] == []
        server.process.send_signal(signal.SIGTERM)
        assert server.end() == 0


def test_what_cannot_be_served(tmp_path: Path) -> None:
    """Exit code 2 and one line that says why."""
    wrong = tmp_path / "register.toml"
    wrong.write_text("colour = 1\n")
    keys = tmp_path / "damaged"
    keys.mkdir()
    (keys / "references.key").write_bytes(b"short")
    (keys / "references.key").chmod(0o600)
    authorities = tmp_path / "authorities.toml"
    authorities.write_text("[medical]\nurl = 1\n")
    db = f"sqlite:///{tmp_path}/central.db"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        cases = [
            (["--db", db, "--register", str(wrong)], "register.toml: authority"),
            (["--db", db, "--register", str(tmp_path / "none.toml")], "cannot be read"),
            (["--db", db, "--port", str(taken.getsockname()[1])], "cannot listen"),
            (["--db", db, "--keys", str(keys), "--port", "0"], "is not a key"),
            (["--db", db, "--authorities", str(authorities), "--port", "0"], "authorities.toml: medical.url"),
            (["--db", db, "--authorities", str(tmp_path / "none.toml"), "--port", "0"], "cannot be read"),
            (["--db", "mysql://here/central"], "not supported"),
            (["--db", "sqlite://"], "is a file"),
            (["--db", "nonsense"], "not a database URL"),
            (["--db", "postgresql+psycopg://127.0.0.1:1/central"], "--keys"),
        ]
        for arguments, why in cases:
            ended = CliRunner().invoke(app, ["serve", *arguments])
            assert (ended.exit_code, ended.stdout) == (2, ""), arguments
            assert ended.stderr.count("\n") == 1, arguments
            assert why in ended.stderr, arguments


def test_the_authorities_as_a_program_of_their_own(tmp_path: Path) -> None:
    """Central reaches them by a file of settings; they decide, central finds out, and they end with their input."""
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "central", "demo", "--db", f"sqlite:///{tmp_path}/authorities/central.db"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert sandbox.stdin is not None
    assert sandbox.stdout is not None
    said = json.loads(sandbox.stdout.readline())
    signing = f'{{ key = "{said["key"]}" }}'
    file = tmp_path / "authorities.toml"
    file.write_text(
        f'[medical]\nurl = "{said["listening"]}/medical"\ninstitution = "P35090000001"\ninstitution_name = "x"\n'
        f'area = "350900"\nsigning = {signing}\n[social]\nurl = "{said["listening"]}/social"\nsigning = {signing}\n'
    )
    with central("--db", f"sqlite:///{tmp_path}/central.db", "--authorities", str(file)) as server:
        kiosk = FakeKiosk(server.http)
        kiosk.send()
        assert len(kiosk.ask("insurance-status", CHEN, place="350900").json()["rows"]) == 5
        kiosk.prove(CHEN)
        record = kiosk.write(filing())
        kiosk.send(record)
        number = sent(kiosk, record).number
        assert [held["number"] for held in kiosk.ask("filings", CHEN).json()["filings"]] == [number]
        sandbox.stdin.close()
        assert sandbox.wait(10) == 0
        answer = kiosk.ask("filings", CHEN)
        assert (answer.status_code, answer.json()["code"]) == (503, "authority-away")
    sandbox.stdout.close()


def test_a_database_that_is_none(tmp_path: Path) -> None:
    """The same from the program itself: no traceback of it or of the opener."""
    (tmp_path / "central.db").write_bytes(b"something else that is long enough" * 100)
    ended = run("serve", "--db", f"sqlite:///{tmp_path}/central.db", "--port", "0", "--public-port", "0")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "the database cannot be opened" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_help_says_where_the_database_is() -> None:
    """Whoever serves without --db finds the file."""
    assert "kiosk-central" in run("serve", "--help", COLUMNS="200", TERM="dumb").stdout


@pytest.fixture
def used_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database all of whose connections are in use."""
    monkeypatch.setattr(database, "PATIENCE", 0.01)
    crowded = Database(f"sqlite:///{tmp_path}/central.db")
    with ExitStack() as stack:
        stack.callback(crowded.close)
        with suppress(PoolTimeout):
            while True:
                stack.enter_context(crowded.reading())
        yield crowded


def test_a_sweep_goes_on_when_no_connection_is_free(
    used_up: Database, house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It runs beside both servers, which end with it."""
    monkeypatch.setattr(serving, "SWEEPS_EVERY", 0)

    async def swept() -> bool:
        sweeping = asyncio.create_task(sweep(replace(house, database=used_up)))
        await asyncio.wait([sweeping], timeout=0.5)
        return sweeping.cancel()

    assert asyncio.run(swept())
    assert caplog.text.count("the database does not answer: TimeoutError") > 1


class Forgotten(Opener):
    """An opener that died."""

    def __init__(self, crowded: Database) -> None:
        self._database = crowded
        self._name = "dead"


def test_an_opener_that_died_is_forgotten_later_when_no_connection_is_free(
    used_up: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever starts it again goes on."""
    Forgotten(used_up)._forget()
    assert "the database does not answer: TimeoutError" in caplog.text


class Unforkable(Opener):
    """An opener that died and cannot be started, the first times."""

    def __init__(self, times: int) -> None:
        self._loop = asyncio.get_running_loop()
        self.left = times
        self.started = asyncio.Event()

    async def run(self) -> None:
        self._process = await asyncio.create_subprocess_exec("true")
        keeping = asyncio.create_task(self.keep())
        started = asyncio.create_task(self.started.wait())
        await asyncio.wait([keeping, started], return_when=asyncio.FIRST_COMPLETED)
        assert not keeping.done()
        keeping.cancel()
        self._process.kill()
        await self._process.wait()

    async def spawn(self) -> None:
        if self.left:
            self.left -= 1
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        self._process = await asyncio.create_subprocess_exec("sleep", "60")

    async def ready(self) -> None:
        self.started.set()

    def _forget(self) -> None:
        """Nobody else hears of it."""


def test_an_opener_that_cannot_be_started_is_started_later(caplog: pytest.LogCaptureFixture) -> None:
    """No process is to be had for a moment: what answers kiosks goes on."""

    async def kept() -> None:
        await Unforkable(2).run()

    asyncio.run(kept())
    assert caplog.text.count("the opener cannot start") == 2
