"""Rows out of an SQLite file whose tree may be broken: page by page, from the database and from its log.

Nothing here trusts anything: what is read are candidates, and whoever asks for them can tell a whole record from a
damaged one by its hashes. The files are opened for reading alone, and not by SQLite, which would write beside them.
Layouts are those of https://www.sqlite.org/fileformat2.html.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

Value = None | int | float | bytes
"""As stored: texts are bytes here, for they may be damaged."""

TABLE_LEAF: Final = 0x0D
INDEX_LEAF: Final = 0x0A
PAGE_SIZES: Final = tuple(1 << n for n in range(9, 17))
USUAL: Final = 4096
SECTOR: Final = 512
FRAME_HEAD: Final = 24
LOG_HEAD: Final = 32
ROW_AT_MOST: Final = 1 << 20
"""Octets that no row of ours reaches."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One version of a page."""

    number: int
    content: bytes


@dataclass
class Carver:
    """A database file and its log, if they are there."""

    path: Path
    size: int = field(init=False)
    _database: BinaryIO | None = field(init=False, default=None)
    _log: BinaryIO | None = field(init=False, default=None)
    _frames: list[tuple[int, int]] = field(init=False, default_factory=list)
    """Page number and place in the log of what was committed there, oldest first."""
    _newest: dict[int, int] = field(init=False, default_factory=dict)
    """Where in the log the newest version of a page is."""
    _pages: int = field(init=False, default=0)

    def __enter__(self) -> Carver:
        if self.path.is_file():
            self._database = _exactly(self.path)
        log = self.path.with_name(self.path.name + "-wal")
        if log.is_file():
            self._log = _exactly(log)
        self.size = self._page_size()
        if self._database is not None:
            self._pages = -(-self.path.stat().st_size // self.size)
        if self._log is not None:
            self._frames = list(_committed(self._log, self.size))
            self._newest = dict(self._frames)
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._database, self._log):
            if file is not None:
                file.close()

    @property
    def sources(self) -> int:
        """How many versions of pages there are. ``page`` gives each."""
        return self._pages + len(self._frames)

    def page(self, source: int) -> Page:
        """A version of a page; the newest ones come last. What cannot be read of it is zeroes."""
        if source < self._pages:
            return Page(number=source + 1, content=self._read(self._database, source * self.size))
        number, place = self._frames[source - self._pages]
        return Page(number=number, content=self._read(self._log, place))

    def rows(self, page: Page, kind: int = TABLE_LEAF) -> Iterator[tuple[Value, ...]]:
        """What its cells hold, as far as they can be read: of a table or of an index."""
        start = 100 if page.number == 1 else 0
        content = page.content
        if content[start] != kind:
            return
        for cell in range(int.from_bytes(content[start + 3 : start + 5], "big")):
            place = start + 8 + 2 * cell
            try:
                yield from self._cell(content, int.from_bytes(content[place : place + 2], "big"), kind)
            except (IndexError, struct.error, OverflowError):
                continue

    def _cell(self, content: bytes, place: int, kind: int) -> Iterator[tuple[Value, ...]]:
        length, place = _varint(content, place)
        if kind == TABLE_LEAF:
            _rowid, place = _varint(content, place)
        if not 0 < length <= ROW_AT_MOST:
            return
        for payload in self._payloads(content, place, length, kind):
            try:
                yield tuple(_record(payload))
            except (IndexError, struct.error):
                continue

    def _payloads(self, content: bytes, place: int, length: int, kind: int) -> Iterator[bytes]:
        """The payload of a cell; where it goes on in other pages, as their newest versions and as their oldest say."""
        most = self.size - 35 if kind == TABLE_LEAF else (self.size - 12) * 64 // 255 - 23
        if length <= most:
            yield content[place : place + length]
            return
        least = (self.size - 12) * 32 // 255 - 23
        local = least + (length - least) % (self.size - 4)
        local = local if local <= most else least
        following = int.from_bytes(content[place + local : place + local + 4], "big")
        begun = content[place : place + local]
        for versions in (self._newest, {}) if self._newest else ({},):
            yield begun + self._overflow(following, length - local, versions)

    def _overflow(self, number: int, left: int, newest: dict[int, int]) -> bytes:
        parts: list[bytes] = []
        while left > 0 and number:
            if (place := newest.get(number)) is not None:
                content = self._read(self._log, place)
            elif number <= self._pages:
                content = self._read(self._database, (number - 1) * self.size)
            else:
                break
            parts.append(content[4 : 4 + min(left, self.size - 4)])
            left -= self.size - 4
            number = int.from_bytes(content[:4], "big")
        return b"".join(parts)

    def _read(self, file: BinaryIO | None, place: int) -> bytes:
        """A page; a sector that the disk does not give is as good as zeroes, and costs no other."""
        return bytes(self.size) if file is None else _part(file, place, self.size).ljust(self.size, b"\0")

    def _page_size(self) -> int:
        """As the database says, else as its log says."""
        for file, place, width in ((self._database, 16, 2), (self._log, 8, 4)):
            if file is not None:
                try:
                    file.seek(place)
                    said = int.from_bytes(file.read(width), "big")
                except OSError:
                    continue
                size = 65536 if said == 1 and width == 2 else said
                if size in PAGE_SIZES:
                    return size
        return USUAL


