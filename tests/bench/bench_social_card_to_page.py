"""How long after a social security card was put in the next page stands on the glass.

As in bench_card_to_page.py a finger walks the kiosk to the page that waits for a card. Where a reader does not tell by
itself, pcscd looks for cards every 0.4 s, which nobody can shorten; cards are put in at all moments of that round. The
peer is a bare pyscard script that waits for the same card at the same service, in a process of its own: what comes
after it has noticed the card is ours, and is to stay within a tenth of a second.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from urllib.parse import parse_qs, urlsplit

from smartcard import scard

from devices.simulated.pcscd import READERS
from tests.bench.bench_card_to_page import PERSONS, next_page, walking_kiosk
from tests.bench.kiosk_program import Place, Program, settled_place
from tests.bench.result import Bench, Result

POLL, OURS = 400.0, 100.0
BAR = POLL + OURS
CARDS = 20
REMOVED_FOR = 1.0
"""Seconds on the page after, in which all notice that the card has gone."""


def measure() -> Result:
    """Milliseconds from the card to the page, of nine cards in ten; and half of them within OURS of being noticed."""
    with (
        settled_place() as place,
        waiting_script(place) as script,
        walking_kiosk(place, rest=REMOVED_FOR) as kiosk,
    ):
        cards = [one_card(kiosk, script, place, number) for number in range(CARDS)]
    drawn, noticed = (sorted(times) for times in zip(*cards, strict=True))
    ours = statistics.median(page - card for page, card in cards)
    value = drawn[round(0.9 * (CARDS - 1))]
    return {
        "value": value,
        "bar": BAR,
        "ok": value <= BAR and ours <= OURS,
        "peers": {
            "median": statistics.median(drawn),
            "worst": drawn[-1],
            "bare pyscard, noticed": statistics.median(noticed),
            "bare pyscard, worst": noticed[-1],
            "after it was noticed": ours,
        },
    }


BENCHES: dict[str, Bench] = {"social_card_to_page_ms": measure}


def one_card(kiosk: Program, script: Program, place: Place, number: int) -> tuple[float, float]:
    """Puts a card in when the kiosk waits for one, and takes it out on the page that follows. Milliseconds to that
    page, and to the script's notice."""
    next_page(kiosk)
    time.sleep(POLL / 1000 * number / CARDS)
    put_in = time.monotonic()
    place.around.control.insert(PERSONS[number % len(PERSONS)])
    drawn = next_page(kiosk)
    place.around.control.remove()
    noticed = float(script.line())
    return (drawn - put_in) * 1000, (noticed - put_in) * 1000


def waiting_script(place: Place) -> Program:
    service = parse_qs(urlsplit(place.around.simulators["social_card"]).query)["service"][0]
    return Program(["-m", "tests.bench.bench_social_card_to_page", service])


def wait_for_cards(service: str) -> None:
    """Says when each card was noticed, for ever."""
    os.environ["PCSCLITE_CSOCK_NAME"] = service
    _code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    known, was_in = scard.SCARD_STATE_UNAWARE, True
    while True:
        _code, states = scard.SCardGetStatusChange(context, scard.INFINITE, [(READERS[0], known)])
        now = time.monotonic()
        known = states[0][1]
        is_in = bool(known & scard.SCARD_STATE_PRESENT)
        if is_in and not was_in:
            print(now, flush=True)  # noqa: T201 - this is what it is for
        was_in = is_in


if __name__ == "__main__":
    wait_for_cards(sys.argv[1])
