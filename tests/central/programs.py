"""Starts ``python -m central serve`` as the program it is, and ends it with the test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import IO

import httpx2 as httpx

from kiosk.contract.messages import Health

ROOT = Path(__file__).parents[2]
WITHIN = 30.0


class Central:
    """A running server: its standard input is a pipe unless said otherwise, what it says on stderr is kept."""

    def __init__(self, *arguments: str, stdin: int = subprocess.PIPE) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "central", "serve", "--port", "0", "--public-port", "0", *arguments],
            cwd=ROOT,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen, args=(self.process.stderr,))
        self._listener.start()
        line = self.stdout.readline()
        assert line, f"did not start: {self.said}"
        where: dict[str, str] = json.loads(line)
        self.url = where["listening"]
        self.public_url = where["public"]
        self.http = httpx.Client(base_url=self.url, timeout=15)

    @property
    def stdout(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def close_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def end(self) -> int:
        """Waits for the end, which the test has asked for. Returns the exit code."""
        code = self.process.wait(WITHIN)
        self._listener.join(WITHIN)
        return code

    def opener(self) -> int:
        """The process id of the opener."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        assert len(children) == 1, children
        return int(children[0])

    def health(self) -> Health:
        return Health.model_validate_json(self.http.get("/v1/health").content)

    def close(self) -> None:
        self.http.close()
        try:
            if self.process.stdin is None:
                self.process.terminate()
            else:
                self.process.stdin.close()
            self.process.wait(WITHIN)
        finally:
            self.process.kill()
            self.process.wait()
            self._listener.join(WITHIN)
            self.stdout.close()
            assert self.process.stderr is not None
            self.process.stderr.close()

    def _listen(self, stderr: IO[str]) -> None:
        self.said.extend(stderr)


@contextmanager
def central(*arguments: str, stdin: int = subprocess.PIPE) -> Iterator[Central]:
    running = Central(*arguments, stdin=stdin)
    try:
        yield running
    finally:
        running.close()


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python -m central …`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "central", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )


def until(holds: Callable[[], bool], within: float = WITHIN) -> None:
    """Waits for a condition; fails when it does not come."""
    deadline = monotonic() + within
    while not holds():
        assert monotonic() < deadline, "it did not come"
        sleep(0.02)
