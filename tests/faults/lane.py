"""A lane: one central with its authorities, one printer, one line between, and the kiosks that live there, one after
another. Lanes share nothing, so that two of them can run at a time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest import mock

from central.database import Database
from central.demonstration.register import BUILT_IN, load
from central.house import sandbox_of
from central.keys import KeyFolder
from central.roots import make_root
from kiosk.companions import PERSONS_AN_HOUR, Companion
from tests.faults.ear import Ear, Heard
from tests.faults.line import Line
from tests.faults.oracle import Central
from tests.faults.printer_end import PrinterEnd
from tests.faults.pushed import exchange, publish
from tests.faults.resident import Plan

ROOT: Final = Path(__file__).parents[2]
START_WITHIN: Final = 120.0
LIFE: Final = 90.0
"""Seconds after which a life that does not end is ended, and told as a fault."""


class Clock:
    """The clock of kiosks, so far from the right time (``shifted_clock.c``)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._library = file.with_suffix(".so")
        file.write_bytes(bytes(8))

    @property
    def environment(self) -> dict[str, str]:
        """For a process that is to go by it. The file is mapped: it is changed in place."""
        if not self._library.exists():
            command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(_SHIFTED)]
            subprocess.run(command, check=True, timeout=60)
        return {"LD_PRELOAD": str(self._library), "SHIFTED_CLOCK": str(self._file)}

    def set(self, ahead: timedelta) -> None:
        """From now on."""
        with self._file.open("r+b") as file:
            file.write(int(ahead.total_seconds()).to_bytes(8, sys.byteorder, signed=True))


_SHIFTED: Final = Path(__file__).with_name("shifted_clock.c")


class Zygote:
    """Where kiosks are born. Any thread."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | environment,
        )
        self._ends: dict[int, int] = {}
        self._births: list[int] = []
        self._changed = threading.Condition()
        self._listener = threading.Thread(target=self._listen, name="zygote", daemon=True)
        self._listener.start()

    def bear(self, plan: Plan) -> int:
        """A kiosk's process, which waits until the ear lets it go."""
        assert self._process.stdin is not None
        self._process.stdin.write(plan.as_line())
        self._process.stdin.flush()
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self._births), START_WITHIN), "nothing is born"
            return self._births.pop(0)

    def end_of(self, pid: int, within: float) -> int | None:
        """Its exit code, negative for a signal; None: it lives on."""
        with self._changed:
            return self._ends.pop(pid) if self._changed.wait_for(lambda: pid in self._ends, within) else None

    def close(self) -> None:
        """Ends with its input."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._listener.join()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                said = json.loads(line)
                with self._changed:
                    if "pid" in said:
                        self._births.append(said["pid"])
                    elif "ended" in said:
                        self._ends[said["ended"]] = said["status"]
                    self._changed.notify_all()


@dataclass(frozen=True, kw_only=True)
class Life:
    """One life of a kiosk, from outside."""

    lane: Lane
    plan: Plan
    pid: int

    def go(self) -> None:
        """Lets it live."""
        self.lane.ear.go(self.pid)

    def kill(self) -> None:
        """Ends it as a power cut would end a process."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end(self, within: float = LIFE) -> int:
        """Waits for its end; what lives too long is ended, and told."""
        status = self.lane.zygote.end_of(self.pid, within)
        if status is None:
            before = Path(self.plan.log).stat().st_size
            for says_where_it_stands in (signal.SIGUSR1, signal.SIGUSR2):
                os.kill(self.pid, says_where_it_stands)
                time.sleep(1.0)
            stands = Path(self.plan.log).read_bytes()[before:].decode(errors="replace")
            self.kill()
            last = self.lane.heard(self.plan.kiosk).events[-1:]
            self.lane.findings.append(
                f"{self.plan.kiosk}: does not end ({self.plan.steps}), said {last} last\n{stands}"
            )
            status = self.lane.zygote.end_of(self.pid, 10.0)
            assert status is not None, "it does not even die"
        return status


