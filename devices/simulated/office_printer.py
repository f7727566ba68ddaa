"""The simulated A4 printer: an IPP printer of the network that keeps what it printed, byte for byte.

It takes PDF files whole (Print-Job) or in two steps (Create-Job, Send-Document, as CUPS does), says how it is and how
its jobs are, and lets go of them. A job is over as soon as it came, unless something hinders it. Faults are those of
devices/simulated/faults.py, which spoil an answer, @print strikes the job alone, and

    refuse    says no to a job                        abort     takes a job, begins it, and gives it up
    wait      takes a job and does not begin it       out       the paper runs out in the job
    forget    knows nothing of a job afterwards       hang-up   takes a part of a job, and ends the line
    swallow   takes a job, does not begin it, and says nothing
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from devices.ipp import NOT_FOUND, Tag, attribute
from devices.simulated.faults import COMMON, Fault, FaultKind, Faults, spoil
from devices.simulated.wire import HangUp, Move


class Asked(IntEnum):
    """Operations that it knows: RFC 8011, 5.4.15."""

    PRINT_JOB = 0x02
    VALIDATE_JOB = 0x04
    CREATE_JOB = 0x05
    SEND_DOCUMENT = 0x06
    CANCEL_JOB = 0x08
    GET_JOB = 0x09
    GET_JOBS = 0x0A
    GET_PRINTER = 0x0B


PENDING, PROCESSING, CANCELLED, ABORTED, COMPLETED = 3, 5, 7, 8, 9
OK, NOT_POSSIBLE, DOCUMENT_FORMAT = 0x0000, 0x0404, 0x040A
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
FAULTS: Final = (
    *COMMON,
    *(FaultKind(name=name) for name in ("refuse", "abort", "wait", "out", "forget", "hang-up", "swallow")),
)


@dataclass
class Job:
    """One job: its state, whether it was ever begun, and what its sender calls it."""

    number: int
    state: int
    begun: bool = False
    name: str = ""


class SimulatedOfficePrinter:
    """``documents`` are those that came out, in order; ``reasons`` what keeps it from its work."""

    def __init__(
        self,
        on_change: Callable[[], None] = lambda: None,
        on_paper: Callable[[bytes], None] = lambda _document: None,
    ) -> None:
        self._on_change = on_change
        self._on_paper = on_paper
        self.faults = Faults(FAULTS, on_change, moments=("print", "job"))
        self.documents: list[bytes] = []
        self.reasons: list[str] = []
        self.jobs: list[Job] = []
        self.stopped = False

    def state(self) -> Mapping[str, object]:
        return {"printed": len(self.documents), "reasons": list(self.reasons), "stopped": self.stopped}

    def load(self) -> None:
        """Paper is there again: whatever waited for it comes out."""
        self.reasons.clear()
        for job in self.jobs:
            if job.state == PROCESSING:
                job.state = COMPLETED
        self._on_change()

    def ear(self) -> Callable[[bytes], Iterable[Move]]:
        return _Ear(self._answer, self._breaks_off).receive

    def _breaks_off(self, heard: int) -> bool:
        """Whether it ends the line after so many bytes of a file."""
        if self.faults.find("hang-up") is None or heard <= 2048:
            return False
        self.faults.strike("print", ("hang-up",))
        return True

    def _answer(self, body: bytes) -> list[Move]:
        _version, operation, request = struct.unpack_from(">HHI", body)
        groups, document = _groups(body)
        is_job = operation in (Asked.PRINT_JOB, Asked.SEND_DOCUMENT)
        if is_job or operation == Asked.CREATE_JOB:
            fault = self.faults.strike("print")
        elif operation == Asked.GET_JOB:
            fault = self.faults.strike("job", {*_COMMON, "forget"})
        else:
            fault = self.faults.strike("", _COMMON)
        status, attributes = self._done(operation, groups, document, fault)
        if fault is not None and fault.kind == "swallow":
            return []
        answer = _http(struct.pack(">HHI", 0x0200, status, request) + attributes + bytes([Tag.END]))
        return list(spoil(answer, fault)) if fault is not None and fault.kind in _COMMON else [answer]

    def _done(
        self, operation: int, asked: Mapping[str, bytes], document: bytes, fault: Fault | None
    ) -> tuple[int, bytes]:
        kind = fault.kind if fault is not None else ""
        name = asked.get("job-name", b"").decode("utf-8")
        number = struct.unpack(">i", asked["job-id"])[0] if "job-id" in asked else 0
        job = next((job for job in self.jobs if job.number == number), None)
        match operation:
            case Asked.GET_PRINTER:
                return OK, _PREAMBLE + bytes([0x04]) + self._described()
            case Asked.VALIDATE_JOB:
                return OK, _PREAMBLE
            case Asked.GET_JOBS:
                over = asked.get("which-jobs") == b"completed"
                listed = [job for job in self.jobs if (job.state in (CANCELLED, ABORTED, COMPLETED)) == over]
                return OK, _PREAMBLE + b"".join(bytes([Tag.JOB]) + _about(each) for each in listed)
            case Asked.PRINT_JOB | Asked.CREATE_JOB if kind == "refuse":
                return DOCUMENT_FORMAT, _PREAMBLE
            case Asked.CREATE_JOB:
                self.jobs.append(Job(len(self.jobs) + 1, PENDING, name=name))
                return OK, _PREAMBLE + bytes([Tag.JOB]) + _about(self.jobs[-1])
            case Asked.PRINT_JOB:
                self.jobs.append(Job(len(self.jobs) + 1, PENDING, name=name))
                self._take(self.jobs[-1], document, kind)
                return OK, _PREAMBLE + bytes([Tag.JOB]) + _about(self.jobs[-1])
            case Asked.SEND_DOCUMENT if job is not None:
                self._take(job, document, kind)
                return OK, _PREAMBLE + bytes([Tag.JOB]) + _about(job)
            case Asked.GET_JOB if job is not None and kind != "forget":
                return OK, _PREAMBLE + bytes([Tag.JOB]) + _about(job)
            case Asked.CANCEL_JOB if job is not None and job.state in (PENDING, PROCESSING):
                job.state = CANCELLED
                return OK, _PREAMBLE
            case Asked.CANCEL_JOB if job is not None:
                return NOT_POSSIBLE, _PREAMBLE
            case _:
                return NOT_FOUND, _PREAMBLE

    def _take(self, job: Job, document: bytes, fault: str) -> None:
        """A file came: it comes out, or what the fault says."""
        if fault in ("wait", "swallow"):
            return
        job.begun = True
        match fault:
            case "abort":
                job.state = ABORTED
            case "out":
                job.state = PROCESSING
                self.reasons.append("media-empty-error")
            case _:
                job.state = COMPLETED
                self.documents.append(document)
                self._on_paper(document)
        self._on_change()

    def _described(self) -> bytes:
        """Enough for CUPS to send PDF files through it as they are."""
        keywords: dict[str, Sequence[str]] = {
            "ipp-versions-supported": ("1.1", "2.0"),
            "printer-state-reasons": tuple(self.reasons) or ("none",),
            "compression-supported": ("none",),
            "media-supported": ("iso_a4_210x297mm",),
            "sides-supported": ("one-sided",),
        }
        return b"".join(
            (
                attribute(Tag.ENUM, "printer-state", 5 if self.stopped else 3),
                _boolean("printer-is-accepting-jobs", value=not self.stopped),
                attribute(Tag.NAME, "printer-name", "simulated"),
                attribute(Tag.MIME_TYPE, "document-format-supported", ("application/pdf", "application/octet-stream")),
                b"".join(attribute(Tag.KEYWORD, name, values) for name, values in keywords.items()),
                _enums("operations-supported", tuple(Asked)),
            )
        )


class _Ear:
    """HTTP as the printer hears it on one connection: each whole request is answered."""

    def __init__(self, answer: Callable[[bytes], list[Move]], breaks_off: Callable[[int], bool]) -> None:
        self._answer = answer
        self._breaks_off = breaks_off
        self._buffer = b""
        self._continued = False

    def receive(self, data: bytes) -> Iterable[Move]:
        self._buffer += data
        while (request := self._next()) is not None:
            yield from request if isinstance(request, list) else self._answer(request)

    def _next(self) -> bytes | list[Move] | None:
        """The body of a request that is there in whole; what is said while the rest is awaited; None: go on waiting."""
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return None
        named = (line.partition(b":") for line in head.split(b"\r\n")[1:])
        fields = {name.strip().lower(): value.strip() for name, _, value in named}
        if fields.get(b"expect", b"").lower() == b"100-continue" and not self._continued:
            self._continued = True
            return [CONTINUE]
        whole = _chunked(rest) if b"chunked" in fields.get(b"transfer-encoding", b"") else _measured(rest, fields)
        if whole is None:
            return [HangUp()] if self._breaks_off(len(rest)) else None
        body, self._buffer = whole
        self._continued = False
        return body


_COMMON: Final = frozenset(kind.name for kind in COMMON)
_PREAMBLE: Final = bytes([Tag.OPERATION]) + b"".join(
    (
        attribute(Tag.CHARSET, "attributes-charset", "utf-8"),
        attribute(Tag.LANGUAGE, "attributes-natural-language", "en"),
    )
)


def _about(job: Job) -> bytes:
    begun = attribute(Tag.INTEGER, "time-at-processing", 1) if job.begun else _no_value("time-at-processing")
    return b"".join(
        (
            attribute(Tag.INTEGER, "job-id", job.number),
            attribute(Tag.NAME, "job-name", job.name),
            attribute(Tag.URI, "job-uri", f"ipp://localhost/jobs/{job.number}"),
            attribute(Tag.ENUM, "job-state", job.state),
            attribute(Tag.KEYWORD, "job-state-reasons", "none"),
            begun,
        )
    )


def _no_value(name: str) -> bytes:
    return struct.pack(">BH", 0x13, len(name)) + name.encode("ascii") + b"\0\0"


def _boolean(name: str, *, value: bool) -> bytes:
    return struct.pack(">BH", Tag.BOOLEAN, len(name)) + name.encode("ascii") + b"\0\1" + bytes([value])


def _enums(name: str, values: Sequence[int]) -> bytes:
    first, *others = values
    return attribute(Tag.ENUM, name, first) + b"".join(attribute(Tag.ENUM, "", value) for value in others)


def _http(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body


def _measured(rest: bytes, fields: Mapping[bytes, bytes]) -> tuple[bytes, bytes] | None:
    size = int(fields.get(b"content-length", b"0"))
    return (rest[:size], rest[size:]) if len(rest) >= size else None


def _chunked(rest: bytes) -> tuple[bytes, bytes] | None:
    """A body in chunks (RFC 9112, 7.1), and what follows it."""
    body = b""
    while True:
        size, separator, after = rest.partition(b"\r\n")
        if not separator or len(after) < (length := int(size, 16)) + 2:
            return None
        body, rest = body + after[:length], after[length + 2 :]
        if length == 0:
            return body, rest


def _groups(body: bytes) -> tuple[dict[str, bytes], bytes]:
    """Attribute → its last value, and the document behind them."""
    asked: dict[str, bytes] = {}
    at = 8
    while (tag := body[at]) != Tag.END:
        at += 1
        if tag < 0x10:
            continue
        (size,) = struct.unpack_from(">H", body, at)
        name = body[at + 2 : at + 2 + size].decode("ascii")
        at += 2 + size
        (size,) = struct.unpack_from(">H", body, at)
        asked[name] = body[at + 2 : at + 2 + size]
        at += 2 + size
    return asked, body[at + 1 :]
