"""What the driver of social security cards costs beside a bare pyscard script that sends the same APDUs.

Both talk to one real pcscd with a virtual card, in turns. Measured is a whole reading of a card that lies there: ours
through the child process, with a look at the readers and records that are parsed; the script's in pyscard's own words,
from `readers()` to `release()`, nothing parsed. The harder peer is the leanest script there is: the C functions of
smartcard.scard alone, with a context made beforehand. The peers also tell how long after a card was put in it has been
read: nearly all of that is pcscd, which looks every 0.4 s at a reader that does not tell by itself.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec
from urllib.parse import parse_qs, urlsplit

from smartcard import scard
from smartcard.CardRequest import CardRequest
from smartcard.CardType import AnyCardType
from smartcard.System import readers

from devices import SocialCardReader, open_driver
from devices.control import SimulatorControl
from devices.simulated.pcscd import READERS
from devices.social_card import FILES, SELECT_CARD, SocialCard
from tests.bench.result import Bench, Result
from tests.devices.programs import simulators

P = ParamSpec("P")
BAR = 1.3
ROUNDS = 150
INSERTIONS = 6
PERSON = "chen-jianguo"
COMES = 10.0

APDUS = [SELECT_CARD, b"\x00\xc0\x00\x00\x1e"]
for _file, _sizes in FILES.items():
    APDUS.append(b"\x00\xa4\x02\x00\x02" + _file)
    APDUS += [bytes([0x00, 0xB2, tag, 0x00, size + 2]) for tag, size in _sizes.items()]


def measure() -> Result:
    """How many times as long the driver takes; the rounds' median, each round one of both."""
    with simulators("--social-card") as running:
        (os.environ["PCSCLITE_CSOCK_NAME"],) = parse_qs(urlsplit(running.social_card).query)["service"]
        reader = open_driver("social_card", "pcsc", running.social_card)
        try:
            reader.hello()
            inserted = [insertion(reader, running.control) for _ in range(INSERTIONS)]
            by_script = [insertion_bare(running.control) for _ in range(INSERTIONS)]
            with context() as kept:
                rounds = [(timed_read(reader), timed(_read_lean, kept), timed(_read_usual)) for _ in range(ROUNDS)]
        finally:
            reader.close()
    ratio = statistics.median(ours / usual for ours, _, usual in rounds)
    to_lean = statistics.median(ours / lean for ours, lean, _ in rounds)
    ours, lean, usual = (1000 * statistics.median(times) for times in zip(*rounds, strict=True))
    return {
        "value": ratio,
        "bar": BAR,
        "ok": ratio <= BAR,
        "peers": {
            "ours ms": ours,
            "bare pyscard ms": usual,
            "smartcard.scard alone ms": lean,
            "ratio to smartcard.scard alone": to_lean,
            "ours from insertion ms": 1000 * statistics.median(inserted),
            "bare pyscard from insertion ms": 1000 * statistics.median(by_script),
        },
    }


BENCHES: dict[str, Bench] = {"social_read_ratio": measure}


def timed_read(reader: SocialCardReader) -> float:
    started = time.perf_counter()
    if not isinstance(reader.read(again=True), SocialCard):
        raise TypeError("no card was read")
    return time.perf_counter() - started


def timed(read: Callable[P, None], *given: P.args, **named: P.kwargs) -> float:
    started = time.perf_counter()
    read(*given, **named)
    return time.perf_counter() - started


def insertion(reader: SocialCardReader, control: SimulatorControl) -> float:
    control.remove()
    reader.read(1.0)  # until the service has noticed
    control.insert(PERSON)
    started = time.perf_counter()
    if not isinstance(reader.read(COMES), SocialCard):
        raise TypeError("no card was read")
    return time.perf_counter() - started


def insertion_bare(control: SimulatorControl) -> float:
    control.remove()
    time.sleep(1.0)
    control.insert(PERSON)
    started = time.perf_counter()
    CardRequest(timeout=COMES, cardType=AnyCardType()).waitforcard().connection.release()
    _read_usual()
    return time.perf_counter() - started


@contextmanager
def context() -> Iterator[int]:
    code, kept = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    _check(code)
    try:
        yield kept
    finally:
        scard.SCardReleaseContext(kept)


def _read_lean(kept: int) -> None:
    code, card, _protocol = scard.SCardConnect(kept, READERS[0], scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0)
    _check(code)
    try:
        for apdu in APDUS:
            code, answer = scard.SCardTransmit(card, scard.SCARD_PCI_T0, list(apdu))
            _check(code)
            _check(answer[-2] not in (0x90, 0x61))
    finally:
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)


def _read_usual() -> None:
    connection = readers()[0].createConnection()
    try:
        connection.connect()
        for apdu in APDUS:
            _data, first, _second = connection.transmit(list(apdu))
            _check(first not in (0x90, 0x61))
    finally:
        connection.disconnect()
        connection.release()


def _check(code: int) -> None:
    if code:
        raise ValueError(f"the script failed: {code:x}")
