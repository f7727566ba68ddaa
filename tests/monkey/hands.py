"""The hands of the monkey, and what it knows against the machine.

The kiosk is the one that stands in the hall, with its window, services, simulators and central; only the clock of its
screens can be moved ahead, so that neither the guard against double touches nor idleness has to be waited for. The
monkey presses what can be pressed, presses anywhere, slips off, uses several fingers, types, lays and inserts cards,
holds codes before the scanner, takes the paper and the network away, walks off. Three things must not happen:

* an exception: an error in the log, a failed callback, a service or task that fails;
* a dead end: a page with nothing to press that does not say what it waits for, or a place from which neither 首页 nor
  the page's own way nor the wipe leads home;
* a leftover: after the wipe, anything of the person before (``leftovers``).
"""

from __future__ import annotations

import asyncio
import collections
import logging
import random
import string
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from unittest import mock

import main
from devices.errors import DeviceError
from kiosk.companions import DEMONSTRATION_PIN
from kiosk.contract.numbers import folded
from kiosk.contract.status import STATUS_PATH
from kiosk.manner import Anew
from kiosk.pages import Digits, Done, EnterNumber, Home, Notice, Page, PlaceCard, Search, SendPapers, Wait, Words
from kiosk.sending import LOOKS_EVERY
from kiosk.visit import Counter, Visit
from screens.dock.telephone import NoAnswer, UnknownPerson
from tests.monkey.hall import Deed, Hall
from tests.monkey.leftovers import (
    Drafts,
    Steps,
    leftovers,
    of_the_people,
    set_apart_what_is_there,
    still_set,
    what_stays,
)
from tests.screens.glass import Clock

if TYPE_CHECKING:
    from screens.stage import Stage
    from tests.monkey.fingers import Touch

TOUCHES_HOME = 12
"""Touches within which the home page is reached from anywhere."""
FOLLOWS_WITHIN = 15.0
"""Seconds: central and printer have deadlines of their own, all of them shorter."""
LOOK_HOME_EVERY = 400
"""Touches."""
UPLOAD = "upload"
"""Means: the papers are sent by telephone."""
A_RUN = 8
"""Signs, as many as stand nowhere by chance: what is shorter is not looked for."""


NO_PAGE: Page[object] = Page(name="nothing", question="")
"""Between a wipe and the home page."""


class Stuck(Exception):
    """The kiosk does not follow any more."""


@dataclass
class Findings:
    """What went wrong, in words."""

    exceptions: list[str] = field(default_factory=list)
    dead_ends: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.exceptions or self.dead_ends or self.leftovers)


class Errors(logging.Handler):
    """Hears every error that is logged, and what fails where nobody waits for it."""

    def __init__(self, findings: Findings) -> None:
        super().__init__(logging.ERROR)
        self.findings = findings

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        self.findings.exceptions.append(f"{record.name}: {record.getMessage()} {kind.__name__ if kind else ''}".strip())

    def listen(self) -> None:
        logging.getLogger().addHandler(self)
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, told: self.findings.exceptions.append(f"{told['message']} {told.get('exception')!r}")
        )
        sys.unraisablehook = lambda told: self.findings.exceptions.append(f"{told.err_msg} {told.exc_value!r}")
        threading.excepthook = lambda told: self.findings.exceptions.append(f"in a thread: {told.exc_value!r}")


