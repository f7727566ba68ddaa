"""Records: the header, its canonical bytes, the chain and the seal. A record is encoded once and never altered.

The header is one CBOR map with these integer keys, all of them present (deterministic CBOR, RFC 8949 §4.2):

==  ==============  ============================================================================================
 1  format          uint, 1
 2  suite           uint, number in ``sealing.SUITES``; says which hash and which seal
 3  kiosk           text
 4  ledger          16 bytes, random
 5  seq             uint ≥ 1, without a gap in (kiosk, ledger)
 6  id              16 bytes, UUIDv7 (RFC 9562 §5.7), made when the person confirms
 7  previous        hash of the record before, zeroes in the first
 8  kind            text, in ``registry.ACTS`` together with its version
 9  version         uint ≥ 1
10  happened_at     uint, microseconds since 1970-01-01 UTC, by the kiosk's clock
11  clock_offset    int milliseconds that the kiosk's clock was ahead of central's when last measured, or null
12  clock_flags     uint, ``ClockFlags``
13  sealing_key     text, id of the key that the payload is sealed to
14  mode            text, live | demo | practice
15  sam             text, SAM id of the reader that read the card, or null
16  notice          text, version of the privacy notice that was shown, or null
17  payload_hash    hash of the sealed payload
==  ==============  ============================================================================================

``hash of a record = H("kiosk/record/1" 00 ‖ header)`` and ``payload_hash = H("kiosk/payload/1" 00 ‖ sealed)``. The seal
is bound to ``"kiosk/seal/1" 00 ‖ header with a payload hash of zeroes``: a payload opens only in its own record.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntFlag
from functools import cached_property
from typing import Final, Literal
from uuid import UUID

from pydantic import ValidationError

from kiosk.contract import canonical
from kiosk.contract.acts import Act
from kiosk.contract.canonical import Plain
from kiosk.contract.errors import BadHeader, BadPayload, ChainBroken, ContractError
from kiosk.contract.numbers import KIOSK, Number, number_of
from kiosk.contract.registry import ACTS
from kiosk.contract.sealing import suite

FORMAT: Final = 1
MAX_HEADER: Final = 2048
"""Bytes that no header reaches; longer ones are refused unread."""

MAX_SEALED: Final = 256 * 1024
"""Bytes that no sealed payload reaches."""

RECORD_TAG: Final = b"kiosk/record/1\0"
PAYLOAD_TAG: Final = b"kiosk/payload/1\0"
SEAL_LABEL: Final = b"kiosk/seal/1\0"

Mode = Literal["live", "demo", "practice"]


class ClockFlags(IntFlag):
    """What is known to be wrong with a record's time, or with its key at that time. Order is by ``seq`` in any case."""

    UNMEASURED = 1
    """No exchange with central since the start of the program: ``clock_offset`` is null or old."""

    JUMPED = 2
    """The clock moved against the monotonic clock since the last exchange."""

    BELOW_FLOOR = 4
    """The time lies before the package's build or the last acknowledgement."""

    KEY_EXPIRED = 8
    """The sealing key's ``not_after`` had passed, by central's time as far as it was known."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """All that a record says in the clear. A field out of its bounds is BadHeader."""

    suite: int
    kiosk: str
    ledger: bytes
    seq: int
    id: UUID
    previous: bytes
    kind: str
    version: int
    happened_at: datetime
    clock_offset: int | None
    clock_flags: ClockFlags
    sealing_key: str
    mode: Mode
    sam: str | None
    notice: str | None
    payload_hash: bytes
    format: int = FORMAT

    def __post_init__(self) -> None:
        size = suite(self.suite).hash_size
        _demand(self.format == FORMAT, "format")
        _demand(KIOSK.fullmatch(self.kiosk) is not None, "kiosk")
        _demand(len(self.ledger) == 16, "ledger")
        _demand(1 <= self.seq < 2**63, "seq")
        _demand(self.id.version == 7, "id")
        _demand(len(self.previous) == size, "previous")
        _demand((self.seq == 1) == (self.previous == bytes(size)), "previous")
        _demand(0 < len(self.kind) <= 64 and self.kind.isprintable(), "kind")
        _demand(1 <= self.version < 2**16, "version")
        _demand(self.happened_at.utcoffset() == timedelta() and self.happened_at >= _EPOCH, "happened_at")
        _demand(self.clock_offset is None or abs(self.clock_offset) < 2**53, "clock_offset")
        _demand(0 <= self.clock_flags < 2**16, "clock_flags")
        _demand(0 < len(self.sealing_key) <= 64 and self.sealing_key.isprintable(), "sealing_key")
        _demand(self.mode in _MODES, "mode")
        _demand(self.sam is None or (len(self.sam) <= 64 and self.sam.isprintable()), "sam")
        _demand(self.notice is None or (len(self.notice) <= 64 and self.notice.isprintable()), "notice")
        _demand(len(self.payload_hash) == size, "payload_hash")

    def encode(self) -> bytes:
        """The canonical bytes."""
        fields: dict[int, Plain] = {
            1: self.format,
            2: self.suite,
            3: self.kiosk,
            4: self.ledger,
            5: self.seq,
            6: self.id.bytes,
            7: self.previous,
            8: self.kind,
            9: self.version,
            10: (self.happened_at - _EPOCH) // _MICROSECOND,
            11: self.clock_offset,
            12: int(self.clock_flags),
            13: self.sealing_key,
            14: self.mode,
            15: self.sam,
            16: self.notice,
            17: self.payload_hash,
        }
        return canonical.dumps_in_order(fields)

    @classmethod
    def decode(cls, data: bytes) -> Header:
        """The header whose canonical bytes are ``data``. Raises BadHeader or UnknownSuite, both ContractError."""
        if len(data) > MAX_HEADER:
            raise BadHeader("too long")
        try:
            fields = canonical.decode(data)
        except ContractError as error:
            raise BadHeader(str(error)) from None
        header = _header_from(fields)
        if header.encode() != data:
            raise BadHeader("not in canonical form")
        return header

    @property
    def number(self) -> Number:
        """The registration number (登记号) of this record."""
        return number_of(kiosk=self.kiosk, happened_at=self.happened_at, seq=self.seq, id=self.id)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A header, its bytes and the sealed payload, as committed, stored, sent and exported."""

    header: Header
    header_bytes: bytes
    sealed: bytes

    @classmethod
    def read(cls, header_bytes: bytes, sealed: bytes) -> Record:
        """A record from its bytes. Raises as ``Header.decode``; whether the payload belongs to it, ``intact`` says."""
        return cls(header=Header.decode(header_bytes), header_bytes=header_bytes, sealed=sealed)

    @cached_property
    def hash(self) -> bytes:
        """What the next record's ``previous`` names. Stated by the header alone, whatever the payload is."""
        return suite(self.header.suite).hash(RECORD_TAG + self.header_bytes)

    @property
    def intact(self) -> bool:
        """Whether the sealed payload is the one that the header names."""
        return _payload_hash(self.header.suite, self.sealed) == self.header.payload_hash

    @property
    def number(self) -> Number:
        """The registration number (登记号)."""
        return self.header.number


