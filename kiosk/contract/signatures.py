"""Bytes that somebody signed: whose key it is, whether it did, and what they say, in one way for every statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from pydantic import Field

from kiosk.contract.base import Base64, Message, SigningKey
from kiosk.contract.errors import BadSignature
from kiosk.contract.sealing import suite


class Stated(Protocol):
    """What is signed says by which suite."""

    @property
    def suite(self) -> int: ...


S = TypeVar("S", bound=Stated)


def trusted(keys: Iterable[SigningKey], name: str) -> SigningKey:
    """The key of that name among those that are believed. Raises BadSignature."""
    key = next((key for key in keys if key.id == name), None)
    if key is None:
        raise BadSignature(f"no key {name} is trusted here")
    return key


class SignedBytes(Message):
    """A statement's canonical bytes, the key that signed them, and the signature. Kept and carried as it is."""

    statement: Base64
    key: str = Field(min_length=1, max_length=64)
    signature: Base64

    def read_as(self, decode: Callable[[bytes], S], tag: bytes, keys: Iterable[SigningKey]) -> S:
        """What it says, if one of ``keys`` signed ``tag ‖ statement`` by the suite that it names. Raises BadSignature,
        and what ``decode`` raises."""
        key = trusted(keys, self.key)
        suite(key.suite).verify(self.signature, tag + self.statement, key.public)
        said = decode(self.statement)
        if said.suite != key.suite:
            raise BadSignature("signed by another suite than it says")
        return said
