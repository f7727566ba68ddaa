"""How much of a card's reading is the wire's own time, at 115,200 baud.

The far end of a pty is a process that sends as a UART would: byte n of an answer is not there before n × 10 bits have
passed. Measured is the whole of `SamV.read`: find, select, base message (1,295 bytes), new address. The wire's time is
that of all bytes in both directions. The peer is pyserial alone, told in advance how many bytes come.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import serial

from devices.card_text import IdCard
from devices.lines import open_line
from devices.samv import SamV, frame
from devices.simulated.people import load_people
from tests.bench.result import Bench, Result

BAUD = 115_200
BITS = 10
"""Start bit, eight data bits, stop bit."""
BAR = 0.9
ROUNDS = 15
COUNTED = 5
"""Best rounds whose median counts: a machine that is busy with something else only ever makes a round slower."""

REQUESTS = [frame(bytes.fromhex(command)) for command in ("2001", "2002", "3001", "3003")]
CARD = load_people()["chen-jianguo"].card()
ANSWERS = [
    frame(b"\0\0\x9f" + bytes(4)),
    frame(b"\0\0\x90" + bytes(8)),
    frame(b"\0\0\x90\1\0\4\0" + CARD.text + CARD.photo),
    frame(b"\0\0\x91"),
]


def measure() -> Result:
    """The wire's share of the time of a reading."""
    with paced_reader() as port:
        line = open_line(f"serial://{port}?baud={BAUD}")
        reader = SamV(line)
        ours = usual_share(lambda: _read(reader), REQUESTS + ANSWERS)
        line.close()
        with serial.Serial(port, BAUD, timeout=5) as bare:
            peer = usual_share(lambda: _read_bare(bare), REQUESTS + ANSWERS)
    return {"value": ours, "bar": BAR, "ok": ours >= BAR, "peers": {"pyserial": peer}}


BENCHES: dict[str, Bench] = {"card_read_wire_share": measure}


def usual_share(work: Callable[[], None], frames: list[bytes]) -> float:
    wire = sum(map(len, frames)) * BITS / BAUD
    shares = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        shares.append(wire / (time.perf_counter() - started))
    return statistics.median(sorted(shares)[-COUNTED:])


def _read(reader: SamV) -> None:
    card = reader.read()
    if not isinstance(card, IdCard):
        raise TypeError("no card was read")


def _read_bare(port: serial.Serial) -> None:
    for request, answer in zip(REQUESTS, ANSWERS, strict=True):
        port.write(request)
        if port.read(len(answer)) != answer:
            raise ValueError("pyserial read something else")


@contextmanager
def paced_reader() -> Iterator[str]:
    """The name of a serial port whose other end is `main` below, in a process of its own."""
    far, near = os.openpty()
    tty.setraw(near)
    command = [sys.executable, "-m", "tests.bench.bench_card_wire", str(far)]
    with subprocess.Popen(command, pass_fds=[far], stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise RuntimeError("the far end did not start")
            yield os.ttyname(near)
        finally:
            process.terminate()
            process.wait(5)
            os.close(far)
            os.close(near)


def main(far: int) -> None:
    """Answer requests at the wire's pace, requests taking their time on the wire as well."""
    os.write(1, b"ready\n")
    answers = dict(zip(REQUESTS, ANSWERS, strict=True))
    heard = b""
    while True:
        heard += os.read(far, 64)
        began = time.perf_counter()
        for request, answer in answers.items():
            if heard.endswith(request):
                heard = b""
                send_at_pace(far, answer, began + len(request) * BITS / BAUD)


def send_at_pace(far: int, data: bytes, start: float) -> None:
    """Each byte when its last bit has passed; busy for the tenth of a second, because sleeping is coarse."""
    sent = 0
    while sent < len(data):
        due = min(len(data), int((time.perf_counter() - start) * BAUD / BITS))
        if due > sent:
            sent += os.write(far, data[sent:due])


if __name__ == "__main__":
    main(int(sys.argv[1]))
