"""The takeaway: a kiosk's records in a file that somebody carries to central, and central's answer in another.

Either is a text of lines, each one JSON object and a line feed, in UTF-8:

========  ===============================  ============================================================================
line      takeaway                         answer
========  ===============================  ============================================================================
first     ``TakeawayHead``                 ``AnswerHead``
between   ``messages.Batch``, as it goes   ``AnswerLine``, one for each batch, in the same order
          over the line, signed
last      ``End``, by the machine's key    ``End``, by the key of ``Keys.acknowledgement``
========  ===============================  ============================================================================

``End`` signs ``"kiosk/takeaway/1" 00 ‖ statement``. The statement is one CBOR map with these integer keys, all of them
present (deterministic CBOR, RFC 8949 §4.2):

==  ======  =======================================================================================================
 1  format  uint, 1
 2  suite   uint, number in ``sealing.SUITES``; says which signature, and which hash makes the digest
 3  kind    text, takeaway | answer
 4  kiosk   text
 5  lines   uint, before this one
 6  digest  H("kiosk/takeaway-lines/1" 00 ‖ H(line) ‖ H(line) ‖ …), each line without its line feed
==  ======  =======================================================================================================

So a file that was cut, altered, or made of two is known as a whole, before anything in it is believed; and either side
reads it line by line, however long it is.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Generic, Literal, TypeVar

from pydantic import Field, ValidationError

from kiosk.contract import canonical
from kiosk.contract.base import Base64, Message, SigningKey
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import BadSignature, ContractError, NotForHere
from kiosk.contract.messages import BatchAnswer
from kiosk.contract.numbers import KIOSK
from kiosk.contract.sealing import suite
from kiosk.contract.signatures import trusted
from kiosk.contract.signed import Signed

FORMAT: Final = 1
TAG: Final = b"kiosk/takeaway/1\0"
LINES_TAG: Final = b"kiosk/takeaway-lines/1\0"
LINE_AT_MOST: Final = 4 * 1024 * 1024
"""Octets that no line reaches: a batch has half a megabyte of records, a third more in base64."""

Kind = Literal["takeaway", "answer"]
M = TypeVar("M", bound=Message)
H = TypeVar("H", bound="Head")


class BadFile(ContractError):
    """Not such a file, or not all of it. The words say which."""


class Unreadable(ContractError):
    """What was written does not come back from where it was written."""


class Head(Message):
    """The first line. The suite is that of the key that signs the last one."""

    kiosk: str = Field(pattern=f"^{KIOSK.pattern}$")
    suite: int
    made_at: datetime


class TakeawayHead(Head):
    """Whose records these are. ``device`` is the machine's key, for a central that does not know it yet."""

    takeaway: Literal[1] = 1
    device: SigningKey


class AnswerHead(Head):
    """Which takeaway this answers: the digest that its last line signs."""

    answer: Literal[1] = 1
    of: Base64
    keys: Signed | None = Field(default=None, exclude_if=lambda keys: keys is None)
    """The keys that the root signed last (``rooted``), for a kiosk that no line tells of them. Nothing of it counts but
    that signature."""


class AnswerLine(Message):
    """What central makes of one batch. Of a matter its state alone: the rest is about a person."""

    ledger: str = Field(pattern=r"^[0-9a-f]{32}$")
    answer: BatchAnswer


