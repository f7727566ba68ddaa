"""What goes on in the dock, without its window: it follows simulators and telephone, and does what is pressed.

`Life` keeps one `Board`, everything there is to see, and says when it became another. Whatever is away is asked for
again, without end and quietly. Every blocking call has a daemon thread of its own, so that a hanging program holds
neither the window nor its end.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal

from devices.control import Changed, Printed, SimulatedPerson, SimulatorControl, State, Watch
from devices.errors import DeviceError
from devices.worker import Worker
from screens.dock.telephone import Expired, NoAnswer, NoTelephones, Telephone, TextMessage, UnknownPerson
from screens.dock.ways import CardDevice, CodeWay

KEPT_PAPERS: Final = 10
KEPT_MESSAGES: Final = 20
AGAIN: Final = 1.0
"""Seconds between two attempts to reach what is away, and between two looks at the telephone."""
FAILED: Final = "没有做成，请再按一次。"
NOT_CONFIRMED: Final = "没有确认成，请再按一次。"
NO_CODE: Final = "手机没有打开码，请再按一次。"
UNKNOWN: Final = "中心不认识 {name}，手机上没有码。"

_QR: Final = re.compile(r"\[QR ([^\]\n]+)\]")
"""How the text of a paper tells a QR."""
_log = logging.getLogger(__name__)

Reply = Literal["asked", "said", "expired"]


@dataclass(frozen=True, kw_only=True)
class Board:
    """Everything the dock shows. Newest first; `state` is None while the simulators are away.

    `telephone` is "none" where no central was named, and "without" where central has no telephones. `scanned` is what
    was held before the scanner, until something else is done.
    """

    people: tuple[SimulatedPerson, ...] = ()
    state: State | None = None
    scanned: str = ""
    telephone: Literal["none", "away", "without", "there"] = "none"
    messages: tuple[TextMessage, ...] = ()
    replies: Mapping[str, Reply] = field(default_factory=dict)
    papers: tuple[Printed, ...] = ()
    notice: str = ""

    def card_in(self, device: CardDevice) -> str | None:
        """The id of the person whose card lies on the reader, or is in the slot."""
        reader = self.state[device] if self.state else None
        return reader["person"] if reader else None

    @property
    def printed_code(self) -> str | None:
        """What the QR says on the newest paper that has one; a receipt's says its registration number (登记号)."""
        found = (_QR.search(paper.text) for paper in self.papers)
        return next((match[1] for match in found if match), None)


