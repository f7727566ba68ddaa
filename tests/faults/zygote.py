"""The process from which kiosks are forked: what a kiosk imports is imported once, a life costs a tenth of a second.

``python -m tests.faults.zygote`` reads a plan a line, forks, and writes ``{"pid": …}`` for each birth and
``{"ended": …, "status": …}`` for each end. It ends with its input.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import sys
import threading
from typing import Final

from tests.faults.resident import Plan, be_born

IN: Final = 0


def main() -> int:
    """Forks until the input ends."""
    from kiosk.catalog import load_catalog

    load_catalog()
    warm_up()
    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a fork has one thread alone"
    say(ready=True)
    with selectors.DefaultSelector() as selector:
        selector.register(IN, selectors.EVENT_READ)
        heard = b""
        while True:
            for key, _ in selector.select():
                if key.fd != IN:
                    pid: int = key.data
                    status = os.waitpid(pid, 0)[1]
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    say(ended=pid, status=os.waitstatus_to_exitcode(status))
                    continue
                if not (got := os.read(IN, 1 << 16)):
                    return 0
                *lines, heard = (heard + got).split(b"\n")
                for line in lines:
                    born = os.fork()
                    if born == 0:
                        be_born(Plan.of_line(line))
                    selector.register(os.pidfd_open(born), selectors.EVENT_READ, born)
                    say(pid=born)


def warm_up() -> None:
    """Imports what a kiosk loads with its first visit, exchange and receipt."""
    import kiosk.counter
    import kiosk.exchange
    import kiosk.journeys.filing
    import kiosk.journeys.proxy_request
    import kiosk.printing
    import kiosk.serving  # noqa: F401
    from devices.escpos import warm_up as load_escpos

    load_escpos()


def say(**said: object) -> None:
    """A line for whoever wants kiosks."""
    os.write(1, json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
