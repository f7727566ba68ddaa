"""The control port: one JSON object a line in, one a line out, and a stream of events for whoever watches.

    {"do": "state"}                                     everything there is to know
    {"do": "people"}                                    {"people": [{"id", "name", "about"}]}
    {"do": "present", "person": ID} · {"do": "lift"}    a card comes and goes
    {"do": "sticky", "on": bool}                        whether the reader finds a card again that it has read
    {"do": "paper", "state": "ok" | "near-end" | "out"} · {"do": "cover", "open": bool} · {"do": "power", "on": bool}
    {"do": "scan", "text": TEXT}                        a code is held before the scanner until it has said so
    {"do": "insert", "person": ID, "generation": 1 | 2 | 3} · {"do": "remove"}   a social security card comes and goes
    {"do": "service", "up": bool}                       the PC/SC service
    {"do": "fault", "device": D, "fault": NAME, "times": N or null}   null: until it is cleared
    {"do": "clear" | "unplug" | "plug", "device": D}    D is id_card, printer, social_card or scanner
    {"do": "cut", "device": D}                          its power fails: it goes without ending its line
    {"do": "network", "up": bool}
    {"do": "watch"}                                     after the answer: {"event": "state", …}, {"event": "printed", …}

Every request is answered by {"ok": true, …} or {"ok": false, "error": TEXT}; a request that fails changes nothing.
A verb of another device joins as a class below.
"""

from __future__ import annotations

import asyncio
import base64
import json
from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from devices.control import DeviceName, Generation, PaperState
from devices.simulated.id_card import SimulatedReader
from devices.simulated.listening import Listener
from devices.simulated.rig import Rig, Unknown
from devices.simulated.scanner import SimulatedScanner
from devices.simulated.social_card import SimulatedSocialCard
from devices.simulated.vpcd_end import VpcdEnd

if TYPE_CHECKING:
    from devices.simulated.printer import SimulatedPrinter

Json = dict[str, object]


