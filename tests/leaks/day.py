"""A day of visits at one machine, told to end at any moment: `python -m tests.leaks.day FOLDER --visits N --seed S`.

The machine is the hall's: reception, counter, outbox and sync as they are, whose data lies in FOLDER/kiosk. People come
by card, prove who they are by a code or a worker's word, type names and telephones, act for others, rate with words of
their own; the network, the authorities and the printer fail now and then. A line is said before each visit.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import logging
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar, cast

from central.demonstration.register import BUILT_IN, load
from devices.discreet import keep_to_itself
from devices.simulated.people import Resident, load_people
from kiosk.companions import DEMONSTRATION_PIN, demonstration_settings
from kiosk.pages import Choose, Digits, Head, Page, Rating, Words
from kiosk.private import private_folder
from tests.kiosk.hall import Hall, Trouble, Visitor, Walk, open_hall, visitor_person

A = TypeVar("A")

STANDS_STILL: Final = 45.0
"""Seconds without a line after which it says in which line each thread stands, and ends: a visit takes some ten, and
what waits in the hall for longer gives up after sixty."""
TELEPHONE: Final = "13900007412"
CHILD: Final = "33990220261101122X"
NAME: Final = "诸葛映雪"
SENTENCE: Final = "我叫诸葛映雪，住在桂花弄，电话13900007412"
TYPED: Final = (TELEPHONE, CHILD, NAME, SENTENCE, "我叫诸葛映雪", "住在桂花弄")
CHOSEN: Final[dict[str, object]] = {
    "rating-reason": "own-words",
    "rating-call-back": True,
    "no-code-came": "witness",
}
TROUBLES: Final[tuple[Trouble, ...]] = ("none", "none", "none", "offline", "upstream", "slow", "no printer", "idle")


def told() -> set[str]:
    """All that people tell the machine in a day: what stands on their cards, in the register, and what they type."""
    of_register = {word for person in load(BUILT_IN).people for word in (person.name, person.number, person.telephone)}
    of_cards = set[str]()
    for card in load_people().values():
        of_cards |= {card.name, card.number}
        if isinstance(card, Resident):
            of_cards |= {card.address, *card.new_addresses}
    return {word for word in (*of_register, *of_cards, *TYPED) if word and len(word) > 1}


class Telling(Visitor):
    """Somebody who gives the machine all it asks for."""

    def __init__(self, last_code: Callable[[], str], lot: random.Random) -> None:
        super().__init__(last_code)
        self._lot = lot

    async def show(self, page: Page[A], head: Head, draft: A | None = None) -> A:
        if isinstance(page, Digits) and page.name == "code" and page.aside is not None and self._lot.random() < 0.3:
            return cast(A, page.aside.value)
        return await super().show(page, head, draft)

    def answers(self, page: Page[object], walk: Walk) -> object:
        if isinstance(page, Rating) and self._lot.random() < 0.5:
            return page.options[0].value
        if page.name == "worker-pin":
            return DEMONSTRATION_PIN
        if isinstance(page, Choose) and page.name in CHOSEN:
            offered = [option.value for option in page.options]
            return CHOSEN[page.name] if CHOSEN[page.name] in offered else offered[-1]
        if isinstance(page, Words) and page.name == "rating-words":
            return SENTENCE[: page.longest]
        given = TELEPHONE if isinstance(page, Digits) and page.length == len(TELEPHONE) else NAME
        writes = (isinstance(page, Digits) and page.length == len(TELEPHONE)) or isinstance(page, Words)
        if writes and walk.taken[page.name, given] == 0:
            walk.taken[page.name, given] += 1
            return given
        return super().answers(page, walk)


async def spend(folder: Path, visits: int, lot: random.Random) -> None:
    """A part of the day."""
    nowhere = dict.fromkeys(("id_card", "scanner", "printer", "social_card", "network", "control"), "")
    staff = demonstration_settings(nowhere)["staff"]
    people = [person.id for person in load(BUILT_IN).people if person.birth is not None]
    async with open_hall(folder, lambda last_code: Telling(last_code, lot), {"staff": staff}) as hall:
        codes = [item.code for item in hall.machine.reception.catalog.items]
        for number in range(visits):
            trouble, code, who = lot.choice(TROUBLES), lot.choice(codes), lot.choice(people)
            say(f"{number} {code} {trouble} {who}")
            await one(hall, code, trouble, who, lot)


async def one(hall: Hall, code: str, trouble: Trouble, who: str, lot: random.Random) -> None:
    hall.visitor.person = visitor_person(who)
    await hall.suffer("none" if trouble == "idle" else trouble)
    await hall.walk(code, trouble, leaves_at=lot.randrange(1, 9) if trouble == "idle" else None)


def say(line: str) -> None:
    faulthandler.dump_traceback_later(STANDS_STILL, exit=True)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--visits", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    keep_to_itself()
    with private_folder(given.folder / "kiosk"):
        asyncio.run(spend(given.folder, given.visits, random.Random(given.seed)))
    say("closed")


if __name__ == "__main__":
    main()