class End(Message):
    """The last line."""

    end: Base64
    """The statement's canonical bytes."""
    key: str = Field(min_length=1, max_length=64)
    signature: Base64


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What the last line signs."""

    suite: int
    kind: Kind
    kiosk: str
    lines: int
    digest: bytes

    def encode(self) -> bytes:
        """The canonical bytes."""
        fields: dict[int, Plain] = {
            1: FORMAT,
            2: self.suite,
            3: self.kind,
            4: self.kiosk,
            5: self.lines,
            6: self.digest,
        }
        return canonical.dumps(fields)

    @classmethod
    def decode(cls, data: bytes) -> Statement:
        """The statement whose canonical bytes are ``data``. Raises ContractError."""
        match canonical.loads(data):
            case {
                1: 1,
                2: int(number),
                3: "takeaway" | "answer" as kind,
                4: str(kiosk),
                5: int(lines),
                6: bytes(digest),
                **rest,
            } if not rest:
                return cls(suite=number, kind=kind, kiosk=kiosk, lines=lines, digest=digest)
            case _:
                raise ContractError("not the statement of a takeaway")


# -- writing -----------------------------------------------------------------------------------------------------------


@dataclass
class Lines:
    """The lines of a file as they are written, and what its last one says of them."""

    file: BinaryIO
    head: TakeawayHead | AnswerHead
    key: SigningKey
    sign: Callable[[bytes], bytes]
    _hashes: bytearray = field(default_factory=bytearray)
    _count: int = 0

    def __post_init__(self) -> None:
        self.add(self.head)

    def add(self, line: Message) -> None:
        """One more line."""
        content = line.model_dump_json().encode()
        self._hashes += suite(self.key.suite).hash(content)
        self._count += 1
        self.file.write(content + b"\n")

    def end(self) -> bytes:
        """The last line; the digest that it signs."""
        digest = suite(self.key.suite).hash(LINES_TAG + self._hashes)
        statement = Statement(
            suite=self.key.suite, kind=KINDS[type(self.head)], kiosk=self.head.kiosk, lines=self._count, digest=digest
        ).encode()
        end = End(end=statement, key=self.key.id, signature=self.sign(TAG + statement))
        self.file.write(end.model_dump_json().encode() + b"\n")
        return digest


@contextmanager
def written_durably(path: Path) -> Iterator[BinaryIO]:
    """A file that has its name once all of it is on the medium. Raises OSError; what had the name is then still there.

    A stick is not asked for more than it can do: it keeps no modes.
    """
    part = path.with_name(path.name + ".part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)  # so that what is read back is what is there
        part.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # file systems of sticks that know no such thing
            raise
    finally:
        os.close(descriptor)


def read_back(path: Path, head: type[TakeawayHead] | type[AnswerHead], digest: bytes) -> None:
    """Compares what lies on the medium with what was written. Raises Unreadable, OSError."""
    try:
        with path.open("rb") as file:
            reading = Reading(file, head)
            for _line in reading.lines():
                pass
        if reading.statement.digest == digest == reading.digest:
            return
    except ContractError:
        pass
    raise Unreadable("what was written does not come back")


# -- reading -----------------------------------------------------------------------------------------------------------


@dataclass
class Reading(Generic[H]):
    """A file that is read from its first line to its last; only then it can be said whether it is whole."""

    file: BinaryIO
    model: type[H]
    head: H = field(init=False)
    """The first line."""
    _hashes: bytearray = field(default_factory=bytearray)
    _count: int = 0
    _end: End | None = None

    def __post_init__(self) -> None:
        first = self._next()
        if not first:
            raise BadFile("it is empty")
        try:
            self.head = read_line(first, self.model)
        except BadFile:
            for model, words in _OTHER.items():
                if model is not self.model and _is(first, model):
                    raise BadFile(words) from None
            raise
        self._note(first)

    def lines(self) -> Iterator[bytes]:
        """The lines between the first and the last. Raises BadFile where the end is missing."""
        while content := self._next():
            if self._end is not None:
                raise BadFile("something follows its end")
            if content.startswith(b'{"end":'):
                self._end = read_line(content, End)
                continue
            self._note(content)
            yield content
        if self._end is None:
            raise BadFile("its end is missing: it was cut off")

    @property
    def statement(self) -> Statement:
        """What the last line says, once all lines are read; nothing vouches for it before ``verify``."""
        if self._end is None:
            raise BadFile("its end is missing: it was cut off")
        return Statement.decode(self._end.end)

    @property
    def digest(self) -> bytes:
        """Of the lines that were read."""
        return suite(self.head.suite).hash(LINES_TAG + self._hashes)

    def verify(self, keys: Iterable[SigningKey]) -> Statement:
        """That all of it is what one of ``keys`` signed. Raises BadSignature, NotForHere, BadFile."""
        said = self.statement
        assert self._end is not None
        end = self._end
        key = trusted(keys, end.key)
        suite(key.suite).verify(end.signature, TAG + end.end, key.public)
        if not said.suite == key.suite == self.head.suite:
            raise BadSignature("signed by another suite than it says")
        if (said.kind, said.kiosk) != (KINDS[self.model], self.head.kiosk):
            raise NotForHere(f"signed as {said.kind} of kiosk {said.kiosk}")
        self.demand_whole()
        return said

    def demand_whole(self) -> None:
        """That no line is missing or altered, whoever it was that signed them. Raises BadFile, ContractError."""
        said = self.statement
        if (said.lines, said.digest) != (self._count, self.digest):
            raise BadFile("it is not what was signed: lines are missing, altered, or of another file")

    def _note(self, content: bytes) -> None:
        self._hashes += suite(self.head.suite).hash(content)
        self._count += 1

    def _next(self) -> bytes:
        """A line without its line feed, b"" at the end of the file."""
        content = self.file.readline(LINE_AT_MOST + 1)
        if content and not content.endswith(b"\n"):
            raise BadFile("its end is missing: it was cut off" if len(content) <= LINE_AT_MOST else "it is no text")
        if content == b"\n":
            raise BadFile("it has an empty line")
        return content[:-1]


def read_line(content: bytes, model: type[M]) -> M:
    """The line as a message. Raises BadFile; its words repeat nothing of it."""
    try:
        return model.model_validate_json(content)
    except ValidationError:
        raise BadFile("it is no such file" if issubclass(model, Head) else f"a line is no {model.__name__}") from None


def _is(content: bytes, model: type[Message]) -> bool:
    try:
        read_line(content, model)
    except BadFile:
        return False
    return True


KINDS: Final[dict[type[Message], Kind]] = {TakeawayHead: "takeaway", AnswerHead: "answer"}
_OTHER: Final[dict[type[Message], str]] = {
    TakeawayHead: "it is a kiosk's takeaway, which central imports",
    AnswerHead: "it is central's answer, which the kiosk acknowledges",
}
