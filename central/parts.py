"""The files of a form (multipart/form-data, RFC 7578) as they come in, one after the other, in memory alone.

Starlette's own form parser puts files of more than a megabyte into the folder for temporary files; what persons
photograph never touches a disk unsealed. python-multipart takes the bytes apart; here stands how much may come, and
how fast.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

PATIENCE: Final = 30.0
"""Seconds that a telephone may be silent in the middle of a picture."""

PARTS: Final = 40


class BadForm(Exception):
    """The body is no form that a browser sends."""


class TooSlow(Exception):
    """Nothing came for too long."""


@dataclass(kw_only=True)
class Part:
    """A field of the form. ``whole`` False: it was longer than allowed, and ``content`` is its beginning."""

    name: str = ""
    content: bytearray = field(default_factory=bytearray)
    whole: bool = True


async def files(content_type: str, body: AsyncIterator[bytes], *, limit: int) -> AsyncIterator[Part]:
    """The parts in their order, each at most ``limit`` bytes long; the next is read when this one is done with.

    Raises BadForm, TooSlow.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise BadForm
    reader = _Reader(limit)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": reader.begin,
                "on_header_field": reader.header_name,
                "on_header_value": reader.header_value,
                "on_header_end": reader.header_end,
                "on_part_data": reader.data,
                "on_part_end": reader.end,
                "on_end": reader.over,
            },
        )
        while True:
            chunk = await _next(body)
            if chunk is None:
                break
            parser.write(chunk)
            while reader.ready:
                yield reader.ready.pop(0)
    except FormParserError:
        raise BadForm from None
    if not reader.ended:
        raise BadForm


async def _next(body: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await anext(body, None)
    except TimeoutError:
        raise TooSlow from None


class _Reader:
    """What the parser says, put together."""

    def __init__(self, limit: int) -> None:
        self.ready: list[Part] = []
        self.ended = False
        self._limit = limit
        self._count = 0
        self._part = Part()
        self._header = (bytearray(), bytearray())

    def begin(self) -> None:
        self._count += 1
        if self._count > PARTS:
            raise BadForm
        self._part = Part()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def header_end(self) -> None:
        name, value = map(bytes, self._header)
        if name.lower() == b"content-disposition":
            _disposition, options = parse_options_header(value)
            self._part.name = options.get(b"name", b"").decode("utf-8", "replace")
        self._header = (bytearray(), bytearray())

    def data(self, data: bytes, start: int, end: int) -> None:
        room = self._limit - len(self._part.content)
        self._part.content += data[start : min(end, start + room)]
        self._part.whole = self._part.whole and end - start <= room

    def end(self) -> None:
        self.ready.append(self._part)

    def over(self) -> None:
        self.ended = True