class Lane:
    """Where kiosks live. For one thread, but for what it starts itself."""

    def __init__(self, folder: Path, *, mutant: str = "", environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.mutant = mutant
        self.findings: list[str] = []
        folder.mkdir(parents=True)
        self.ear = Ear(folder)
        self.printer = PrinterEnd()
        self.zygote = Zygote(environment or {})
        self._numbers = 0
        self._port = self._public_port = "0"
        self.database = folder / "central.db"
        self.sandbox_database = folder / "authorities.db"
        self._authorities = Database(f"sqlite:///{self.sandbox_database}")
        with _ONE_AT_A_TIME:
            self._authorities.migrate()
        self.keys = folder / "keys"
        keys = KeyFolder(self.keys)
        self._key_file, key = keys.sandbox_key()
        self.sandbox = sandbox_of(self._authorities, keys, load(BUILT_IN), key)
        self.sandbox.start()
        self.central = self._start_central()
        self._root = folder / "root.json"
        make_root(self._root, datetime.now(UTC))
        self.exchange_keys()
        self.line = Line(self.url)
        self.clock = Clock(folder / "clock")
        self.ear.on_line = self._change

    @property
    def url(self) -> str:
        """Central itself, past the line."""
        return self.central.addresses["listening"]

    @property
    def central_pid(self) -> int:
        """The process that answers kiosks."""
        return self.central._process.pid

    def opener_pid(self) -> int:
        """The process that opens what is sealed: the server starts it, again whenever it dies."""
        until = time.monotonic() + START_WITHIN
        while time.monotonic() < until:
            children = Path(f"/proc/{self.central_pid}/task/{self.central_pid}/children").read_text().split()
            if children:
                return int(children[0])
            time.sleep(0.05)
        raise TimeoutError("there is no opener")

    @property
    def rows(self) -> Central:
        """What central and its authorities have."""
        return Central(self.database, self.sandbox_database)

    def plan(self, *steps: str, kiosk: str = "", data: Path | None = None) -> Plan:
        """A life; without a name, that of a kiosk which never was."""
        if not kiosk:
            self._numbers += 1
            kiosk = f"F-{self._numbers:04}"
        data = data or self.folder / "data" / kiosk / "kiosk"
        data.parent.mkdir(parents=True, exist_ok=True)
        return Plan(
            kiosk=kiosk,
            data=str(data),
            central=self.line.url,
            telephone=self.url,
            printer=self.printer.url,
            ear=str(self.ear.path),
            log=str(self.folder / "kiosks.log"),
            steps=steps,
            mutant=self.mutant,
        )

    def bear(self, plan: Plan) -> Life:
        """A life that has not begun: ``go`` lets it."""
        pid = self.zygote.bear(plan)
        self.ear.born(pid)
        return Life(lane=self, plan=plan, pid=pid)

    def live(self, plan: Plan) -> Life:
        """A life that has begun."""
        life = self.bear(plan)
        life.go()
        return life

    def heard(self, kiosk: str) -> Heard:
        """What a kiosk said."""
        return self.ear.heard[kiosk]

    def _change(self, word: str) -> None:
        """What a kiosk wants changed: its line, or its clock (``clock DAYS``)."""
        if word.startswith("clock "):
            self.clock.set(timedelta(days=int(word.removeprefix("clock "))))
        else:
            self.line.set(word)

    def publish(self) -> None:
        """Another catalogue and other settings come from central."""
        publish(self.database, self.keys)

    def exchange_keys(self, *, voice: bool = False) -> None:
        """The root signs newer keys, and what steers kiosks is signed by them; two of a sort are left at most.

        ``voice``: the key by which central speaks is another one too, after its next start.
        """
        exchange(self.database, self.keys, self._root, voice=voice)

    def stop_central(self) -> None:
        """Ends central as an operator would."""
        self.central.close(within=10.0)

    def start_central(self) -> None:
        """Starts it again, where it was."""
        self.central = self._start_central()

    def close(self) -> None:
        """Ends all of it."""
        self.zygote.close()
        self.line.close()
        self.central.ask_to_end()
        self.central.close(within=10.0)
        self.sandbox.close()
        self._authorities.close()
        self.printer.close()
        self.ear.close()

    def _start_central(self) -> Companion:
        known = {
            "FAULTS_SANDBOX": self.sandbox.url,
            "FAULTS_SANDBOX_KEY": str(self._key_file),
            "FAULTS_MUTANT": self.mutant if self.mutant in OF_CENTRAL else "",
        }
        arguments = ["--db", f"sqlite:///{self.database}", "--keys", str(self.keys)]
        arguments += ["--port", self._port, "--public-port", self._public_port]
        arguments += ["--persons-an-hour", str(PERSONS_AN_HOUR)]
        with mock.patch.dict(os.environ, known):
            central = Companion(["tests.faults.central_program", "serve", *arguments], within=START_WITHIN)
        self._port, self._public_port = (
            central.addresses[which].rsplit(":", 1)[1] for which in ("listening", "public")
        )
        return central


_ONE_AT_A_TIME: Final = threading.Lock()
"""Alembic's migrations keep a state of the process."""
OF_CENTRAL: Final = frozenset({"altered-resend-taken"})
"""Mutants of central; all others are the kiosk's."""
