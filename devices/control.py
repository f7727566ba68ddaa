"""Steers simulated devices through their control port (devices/simulated/control.py): for the dock, the tour and tests.

Each request is a connection of its own, so a control may be used from several threads. Blocking, with deadlines.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, TypedDict, cast

from devices.errors import Garbled, Refused, Silent
from devices.json_lines import JsonLines
from devices.lines import Line, open_line

DeviceName = Literal["id_card", "printer", "social_card", "scanner", "office_printer"]
"""What can be plugged, unplugged and made to fail."""
Generation = Literal[1, 2, 3]
"""Of a social security card."""
PaperState = Literal["ok", "near-end", "out"]


class DeviceState(TypedDict):
    """What there is to know of every device; `faults` are those that stand."""

    plugged: bool
    connected: bool
    faults: list[str]


class IdCardState(DeviceState):
    """The simulated reader: whose card lies on it, and whether it finds a card again that it has read."""

    person: str | None
    sticky: bool
    cards_read: int


class PrinterState(DeviceState):
    """The simulated printer; `problems` are the bytes it was sent and did not know."""

    paper: PaperState
    cover_open: bool
    power: bool
    tickets: int
    problems: list[str]


class SocialCardState(DeviceState):
    """The simulated slot: whose card is in it, how much it was asked since it came, whether the PC/SC service is up."""

    person: str | None
    service: bool
    apdus: int


class ScannerState(DeviceState):
    """The simulated scanner: how many codes were held before it."""

    scans: int


class OfficePrinterState(DeviceState):
    """The simulated A4 printer: how many documents came out, what it says keeps it from its work, whether it stands."""

    printed: int
    reasons: list[str]
    stopped: bool


class NetworkState(TypedDict):
    up: bool


class State(TypedDict):
    """None for a device that is not simulated."""

    id_card: IdCardState | None
    printer: PrinterState | None
    social_card: SocialCardState | None
    scanner: ScannerState | None
    office_printer: OfficePrinterState | None
    network: NetworkState | None


class SimulatedPerson(TypedDict):
    id: str
    name: str
    about: str


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A piece of paper came out: its text, and its picture as PNG."""

    text: str
    png: bytes


@dataclass(frozen=True, kw_only=True)
class Changed:
    """Something changed; the first event of every watch."""

    state: State


class SimulatorControl:
    """The control port at `tcp://HOST:PORT`.

    Every method may raise NotFound (nobody there), Lost, Silent or Garbled; Refused, with the simulators' own words,
    for a person, device or fault that does not exist.
    """

    def __init__(self, url: str, within: float = 5.0) -> None:
        self._url = url
        self._within = within

    def state(self) -> State:
        answer = self._ask({"do": "state"})
        return cast("State", {key: value for key, value in answer.items() if key != "ok"})

    def people(self) -> list[SimulatedPerson]:
        return cast("list[SimulatedPerson]", self._ask({"do": "people"})["people"])

    def present(self, person: str) -> None:
        """Lay the card of the person with this id on the reader, in place of any other."""
        self._ask({"do": "present", "person": person})

    def lift(self) -> None:
        self._ask({"do": "lift"})

    def sticky(self, on: bool) -> None:
        self._ask({"do": "sticky", "on": on})

    def fault(self, device: DeviceName, fault: str, times: int | None = None) -> None:
        """Let the device fail in this way so many times, or until `clear`; Refused says what it knows."""
        self._ask({"do": "fault", "device": device, "fault": fault, "times": times})

    def clear(self, device: DeviceName) -> None:
        self._ask({"do": "clear", "device": device})

    def unplug(self, device: DeviceName) -> None:
        self._ask({"do": "unplug", "device": device})

    def plug(self, device: DeviceName) -> None:
        self._ask({"do": "plug", "device": device})

    def cut(self, device: DeviceName) -> None:
        """Let the power of a device of the network fail, until it is plugged in again: its line does not even end."""
        self._ask({"do": "cut", "device": device})

    def paper(self, state: PaperState) -> None:
        self._ask({"do": "paper", "state": state})

    def cover(self, is_open: bool) -> None:
        self._ask({"do": "cover", "open": is_open})

    def power(self, on: bool) -> None:
        """The printer's power switch."""
        self._ask({"do": "power", "on": on})

    def insert(self, person: str, generation: Generation = 2) -> None:
        """Put the social security card of the person with this id into the slot, without a gap after any other."""
        self._ask({"do": "insert", "person": person, "generation": generation})

    def remove(self) -> None:
        self._ask({"do": "remove"})

    def service(self, up: bool) -> None:
        """Start the PC/SC service (again), or kill it."""
        self._ask({"do": "service", "up": up})

    def scan(self, text: str) -> None:
        """Hold a code with this text before the scanner; this returns when it has said so."""
        self._ask({"do": "scan", "text": text})

    def network(self, up: bool) -> None:
        self._ask({"do": "network", "up": up})

    def watch(self) -> Watch:
        """Events from here on; the first is the state. Open until its context ends or somebody cancels it."""
        line = open_line(self._url)
        try:
            talk = JsonLines(line)
            _ask(talk, {"do": "watch"}, self._within)
        except BaseException:
            line.close()
            raise
        return Watch(line, talk)

    def _ask(self, request: dict[str, object]) -> dict[str, object]:
        with closing(open_line(self._url)) as line:
            return _ask(JsonLines(line), request, self._within)


class Watch:
    """A stream of events, to be used as a context and iterated."""

    def __init__(self, line: Line, talk: JsonLines) -> None:
        self._line = line
        self._talk = talk

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()

    def __iter__(self) -> Iterator[Printed | Changed]:
        """Event after event; Lost when the simulators end or `cancel` is called."""
        while True:
            try:
                yield self.next(3600.0)
            except Silent:
                continue

    def next(self, within: float) -> Printed | Changed:
        """The next event; Silent when none comes within so many seconds."""
        event = self._talk.hear(within)
        match event.pop("event", None):
            case "printed":
                return Printed(text=str(event["text"]), png=base64.b64decode(str(event["png"])))
            case "state":
                return Changed(state=cast("State", event))
            case _:
                raise Garbled("control port sends no event")

    def cancel(self) -> None:
        """From any thread: who waits for an event gets Lost."""
        self._line.cancel()


def _ask(talk: JsonLines, request: dict[str, object], within: float) -> dict[str, object]:
    talk.say(request, within)
    answer = talk.hear(within)
    if answer.get("ok") is not True:
        raise Refused(str(answer.get("error", "control port refuses")))
    return answer
