"""The programs of this room: simulators, started and ended with the test, and `python -m devices` in this process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from typer.testing import CliRunner

from devices.__main__ import app
from devices.control import SimulatorControl


@dataclass(frozen=True, kw_only=True)
class Simulators:
    """Running simulators: where they listen, and how they are steered."""

    id_card: str
    printer: str
    scanner: str
    social_card: str
    network: str
    control_url: str
    control: SimulatorControl
    process: subprocess.Popen[str]


@contextmanager
def simulators(*arguments: str, starts_within: float = 20.0) -> Iterator[Simulators]:
    """`python -m devices.simulated` with these arguments."""
    command = [sys.executable, "-m", "devices.simulated", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(starts_within, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            urls = json.loads(process.stdout.readline() or "null")
            watchdog.cancel()
            assert urls, "the simulators did not start"
            yield Simulators(
                id_card=urls["id_card"] or "",
                printer=urls["printer"] or "",
                scanner=urls["scanner"] or "",
                social_card=urls["social_card"] or "",
                network=urls["network"] or "",
                control_url=urls["control"],
                control=SimulatorControl(urls["control"]),
                process=process,
            )
        finally:
            watchdog.cancel()
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: bytes
    stderr: bytes


def devices(*arguments: str, stdin: bytes = b"") -> Done:
    """`python -m devices` without a process of its own, which would take most of a test's time."""
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    return Done(result.exit_code, result.stdout_bytes, result.stderr_bytes)
