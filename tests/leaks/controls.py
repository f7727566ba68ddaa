"""The positive control: somebody whom no kiosk ever saw, planted in each form. A search that misses one is no search.

Half of the files are deleted again: what was in them still lies on the disk.
"""

from __future__ import annotations

import gzip
import hashlib
import hmac
import os
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.leaks.forms import FORMS
from tests.leaks.image import PNG
from tests.leaks.thief import Theft


def _png(text: bytes) -> bytes:
    """A picture whose pixels are the text, in pieces."""
    lines = b"".join(b"\0" + text[at : at + 32].ljust(32, b"\0") for at in range(0, len(text), 32))
    pixels = zlib.compress(lines)
    head = struct.pack(">IIBBBBB", 32, len(lines) // 33, 8, 0, 0, 0, 0)
    pieces = [(b"IHDR", head), *((b"IDAT", pixels[at : at + 16]) for at in range(0, len(pixels), 16)), (b"IEND", b"")]
    return PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in pieces
    )


def _deflated(text: bytes) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(text) + stream.flush()


PACKED: Final[dict[str, Callable[[bytes], bytes]]] = {
    "zlib": zlib.compress,
    "gzip": gzip.compress,
    "deflate": _deflated,
    "stored deflate": lambda text: b"\x01" + struct.pack("<HH", len(text), len(text) ^ 0xFFFF) + text,
    "PNG": _png,
    "gzip of zlib": lambda text: gzip.compress(b"before " + zlib.compress(text)),
}


def _chacha(key: bytes, number: bytes) -> bytes:
    return Cipher(algorithms.ChaCha20(key, bytes(16)), mode=None).encryptor().update(number)


def _aes(key: bytes, number: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(number[:16])


KEYED: Final[dict[str, tuple[int, Callable[[bytes, bytes], bytes]]]] = {
    "HMAC-SHA256": (32, lambda key, number: hmac.digest(key, number, "sha256")),
    "a prefix of HMAC-SHA256": (16, lambda key, number: hmac.digest(key, number, "sha256")[:8]),
    "HMAC-SHA256 in hexadecimal": (64, lambda key, number: hmac.digest(key, number, "sha256").hex().encode()),
    "SHA-256(key, number)": (20, lambda key, number: hashlib.sha256(key + number).digest()),
    "SHA-256(number, key)": (48, lambda key, number: hashlib.sha256(number + key).digest()),
    "AES": (24, _aes),
    "ChaCha20": (32, _chacha),
    "no key": (0, lambda _key, number: hashlib.sha256(number).digest()),
}


@dataclass(frozen=True)
class Control:
    """One planted secret: ``text`` is nobody else's. ``key``: by which it lies there, None: as it is."""

    kind: str
    text: str
    data: bytes
    key: bytes | None = None


def controls(seed: int) -> list[Control]:
    """One in each form, packed each way, and keyed each way."""
    lot = random.Random(seed)
    made = []
    for name, form in FORMS.items():
        text = _number(lot)
        data = list(form(text))
        for place, each in enumerate(data):
            made.append(Control(f"{name} {place + 1} of {len(data)}", text, b" " + each + b" "))
    for encoding in ("utf-8", "gb18030"):
        text = _name(lot)
        made.append(Control(f"name in {encoding}", text, b"\0" + text.encode(encoding) + b"\0"))
    text = _number(lot)
    made.append(Control("a part", text, f'"{text[5:12]}"'.encode()))
    for name, pack in PACKED.items():
        text = _number(lot)
        noise = bytes(lot.randrange(256) for _ in range(40))
        made.append(Control(name, text, noise + pack(f"number: {text}, address: somewhere".encode())))
    text = _number(lot)  # one for all: a thief who tries a number tries it with every value on the disk
    for name, (length, token) in KEYED.items():
        key = bytes(1 + lot.randrange(255) for _ in range(length))
        made.append(Control(name, text, b"key " + key + b" token " + token(key, text.encode()), key))
    return made


def plant(folder: Path, planted: list[Control]) -> None:
    """A file for each, on the disk."""
    folder.mkdir()
    for number, control in enumerate(planted):
        file = folder / f"{number:03}"
        with file.open("wb") as out:
            out.write(control.data)
            out.flush()
            os.fsync(out.fileno())


def delete_half(folder: Path) -> None:
    """Every other one. At the end of the day, for what is written after it may lie where they lay."""
    for file in sorted(folder.iterdir())[::2]:
        file.unlink()


def missed(planted: list[Control], found: set[str], stolen: list[Theft]) -> Iterator[Control]:
    """What was planted and not found: by its text, or by its key."""
    keys = {(theft.number, theft.key) for theft in stolen}
    for control in planted:
        if control.text not in found if control.key is None else (control.text, control.key) not in keys:
            yield control


def _number(lot: random.Random) -> str:
    return "99" + "".join(str(lot.randrange(10)) for _ in range(16))


def _name(lot: random.Random) -> str:
    return "".join(chr(lot.randrange(0x4E00, 0x9FA5)) for _ in range(4))
