"""What all messages are made of. ``messages`` and the modules that say things inside messages build on it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema


def _from_base64(value: object) -> object:
    return b64decode(value, validate=True) if isinstance(value, str) else value


def _to_base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


Base64 = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(_to_base64, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
"""Bytes: raw in Python (``WireRecord(header=raw)``), standard base64 without line breaks in JSON."""


class Message(BaseModel):
    """Anything on the wire: frozen, strict about unknown fields, silent about its content in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SigningKey(Message):
    """A public key by which something that central publishes is signed."""

    id: str = Field(min_length=1, max_length=64)
    suite: int
    public: Base64
