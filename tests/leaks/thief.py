"""A thief with the disk alone: every 16 to 64 bytes on it may be a key, and there are only so many numbers of people.

What is keyed by a value that lies on the same disk is no secret: whoever has it tries all numbers of a county in
seconds. So each value is tried as the key of what a kiosk might keep of a person to know them again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kiosk.remembered import token_of

LENGTHS: Final = (16, 20, 24, 32, 48, 64)
DISTINCT: Final = 0.6
"""A key is random: so many of its bytes, at least, are different ones."""
PREFIX: Final = 8
"""Bytes of a token that somebody would keep at the least."""
BITS: Final = 28
MASK: Final = (1 << BITS) - 1


@dataclass(frozen=True)
class Theft:
    """A number that the disk gives away: by what, with the key at which place."""

    number: str
    by: str
    at: int
    key: bytes


class Disk:
    """Bytes, and a quick look whether some lie among them: two bits for each place, by what begins there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._seen = bytearray(1 << (BITS - 3))
        for at in range(len(data) - PREFIX + 1):
            for place in _places(data[at : at + PREFIX]):
                self._seen[place >> 3] |= 1 << (place & 7)

    def has(self, token: bytes) -> bool:
        """Whether so many bytes of it as somebody would keep lie here."""
        begin = token[:PREFIX]
        return all(self._seen[place >> 3] & 1 << (place & 7) for place in _places(begin)) and begin in self.data


def _places(begin: bytes) -> tuple[int, int]:
    mixed = hash(begin)
    return mixed & MASK, mixed >> BITS & MASK


def keys(data: bytes, lengths: tuple[int, ...] = LENGTHS) -> Iterator[tuple[int, bytes]]:
    """Every value that may be a key, once, and where it lies: any bytes that are no text, and what text spells out."""
    seen = set[bytes]()
    for at, value in (*_spelled(data), *_raw(data, lengths)):
        if value not in seen:
            seen.add(value)
            yield at, value


def _raw(data: bytes, lengths: tuple[int, ...]) -> Iterator[tuple[int, bytes]]:
    """Each place begins a value of each length. One that begins with a zero is left out, one key in 256: runs of zeros
    are most of a disk."""
    shortest = min(lengths)
    for at in range(len(data) - shortest + 1):
        if not data[at] or len(set(first := data[at : at + shortest])) < shortest * DISTINCT or _is_text(first):
            continue
        for length in lengths:
            value = data[at : at + length]
            if len(value) == length and len(set(value)) >= length * DISTINCT:
                yield at, value


def _spelled(data: bytes) -> Iterator[tuple[int, bytes]]:
    for found in re.finditer(rb"(?:[0-9a-f]{2}){16,64}|(?:[0-9A-F]{2}){16,64}", data):
        yield found.start(), bytes.fromhex(found[0].decode())
    for found in re.finditer(rb"[A-Za-z0-9+/_-]{22,86}", data):
        word = found[0].translate(bytes.maketrans(b"-_", b"+/"))
        yield (
            found.start(),
            base64.b64decode(word[: len(word) // 4 * 4 + (len(word) % 4 > 1) * 4] + b"==", validate=False),
        )


def _is_text(value: bytes) -> bool:
    """Whether a person could read it: UTF-8 but for a character that is cut at either end."""
    if value.isascii():
        return not any(byte < 9 or 13 < byte < 32 for byte in value)
    begin = next((place for place, byte in enumerate(value[:4]) if byte & 0xC0 != 0x80), 4)
    try:
        value[begin:].decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def tokens(key: bytes, number: bytes) -> Iterator[tuple[str, bytes]]:
    """What a person could be known by again under this key. A thief has read the program, too."""
    yield "HMAC-SHA256", hmac.digest(key, number, "sha256")
    yield "what is remembered", hmac.digest(key, token_of("rider.check-in", number.decode()), "sha256")
    yield "SHA-256(key, number)", hashlib.sha256(key + number).digest()
    yield "SHA-256(number, key)", hashlib.sha256(number + key).digest()
    yield "BLAKE2b", hashlib.blake2b(number, key=key).digest()
    if len(key) in (16, 24, 32):
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        yield "AES", encryptor.update(number[:16])
    if len(key) == 32:
        stream = Cipher(algorithms.ChaCha20(key, bytes(16)), mode=None).encryptor()
        yield "ChaCha20", stream.update(number)


UNKEYED: Final[dict[str, Callable[[bytes], bytes]]] = {
    name: lambda number, name=name: hashlib.new(name, number).digest()  # type: ignore[misc]
    for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b", "blake2s")
}


def thefts(data: bytes, numbers: tuple[str, ...], lengths: tuple[int, ...] = LENGTHS) -> list[Theft]:
    """All that the disk gives away of these numbers, in bytes and in hexadecimal."""
    disk, stolen = Disk(data), list[Theft]()
    for number in numbers:
        for name, digest in UNKEYED.items():
            token = digest(number.encode())
            if disk.has(token) or token[:PREFIX].hex().encode() in data:
                stolen.append(Theft(number, name, -1, b""))
    for at, key in keys(data, lengths):
        for number in numbers:
            for name, token in tokens(key, number.encode()):
                if disk.has(token) or (disk.has(text := token[:PREFIX].hex().encode()) and text in data):
                    stolen.append(Theft(number, name, at, key))
    return stolen
