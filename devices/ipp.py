"""The Internet Printing Protocol (IPP), as far as one printer needs it: a request out, its answer in, over a line.

Encoding as in RFC 8010, operations and attributes as in RFC 8011; http.client reads the HTTP around it. CUPS speaks it
on port 631, and so do most A4 printers of today by themselves (IPP Everywhere, PWG 5100.14).
"""

from __future__ import annotations

import http.client
import io
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from devices.errors import Garbled, Refused, Silent
from devices.lines import Line

Value = int | bool | str


class Operation(IntEnum):
    """RFC 8011, 5.4.15."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class Tag(IntEnum):
    """Delimiters and the syntaxes that are used here: RFC 8010, 3.5."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


FIRST_VALUE_TAG: Final = 0x10
"""Lower ones begin a group."""

NOT_FOUND: Final = 0x0406
"""client-error-not-found: no such job, or it is forgotten already."""

SERVER_ERROR: Final = 0x0500
"""The first of the server-error codes."""

ANSWER_OCTETS: Final = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status code and attributes of an answer, name → values; of the syntaxes that are not read here, none."""

    status: int
    attributes: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """successful-ok and its like."""
        return self.status < 0x0100

    def number(self, name: str) -> int | None:
        """The first value of an attribute that is a number."""
        return next((int(value) for value in self.attributes.get(name, ()) if not isinstance(value, str)), None)

    def words(self, name: str) -> tuple[str, ...]:
        """The values of an attribute that are words."""
        return tuple(value for value in self.attributes.get(name, ()) if isinstance(value, str))


class Ipp:
    """One printer behind a line; ``path`` is where it is on its server (/printers/office, /ipp/print).

    Any call may raise Lost, Silent, Garbled, and Refused where the server answers in HTTP that it will not.
    """

    def __init__(self, line: Line, path: str) -> None:
        self._line = line
        self._path = path
        self._request = 0

    def ask(
        self,
        operation: Operation,
        attributes: Sequence[tuple[Tag, str, Value | Sequence[str]]] = (),
        *,
        job: Sequence[tuple[Tag, str, Value]] = (),
        document: bytes = b"",
        within: float,
    ) -> Answer:
        """The answer to one operation, within so many seconds for the whole of it."""
        self._request = self._request % 0x7FFFFFFF + 1
        until = time.monotonic() + within
        head = encoded(operation, self._request, self._path, attributes, job)
        lines = (
            f"POST {self._path} HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/ipp",
            f"Content-Length: {len(head) + len(document)}",
        )
        self._line.write("\r\n".join((*lines, "", "")).encode("ascii") + head + document, within)
        content = self._content(until)
        answer, request = decoded(content)
        if request != self._request:
            raise Garbled("an answer to another request")
        return answer

    def _content(self, until: float) -> bytes:
        response = http.client.HTTPResponse(_Socket(self._line, until), method="POST")  # type: ignore[arg-type]
        try:
            response.begin()
            content = response.read(ANSWER_OCTETS)
        except (http.client.HTTPException, ValueError) as error:
            raise Garbled(f"no answer in HTTP: {type(error).__name__}") from None
        if response.status != http.client.OK:
            raise Refused(f"http {response.status}")
        return content


class _Socket:
    """What http.client wants of a socket: a file to read the answer from."""

    def __init__(self, line: Line, until: float) -> None:
        self._line, self._until = line, until

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._line, self._until))


class _Incoming(io.RawIOBase):
    """The bytes of a line as a file that ends by silence, which is an error."""

    def __init__(self, line: Line, until: float) -> None:
        self._line, self._until = line, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # RawIOBase's is wider
        content = self._line.read(len(buffer), max(0.0, self._until - time.monotonic()))
        if not content:
            raise Silent("no answer")
        buffer[: len(content)] = content
        return len(content)


# -- bytes ---------------------------------------------------------------------------------------------------------


def encoded(
    operation: Operation,
    request: int,
    path: str,
    attributes: Sequence[tuple[Tag, str, Value | Sequence[str]]],
    job: Sequence[tuple[Tag, str, Value]] = (),
) -> bytes:
    """A request of IPP/2.0 but for its document: the three attributes that come first, then the others."""
    first: list[tuple[Tag, str, Value | Sequence[str]]] = [
        (Tag.CHARSET, "attributes-charset", "utf-8"),
        (Tag.LANGUAGE, "attributes-natural-language", "en"),
        (Tag.URI, "printer-uri", f"ipp://localhost{path}"),
    ]
    out = bytearray(struct.pack(">HHI", 0x0200, operation, request))
    out += bytes([Tag.OPERATION]) + b"".join(attribute(*each) for each in (*first, *attributes))
    if job:
        out += bytes([Tag.JOB]) + b"".join(attribute(*each) for each in job)
    return bytes(out + bytes([Tag.END]))


def attribute(tag: Tag, name: str, value: Value | Sequence[str]) -> bytes:
    """One attribute; of several values all but the first have no name."""
    values: Sequence[Value] = value if not isinstance(value, int | str) else (value,)
    out = bytearray()
    for at, each in enumerate(values):
        named = b"" if at else name.encode("ascii")
        content = _value(each)
        out += struct.pack(">BH", tag, len(named)) + named + struct.pack(">H", len(content)) + content
    return bytes(out)


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8")
    return bytes([value]) if isinstance(value, bool) else struct.pack(">i", value)


def decoded(content: bytes) -> tuple[Answer, int]:
    """An answer and the number of its request. Groups are not told apart: of several jobs an attribute has
    the values of all, in their order. Raises Garbled."""
    try:
        _version, status, request = struct.unpack_from(">HHI", content)
        attributes: dict[str, list[Value]] = {}
        at, name = 8, ""
        while (tag := content[at]) != Tag.END:
            at += 1
            if tag < FIRST_VALUE_TAG:
                continue
            (size,) = struct.unpack_from(">H", content, at)
            name = content[at + 2 : at + 2 + size].decode("ascii") if size else name
            at += 2 + size
            (size,) = struct.unpack_from(">H", content, at)
            raw = content[at + 2 : at + 2 + size]
            if len(raw) != size:
                raise Garbled("half an answer")
            at += 2 + size
            if (read := _READ.get(tag)) is not None:
                attributes.setdefault(name, []).append(read(raw))
    except (struct.error, IndexError, UnicodeDecodeError):
        raise Garbled("not an answer of IPP") from None
    return Answer(status=status, attributes={each: tuple(values) for each, values in attributes.items()}), request


def _integer(raw: bytes) -> int:
    return int(struct.unpack(">i", raw)[0])


_READ: Final[Mapping[int, Callable[[bytes], Value]]] = {
    Tag.INTEGER: _integer,
    Tag.ENUM: _integer,
    Tag.BOOLEAN: lambda raw: raw != b"\0",
    Tag.NAME: lambda raw: raw.decode("utf-8", "replace"),
    Tag.KEYWORD: lambda raw: raw.decode("ascii"),
    Tag.URI: lambda raw: raw.decode("ascii", "replace"),
}
