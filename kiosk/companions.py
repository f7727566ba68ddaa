"""The programs that stand beside the kiosk in the demonstration: simulated devices and a central of its own.

They are the same programs that tests and developers run, started on free ports of 127.0.0.1 and ended with the kiosk.
The kiosk itself is the production kiosk; only the addresses in its settings are theirs.
"""

from __future__ import annotations

import json
import logging
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from kiosk.settings import Settings, check_settings

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).parent.parent


DEMONSTRATION_PIN = "135790"
"""Of both workers of the demonstration, 林芳 and 郑明."""
_SEALED_PIN = "scrypt:PokckBAQqz7nJNPjYpOJxg==:iaP94IXb3/BEd5hPWS5UfXq4vXGRsnEiJh0kYUS1UJE="


PERSONS_AN_HOUR = 1_000_000
"""About whom the demonstration's kiosk may ask: tours and tests show more cards than a hall does."""


class CompanionFailed(Exception):
    """A program of the demonstration did not start. The message is one line."""


class Companion:
    """One program: says in one line of JSON on stdout where it listens, ends when its stdin closes."""

    def __init__(self, arguments: Sequence[str], *, within: float = 30.0) -> None:
        """Starts ``python -m MODULE …`` or ``python FILE.py …`` and waits for its line. Raises CompanionFailed."""
        self._name = arguments[0]
        module = [] if self._name.endswith(".py") else ["-m"]
        self._process = subprocess.Popen(
            [sys.executable, *module, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT
        )
        try:
            self.addresses = self._first_line(within)
        except BaseException:
            self.close()
            raise

    def ask_to_end(self) -> None:
        """Closes its stdin: it ends by itself then."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def close(self, within: float = 1.5) -> None:
        """Asks the program to end, waits for it, and ends it when it does not."""
        self.ask_to_end()
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            _log.warning("%s does not end by itself", self._name)
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _first_line(self, within: float) -> Mapping[str, str]:
        out = self._process.stdout
        assert out is not None, "stdout is a pipe"
        until = time.monotonic() + within
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            if not selector.select(max(0.0, until - time.monotonic())):
                raise CompanionFailed(f"{self._name} did not say where it listens within {within:g} s")
        line = out.readline()
        try:
            said = json.loads(line)
        except ValueError as error:
            raise CompanionFailed(f"{self._name} ended at its start") from error
        if not isinstance(said, dict):
            raise CompanionFailed(f"{self._name} said {line!r}")
        return said


class Companions:
    """Programs that stand beside a kiosk; they end together, so that none waits for another."""

    def __init__(self) -> None:
        self._running: list[Companion] = []

    def add(self, companion: Companion) -> Mapping[str, str]:
        """One more, and where it listens."""
        self._running.append(companion)
        return companion.addresses

    def ask_to_end(self) -> None:
        """They end by themselves while the kiosk does."""
        for companion in self._running:
            companion.ask_to_end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.ask_to_end()
        for companion in reversed(self._running):
            companion.close()


def start_central(data: Path) -> Companion:
    """The embedded central over SQLite in ``data``, with the demonstration's register."""
    data.mkdir(parents=True, exist_ok=True)
    database = f"sqlite:///{data.resolve() / 'central.db'}"
    arguments = ["--db", database, "--port", "0", "--public-port", "0", "--persons-an-hour", str(PERSONS_AN_HOUR)]
    return Companion(["central", "serve", *arguments])


def start_simulators(central: str, papers: Path) -> Companion:
    """Readers, scanner, printers and the network before ``central``, steered through one control port. What comes out
    on A4 lies in ``papers``."""
    free = "tcp://127.0.0.1:0"
    return Companion(
        [
            "devices.simulated",
            "--id-card",
            free,
            "--printer",
            free,
            "--scanner",
            free,
            "--office-printer",
            free,
            "--office-papers",
            str(papers),
            "--social-card",
            "if-possible",
            "--network",
            f"http://127.0.0.1:0={central}",
            "--control",
            free,
        ]
    )


def start_dock(control: str, central: str, data: Path) -> Companion:
    """The window over the simulators, and the telephone that central's demonstration writes to."""
    main = str(_ROOT / "main.py")
    return Companion([main, "--data", str(data), "dock", "--control", control, "--central", central])


def demonstration_settings(simulators: Mapping[str, str], public_url: str | None = None) -> dict[str, object]:
    """The built-in settings of the demonstration: what ``kiosk.toml`` would say of these programs."""
    devices: dict[str, dict[str, object]] = {
        "id_card": {"driver": "samv", "line": simulators["id_card"]},
        "scanner": {"driver": "scanner", "line": simulators["scanner"]},
        "printer": {"driver": "escpos", "line": simulators["printer"], "columns": 48},
    }
    if simulators.get("office_printer"):
        devices["office_printer"] = {"driver": "cups", "line": simulators["office_printer"], "queue": "/ipp/print"}
    if simulators["social_card"]:
        devices["social_card"] = {"driver": "pcsc", "line": simulators["social_card"]}
    return {
        "site": {"name": "环城路社区党群服务中心", "kiosk": "K-001", "phone": "000-00000000"},
        "central": {"url": simulators["network"], **({"public_url": public_url} if public_url else {})},
        "devices": devices,
        "services": {"call_back_days": 2},
        "staff": [
            {"code": "w01", "name": "林芳", "pin": _SEALED_PIN},
            {"code": "w02", "name": "郑明", "pin": _SEALED_PIN},
        ],
        "simulators": {"control": simulators["control"]},
    }


def demonstrate(data: Path, beside: Companions, *, dock: bool) -> Settings:
    """Starts what stands beside a demonstration's kiosk."""
    addresses = beside.add(start_central(data / "central"))
    central = addresses["listening"]
    simulators = beside.add(start_simulators(central, data / "a4"))
    if dock:
        beside.add(start_dock(simulators["control"], central, data))
    return check_settings(demonstration_settings(simulators, addresses["public"]), "the demonstration's settings")