class ControlServer:
    """Serves a rig of simulated devices on one TCP port."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._listener = Listener(self._serve)

    async def start(self, host: str, port: int) -> str:
        """Listen; the URL. OSError when the port is taken."""
        return f"tcp://{host}:{await self._listener.open(host, port)}"

    async def close(self) -> None:
        await self._listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError):  # gone, or a line beyond the limit
            while line := await reader.readline():
                await self._answer(line, writer)

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            request = _REQUEST.validate_json(line)
        except ValidationError as error:
            await _say(writer, {"ok": False, "error": _in_one_line(error)})
            return
        if isinstance(request, _Watch):
            with self._rig.watch() as events:
                await _say(writer, {"ok": True})
                await _say(writer, {"event": "state", **self._rig.state()})
                while True:
                    await _say(writer, await events.get())
        try:
            answer = await request.obey(self._rig)
        except (Unknown, ValueError, OSError) as error:
            await _say(writer, {"ok": False, "error": str(error)})
        else:
            await _say(writer, {"ok": True, **answer})


async def _say(writer: asyncio.StreamWriter, what: Json) -> None:
    event = {
        key: base64.b64encode(value).decode() if isinstance(value, bytes) else value for key, value in what.items()
    }
    writer.write(json.dumps(event, ensure_ascii=False).encode() + b"\n")
    await writer.drain()


def _in_one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return ".".join(map(str, first["loc"])) + ": " + first["msg"] if first["loc"] else first["msg"]


class _Verb(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @abstractmethod
    async def obey(self, rig: Rig) -> Json:
        """Do it; what the answer says beside "ok". Unknown, ValueError or OSError when it cannot be done."""


class _State(_Verb):
    do: Literal["state"]

    async def obey(self, rig: Rig) -> Json:
        return rig.state()


class _Watch(_Verb):
    do: Literal["watch"]

    async def obey(self, rig: Rig) -> Json:
        raise NotImplementedError("a watch is a conversation of its own")


class _Fault(_Verb):
    do: Literal["fault"]
    device: DeviceName
    fault: str
    times: Annotated[int, Field(ge=1)] | None = None

    async def obey(self, rig: Rig) -> Json:
        rig.fault(self.device, self.fault, self.times)
        return {}


class _Clear(_Verb):
    do: Literal["clear"]
    device: DeviceName

    async def obey(self, rig: Rig) -> Json:
        rig.clear(self.device)
        return {}


class _Unplug(_Verb):
    do: Literal["unplug"]
    device: DeviceName

    async def obey(self, rig: Rig) -> Json:
        await rig.end(self.device).unplug()
        return {}


class _Plug(_Verb):
    do: Literal["plug"]
    device: DeviceName

    async def obey(self, rig: Rig) -> Json:
        await rig.end(self.device).plug()
        return {}


class _Cut(_Verb):
    do: Literal["cut"]
    device: DeviceName

    async def obey(self, rig: Rig) -> Json:
        rig.end(self.device).cut()
        return {}


class _Network(_Verb):
    do: Literal["network"]
    up: bool

    async def obey(self, rig: Rig) -> Json:
        await (rig.network().up() if self.up else rig.network().down())
        return {}


# -- identity cards ----------------------------------------------------------------------------------------------------


class _People(_Verb):
    do: Literal["people"]

    async def obey(self, rig: Rig) -> Json:
        return {"people": [{"id": p.id, "name": p.name, "about": p.about} for p in rig.people.values()]}


class _Present(_Verb):
    do: Literal["present"]
    person: str

    async def obey(self, rig: Rig) -> Json:
        rig.device("id_card", SimulatedReader).present(rig.known(self.person))
        return {}


class _Lift(_Verb):
    do: Literal["lift"]

    async def obey(self, rig: Rig) -> Json:
        rig.device("id_card", SimulatedReader).lift()
        return {}


class _Sticky(_Verb):
    do: Literal["sticky"]
    on: bool

    async def obey(self, rig: Rig) -> Json:
        rig.device("id_card", SimulatedReader).sticky = self.on
        rig.changed()
        return {}


# -- social security cards ---------------------------------------------------------------------------------------------


class _Insert(_Verb):
    do: Literal["insert"]
    person: str
    generation: Generation = 2

    async def obey(self, rig: Rig) -> Json:
        rig.device("social_card", SimulatedSocialCard).insert(rig.known(self.person), self.generation)
        return {}


class _Remove(_Verb):
    do: Literal["remove"]

    async def obey(self, rig: Rig) -> Json:
        rig.device("social_card", SimulatedSocialCard).remove()
        return {}


class _Service(_Verb):
    do: Literal["service"]
    up: bool

    async def obey(self, rig: Rig) -> Json:
        end = rig.end("social_card")
        if isinstance(end, VpcdEnd):
            await end.service(self.up)
        return {}


# -- printer -----------------------------------------------------------------------------------------------------------


def _printer(rig: Rig) -> SimulatedPrinter:
    """Its class is loaded with what draws paper, which nobody else need wait for."""
    rig.end("printer")
    from devices.simulated.printer import SimulatedPrinter

    return rig.device("printer", SimulatedPrinter)


class _Paper(_Verb):
    do: Literal["paper"]
    state: PaperState

    async def obey(self, rig: Rig) -> Json:
        _printer(rig).set_paper(self.state)
        return {}


class _Cover(_Verb):
    do: Literal["cover"]
    open: bool

    async def obey(self, rig: Rig) -> Json:
        _printer(rig).set_cover(self.open)
        return {}


class _Power(_Verb):
    do: Literal["power"]
    on: bool

    async def obey(self, rig: Rig) -> Json:
        _printer(rig).set_power(self.on)
        return {}


# -- scanner -----------------------------------------------------------------------------------------------------------


class _Scan(_Verb):
    do: Literal["scan"]
    text: Annotated[str, Field(min_length=1, max_length=7089)]

    async def obey(self, rig: Rig) -> Json:
        await rig.end("scanner").say(rig.device("scanner", SimulatedScanner).scan(self.text))
        return {}


_Request = (
    _State | _Watch | _Fault | _Clear | _Unplug | _Plug | _Cut | _Network
    | _People | _Present | _Lift | _Sticky
    | _Insert | _Remove | _Service
    | _Paper | _Cover | _Power | _Scan
)  # fmt: skip
_REQUEST: TypeAdapter[_Request] = TypeAdapter(
    Annotated[_Request, Field(discriminator="do")], config=ConfigDict(hide_input_in_errors=True)
)
