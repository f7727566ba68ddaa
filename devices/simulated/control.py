"""The control port: one JSON object a line in, one a line out, and a stream of events for whoever watches.

    {"do": "state"}                                     everything there is to know
    {"do": "people"}                                    {"people": [{"id", "name", "about"}]}
    {"do": "present", "person": ID} · {"do": "lift"}    a card comes and goes
    {"do": "sticky", "on": bool}                        whether the reader finds a card again that it has read
    {"do": "fault", "device": D, "fault": NAME, "times": N or null}
    {"do": "clear" | "unplug" | "plug", "device": D}    D is id_card or printer
    {"do": "paper", "state": "ok" | "near-end" | "out"} · {"do": "cover", "open": bool} · {"do": "power", "on": bool}
    {"do": "network", "up": bool}
    {"do": "watch"}                                     after the answer: {"event": "state", …}, {"event": "printed", …}

Every request is answered by {"ok": true, …} or {"ok": false, "error": TEXT}; a request that fails changes nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from devices.simulated.rig import Rig, Unknown

Json = dict[str, object]


class ControlServer:
    """Serves a rig of simulated devices on one TCP port."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> str:
        """Listen; the URL. OSError when the port is taken."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=65536)
        return f"tcp://{host}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            while line := await reader.readline():
                await self._answer(line, writer)
        except (OSError, ValueError, asyncio.CancelledError):
            pass  # gone, or a line beyond the limit
        finally:
            self._clients.discard(task)
            writer.transport.abort() if task.cancelling() else writer.close()

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
            answer = await self._obey(request)
        except (Unknown, ValueError, OSError) as error:
            await _say(writer, {"ok": False, "error": str(error)})
        else:
            await _say(writer, {"ok": True, **answer})

    async def _obey(self, request: _Request) -> Json:
        rig = self._rig
        match request:
            case _State():
                return rig.state()
            case _People():
                return {"people": [{"id": p.id, "name": p.name, "about": p.about} for p in rig.people.values()]}
            case _Present(person=person):
                rig.reader().present(rig.known(person))
            case _Lift():
                rig.reader().lift()
            case _Sticky(on=on):
                rig.set_sticky(on)
            case _Fault(device=device, fault=name, times=times):
                rig.fault(device, name, times)
            case _Device(do="clear", device=device):
                rig.clear(device)
            case _Device(do="unplug", device=device):
                await rig.end(device).unplug()
            case _Device(do="plug", device=device):
                await rig.end(device).plug()
            case _Paper(state=state):
                rig.printer().set_paper(state)
            case _Cover(open=is_open):
                rig.printer().set_cover(is_open)
            case _Power(on=on):
                rig.printer().set_power(on)
            case _Network(up=up):
                await (rig.network().up() if up else rig.network().down())
        return {}


async def _say(writer: asyncio.StreamWriter, what: Json) -> None:
    event = {
        key: base64.b64encode(value).decode() if isinstance(value, bytes) else value for key, value in what.items()
    }
    writer.write(json.dumps(event, ensure_ascii=False).encode() + b"\n")
    await writer.drain()


def _in_one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return ".".join(map(str, first["loc"])) + ": " + first["msg"] if first["loc"] else first["msg"]


class _Base(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _State(_Base):
    do: Literal["state"]


class _People(_Base):
    do: Literal["people"]


class _Present(_Base):
    do: Literal["present"]
    person: str


class _Lift(_Base):
    do: Literal["lift"]


class _Sticky(_Base):
    do: Literal["sticky"]
    on: bool


class _Fault(_Base):
    do: Literal["fault"]
    device: Literal["id_card", "printer"]
    fault: str
    times: Annotated[int, Field(ge=1)] | None = None


class _Device(_Base):
    do: Literal["clear", "unplug", "plug"]
    device: Literal["id_card", "printer"]


class _Paper(_Base):
    do: Literal["paper"]
    state: Literal["ok", "near-end", "out"]


class _Cover(_Base):
    do: Literal["cover"]
    open: bool


class _Power(_Base):
    do: Literal["power"]
    on: bool


class _Network(_Base):
    do: Literal["network"]
    up: bool


class _Watch(_Base):
    do: Literal["watch"]


_Request = (
    _State | _People | _Present | _Lift | _Sticky | _Fault | _Device | _Paper | _Cover | _Power | _Network | _Watch
)
_REQUEST: TypeAdapter[_Request] = TypeAdapter(Annotated[_Request, Field(discriminator="do")])
