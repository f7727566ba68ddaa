"""A line to a process of ours, over its stdin and stdout, for what may block for ever or end without a word.

The child has a session of its own, so that Ctrl-C at the kiosk's terminal is not its matter, and ends when this line
does: cancelled, closed, or left behind by a parent that was killed.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from devices.errors import Lost, NotFound
from devices.lines import DescriptorLine


class ChildLine:
    """`python -m MODULE ARGUMENTS…`, started at once. A Line that can be had anew: `restart`."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._changing = threading.Lock()
        self._cancelled = False
        self._line, self._process = self._start()

    def write(self, data: bytes, within: float) -> None:
        self._line.write(data, within)

    def read(self, size: int, within: float) -> bytes:
        return self._line.read(size, within)

    def restart(self) -> None:
        """End the child, whatever it is doing, and start another. Lost after a cancel."""
        with self._changing:
            if self._cancelled:
                raise Lost("line cancelled")
            self._end()
            self._line, self._process = self._start()

    def cancel(self) -> None:
        with self._changing:
            self._cancelled = True
            self._line.cancel()
            self._process.kill()

    def close(self) -> None:
        with self._changing:
            self._cancelled = True
            self._end()

    def _start(self) -> tuple[DescriptorLine, subprocess.Popen[bytes]]:
        ours, its = socket.socketpair()
        with its:
            end = its.fileno()
            try:
                process = subprocess.Popen(self._command, stdin=end, stdout=end, cwd=_HOUSE, start_new_session=True)
            except OSError as error:
                ours.close()
                raise NotFound(f"{self._command[2]} cannot be started: {error}") from error
        ours.setblocking(False)
        return DescriptorLine(ours.detach()), process

    def _end(self) -> None:
        self._line.close()
        self._process.kill()
        self._process.wait()


_HOUSE: Final = os.fspath(Path(__file__).parents[1])