class Life:
    """The dock's dealings with the simulators at `control` and with the telephones of `central`.

    `changed` is called on the loop's thread after each change of `board`. The verbs do something while `run` runs.
    """

    def __init__(self, control: str, central: str | None, again: float = AGAIN) -> None:
        self._again = again
        self._control = SimulatorControl(control)
        self._telephone = Telephone(central) if central is not None else None
        self.changed: Callable[[Board], None] = _nobody
        self.board = Board(telephone="away" if central is not None else "none")
        self._steering = Worker("dock steering")
        self._following = Worker("dock following")
        self._calling = Worker("dock telephone")
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(self._follow_simulators())
                if self._telephone is not None:
                    group.create_task(self._follow(self._telephone))
        finally:
            self._group = None
            if self._telephone is not None:
                self._calling.post(self._telephone.close)
            for worker in (self._steering, self._following, self._calling):
                worker.close()

    def put(self, what: Callable[[SimulatorControl], None]) -> None:
        """Do this to the simulators, in the order of the presses."""
        if self._group is not None:
            self._group.create_task(self._put(what))

    def hold_up(self, text: str, called: str) -> None:
        """Hold a code with this text before the scanner."""
        if self._group is not None:
            self._group.create_task(self._put(lambda control: control.scan(text), scanned=called))

    def open_code(self, person: SimulatedPerson, way: CodeWay) -> None:
        """Let this person's telephone open this code, and hold it before the scanner."""
        if self._group is not None and self._telephone is not None:
            self._group.create_task(self._open_code(self._telephone, person, way))

    def confirm(self, token: str) -> None:
        """Say yes to the link of a message."""
        if self._group is not None and self._telephone is not None and token not in self.board.replies:
            self._reply(token, "asked")
            self._group.create_task(self._confirm(self._telephone, token))

    async def _put(self, what: Callable[[SimulatorControl], None], scanned: str = "") -> None:
        try:
            await self._steering.do(partial(what, self._control))
        except DeviceError as error:
            _log.warning("simulators: %s", error)
            self._show(notice=FAILED, scanned="")
        else:
            self._show(notice="", scanned=scanned)

    async def _open_code(self, telephone: Telephone, person: SimulatedPerson, way: CodeWay) -> None:
        try:
            code = await self._calling.do(partial(telephone.open_code, person["id"], way.kind))
        except UnknownPerson:
            self._show(notice=UNKNOWN.format(name=person["name"]), scanned="")
        except NoAnswer as error:
            _log.warning("telephone: %s", error)
            self._show(notice=NO_CODE, scanned="")
        else:
            await self._put(lambda control: control.scan(code), scanned=f"{person['name']} 的{way.name}")

    async def _confirm(self, telephone: Telephone, token: str) -> None:
        try:
            await self._calling.do(partial(telephone.confirm, token))
        except Expired:
            self._reply(token, "expired")
        except NoAnswer as error:
            _log.warning("telephone: %s", error)
            self._reply(token, None)
            self._show(notice=NOT_CONFIRMED)
        else:
            self._reply(token, "said")
            self._show(notice="")

    async def _follow_simulators(self) -> None:
        told = False
        while True:
            try:
                self._show(people=tuple(await self._following.do(self._control.people)))
                told = False
                await self._heed()
            except DeviceError as error:
                if not told:
                    _log.warning("simulators are away: %s", error)
                told = True
            self._show(state=None, notice="", scanned="")
            await asyncio.sleep(self._again)

    async def _heed(self) -> None:
        """Take in what the simulators tell until they end. The watch is opened where it is closed, so that none is
        left over when the dock ends in the middle of it."""
        loop = asyncio.get_running_loop()
        ended = threading.Event()
        opened: list[Watch] = []

        def listen() -> None:
            with self._control.watch() as watch:
                opened.append(watch)
                if ended.is_set():
                    return
                for event in watch:
                    loop.call_soon_threadsafe(self._take_in, event)

        try:
            await self._following.do(listen)
        finally:
            ended.set()
            for watch in opened:
                watch.cancel()

    def _take_in(self, event: Changed | Printed) -> None:
        match event:
            case Changed(state=state):
                self._show(state=state)
            case Printed():
                self._show(papers=(event, *self.board.papers)[:KEPT_PAPERS])

    async def _follow(self, telephone: Telephone) -> None:
        """Whoever comes back is asked for everything: it may be another central, which counts from one again."""
        after = 0
        told = False
        while True:
            try:
                received = await self._calling.do(partial(telephone.received, after))
            except NoAnswer as error:
                if not told:
                    _log.warning("telephone is away: %s", error)
                told = True
                after = 0
                self._show(telephone="without" if isinstance(error, NoTelephones) else "away")
            else:
                told = False
                before = self.board.messages if after else ()
                after = max((message.id for message in received), default=after)
                self._show(telephone="there", messages=(*reversed(received), *before)[:KEPT_MESSAGES])
            await asyncio.sleep(self._again)

    def _reply(self, token: str, reply: Reply | None) -> None:
        others = {key: value for key, value in self.board.replies.items() if key != token}
        self._show(replies=others if reply is None else {**others, token: reply})

    def _show(self, **changes: object) -> None:
        board = replace(self.board, **changes)  # type: ignore[arg-type]  # the fields' types are Board's own matter
        if board != self.board:
            self.board = board
            self.changed(board)


def _nobody(_board: Board) -> None:
    pass
