"""python-escpos, opened with care: the side effects of importing it are undone here.

Importing it takes 330 ms, so it waits for the first receipt, or for a quiet moment in which `warm_up` is called. It
calls `logging.basicConfig()`, which would add a handler to a root logger that has none, and it leaves a folder with a
pickle of its printer table in the temporary folder, one per process.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from typing import Protocol


class DummyPrinter(Protocol):
    """What receipts use of `escpos.printer.Dummy`, the printer that keeps its bytes."""

    @property
    def output(self) -> bytes: ...
    def hw(self, hw: str) -> None: ...
    def set(
        self,
        *,
        align: str | None = None,
        bold: bool | None = None,
        custom_size: bool | None = None,
        width: int | None = None,
        height: int | None = None,
    ) -> None: ...
    def line_spacing(self, spacing: int) -> None: ...
    def qr(self, content: str, *, ec: int, size: int, native: bool) -> None: ...
    def print_and_feed(self, n: int) -> None: ...
    def _raw(self, msg: bytes) -> None: ...


def dummy_printer() -> DummyPrinter:
    """A printer that collects bytes."""
    warm_up()
    from escpos.printer import Dummy

    printer: DummyPrinter = Dummy()
    return printer


_lock = threading.Lock()
_imported = False


def warm_up() -> None:
    """Import the library; from any thread, any number of times."""
    global _imported  # noqa: PLW0603 - importing is of the process
    with _lock:
        if _imported:
            return
        # The folder that the variable names would be read as a pickle, and an unused one would be left all the same.
        os.environ.pop("ESCPOS_CAPABILITIES_PICKLE_DIR", None)
        root, guard = logging.getLogger(), logging.NullHandler()
        root.addHandler(guard)
        try:
            from escpos import capabilities
        finally:
            root.removeHandler(guard)
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
        _imported = True