def _exactly(path: Path) -> BinaryIO:
    """A file of which no more is read than is asked for: what lies beside a bad sector is good."""
    return path.open("rb", buffering=0)


def _part(file: BinaryIO, place: int, length: int) -> bytes:
    """As much of it as there is, zeroes for a sector that the disk does not give."""
    try:
        file.seek(place)
        return file.read(length)
    except OSError:
        if length <= SECTOR:
            return bytes(length)
        return b"".join(_part(file, place + at, min(SECTOR, length - at)) for at in range(0, length, SECTOR))


# -- the log -----------------------------------------------------------------------------------------------------------


def _committed(log: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Page number and place of each frame of the log's present run that a commit follows, damaged frames too.

    A frame's checksum goes on from the one before it, as that was stored or as it would have been.
    """
    head = _part(log, 0, LOG_HEAD)
    if len(head) < LOG_HEAD:
        return
    step = FRAME_HEAD + size
    heads: list[tuple[int, bytes]] = []
    place = LOG_HEAD
    while len(frame := _part(log, place, FRAME_HEAD)) == FRAME_HEAD:
        heads.append((place, frame))
        place += step
    if not heads:
        return
    salts = [frame[8:16] for _place, frame in heads if any(frame)]
    salt = head[16:24] if head[16:24] in salts else next(iter(salts), b"")
    order = ">" if head[:4] == b"\x37\x7f\x06\x83" else "<"  # one that cannot be read is this machine's
    before, seeds = _pair(head[24:32]), {_pair(head[24:32])}
    waiting: list[tuple[int, int]] = []
    for place, frame in heads:
        number, commit = struct.unpack(">II", frame[:8])
        content = _part(log, place + FRAME_HEAD, size)
        stored = _pair(frame[16:24])
        sums = {_checksum(seed, frame[:8] + content, order) for seed in seeds}
        seeds = {stored} if stored in sums else {stored, _checksum(before, frame[:8] + content, order)}
        before = stored
        if frame[8:16] != salt:
            continue
        waiting.append((number, place + FRAME_HEAD))
        if commit and stored in sums:
            yield from waiting
            waiting = []


def _pair(data: bytes) -> tuple[int, int]:
    first, second = struct.unpack(">II", data)
    return first, second


def _checksum(seed: tuple[int, int], data: bytes, order: str) -> tuple[int, int]:
    first, second = seed
    pairs = len(data) // 8
    words = struct.unpack(f"{order}{2 * pairs}I", data[: 8 * pairs])
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second


# -- rows --------------------------------------------------------------------------------------------------------------


def _record(payload: bytes) -> Iterator[Value]:
    """The values of a row."""
    end, place = _varint(payload, 0)
    kinds: list[int] = []
    while place < end:
        kind, place = _varint(payload, place)
        kinds.append(kind)
        if len(kinds) > 64:
            return
    place = end
    for kind in kinds:
        length = _LENGTHS[kind] if kind < 12 else (kind - 12) // 2
        part = payload[place : place + length]
        if len(part) != length:
            return
        place += length
        yield _value(kind, part)


_LENGTHS: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)


def _value(kind: int, part: bytes) -> Value:
    if kind == 0 or kind in (10, 11):
        return None
    if kind == 7:
        number: float = struct.unpack(">d", part)[0]
        return number
    if kind < 7:
        return int.from_bytes(part, "big", signed=True)
    if kind < 12:
        return kind - 8
    return part


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """Big-endian base 128, nine octets at most (fileformat2, section 1.6); its value and what follows it."""
    value = 0
    for count in range(9):
        octet = data[place + count]
        if count == 8:
            return value << 8 | octet, place + 9
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            return value, place + count + 1
    raise IndexError
