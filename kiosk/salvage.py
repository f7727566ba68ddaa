"""What can be read of a damaged outbox: the records that are whole, and which are missing.

The file is read, never written, and not by SQLite. A record is taken where its payload is the one that its header
names, and its header the one whose hash was stored beside it or stands in the record after it: so none is taken that
was not committed as it is. Where a page cannot be read as a page, records are looked for by how they begin.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from kiosk.carving import INDEX_LEAF, Carver, Page, Value
from kiosk.contract.batches import Octets
from kiosk.contract.errors import ContractError
from kiosk.contract.records import MAX_HEADER, Header, Record

HEADER_BEGINS: Final = b"\xb1\x01\x01\x02"
"""A map of seventeen, its format, and the key of the suite (``records``)."""
PAYLOAD_HASH: Final = b"\x11\x58\x20"
"""Its last key, and that 32 octets follow."""
STATES: Final = (b"pending", b"stored", b"quarantined")
"""What stands behind a sealed payload in a row."""

LedgerName = tuple[str, bytes]
"""Kiosk and ledger."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Where a record is, and how much speaks for it."""

    source: int
    hash: bytes
    stated: bytes | None
    """The hash that was stored beside it; None where none was."""


@dataclass(kw_only=True)
class Missing:
    """Places of a ledger of which the file says that there was a record, or must have been."""

    kiosk: str
    ledger: bytes
    first: int
    last: int


