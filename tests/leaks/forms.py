"""In which forms a word can lie on a disk: each turns a text into the bytes to look for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

PART: Final = 6
"""Characters of a part that is looked for by itself."""
TELLING: Final = 3
"""Different characters of a part: 000000 is nobody's."""
ZEROS: Final = 2
"""Bytes of packed decimals that may be 0."""
SHORTEST: Final = 6
"""Bytes: what is shorter turns up in random bytes by chance."""

Form = Callable[[str], Iterator[bytes]]


def plain(encoding: str) -> Form:
    def form(text: str) -> Iterator[bytes]:
        yield text.encode(encoding)

    return form


def escaped(text: str) -> Iterator[bytes]:
    """JSON's: of what is not ASCII, or of all."""
    units = [text.encode("utf-16-be")[at : at + 2].hex() for at in range(0, len(text.encode("utf-16-be")), 2)]
    for words in ("".join(f"\\u{unit}" for unit in units), "".join(f"\\u{unit.upper()}" for unit in units)):
        yield words.encode()
    yield "".join(f"&#{ord(character)};" for character in text).encode()
    yield "".join(f"&#x{ord(character):x};" for character in text).encode()


def percent(text: str) -> Iterator[bytes]:
    for encoding in ("utf-8", "gb18030"):
        words = quote(text.encode(encoding), safe="")
        yield words.encode()
        yield words.lower().encode()
        yield "".join(f"%{byte:02X}" for byte in text.encode(encoding)).encode()


def in_hex(text: str) -> Iterator[bytes]:
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        words = text.encode(encoding).hex()
        yield words.encode()
        yield words.upper().encode()


def in_base64(text: str) -> Iterator[bytes]:
    """As it may begin at any of three places of a group; the groups that hold a neighbour's bits are left out."""
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        data = text.encode(encoding)
        for before in range(3):
            words = base64.b64encode(bytes(before) + data).rstrip(b"=")
            inner = words[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
            yield inner
            yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def as_number(text: str) -> Iterator[bytes]:
    """An integer in binary, or packed decimals; a number that ends in X without it. Packed decimals that are mostly
    nothing are left out: 01 38 00 00 00 02 stands in a journal of the file system, as a block and its flags."""
    digits = text.rstrip("Xx")
    if not digits.isdecimal() or not digits.isascii() or len(digits) < 11:
        return
    number = int(digits)
    size = (number.bit_length() + 7) // 8
    for order in ("big", "little"):
        yield number.to_bytes(size, "big" if order == "big" else "little")
    packed = ["0" + digits, digits + "f"] if len(digits) % 2 else [digits]
    yield from (data for data in map(bytes.fromhex, packed) if data.count(0) <= ZEROS)


def reversed_bytes(text: str) -> Iterator[bytes]:
    yield text[::-1].encode()


FORMS: Final[dict[str, Form]] = {
    "UTF-8": plain("utf-8"),
    "UTF-16LE": plain("utf-16-le"),
    "UTF-16BE": plain("utf-16-be"),
    "UTF-32LE": plain("utf-32-le"),
    "GB18030": plain("gb18030"),
    "escapes": escaped,
    "percent": percent,
    "hex": in_hex,
    "base64": in_base64,
    "binary number": as_number,
    "backwards": reversed_bytes,
}


@dataclass(frozen=True)
class Needle:
    """Bytes to look for, and what they would tell. ``part``: of a longer text."""

    bytes: bytes
    form: str
    text: str
    part: bool = False


def needles(texts: set[str], today: str = "") -> list[Needle]:
    """Every text and each of its parts in every form, each bytes once; what is known whole goes before its parts.

    A part that is ``today`` (eight digits) but for one character tells nothing: the date stands everywhere, and before
    it any byte.
    """
    found: dict[bytes, Needle] = {}
    for text in sorted(texts, key=len, reverse=True):
        parts = {text[at : at + PART] for at in range(len(text) - PART + 1)} - texts
        parts = {part for part in parts if len({*part}) >= TELLING and part[1:] not in today and part[:-1] not in today}
        for word, is_part in ((text, False), *((part, True) for part in sorted(parts))):
            for name, form in FORMS.items():
                if is_part and name in ("binary number", "backwards"):
                    continue
                for data in form(word):
                    if len(data) >= SHORTEST or (name == "binary number" and len(data) >= 5):
                        found.setdefault(data, Needle(data, name, text, is_part))
    return list(found.values())