@dataclass
class Monkey:
    """The hands, what they did last, and what is known against the machine."""

    machine: main.Machine
    stage: Stage
    chance: random.Random
    findings: Findings = field(default_factory=Findings)
    clock: Clock = field(default_factory=Clock)
    touches: int = 0
    searched: int = 0
    steps: collections.deque[str] = field(default_factory=lambda: collections.deque(maxlen=50))
    pages: collections.Counter[str] = field(default_factory=collections.Counter)
    numbers: collections.deque[str] = field(default_factory=lambda: collections.deque(maxlen=20))
    """Registration numbers that pages gave, the latest ones."""
    gone_within: float = 15.0
    """Seconds after which nothing under way (a question to central that nobody waits for) may know of a person."""
    _wipes: list[None] = field(default_factory=list)
    _wipes_seen: int = 0
    _seen: int = 0

    def __post_init__(self) -> None:
        simulators = self.machine.settings.simulators
        assert simulators is not None
        self.hall = Hall(simulators.control, str(self.machine.settings.central.url))
        self.sought = of_the_people()
        self.stage._monotonic = self.stage.gate._now = self.clock.now
        machine, stage, wipe, wipes, found = self.machine, self.stage, self.stage.wipe, self._wipes, self.findings

        def wiped() -> None:  # what it holds is reached from the stage: not the monkey, which knows what it typed
            wipe()
            wipes.append(None)
            found.leftovers += still_set(machine, stage)  # a page later it may be the next person's

        mock.patch.object(self.stage, "wipe", wiped).start()
        mock.patch("kiosk.reception.Visit", traced_visit).start()
        items = self.machine.reception.catalog.items
        self._runs_here: set[object] = {code for item in items for code in (item.code, item.category)}
        self._moves = self._all_moves()

    @property
    def _wiped(self) -> bool:
        return len(self._wipes) > self._wipes_seen

    @property
    def wipes(self) -> int:
        return len(self._wipes)

    async def play(self, touches: int) -> None:
        """Makes so many touches more, or as many as it takes to find something."""
        end = self.touches + touches
        look_home_at = self.touches + LOOK_HOME_EVERY
        while self.touches < end and not self.findings.any:
            await self._look()
            if self.touches >= look_home_at:
                look_home_at = self.touches + LOOK_HOME_EVERY
                await self.go_home()
                continue
            moves = self._moves_on(self._page)
            move = self.chance.choices(list(moves), list(moves.values()))[0]
            if self.chance.random() < 0.9:
                self.clock.ahead += 0.31
            with suppress(DeviceError, NoAnswer, UnknownPerson):
                await move()
            await self._settle()

    async def forget(self) -> None:
        """Begins with nothing known."""
        self.findings.exceptions.clear()
        self.findings.dead_ends.clear()
        self.findings.leftovers.clear()
        self.sought.forget_typed()
        await self._follow(FOLLOWS_WITHIN)
        await self.set_apart()  # the words for what was found needed all that there is

    async def set_apart(self) -> None:
        """What is there now is nobody's. The visit under way is set apart with it, and with it whatever its tasks came
        to hold: nothing collects that. So another one begins."""
        set_apart_what_is_there()
        serial = self._serial
        self.machine.reception.start_over()
        await self.stage.drawn(after=serial)
        self._wipes_seen = len(self._wipes)

    # -- what it sees --------------------------------------------------------------------------------------------------

    @property
    def _serial(self) -> int:
        return self.stage.shown.serial if self.stage.shown is not None else 0

    @property
    def _page(self) -> Page[object]:
        return self.stage.shown.page if self.stage.shown is not None else NO_PAGE

    async def _look(self) -> None:
        """Judges the page that stands there, once; after a wipe, what is left."""
        if self._page is NO_PAGE or self._serial == self._seen:
            return
        self._seen = self._serial
        page = self._page
        self.pages[page.name] += 1
        if isinstance(page, Done):
            self.numbers += [row.value for row in page.rows if row.leads]
        if self.stage._aids is None and not _leads_on(page, self._offered()):
            self.findings.dead_ends.append(f"{page.name} has nothing to press and waits for nothing")
        if isinstance(page, Home) and not self._is_answered() and (self._wiped or self.chance.random() < 0.2):
            await self._search(everything=self.sought.is_anything_typed or self.chance.random() < 0.25)

    async def _search(self, *, everything: bool) -> None:
        """Nothing may be left. Where the next visit has begun meanwhile, its end is looked at."""
        serial = self._serial
        stays = await what_stays(
            partial(self._left, everything), lambda: self._is_answered() or self._serial != serial,
            within=self.gone_within,
        )  # fmt: skip
        self.findings.leftovers += stays or []
        if stays != []:
            return
        self._wipes_seen = len(self._wipes)
        self.sought.forget_typed()
        self.searched += 1

    def _left(self, everything: bool, in_words: bool) -> list[str]:
        return leftovers(self.machine, self.stage, self.sought, everything=everything, in_words=in_words)

    def _offered(self) -> list[object]:
        return [means for means, _where in self.stage.targets()]

    async def _settle(self) -> None:
        """Lets the kiosk do what a touch began: mostly until the next page stands there."""
        for _turn in range(3):
            await asyncio.sleep(0)
        if self.chance.random() < 0.05:
            return
        await self._follow(FOLLOWS_WITHIN)

    async def _follow(self, within: float) -> None:
        until = time.monotonic() + within
        while self._is_answered() and time.monotonic() < until:  # noqa: ASYNC110 - the machine tells nobody
            await asyncio.sleep(0.002)
        if self._is_answered():
            self.findings.dead_ends.append(f"nothing follows {self._page.name}")
            raise Stuck

    def _is_answered(self) -> bool:
        answer = self.stage._answer
        return self.stage.shown is None or answer is None or answer.done()

    # -- the way home --------------------------------------------------------------------------------------------------

    async def go_home(self) -> None:
        """From wherever it is: by the foot or the page's own way, or by walking off."""
        began = self._page.name
        if self.chance.random() < 0.5 and not isinstance(self._page, Home):
            self._note("walks off for good")
            if await self._walk_off():
                return
        for _touch in range(TOUCHES_HOME):
            await self._until_it_can_be_left()
            if isinstance(self._page, Home):
                return
            offered = self._offered()
            means = "foot:home" if "foot:home" in offered else offered[-1] if offered else None
            if isinstance(self._page, Done):
                means = self._page.actions[-1].value if self._page.actions else means
            if means is None:
                break
            self.clock.ahead += 0.31
            await self._press(means)
            await self._settle()
        await self._until_it_can_be_left()
        if not isinstance(self._page, Home) and not await self._walk_off():
            self.findings.dead_ends.append(f"no way home from {began}: it ends on {self._page.name}")

    async def leave(self) -> None:
        """Goes home and away, so that the hall is empty: then nothing may be left of anybody."""
        await self.go_home()
        wipes = self.wipes
        for _quiet in range(3):
            if self.wipes == wipes:
                await self._be_quiet()
        if self.wipes == wipes:
            self.findings.dead_ends.append(f"no wipe: {self._page.name} stands in an empty hall")
        await self._search(everything=True)

    async def _be_quiet(self) -> None:
        """As long as nobody waits who is still there."""
        self.clock.ahead += 200
        self.stage.tick()
        await self._follow(FOLLOWS_WITHIN)
        await self._until_it_can_be_left()

    async def _until_it_can_be_left(self) -> None:
        """What has been decided is carried out: nobody leaves before."""
        until = time.monotonic() + FOLLOWS_WITHIN
        while time.monotonic() < until:
            await self._follow(FOLLOWS_WITHIN)
            if isinstance(self._page, Home) or (self.stage.shown is not None and self.stage.shown.head.can_leave):
                return
            await asyncio.sleep(0.02)

    async def _walk_off(self) -> bool:
        """Whether an empty place in front of the machine brings the home page back."""
        for _quiet in range(3):
            await self._be_quiet()
            if isinstance(self._page, Home):
                return True
        return False

    # -- what it does --------------------------------------------------------------------------------------------------

    def _all_moves(self) -> dict[Callable[[], Awaitable[None]], float]:
        return {
            self._press_something: 46,
            self._press_the_foot: 6,
            self._press_anywhere: 12,
            self._press_by_mouse: 3,
            self._slip_off: 4,
            self._slip_on: 2,
            self._press_twice: 3,
            self._use_many_fingers: 3,
            self._leave_a_finger: 0.5,
            self._type: 4,
            self._go_by_keys: 4,
            self._hold_a_key: 1,
            self._turn_the_manner: 1.5,
            self._let_time_pass: 3,
            self._handle_a_card: 5,
            self._hold_a_code: 1.5,
            self._turn_a_switch: 2.2,
        }

    def _moves_on(self, page: Page[object]) -> dict[Callable[[], Awaitable[None]], float]:
        match page:
            case PlaceCard():
                return self._moves | {self._handle_a_card: 60, self._hold_a_code: 15}
            case Digits():
                return self._moves | {self._enter_a_number: 60}
            case EnterNumber() if self.numbers:
                return self._moves | {self._enter_a_registration_number: 30, self._write: 30, self._hold_a_receipt: 15}
            case EnterNumber() | Search() | Words():
                return self._moves | {self._write: 60}
            case SendPapers():
                return self._moves | {self._send_by_telephone: 30}
            case Done() if page.fetches:
                return self._moves | {self._fetch_by_telephone: 30}
            case Wait():
                return self._moves | {self._wait: 60}
            case _:
                return self._moves

    async def _press_something(self) -> None:
        """Mostly what leads to a service of this machine, and papers by telephone: most of the tiles lead to the desk,
        and most papers are promised."""
        offered = [means for means in self._offered() if not str(means).startswith("foot:")]
        if isinstance(self._page, Home) and self.chance.random() < 0.7:
            offered = [means for means in offered if means in self._runs_here] or offered
        elif UPLOAD in offered and self.chance.random() < 0.7:
            offered = [UPLOAD]
        if offered:
            await self._press(self.chance.choice(offered))

    async def _press_the_foot(self) -> None:
        offered = [means for means in self._offered() if str(means).startswith("foot:")]
        if offered:
            await self._press(self.chance.choice(offered))

    async def _press(self, means: object) -> None:
        """Where the page is read aloud, the first touch only asks what is there."""
        self._note(f"presses {means!r}")
        if self.stage.manner.listen:
            self._touch(*self._middle_of(means))
            self.clock.ahead += 0.31
        self._touch(*self._middle_of(means))

    async def _press_anywhere(self) -> None:
        """Now and then as a child drums on the glass."""
        touches = self.chance.choice((1, 1, 1, 20))
        self._note(f"presses anywhere, {touches} times")
        for _touch in range(touches):
            self._touch(*self._anywhere())
            self.clock.ahead += self.chance.choice((0.0, 0.31))
            if self.chance.random() < 0.3:
                await asyncio.sleep(0)

    async def _press_by_mouse(self) -> None:
        """The way that a panel's touches come in, through the window's provider; a wheel is no finger."""
        from tests.monkey.fingers import tell_window

        button = self.chance.choice(("left", "left", "right", "middle", "scrolldown", "scrollup"))
        x, y = self._somewhere()
        self._note(f"presses {button}")
        self.touches += 1
        window = self.stage.get_root_window()
        tell_window("on_mouse_down", x, window.height - y, button, ())
        await asyncio.sleep(0.02)
        tell_window("on_mouse_up", x, window.height - y, button, ())
        await asyncio.sleep(0.02)

    async def _slip_off(self) -> None:
        self._note("slips off")
        self._touch(*self._somewhere(), to=self._anywhere())

    async def _slip_on(self) -> None:
        self._note("slips onto something")
        self._touch(*self._anywhere(), to=self._somewhere())

    async def _press_twice(self) -> None:
        where = self._somewhere()
        self._note("presses twice")
        self._touch(*where)
        for _turn in range(self.chance.randrange(20)):
            await asyncio.sleep(0)
        self._touch(*where)

    async def _use_many_fingers(self) -> None:
        places = [self._somewhere() for _finger in range(self.chance.randint(2, 4))]
        self._note(f"uses {len(places)} fingers")
        fingers = [self._put_down(*place) for place in places]
        self.chance.shuffle(fingers)
        for finger in fingers:
            if self.chance.random() < 0.3:
                finger.slide(*self._somewhere())
            if self.chance.random() < 0.3:
                await asyncio.sleep(0)
            finger.lift()

    async def _leave_a_finger(self) -> None:
        """A finger, or a drop of water, that the panel does not let go."""
        self._note("leaves a finger on the glass")
        self._put_down(*self._somewhere())

    async def _type(self) -> None:
        for _key in range(self.chance.randint(1, 5)):
            key, text = self.chance.choice(_KEYS)
            modifiers = self.chance.choice(([], [], ["ctrl"], ["alt"], ["shift"], ["ctrl", "shift"]))
            self._press_key(key, text, modifiers)

    async def _hold_a_key(self) -> None:
        """As an elbow does, or a book that lies on the keys: it repeats itself."""
        key, text = self.chance.choice((*_KEYS, *_SOUND_KEYS, *((way, "") for way in _WAYS)))
        self._press_key(key, text, times=self.chance.randint(2, 30))

    def _press_key(self, key: int, text: str, modifiers: Sequence[str] = (), *, times: int = 1) -> None:
        """It goes down so many times until it comes up."""
        from tests.monkey.fingers import tell_window

        self._note(f"types {key} {'+'.join(modifiers)} {times} times")
        self.touches += 1
        for _time in range(times):
            tell_window("on_key_down", key, 0, text, list(modifiers))
            tell_window("on_keyboard", key, 0, text, list(modifiers))
            if text:
                tell_window("on_textinput", text)
            self.clock.ahead += 0.03 if times > 1 else 0.0
        tell_window("on_key_up", key, 0)

    async def _go_by_keys(self) -> None:
        """As somebody who does not touch the glass; a key may be held while the page goes on."""
        from tests.monkey.fingers import tell_window

        keys = self.chance.choices(_WAYS, k=self.chance.randint(1, 8))
        self._note(f"goes by keys {keys}")
        for key in keys:
            self.touches += 1
            tell_window("on_key_down", key, 0, "", self.chance.choice(([], ["shift"])))
            if self.chance.random() < 0.3:
                await asyncio.sleep(0)
            tell_window("on_key_up", key, 0)
            self.clock.ahead += self.chance.choice((0.0, 0.31))

    async def _turn_the_manner(self) -> None:
        """By the buttons of the home page; by the keys that anywhere have it read aloud, louder and softer."""
        if isinstance(self._page, Home) and self.chance.random() < 0.6:
            await self._press(self.chance.choice(("foot:care", "foot:language")))
        else:
            self._press_key(*self.chance.choice(_SOUND_KEYS))

    async def _let_time_pass(self) -> None:
        seconds = self.chance.choice((1, 4, 10, 16, 31, 61, 76, 125, 155))
        self._note(f"waits {seconds} s")
        self.clock.ahead += seconds
        self.stage.tick()

    async def _wait(self) -> None:
        await asyncio.sleep(0.05)

    async def _enter_a_number(self) -> None:
        page = self._page
        assert isinstance(page, Digits)
        number = "1" + "".join(self.chance.choices(string.digits, k=page.length - 1))
        if page.name == "code" and self.chance.random() < 0.8:
            number = await asyncio.to_thread(self.hall.newest_code) or number
        elif page.secret and self.chance.random() < 0.8:
            number = DEMONSTRATION_PIN
        elif page.length >= A_RUN:
            self.sought.is_typed(number)
        self._note("enters a number")
        await self._press_keys(*(() if page.may_end_in_x else ("clear",)), *number)
        await self._press_if_there("action")

    async def _write(self) -> None:
        """A run of signs by the keys that are there: letters that become a text, capitals, figures. Without hyphens,
        which whoever reads a number leaves out."""
        from screens.keyboard import LAYERS, SWITCH

        for _layer in range(self.chance.randrange(len(LAYERS))):
            await self._press_keys(SWITCH)
        keys = [str(means).removeprefix("key:") for means in self._offered() if str(means).startswith("key:")]
        signs = [key for key in keys if len(key) == 1 and key != "-"]
        if not signs:
            return
        run = "".join(self.chance.choices(signs, k=A_RUN))
        longest = self._page.longest if isinstance(self._page, Words) else A_RUN
        if longest >= A_RUN:
            self.sought.is_typed(run)
            self.sought.is_typed(folded(run))
        self._note(f"writes {run}")
        await self._press_keys(*run)
        await self._press_if_there("action")

    async def _press_keys(self, *keys: str) -> None:
        for key in keys:
            await self._press_if_there(f"key:{key}")

    async def _press_if_there(self, means: object) -> None:
        if means in self._offered():
            self.clock.ahead += 0.31
            await self._press(means)

    async def _enter_a_registration_number(self) -> None:
        """Of a matter of this run, by the keys."""
        page = self._page
        assert isinstance(page, EnterNumber)
        number = self.chance.choice(self.numbers)
        self._note(f"enters {number}")
        await self._press_keys(*("delete",) * len(page.refused or page.begins), *number)
        await self._press_if_there("action")

    async def _handle_a_card(self) -> None:
        await self._hold_out(self.hall.some_card(self.chance))

    async def _hold_a_code(self) -> None:
        if self.chance.random() < 0.3:
            await self._hold_out(self.hall.code(self.chance.choice((*_RUBBISH, *self._receipts()))))
        else:
            await self._hold_out(self.hall.some_credential(self.chance))

    async def _hold_a_receipt(self) -> None:
        await self._hold_out(self.hall.code(self.chance.choice(self._receipts())))

    async def _hold_out(self, deed: Deed) -> None:
        await self._do(deed)
        if deed.answered and isinstance(self._page, EnterNumber | PlaceCard) and self.chance.random() < 0.8:
            await self._await_another(0.6)

    def _receipts(self) -> list[str]:
        """What the codes of this run's receipts say, with and without public pages."""
        address = f"{self.machine.equipment.public_url}{STATUS_PATH}"
        return [*self.numbers, *(f"{address}{number}" for number in self.numbers)]

    async def _send_by_telephone(self) -> None:
        page = self._page
        assert isinstance(page, SendPapers)
        await self._do(self.hall.papers(page, finished=self.chance.random() < 0.6))
        await self._await_another(LOOKS_EVERY)

    async def _fetch_by_telephone(self) -> None:
        page = self._page
        assert isinstance(page, Done)
        await self._do(self.hall.certificate(page.qr))
        await self._await_another(LOOKS_EVERY)

    async def _turn_a_switch(self) -> None:
        await self._do(self.hall.some_switch(self.chance))

    async def put_in_order(self) -> None:
        """Everything is there again, as in the morning."""
        await asyncio.to_thread(self.hall.put_in_order)

    async def _do(self, deed: Deed) -> None:
        self._note(deed.words)
        await asyncio.to_thread(deed.do)

    async def _await_another(self, within: float) -> None:
        """The page after a card, a code, a telephone; idle hands play about the drawing meanwhile."""
        serial, until = self._serial, time.monotonic() + within
        while self._serial == serial and time.monotonic() < until:
            self._touch(self.chance.uniform(0, self.stage.width), self.chance.uniform(0.4, 0.9) * self.stage.height)
            await asyncio.sleep(0.02)

    # -- fingers -------------------------------------------------------------------------------------------------------

    def _touch(self, x: float, y: float, *, to: tuple[float, float] | None = None) -> None:
        finger = self._put_down(x, y)
        if to is not None:
            finger.slide((x + to[0]) / 2, (y + to[1]) / 2)
            finger.slide(*to)
        finger.lift()

    def _put_down(self, x: float, y: float) -> Touch:
        from tests.monkey.fingers import Touch

        self.touches += 1
        return Touch(x, y)

    def _somewhere(self) -> tuple[float, float]:
        """On something, if there is anything."""
        offered = self._offered()
        return self._middle_of(self.chance.choice(offered)) if offered else self._anywhere()

    def _anywhere(self) -> tuple[float, float]:
        return self.chance.uniform(0, self.stage.width), self.chance.uniform(0, self.stage.height)

    def _middle_of(self, means: object) -> tuple[float, float]:
        for meaning, where in self.stage.targets():
            if meaning == means:
                return where.x + where.width / 2, where.y + where.height / 2
        return self._anywhere()

    def _note(self, words: str) -> None:
        self.steps.append(f"{self.touches:7} {self._page.name:18} {words}")


