"""What stands about the glass: devices that are simulated, and a telephone in somebody's hand.

What can be held out and which switches there are say the dock's own tables. Blocking, with deadlines: a Deed is done in
a thread.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import requests

from devices.control import SimulatorControl
from kiosk.pages import SendPapers
from screens.dock.switches import SWITCHES, TROUBLES, Position, Switch, standing
from screens.dock.telephone import NoAnswer, Telephone
from screens.dock.ways import CardWay, CodeWay, ways_of
from tests.central.photographs import photograph

Doing = list[Callable[[], None]]

WITHIN = 15.0
"""Seconds in which a simulator has obeyed (a PC/SC service takes its time), or a page comes to the telephone."""


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something to do, and what it is in words. ``answered``: a page that waits for it goes on."""

    words: str
    do: Callable[[], object]
    answered: bool = False


class Hall:
    """As far as this machine has it: ``control`` steers the simulators, ``central`` has the telephones."""

    def __init__(self, control: str, central: str) -> None:
        self.control = SimulatorControl(control, WITHIN)
        self.telephone = Telephone(central)
        self.persons = [person["id"] for person in self.control.people()]
        state = self.control.state()
        ways = ways_of(state)
        self._cards = [way for way in ways if isinstance(way, CardWay)]
        self._codes = [way for way in ways if isinstance(way, CodeWay)]
        self._switches = [stands.switch for stands in standing((*SWITCHES, *TROUBLES), state)]
        self._turned: list[Switch] = []
        """Those that do not stand as usual."""
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._photograph = photograph()

    # -- held out to the machine ---------------------------------------------------------------------------------------

    def some_card(self, chance: random.Random) -> Deed:
        """It comes, mostly in the place of all others; it goes; it comes and goes at once."""
        person, way = chance.choice(self.persons), chance.choice(self._cards)
        put, take = partial(way.put, self.control, person), partial(way.take, self.control)
        coming: Doing = [put] if chance.random() < 0.3 else [self.take_all_cards, put]
        does: dict[str, Doing] = {"puts down": coming, "takes away": [take], "swipes": [*coming, take]}
        words = chance.choices(list(does), [5, 4, 1])[0]
        do = partial(_one_after_the_other, does[words])
        return Deed(words=f"{words} the {way.device} of {person}", do=do, answered=words == "puts down")

    def take_all_cards(self) -> None:
        """No card is anywhere."""
        for way in self._cards:
            way.take(self.control)

    def some_credential(self, chance: random.Random) -> Deed:
        """Somebody's telephone shows a code to the scanner."""
        person, way = chance.choice(self.persons), chance.choice(self._codes)

        def show() -> None:
            self.control.scan(self.telephone.open_code(person, way.kind))

        return Deed(words=f"shows the {way.kind} code of {person}", do=show, answered=True)

    def code(self, text: str) -> Deed:
        """Any other code before the scanner."""
        return Deed(words=f"shows the code {text}", do=partial(self.control.scan, text), answered=True)

    # -- switches ------------------------------------------------------------------------------------------------------

    def some_switch(self, chance: random.Random) -> Deed:
        """Something is plugged out, switched off, used up, fails; or, more often, is well again."""
        if self._turned and chance.random() < 0.6:
            switch = chance.choice(self._turned)
            position = _usual(switch)
            self._turned.remove(switch)
        else:
            switch = chance.choice([each for each in self._switches if each not in self._turned])
            position = chance.choice([each for each in switch.positions if not each.usual])
            self._turned.append(switch)
        return Deed(words=f"{switch.name}: {position.words}", do=partial(position.put, self.control))

    def put_in_order(self) -> None:
        """Everything is there again, as in the morning."""
        self.take_all_cards()
        for stands in standing(tuple(self._switches), self.control.state()):
            if stands.at is None or not stands.switch.positions[stands.at].usual:
                _usual(stands.switch).put(self.control)
        self._turned.clear()

    # -- the telephone -------------------------------------------------------------------------------------------------

    def newest_code(self) -> str:
        """That a message brought; "" where none did."""
        return next((message.code for message in reversed(self.telephone.received(0)) if message.code), "")

    def papers(self, page: SendPapers, *, finished: bool) -> Deed:
        """Opens the address and sends a picture of each paper; ``finished``: says that this is all."""

        def send() -> None:
            self._browse("POST", f"{page.qr}/begin")
            for paper in page.papers:
                picture = ("IMG.jpg", self._photograph, "image/jpeg")
                self._browse("POST", f"{page.qr}/papers/{paper.code}", files={"picture": picture})
            if finished:
                self._browse("POST", f"{page.qr}/done")

        return Deed(words=f"sends papers{', all of them' if finished else ''}", do=send, answered=True)

    def certificate(self, url: str) -> Deed:
        """Opens the address, and the file behind it."""

        def fetch() -> None:
            self._browse("GET", url)
            self._browse("GET", f"{url}/file.pdf")

        return Deed(words="fetches a certificate", do=fetch, answered=True)

    def _browse(self, method: str, url: str, files: dict[str, tuple[str, bytes, str]] | None = None) -> None:
        """What central refuses it says on a page: that comes to the telephone too. Raises NoAnswer."""
        try:
            self._browser.request(method, url, files=files, timeout=WITHIN)
        except requests.RequestException as error:
            raise NoAnswer(type(error).__name__) from error


def _usual(switch: Switch) -> Position:
    return next(each for each in switch.positions if each.usual)


def _one_after_the_other(doing: Doing) -> None:
    for do in doing:
        do()
