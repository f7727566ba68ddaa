"""The ear: hears what kiosks promise, in a process that no kill and no power cut of theirs reaches."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID


@dataclass
class Heard:
    """All that one kiosk said in all its lives, in order."""

    promised: dict[UUID, str] = field(default_factory=dict)
    """Ids of records that a page spoke of as done, with their numbers."""
    filed: dict[UUID, str] = field(default_factory=dict)
    """Ids that a commit returned."""
    holds: dict[str, int] = field(default_factory=dict)
    """What small files were said to hold."""
    events: list[dict[str, object]] = field(default_factory=list)

    def count(self, word: str) -> int:
        """How often something was said."""
        return sum(word in event for event in self.events)


class _Events:
    """One for each process, whoever asks for it first: a ``defaultdict`` may make two of them in two threads."""

    def __init__(self) -> None:
        self._events: dict[int, threading.Event] = {}
        self._making = threading.Lock()

    def of(self, pid: int) -> threading.Event:
        with self._making:
            return self._events.setdefault(pid, threading.Event())

    def forget(self, pid: int) -> None:
        with self._making:
            self._events.pop(pid, None)


class Ear:
    """A socket of this machine's. ``on_line`` does what a kiosk wants done to its line; ``on_event`` hears all."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ear"
        self.heard: defaultdict[str, Heard] = defaultdict(Heard)
        self.on_line: Callable[[str], None] = lambda _word: None
        self.on_event: Callable[[str, dict[str, object]], None] = lambda _kiosk, _event: None
        self._born = _Events()
        self._go = _Events()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(16)
        threading.Thread(target=self._serve, name="ear", daemon=True).start()

    def born(self, pid: int, within: float = 20.0) -> None:
        """Waits until that process speaks. Raises TimeoutError."""
        if not self._born.of(pid).wait(within):
            raise TimeoutError(f"process {pid} does not speak")

    def go(self, pid: int) -> None:
        """Lets it live."""
        self._go.of(pid).set()

    def close(self) -> None:
        """Hears no more."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._listen, args=(connection,), daemon=True).start()

    def _listen(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            first = json.loads(lines.readline() or b"{}")
            if not first:
                return
            kiosk, pid = first["begins"], first["pid"]
            self._born.of(pid).set()
            self._go.of(pid).wait()
            connection.sendall(b".")
            self._born.forget(pid)  # another process may be given the number
            self._go.forget(pid)
            for line in lines:
                if not line.endswith(b"\n"):
                    return  # cut off in the middle of a word
                self._hear(kiosk, json.loads(line), connection)

    def _hear(self, kiosk: str, event: dict[str, object], connection: socket.socket) -> None:
        heard = self.heard[kiosk]
        heard.events.append(event)
        match event:
            case {"promised": str(id_), "number": str(number)}:
                heard.promised[UUID(id_)] = number
            case {"filed": str(id_), "number": str(number)}:
                heard.filed[UUID(id_)] = number
            case {"file": str(name), "holds": int(number)}:
                heard.holds[name] = number
            case {"line": str(word)}:
                self.on_line(word)
                connection.sendall(b".")
        self.on_event(kiosk, event)


def status_of(pid: int, field_name: str) -> str:
    """A line of /proc/PID/status; "" where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(field_name)), "")


def is_alive(pid: int) -> bool:
    """Whether that process still runs."""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return not status_of(pid, "State").startswith("Z")
    return False
