"""`python -m devices.simulated`: the simulated devices as one program.

Prints one line of JSON with the URLs once everything listens, and ends with its stdin (when that is a pipe), on
SIGTERM or on SIGINT, with exit code 0. Exit code 2: usage, or a port that is taken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from devices.simulated.control import ControlServer
from devices.simulated.ends import make_server_end, tcp_address
from devices.simulated.id_card import SimulatedReader
from devices.simulated.office_printer import SimulatedOfficePrinter
from devices.simulated.pcscd import Pcscd
from devices.simulated.people import PEOPLE, load_people
from devices.simulated.rig import Rig
from devices.simulated.scanner import SimulatedScanner
from devices.simulated.social_card import SimulatedSocialCard
from devices.simulated.vpcd_end import VpcdEnd
from devices.simulated.wire import SimulatedDevice

if TYPE_CHECKING:
    from devices.simulated.paper_roll import Ticket
    from devices.simulated.printer import Kind


def main() -> int:
    options = _options()
    try:
        rig = Rig(load_people(options.people))
        if options.id_card:
            reader = SimulatedReader(rig.people, sticky=options.sticky, on_change=rig.changed)
            rig.add("id_card", options.id_card, reader)
        if options.printer:
            rig.add("printer", options.printer, _printer(rig, options.columns, options.printer_kind))
        if options.scanner:
            rig.add("scanner", options.scanner, SimulatedScanner(rig.changed))
        if options.office_printer:
            a4 = SimulatedOfficePrinter(rig.changed, _into(options.office_papers))
            rig.add_on("office_printer", a4, make_server_end(options.office_printer, a4, rig.changed))
        if options.social_card == "always" or (options.social_card and _pcscd_can_be_had()):
            card = SimulatedSocialCard(rig.people, on_change=rig.changed)
            rig.add_on("social_card", card, VpcdEnd(card, rig.changed))
        if options.network:
            rig.add_network(options.network)
        asyncio.run(_run(rig, *tcp_address(options.control)))
    except (ValueError, OSError) as error:
        print(f"devices.simulated: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    return 0


def _printer(rig: Rig, columns: int, kind: Kind) -> SimulatedDevice:
    """Loads what draws paper, which takes a moment."""
    from devices.simulated.printer import SimulatedPrinter

    def printed(ticket: Ticket) -> None:
        rig.tell({"event": "printed", "text": ticket.text, "png": ticket.png})

    return SimulatedPrinter(columns, printed, rig.changed, kind=kind)


def _into(folder: Path | None) -> Callable[[bytes], None]:
    """Where the sheets of the A4 printer go: into a folder, the first 0001.pdf, or nowhere."""
    if folder is None:
        return lambda _document: None
    folder.mkdir(parents=True, exist_ok=True)

    def put(document: bytes) -> None:
        (folder / f"{sum(1 for _file in folder.glob('*.pdf')) + 1:04}.pdf").write_bytes(document)

    return put


def _pcscd_can_be_had() -> bool:
    why_not = Pcscd.why_not()
    if why_not:
        print(f"devices.simulated: no social security cards here: {why_not}", file=sys.stderr)
    return why_not is None


async def _run(rig: Rig, host: str, port: int) -> None:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    _end_with_stdin(end)
    control = ControlServer(rig)
    try:
        await rig.start()
        url = await control.start(host, port)
        print(json.dumps({**rig.urls(), "control": url}), flush=True)
        await end.wait()
    finally:
        await control.close()
        await rig.close()


def _end_with_stdin(end: asyncio.Event) -> None:
    """A pipe ends when its writer is gone, however it went; a terminal or a file says nothing about that."""
    try:
        kind = os.fstat(0).st_mode
    except OSError:
        return
    if not (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)):
        return
    loop = asyncio.get_running_loop()

    def on_stdin() -> None:
        if not os.read(0, 4096):
            loop.remove_reader(0)
            end.set()

    loop.add_reader(0, on_stdin)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m devices.simulated",
        description="Simulated devices that speak the real ones' bytes. URL: tcp://127.0.0.1:PORT (0: any) or pty://",
    )
    parser.add_argument("--id-card", metavar="URL", help="a SAM_V reader of identity cards")
    parser.add_argument("--printer", metavar="URL", help="an ESC/POS receipt printer")
    parser.add_argument(
        "--printer-kind", choices=("usual", "epson", "simple"), default="usual", help="which commands it knows"
    )
    parser.add_argument("--scanner", metavar="URL", help="a QR scanner")
    parser.add_argument(
        "--social-card",
        choices=("always", "if-possible"),
        nargs="?",
        const="always",
        help="a card reader, in a PC/SC service of its own; if-possible goes on without where there can be none",
    )
    parser.add_argument("--office-printer", metavar="URL", help="an A4 printer that speaks IPP, at /ipp/print")
    parser.add_argument("--office-papers", metavar="DIR", type=Path, help="where what it prints goes, as PDF files")
    parser.add_argument("--network", metavar="LISTEN=TARGET", help="a relay, http://127.0.0.1:PORT=http://HOST:PORT")
    parser.add_argument("--control", metavar="URL", default="tcp://127.0.0.1:0", help="where to steer all this")
    parser.add_argument("--people", metavar="FILE", type=Path, default=PEOPLE, help="the people and their cards (TOML)")
    parser.add_argument("--columns", metavar="N", type=int, default=48, help="the printer's width in columns")
    parser.add_argument(
        "--sticky",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="the reader does not find a card again that it has read, until it is lifted",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
