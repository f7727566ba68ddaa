"""Canonical bytes: deterministic CBOR (RFC 8949 §4.2) in a small, closed set of types.

Two programs that mean the same write the same bytes, so hashes and signatures can be taken of them. Reading is as
strict as writing: bytes that would be written otherwise are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from uuid import UUID

import cbor2

from kiosk.contract.errors import ContractError

MAX_DEPTH = 16

Plain = None | bool | int | str | bytes | Sequence["Plain"] | Mapping[str, "Plain"] | Mapping[int, "Plain"]
"""What canonical bytes are made of. Floats are left out: two programs may round them differently."""


def dumps(value: Plain) -> bytes:
    """The canonical bytes of ``value``.

    Shortest integers, definite lengths, map keys in the order of their encoded bytes. cbor2 sorts shorter keys first,
    which is the same order as long as one map has either integer or text keys, and ``Plain`` has no other.
    """
    return cbor2.dumps(value, canonical=True)


def dumps_in_order(value: Mapping[int, Plain]) -> bytes:
    """The same for a flat map whose keys stand in order already: a quarter of the time, for what is written often."""
    return cbor2.dumps(value)


def loads(data: bytes) -> Plain:
    """The value whose canonical bytes are ``data``. Raises ContractError for any others, trailing bytes included."""
    value = checked(decode(data))
    if dumps(value) != data:
        raise ContractError("not in canonical form")
    return value


def decode(data: bytes) -> object:
    """What ``data`` says, canonical or not: for a reader that encodes again by itself. Raises ContractError."""
    try:
        value: object = cbor2.loads(data, max_depth=MAX_DEPTH, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ContractError(f"not CBOR: {type(error).__name__}") from None
    return value


def checked(value: object) -> Plain:
    """``value`` if it consists of plain types only. Raises ContractError."""
    if value is None or isinstance(value, bool | int | str | bytes):
        return value
    if isinstance(value, list | tuple):
        return [checked(item) for item in value]
    if isinstance(value, Mapping):
        texts = {key: checked(item) for key, item in value.items() if isinstance(key, str)}
        if len(texts) == len(value):
            return texts
        numbers = {key: checked(item) for key, item in value.items() if isinstance(key, int)}
        if len(numbers) == len(value):
            return numbers
        raise ContractError("a map has either text keys or integer keys")
    raise ContractError(f"{type(value).__name__} has no canonical form")


def plain(value: object) -> Plain:
    """The plain form of a model's field values: dates and UUIDs as text (ISO 8601, RFC 9562), enums as their value."""
    if value is None or type(value) is str or type(value) is bool or type(value) is int:
        return value  # nearly all are
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ContractError("a time without its zone has no canonical form")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        texts = {key: plain(item) for key, item in value.items() if isinstance(key, str)}
        if len(texts) != len(value):
            raise ContractError("a payload's map has text keys")
        return texts
    return checked(value)
