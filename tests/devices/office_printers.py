"""The simulated A4 printer at the end of a line, for whoever prints on it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from devices.simulated.ends import End, make_server_end
from devices.simulated.office_printer import SimulatedOfficePrinter


@contextmanager
def plugged_in(printer: SimulatedOfficePrinter) -> Iterator[End]:
    """The printer at the end of a line, in a thread of its own."""
    plugged: Future[tuple[End, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        end = make_server_end("tcp://127.0.0.1:0", printer, lambda: None)
        await end.plug()
        over = asyncio.Event()
        plugged.set_result((end, asyncio.get_running_loop(), over))
        await over.wait()
        await end.close()

    thread = threading.Thread(target=asyncio.run, args=[live()])
    thread.start()
    end, loop, over = plugged.result(5)
    try:
        yield end
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