def seal(header: Header, act: Act, public: bytes) -> Record:
    """The record of ``act``: encoded, sealed to ``public`` and hashed, once.

    ``header`` comes with any payload hash of the right length. Raises ValueError where it names another kind of act.
    """
    if (header.kind, header.version) != (act.kind, act.version):
        raise ValueError("the header names another act")
    blank = _blank(header).encode()
    sealed = suite(header.suite).seal(encode_act(act), public, SEAL_LABEL + blank)
    digest = _payload_hash(header.suite, sealed)
    whole = _naming(digest, header)
    return Record(header=whole, header_bytes=blank[: -len(digest)] + digest, sealed=sealed)  # the last field of all


def open_sealed(record: Record, private: bytes) -> Act:
    """The act in ``record``. Raises BadPayload when anything about it was changed, or its kind is not known."""
    if not record.intact:
        raise BadPayload("the payload is not the one that the header names")
    header = record.header
    info = SEAL_LABEL + _blank(header).encode()
    return decode_act(header.kind, header.version, suite(header.suite).open(record.sealed, private, info))


def check_chain(records: Iterable[Record], after: Record | None = None) -> int:
    """How many ``records`` follow one another without a gap, in one ledger, with their payloads intact.

    ``after`` is the record before the first; without it the first may be any. Raises ChainBroken at the first fault.
    """
    count = 0
    for record in records:
        header = record.header
        if after is not None:
            if (header.kiosk, header.ledger) != (after.header.kiosk, after.header.ledger):
                raise ChainBroken(header.seq, "another ledger")
            if header.seq != after.header.seq + 1:
                raise ChainBroken(header.seq, f"does not follow {after.header.seq}")
            if header.previous != after.hash:
                raise ChainBroken(header.seq, "names another record before it")
        if not record.intact:
            raise ChainBroken(header.seq, "another payload")
        after = record
        count += 1
    return count


