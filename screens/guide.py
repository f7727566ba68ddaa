"""Takes a tour: the scripted person of ``kiosk.tour`` with a finger on the real screens and cards on the real reader.

Where the settings name simulator programs, their control port lays the cards on the reader; else the tour waits for
whoever stands there, and says on stderr what for. The code that central sends is read from the demonstration's
telephone.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from devices.control import SimulatorControl
from devices.errors import DeviceError
from devices.paper import Block
from devices.worker import Worker
from kiosk import printing
from kiosk.catalog import load_catalog
from kiosk.desk import Filed
from kiosk.equipment import Equipment
from kiosk.outbox import OutboxStatus
from kiosk.pages import Digits, Page, PlaceCard
from kiosk.settings import Settings
from kiosk.tour import NoAnswer, ScriptedPerson, Tour, way_of
from screens.dock.telephone import NoAnswer as NoTelephone
from screens.dock.telephone import Telephone
from screens.stage import Stage
from screens.tour import Stuck, Walk

CODE_WITHIN = 10.0
"""Seconds in which a code must arrive on the telephone."""
ANSWER_WITHIN = 30.0
"""Seconds in which a page must follow an answer: central may be slow, but it has its own deadlines."""
PERSON_WITHIN = 180.0
"""Seconds in which somebody presents a card; the idle warning comes before."""


@dataclass
class Guide:
    """Leads through the journeys of a tour, one after the other."""

    tour: Tour
    settings: Settings
    equipment: Equipment
    stage: Stage
    journeys: list[dict[str, object]] = field(default_factory=list)
    unfinished: int = 0

    async def lead(self) -> None:
        """Takes the whole tour; what became of each journey stands in ``journeys`` then."""
        self.tour.out.mkdir(parents=True, exist_ok=True)
        if self.tour.person and self.settings.simulators is None:
            say("--person is left alone: the settings name no simulators, so the card is whoever's is presented")
        helper = Worker("tour")
        numbers = itertools.count(1)
        try:
            for name in self.tour.journeys:
                visitor = Visitor(name, self, helper)
                self.unfinished += not await visitor.visit(numbers)
                self.journeys.append(visitor.report())
            await self.equipment.sync.drain(self.tour.drain)
        finally:
            helper.close()

    def report(self, status: OutboxStatus) -> str:
        """The tour as one JSON object."""
        return json.dumps(
            {
                "journeys": self.journeys,
                "records": status.records,
                "stored": status.stored,
                "pending": status.pending,
            },
            ensure_ascii=False,
        )


class Visitor:
    """One person with one errand."""

    def __init__(self, journey: str, guide: Guide, helper: Worker) -> None:
        self._journey = journey
        self._guide = guide
        self._helper = helper
        self._script = ScriptedPerson(journey, way_of(journey, load_catalog()))
        self._telephone = Telephone(str(guide.settings.central.url))
        self._heard = 0
        self._pages: list[Path] = []
        self._receipt: Path | None = None
        self._filed: Filed | None = None
        simulators = guide.settings.simulators
        self._control = SimulatorControl(simulators.control) if simulators else None

    async def visit(self, numbers: Iterator[int]) -> bool:
        """Walks the journey; False when it did not come to its end."""
        gear = self._guide.equipment
        walk = Walk(
            stage=self._guide.stage,
            name=self._journey,
            folder=self._guide.tour.out,
            answer=self._answer,
            present=self._present,
            numbers=numbers,
            within=ANSWER_WITHIN if self._control else PERSON_WITHIN,
        )

        def keep_paper(blocks: list[Block], style: printing.Style) -> None:
            self._receipt = self._guide.tour.out / f"{next(numbers):02d}-{self._journey}-receipt.png"
            printing.picture(blocks, style, self._receipt)

        gear.on_paper, gear.on_filed = keep_paper, self._keep_filed
        self._heard = await self._helper.do(self._last_message)
        try:
            await walk.run()
        except (Stuck, NoAnswer, DeviceError) as error:
            say(str(error))
            return False
        finally:
            self._pages = walk.pictures
            self._telephone.close()
        if not self._script.finished:
            say(f"{self._journey}: it did not come to its end")
        return self._script.finished

    def report(self) -> dict[str, object]:
        """What the tour says of this journey."""
        return {
            "name": self._journey,
            "pages": [str(page) for page in self._pages],
            "receipt": str(self._receipt) if self._receipt else None,
            "record": str(self._filed.id) if self._filed else None,
            "matter": self._filed.state if self._filed else None,
        }

    async def _answer(self, page: Page[object], offered: Collection[object]) -> object:
        if isinstance(page, Digits) and page.name == "code":
            return await self._helper.do(self._wait_for_code)
        return self._script.answer(page, offered)

    async def _present(self, page: PlaceCard) -> None:
        if self._control is None:
            lifted = "the card on the reader to be lifted, and " if page.lift_first else ""
            what = "a code to be held before the scanner" if page.way == "code" else "a card to be presented"
            say(f"{self._journey}: waiting for {lifted}{what}")
            return
        control, person = self._control, self._guide.tour.person_for(self._journey)

        def show() -> None:
            match page.way:
                case "id-card":
                    control.lift()
                    control.present(person)
                case "social-card":
                    control.remove()
                    control.insert(person)
                case "code":
                    control.scan(self._telephone.open_code(person, "medical"))

        try:
            await self._helper.do(show)
        except NoTelephone as error:
            raise NoAnswer(f"{self._journey}: there is no telephone to show a code on: {error}") from error

    def _keep_filed(self, filed: Filed) -> None:
        self._filed = filed

    def _last_message(self) -> int:
        try:
            return max((message.id for message in self._telephone.received(0)), default=0)
        except NoTelephone:
            return 0

    def _wait_for_code(self) -> str:
        """The code of the newest message since the journey began. Blocking."""
        say(f"{self._journey}: waiting for the code on the telephone")
        for pause in itertools.repeat(0.1, round(CODE_WITHIN / 0.1)):
            try:
                codes = [message.code for message in self._telephone.received(self._heard) if message.code]
            except NoTelephone as error:
                raise NoAnswer(f"{self._journey}: there is no telephone to read a code from: {error}") from error
            if codes:
                return codes[-1]
            time.sleep(pause)
        raise NoAnswer(f"{self._journey}: no code came within {CODE_WITHIN:g} s")


async def take_tour(tour: Tour, settings: Settings, equipment: Equipment, stage: Stage) -> Guide:
    """Takes ``tour`` on a running machine."""
    guide = Guide(tour, settings, equipment, stage)
    await guide.lead()
    return guide


def say(words: str) -> None:
    """A line for the person at the terminal."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