@dataclass
class Salvage:
    """A damaged file, looked through once. The records are read again where they are asked for."""

    carver: Carver
    _found: dict[LedgerName, dict[int, list[Found]]] = field(default_factory=dict)
    _names: dict[int, set[LedgerName]] = field(default_factory=dict)
    _seen: dict[int, set[int]] = field(default_factory=dict)
    _dropped: dict[bytes, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._records_on = lru_cache(maxsize=16)(lambda source: tuple(self._look_at(self.carver.page(source))))
        for source in range(self.carver.sources):
            self._note_places(self.carver.page(source))
            for record, stated, row in self._records_on(source):
                name = record.header.kiosk, record.header.ledger
                here = self._found.setdefault(name, {}).setdefault(record.header.seq, [])
                here.append(Found(source=source, hash=record.hash, stated=stated))
                if row is not None:
                    self._names.setdefault(row, set()).add(name)
        vouched = self._vouched()
        for places in self._found.values():
            _choose(places, vouched)

    def kiosks(self) -> dict[str, int]:
        """Whose records were found, and how many."""
        counts: dict[str, int] = {}
        for (kiosk, _ledger), places in self._found.items():
            counts[kiosk] = counts.get(kiosk, 0) + sum(map(len, places.values()))
        return {kiosk: count for kiosk, count in counts.items() if count}

    def records(self, kiosk: str) -> Iterator[tuple[bytes, Octets]]:
        """A kiosk's records with their ledgers, each ledger in order."""
        for (of, ledger), places in self._found.items():
            if of == kiosk:
                for seq in sorted(places):
                    for found in places[seq]:
                        yield ledger, self._read(found)

    def missing(self) -> Iterator[Missing]:
        """Where there was a record that is not whole, or is not there."""
        for (kiosk, ledger), places in self._found.items():
            there = sorted(seq for seq, found in places.items() if found)
            if not there:
                continue  # a name that only a damaged header bears
            said = {seq for row, names in self._names.items() if (kiosk, ledger) in names for seq in self._seen[row]}
            last = there[-1]
            while last + 1 in said:  # a number that nothing leads up to is damage itself
                last += 1
            dropped = min(self._dropped.get(ledger, 0), last)
            known = sorted({seq for seq in said if 1 <= seq <= last} | set(there))
            edges = [known[0] - 1, *there, known[-1] + 1]
            for before, after in itertools.pairwise(edges):
                first = max(before, dropped) + 1
                if first < after:
                    yield Missing(kiosk=kiosk, ledger=ledger, first=first, last=after - 1)

    # -- inside --------------------------------------------------------------------------------------------------------

    def _vouched(self) -> set[bytes]:
        """Hashes that stand somewhere in the file, though not beside their record: in a follower that is damaged."""
        doubtful = {
            found.hash
            for places in self._found.values()
            for founds in places.values()
            for found in founds
            if found.stated != found.hash
        }
        vouched: set[bytes] = set()
        if doubtful:
            for source in range(self.carver.sources):
                content = self.carver.page(source).content
                vouched |= {each for each in doubtful if each in content}
        return vouched

    def _read(self, found: Found) -> Octets:
        for record, _stated, _row in self._records_on(found.source):
            if record.hash == found.hash:
                return record.header_bytes, record.sealed
        raise AssertionError("what was found is there")

    def _look_at(self, page: Page) -> Iterator[tuple[Record, bytes | None, int | None]]:
        """Each record on the page whose payload is its own: with the hash beside it, and its ledger's row."""
        there: set[bytes] = set()
        for row in self.carver.rows(page):
            match row:
                case (None, int(ledger), int(seq), bytes(), bytes(header), bytes(sealed), *rest) if len(rest) >= 2:
                    self._seen.setdefault(ledger, set()).add(seq)
                    stated = rest[2] if len(rest) > 2 else None
                    record = _whole(header, sealed)
                    if record is not None:
                        there.add(record.header_bytes)
                        yield record, _stated(stated), ledger
                case (None, bytes(), bytes(name), int(dropped)) if len(name) == 16:
                    self._dropped[name] = max(dropped, self._dropped.get(name, 0))
        for record, stated in _strewn(page.content, there):
            yield record, stated, None

    def _note_places(self, page: Page) -> None:
        """What the index of places says: it may know of records whose page is gone."""
        for row in self.carver.rows(page, INDEX_LEAF):
            match row:
                case (int(ledger), int(seq), int()):
                    self._seen.setdefault(ledger, set()).add(seq)


def _whole(header: bytes, sealed: bytes) -> Record | None:
    try:
        record = Record.read(header, sealed)
    except ContractError:
        return None
    return record if record.intact else None


def _stated(value: Value) -> bytes | None:
    """A hash that was stored; b"" is one that cannot be right."""
    return value if value is None or isinstance(value, bytes) else b""


def _strewn(content: bytes, known: Collection[bytes]) -> Iterator[tuple[Record, bytes | None]]:
    """Records that lie in one piece somewhere in a page, whatever its own account of them is; but no known header's."""
    start = content.find(HEADER_BEGINS)
    while start >= 0:
        found = _at(content, start, known)
        if found is not None:
            yield found
        start = content.find(HEADER_BEGINS, start + 1)


def _at(content: bytes, start: int, known: Collection[bytes]) -> tuple[Record, bytes | None] | None:
    """The record whose header begins there, if its payload follows: up to the word for its state, or where that is
    damaged, as far as the payload's hash says."""
    key = content.find(PAYLOAD_HASH, start, start + MAX_HEADER)
    while key >= 0:
        end = key + len(PAYLOAD_HASH) + 32
        header_bytes = content[start:end]
        if header_bytes in known:
            return None
        try:
            header = Header.decode(header_bytes)
        except ContractError:
            key = content.find(PAYLOAD_HASH, key + 1, start + MAX_HEADER)
            continue
        following = content.find(HEADER_BEGINS, end)
        anywhere = range(end + 1, len(content) if following < 0 else following)
        for after in itertools.chain(_words_behind(content, end), anywhere):
            record = Record(header=header, header_bytes=header_bytes, sealed=content[end:after])
            if record.intact:
                return record, record.hash if record.hash in content[after : after + 64] else b""
        return None
    return None


def _words_behind(content: bytes, start: int) -> Iterator[int]:
    """Where the payload's end may be."""
    for state in STATES:
        after = content.find(state, start)
        while after >= 0:
            yield after
            after = content.find(state, after + 1)


def _choose(places: dict[int, list[Found]], vouched: Collection[bytes]) -> None:
    """Leaves at each place what was committed there: what is named beside it, or by the record that follows.

    Of a record from before hashes were stored, the last of its run is taken as it is: central finds out whether its
    payload was sealed under this header.
    """
    without_hashes = all(found.stated is None for founds in places.values() for found in founds)
    for seq, founds in places.items():
        kept: dict[bytes, Found] = {}
        for found in founds:
            if found.stated == found.hash or found.hash in vouched or (without_hashes and seq + 1 not in places):
                kept.setdefault(found.hash, found)
        places[seq] = list(kept.values())
