"""A disk as a thief reads it: raw bytes, deleted files and free blocks included, and whatever is compressed in them."""

from __future__ import annotations

import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.leaks.forms import Needle

BLOCK: Final = 4096
MOST: Final = 4_000_000
"""Bytes that one stream is followed."""
LEAST: Final = 8
"""Bytes below which what was inflated is no stream."""
TRIAL: Final = 64
"""Bytes that have to come out of a stream before more of it is worth the time."""
NOISE: Final = 200
"""Bytes that random ones may seem to spell before they break off: nothing tells a bare stream from them but that it
ends, or goes on for longer."""
DEPTH: Final = 2
"""A stream in a stream."""
PNG: Final = b"\x89PNG\r\n\x1a\n"
DIGITS: Final = frozenset(b"0123456789")
HEX: Final = frozenset(b"0123456789abcdefABCDEF")


@dataclass(frozen=True)
class Hit:
    """Something that is not to lie there. ``at``: how it is got at, and what is around it."""

    needle: Needle
    where: str
    around: bytes


def written(image: Path) -> bytes:
    """All blocks of an image that are not empty, one after the other; of two that are the same, the first."""
    data, seen = bytearray(), {bytes(BLOCK)}
    with image.open("rb") as file:
        while block := file.read(BLOCK):
            if block not in seen:
                seen.add(block)
                data += block
    return bytes(data)


def search(data: bytes, needles: Iterable[Needle], *, inflate: bool = True) -> list[Hit]:
    """Everything that is found in ``data`` and in what is compressed in it."""
    needles = list(needles)
    hits = list(_found(data, needles, "plain"))
    if inflate:
        inflated = defaultdict[str, list[bytes]](list)
        for kind, content in _streams(data, DEPTH):
            inflated[kind].append(content)
        for kind, contents in inflated.items():  # all at once: most are short, and there are many
            hits += _found(b"\0".join(contents), needles, kind)
    return hits


def _found(data: bytes, needles: Iterable[Needle], where: str) -> Iterator[Hit]:
    for needle in needles:
        at = data.find(needle.bytes)
        while at >= 0:
            if not _is_chance(data, at, needle):
                yield Hit(needle, where, data[max(0, at - 24) : at + len(needle.bytes) + 24])
                break
            at = data.find(needle.bytes, at + 1)


def _is_chance(data: bytes, at: int, needle: Needle) -> bool:
    """Six digits turn up in a hexadecimal hash by themselves: such a part counts where it stands alone, or where more
    of its number stands beside it."""
    if not needle.part or not DIGITS.issuperset(needle.bytes):
        return False
    text = needle.text.encode()
    place = text.find(needle.bytes)
    before, after = data[at - 1 : at], data[at + len(needle.bytes) :][:1]
    true_before, true_after = text[place - 1 : place] if place else b"", text[place + len(needle.bytes) :][:1]
    if (before and before == true_before) or (after and after == true_after):
        return False
    return any(side and side[0] in HEX for side in (before, after))


# ---- What is compressed ----------------------------------------------------------------------------------------------


def _streams(data: bytes, depth: int) -> Iterator[tuple[str, bytes]]:
    """Every zlib, gzip and bare deflate stream that begins anywhere, and the pixels of PNGs."""
    for kind, content in (*_headed(data), *_pngs(data), *_bare(data)):
        yield kind, content
        if depth > 1:
            for inner, deeper in (*_headed(content), *_pngs(content)):
                yield f"{kind}, {inner}", deeper


def _headed(data: bytes) -> Iterator[tuple[str, bytes]]:
    for match in re.finditer(rb"\x1f\x8b\x08|[\x08\x18\x28\x38\x48\x58\x68\x78][\x00-\xff]", data):
        first, second = data[match.start()], data[match.start() + 1]
        if first == 0x1F:
            kind, bits = "gzip", 31
        elif (first * 256 + second) % 31 == 0 and not second & 0x20:
            kind, bits = "zlib", 15
        else:
            continue
        if content := _inflated(data, match.start(), bits):
            yield kind, content


def _bare(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Deflate without a header, at every byte. Its first bits say what kind of block begins: of a stored one the length
    stands twice, and the fourth kind there is not."""
    for at in range(len(data) - LEAST):
        kind = data[at] >> 1 & 3
        if kind == 3 or data[at] == 0:
            continue
        if kind == 0:
            size, check = struct.unpack_from("<HH", data, at + 1) if at + 5 <= len(data) else (0, 0)
            if size ^ check != 0xFFFF or not size:
                continue
        elif kind == 2 and (data[at] >> 3) > 29:  # more codes of lengths than there are
            continue
        if content := _inflated(data, at, -15, noise=NOISE):
            yield "deflate", content


def _inflated(data: bytes, at: int, bits: int, noise: int = LEAST) -> bytes:
    """What comes out; b"" where it is no stream. One that breaks off counts as far as it goes, from ``noise`` bytes."""
    stream = zlib.decompressobj(bits)
    try:
        content = stream.decompress(data[at : at + 256], TRIAL)
        if len(content) < LEAST:
            return b""
        more = stream.unconsumed_tail + data[at + 256 : at + MOST // 8]
    except zlib.error:
        return b""
    parts = [content]
    try:
        for start in range(0, len(more), BLOCK):
            parts.append(stream.decompress(more[start : start + BLOCK]))
            if stream.eof or sum(map(len, parts)) > MOST:
                break
    except zlib.error:
        pass
    content = b"".join(parts)
    return content if stream.eof or len(content) >= noise else b""


def _pngs(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The pixels lie in pieces between chunk headers; texts have chunks of their own."""
    at = data.find(PNG)
    while at >= 0:
        place, pixels = at + len(PNG), bytearray()
        while place + 8 <= len(data):
            size, kind = struct.unpack_from(">I4s", data, place)
            if not kind.isalpha() or size > MOST:
                break
            if kind == b"IDAT":
                pixels += data[place + 8 : place + 8 + size]
            place += 12 + size
            if kind == b"IEND":
                break
        if content := _inflated(bytes(pixels), 0, 15):
            yield "PNG", content
        at = data.find(PNG, at + 1)