def encode_act(act: Act) -> bytes:
    """The canonical bytes of a payload: a map of its fields' names, every field present."""
    return canonical.dumps(canonical.plain(act.model_dump(mode="python")))


def decode_act(kind: str, version: int, data: bytes) -> Act:
    """The act whose canonical bytes are ``data``. Raises BadPayload; its words never repeat the content."""
    model = ACTS.get((kind, version))
    if model is None:
        raise BadPayload(f"unknown kind {kind} {version}")
    try:
        act = model.model_validate(canonical.loads(data))
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) or "whole" for fault in error.errors(include_input=False))
        raise BadPayload(f"not a {kind} {version}: {places}") from None
    except ContractError as error:
        raise BadPayload(f"not a {kind} {version}: {error}") from None
    if encode_act(act) != data:
        raise BadPayload(f"not the canonical form of a {kind} {version}")
    return act


def new_id(now: datetime) -> UUID:
    """A fresh UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, 74 random bits."""
    milliseconds = max(0, (now - _EPOCH) // timedelta(milliseconds=1)) & (2**48 - 1)
    value = milliseconds << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(0x3 << 62) | 2 << 62)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KEYS: Final = frozenset(range(1, 18))
_MODES: Final[dict[str, Mode]] = {"live": "live", "demo": "demo", "practice": "practice"}
_MICROSECOND: Final = timedelta(microseconds=1)


def _blank(header: Header) -> Header:
    """What a seal is bound to."""
    return replace(header, payload_hash=bytes(len(header.payload_hash))) if any(header.payload_hash) else header


def _naming(digest: bytes, header: Header) -> Header:
    """``header``, all else in it checked, with the hash of its payload."""
    whole = object.__new__(Header)
    vars(whole).update(vars(header), payload_hash=digest)
    return whole


def _payload_hash(number: int, sealed: bytes) -> bytes:
    return suite(number).hash(PAYLOAD_TAG + sealed)


def _demand(holds: bool, field: str) -> None:
    if not holds:
        raise BadHeader(field)


def _header_from(values: object) -> Header:
    """Header fields out of a decoded map, each of its own type (true is no number here)."""
    if not isinstance(values, dict) or values.keys() != _KEYS:
        raise BadHeader("not the seventeen fields of format 1")

    def number(key: int) -> int:
        value = values[key]
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadHeader(f"field {key} is no integer")
        return value

    def text(key: int) -> str:
        value = values[key]
        if not isinstance(value, str):
            raise BadHeader(f"field {key} is no text")
        return value

    def octets(key: int) -> bytes:
        value = values[key]
        if not isinstance(value, bytes):
            raise BadHeader(f"field {key} is no byte string")
        return value

    identifier = octets(6)
    if len(identifier) != 16:
        raise BadHeader("id")
    mode = _MODES.get(text(14))
    if mode is None:
        raise BadHeader("mode")
    try:
        happened_at = _EPOCH + timedelta(microseconds=number(10))
    except OverflowError:
        raise BadHeader("happened_at") from None
    return Header(
        format=number(1),
        suite=number(2),
        kiosk=text(3),
        ledger=octets(4),
        seq=number(5),
        id=UUID(bytes=identifier),
        previous=octets(7),
        kind=text(8),
        version=number(9),
        happened_at=happened_at,
        clock_offset=None if values[11] is None else number(11),
        clock_flags=_flags(number(12)),
        sealing_key=text(13),
        mode=mode,
        sam=None if values[15] is None else text(15),
        notice=None if values[16] is None else text(16),
        payload_hash=octets(17),
    )


def _flags(value: int) -> ClockFlags:
    if not 0 <= value < 2**16:
        raise BadHeader("clock_flags")
    return ClockFlags(value)
