"""Records: one canonical form, read as strictly as written; a chain; a seal that belongs to its header."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TypedDict
from uuid import UUID

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.contract import canonical
from kiosk.contract.acts import Act, RiderCheckIn
from kiosk.contract.errors import BadHeader, BadPayload, ChainBroken, ContractError, UnknownSuite
from kiosk.contract.records import Header, Record, check_chain, decode_act, encode_act, new_id, open_sealed, seal
from kiosk.contract.registry import ACTS
from kiosk.contract.sealing import SUITES
from tests.kiosk.acts import SOMEBODY, acts, check_in, filing, header, headers

SUITE = SUITES[1]
PRIVATE, PUBLIC = SUITE.generate()
VECTORS = Path(__file__).parents[1] / "data" / "records.json"


class Vector(TypedDict):
    """One record in ``tests/data/records.json``, everything in hexadecimal."""

    about: str
    private: str
    header: str
    sealed: str
    payload: str
    hash: str
    number: str


def vectors() -> list[Vector]:
    vectors: list[Vector] = json.loads(VECTORS.read_text("utf-8"))
    return vectors


def chain(length: int, ledger: bytes = bytes(16)) -> list[Record]:
    records: list[Record] = []
    for seq in range(1, length + 1):
        previous = records[-1].hash if records else bytes(32)
        act = check_in()
        head = header(act, ledger=ledger, seq=seq, previous=previous, id=new_id(datetime.now(UTC)))
        records.append(seal(head, act, PUBLIC))
    return records


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["about"])
def test_kept_examples_stay_what_they_were(vector: Vector) -> None:
    """Every record ever released is read, hashed, numbered and opened as on its day."""
    record = Record.read(bytes.fromhex(vector["header"]), bytes.fromhex(vector["sealed"]))
    assert record.hash.hex() == vector["hash"]
    assert str(record.number) == vector["number"]
    act = open_sealed(record, bytes.fromhex(vector["private"]))
    assert encode_act(act).hex() == vector["payload"]
    assert record.header.encode() == record.header_bytes


def test_kept_examples_cover_every_kind() -> None:
    """A kind is released together with a kept example of each of its versions."""
    kept = {(head.kind, head.version) for head in (Header.decode(bytes.fromhex(v["header"])) for v in vectors())}
    assert kept == set(ACTS)


@given(headers())
def test_header_survives_its_bytes(head: Header) -> None:
    """Decoding gives the same header, encoding that gives the same bytes: the canonical ones."""
    data = head.encode()
    assert canonical.dumps(canonical.loads(data)) == data
    assert Header.decode(data) == head
    assert Header.decode(data).encode() == data


@given(acts)
def test_act_survives_its_bytes(act: Act) -> None:
    """A payload comes back as the act that it was, to the last field."""
    assert decode_act(act.kind, act.version, encode_act(act)) == act


@settings(max_examples=30)
@given(acts)
def test_what_is_sealed_opens_in_its_own_record(act: Act) -> None:
    """Seal, encode, read, open."""
    record = seal(header(act), act, PUBLIC)
    assert open_sealed(Record.read(record.header_bytes, record.sealed), PRIVATE) == act


def test_sealed_payload_shows_nothing() -> None:
    """Neither name nor number stand in what is stored, in the clear or in the header."""
    record = seal(header(filing()), filing(), PUBLIC)
    stored = record.header_bytes + record.sealed
    for secret in (SOMEBODY.name, SOMEBODY.number, "13800000000", SOMEBODY.number[6:14]):
        assert secret.encode() not in stored


@pytest.mark.parametrize("field", [field.name for field in fields(Header)])
def test_changed_header_field_closes_the_seal(field: str) -> None:
    """A payload does not open under a header that differs in any one field, even with its hash made to fit."""
    act = check_in()
    head = header(act)
    record = seal(head, act, PUBLIC)
    other: dict[str, object] = {
        "suite": 2,
        "kiosk": "K-002",
        "ledger": bytes(16),
        "seq": 2,
        "id": new_id(head.happened_at),
        "previous": b"\x01" * 32,
        "kind": "rider.other",
        "version": 2,
        "happened_at": head.happened_at + timedelta(microseconds=1),
        "clock_offset": None,
        "clock_flags": 1,
        "sealing_key": "2026-2",
        "mode": "live",
        "sam": None,
        "notice": None,
        "payload_hash": bytes(32),
        "format": 2,
    }
    changes = {field: other[field]}
    if field in ("seq", "previous"):
        changes = {"seq": other["seq"], "previous": other["previous"]}

    def attempt() -> None:
        changed = replace(record.header, **changes)  # type: ignore[arg-type] # one field of any type
        open_sealed(Record(header=changed, header_bytes=changed.encode(), sealed=record.sealed), PRIVATE)

    with pytest.raises(ContractError):
        attempt()


def test_payload_of_another_record_does_not_open() -> None:
    """Two records that differ in seq and id alone cannot swap payloads, not even with the hash rewritten."""
    one, two = chain(2)
    moved = Record(
        header=replace(two.header, payload_hash=one.header.payload_hash),
        header_bytes=two.header_bytes,
        sealed=one.sealed,
    )
    assert moved.intact
    with pytest.raises(BadPayload):
        open_sealed(moved, PRIVATE)


@given(st.data())
def test_no_single_flipped_bit_goes_unnoticed(data: st.DataObject) -> None:
    """Header or payload with one bit flipped: not readable, another hash, or a seal that does not open."""
    act = check_in()
    record = seal(header(act), act, PUBLIC)
    whole = bytearray(record.header_bytes + record.sealed)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    cut = len(record.header_bytes)
    with pytest.raises(ContractError):
        open_sealed(Record.read(bytes(whole[:cut]), bytes(whole[cut:])), PRIVATE)


@given(st.binary(max_size=300))
def test_rubbish_is_no_header(data: bytes) -> None:
    """Whatever the bytes are, the answer is a typed error."""
    with pytest.raises(ContractError):
        Header.decode(data)


@given(st.data())
def test_cut_header_is_no_header(data: st.DataObject) -> None:
    """Every proper beginning of a header, and a header with anything after it, is refused."""
    whole = header(check_in()).encode()
    with pytest.raises(BadHeader):
        Header.decode(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(BadHeader):
        Header.decode(whole + data.draw(st.binary(min_size=1, max_size=8)))


def plain_header() -> dict[int, object]:
    decoded: dict[int, object] = cbor2.loads(header(check_in()).encode())
    return decoded


WRONG: dict[str, dict[int, object]] = {
    "format": {1: 2},
    "suite is text": {2: "1"},
    "kiosk with a blank": {3: "K 1"},
    "kiosk is bytes": {3: b"K1"},
    "short ledger": {4: bytes(15)},
    "seq 0": {5: 0},
    "seq is true": {5: True},
    "seq is a float": {5: 1.0},
    "id too short": {6: bytes(15)},
    "id of version 4": {6: UUID("019ab000-1234-4abc-8def-0123456789ab").bytes},
    "first with a predecessor": {7: b"\x01" * 32},
    "second without": {5: 2},
    "kind empty": {8: ""},
    "kind with a line break": {8: "rider\n"},
    "version 0": {9: 0},
    "before 1970": {10: -1},
    "after all time": {10: 2**62},
    "offset is text": {11: "0"},
    "flags below zero": {12: -1},
    "key empty": {13: ""},
    "mode": {14: "test"},
    "sam is a number": {15: 1},
    "notice too long": {16: "x" * 65},
    "payload hash short": {17: bytes(31)},
    "a field too many": {18: 0},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_header_field_out_of_bounds_is_refused(change: dict[int, object]) -> None:
    """Each field has one type and its bounds."""
    with pytest.raises(BadHeader):
        Header.decode(cbor2.dumps({**plain_header(), **change}, canonical=True))


@pytest.mark.parametrize("key", range(1, 18))
def test_missing_header_field_is_refused(key: int) -> None:
    """No field has a default on the wire."""
    fields_ = plain_header()
    del fields_[key]
    with pytest.raises(BadHeader):
        Header.decode(cbor2.dumps(fields_, canonical=True))


def test_unknown_suite_is_named() -> None:
    """A suite that this program does not speak is its own error: the record may be good."""
    with pytest.raises(UnknownSuite):
        Header.decode(cbor2.dumps({**plain_header(), 2: 99}, canonical=True))


def test_header_in_another_order_is_refused() -> None:
    """The same map written otherwise is not the same record."""
    fields_ = plain_header()
    assert Header.decode(cbor2.dumps(fields_, canonical=True)) == header(check_in())
    turned = dict(reversed(fields_.items()))
    with pytest.raises(BadHeader):
        Header.decode(cbor2.dumps(turned))


@pytest.mark.parametrize(
    "data",
    [
        "1801",
        "5f4101ff",
        "a2010001 00".replace(" ", ""),
        "c074",
        "f97e00",
        "fb3ff0000000000000",
        "81" * 40 + "00",
        "0000",
    ],
    ids=["long integer", "indefinite", "doubled key", "tag", "half float", "float", "deep", "two values"],
)
def test_bytes_that_would_be_written_otherwise_are_refused(data: str) -> None:
    """Canonical means: there is one way to write it."""
    with pytest.raises(ContractError):
        canonical.loads(bytes.fromhex(data))


def test_bad_payload_names_the_field_and_not_its_content() -> None:
    """An error about a payload may be logged: it repeats nothing of it."""
    bad = canonical.dumps({"method": "350902195803151123", "category": None, "person": None, "services": []})
    with pytest.raises(BadPayload) as caught:
        decode_act(RiderCheckIn.kind, RiderCheckIn.version, bad)
    assert "method" in str(caught.value)
    assert "350902" not in str(caught.value)


def test_payload_with_a_field_left_out_is_refused() -> None:
    """A default on the reading side never fills a gap: the bytes would not be those of the act."""
    with pytest.raises(BadPayload):
        decode_act(RiderCheckIn.kind, RiderCheckIn.version, canonical.dumps({"method": "picture"}))


def test_unknown_kind_is_refused() -> None:
    """A kind that the registry does not have cannot be opened."""
    with pytest.raises(BadPayload):
        decode_act("rider.check-in", 99, encode_act(check_in()))


def test_chain_holds() -> None:
    """Records follow one another; a part may be checked from any record on."""
    records = chain(5)
    assert check_chain(records) == 5
    assert check_chain(records[2:], after=records[1]) == 3


@pytest.mark.parametrize("fault", ["gap", "swap", "another payload", "another ledger", "rewritten"])
def test_broken_chain_is_found(fault: str) -> None:
    """A record deleted, moved, altered or taken from another ledger breaks the chain."""
    records = chain(5)
    if fault == "gap":
        del records[2]
    elif fault == "swap":
        records[2], records[3] = records[3], records[2]
    elif fault == "another payload":
        records[2] = replace(records[2], sealed=records[1].sealed)
    elif fault == "another ledger":
        records[2] = chain(3, ledger=b"\x01" * 16)[2]
    else:
        act = check_in()
        records[2] = seal(replace(records[2].header, mode="live"), act, PUBLIC)
    with pytest.raises(ChainBroken):
        check_chain(records)


def test_ids_carry_their_time_and_sort_by_it() -> None:
    """UUIDv7: 48 bits of milliseconds first, version and variant set, the rest random."""
    early = datetime(2026, 11, 22, tzinfo=UTC)
    first, second = new_id(early), new_id(early + timedelta(milliseconds=1))
    assert first < second
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first.int >> 80 == int(early.timestamp() * 1000)
    assert new_id(early) != first
    assert new_id(datetime(1969, 1, 1, tzinfo=UTC)).int >> 80 == 0


def test_time_of_another_zone_is_refused() -> None:
    """Records speak UTC."""
    with pytest.raises(BadHeader):
        header(check_in(), happened_at=datetime(2026, 11, 22, tzinfo=timezone(timedelta(hours=8))))
