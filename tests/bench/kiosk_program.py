"""The kiosk as its benches start it: the real program beside running simulators and central, as on any morning."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from tests.acceptance.whole import Surroundings, surroundings
from tests.toml import toml

ROOT = Path(__file__).parents[2]
WITHIN = 60.0
"""Seconds that a bench waits for anything."""
KIOSK = "B-001"
HOME_DRAWN = "the home page stands"
"""What the kiosk's log says when it can be used."""


class Program:
    """A program and what it says, line by line; ended with its context, by the end of its stdin or by SIGTERM."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._heard = b""
        self._said: list[str] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    def line(self, within: float = WITHIN) -> str:
        """The next line. RuntimeError, with what was said before, when none comes in time or the program ends."""
        out = self._process.stdout
        assert out is not None, "stdout is a pipe"
        until = time.monotonic() + within
        while b"\n" not in self._heard:
            with selectors.DefaultSelector() as selector:
                selector.register(out, selectors.EVENT_READ)
                ready = selector.select(max(0.0, until - time.monotonic()))
            more = os.read(out.fileno(), 65536) if ready else b""
            if not more:
                raise RuntimeError("\n".join(["the program says no more; it said:", *self._said]))
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        self._said.append(line.decode(errors="replace"))
        return self._said[-1]

    def wait_for(self, words: str) -> float:
        """Waits for a line that has these words. Seconds since the program was started."""
        while words not in self.line():
            pass
        return time.monotonic() - self.started

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the kiosk of a bench stands: its settings, its data, and what is around it."""

    settings: Path
    data: Path
    around: Surroundings

    def kiosk(self) -> Program:
        """The kiosk's own program."""
        return Program(["main.py", "--settings", str(self.settings), "--data", str(self.data)])

    def with_reader_at(self, url: str) -> Place:
        """The same place, but the reader is met at ``url``."""
        tables = self.around.tables(KIOSK)
        tables["devices"]["id_card"] = {"driver": "samv", "line": url}
        settings = self.settings.with_name("other.toml")
        settings.write_text(toml(tables), encoding="utf-8")
        return replace(self, settings=settings)

    def with_central_at(self, url: str) -> Place:
        """The same place, but central is met at ``url``."""
        tables = self.around.tables(KIOSK)
        tables["central"]["url"] = url
        settings = self.settings.with_name("other.toml")
        settings.write_text(toml(tables), encoding="utf-8")
        return replace(self, settings=settings)

    def bare_window(self, *options: str) -> Program:
        """The peer: a window of kivy's with one label."""
        return Program(["-m", "tests.bench.bare_window", str(self.data.parent / "bare"), *options])


@contextmanager
def settled_place() -> Iterator[Place]:
    """A kiosk that has been in contact with central before, with warm files: both programs have run once."""
    with TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        with surroundings(folder / "central") as around:
            (folder / "bare").mkdir()
            settings = folder / "kiosk.toml"
            settings.write_text(toml(around.tables(KIOSK)), encoding="utf-8")
            place = Place(settings=settings, data=folder / "data", around=around)
            with place.kiosk() as first:
                first.wait_for(HOME_DRAWN)
            with place.bare_window() as bare:
                bare.wait_for("drawn")
            yield place