def _leads_on(page: Page[object], offered: list[object]) -> bool:
    """Whether there is something to press besides the foot, or the page says what it waits for."""
    if isinstance(page, Wait | PlaceCard) or (isinstance(page, Notice) and page.hint):
        return True
    if isinstance(page, Done) and page.actions:
        return page.actions[-1].value in offered
    return any(not str(means).startswith("foot:") for means in offered)


_RUBBISH = ("https://example.com/", "123456", "K001-26-000317", "~!@#$%^&*()", "二维码")
"""Codes that no receipt and no telephone has."""

_KEYS = (
    *((ord(letter), letter) for letter in string.ascii_lowercase + string.digits),
    (13, ""), (27, ""), (9, ""), (8, ""), (32, " "), (127, ""), (273, ""), (274, ""), (278, ""), (279, ""),
    *((code, "") for code in range(282, 294)), (319, ""), (0x4E2D, "中"),
)  # fmt: skip
"""Kivy's codes and what is typed: letters, Enter, Escape, Tab, arrows, F1 to F12, the menu key."""

_SOUND_KEYS = ((283, ""), (43, "+"), (45, "-"))
"""F2, that what stands there is read aloud; louder; softer."""

_WAYS = (9, 9, 9, 273, 274, 275, 276, 13, 13, 271, 27, 282)
"""Tab, the arrows, Enter, Escape, F1: what leads on."""


def traced_visit(counter: Counter, *, now: datetime, change: Callable[[Anew], None]) -> Visit:
    """A visit whose memory can be told from any other list and dict."""
    return Visit(counter, now, change, Steps(), Drafts())
