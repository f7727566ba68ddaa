"""Social security cards (社会保障卡): what the chip is asked, its records, and what they say.

LD/T 32 as far as published. The card's application holds files of records; two of them are free to read on the first
two generations: EF05, the card's own data, and EF06, its holder's. A record answers `tag | length | value`. Records are
asked for by tag, and by number where a card does not know tags. A card of the third generation may keep records to
itself (6982), an older one lacks some, a new one may be blank: every field is optional, and it is said why one is
missing. No other application on the chip is touched, the bank's least of all, and no PIN.

`python -m devices.social_card` is the process that owns PC/SC, a child of the driver (devices/pcsc_reader.py).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal, Protocol, TypeVar

from devices.card_text import ETHNICITIES, SEXES, Sex
from devices.errors import Garbled, Refused

Why = Literal["absent", "locked", "blank", "damaged"]
"""Not on the card; only for who can authenticate (6982); never written; bytes that make no sense."""
Records = dict[int, bytes | Why]
"""Tag → value as the card holds it, or why there is none. A tag that was not asked for is absent."""


class Chip(Protocol):
    """A card in a reader."""

    def transmit(self, apdu: bytes) -> bytes:
        """The answer, status word at its end."""


@dataclass(frozen=True, kw_only=True)
class SocialCard:
    """What a card says; None for what it does not say, with the reason in `missing`."""

    number: str | None = field(repr=False)
    """社会保障号码: for citizens their identity number."""
    name: str | None = field(repr=False)
    sex: Sex | None = field(repr=False)
    ethnicity: str | None = field(repr=False)
    """GB/T 3304 in Chinese without 族, such as 汉."""
    birth_place: str | None = field(repr=False)
    """The six digits of a region (GB/T 2260)."""
    birth: date | None = field(repr=False)
    card_number: str | None = field(repr=False)
    """卡号: nine characters, the last a check digit; the same number is printed on the card."""
    card_id: str | None = field(repr=False)
    """卡的识别码: 32 hexadecimal digits; the first six are the issuing region."""
    version: str | None
    """规范版本, such as 2.00."""
    issuer: str | None
    """初始化机构编号: up to 24 digits."""
    issued: date | None = field(repr=False)
    valid_to: date | None = field(repr=False)
    missing: tuple[tuple[str, Why], ...] = ()
    warnings: tuple[str, ...] = ()
    """What does not add up, though it could be read; for the log, without personal data."""

    @property
    def generation(self) -> int | None:
        """1, 2 or 3; None for a card that does not say."""
        return int(self.version[0]) if self.version and self.version[:2] in ("1.", "2.", "3.") else None


def read_records(chip: Chip) -> Records:
    """Everything that the card tells of its own accord. Refused: NOT_SOCIAL; Garbled for answers that are none."""
    _data, status = _ask(chip, SELECT_CARD)
    if status not in _DONE:
        raise Refused(NOT_SOCIAL) if status >> 8 in _WITHOUT else Garbled(f"select answered {status:04x}")
    records: Records = {}
    for file, sizes in FILES.items():
        if _select(chip, file):
            records |= _read_file(chip, sizes)
    return records


NOT_SOCIAL: Final = "not a social security card"
NO_NUMBER: Final = "no number"
AID: Final = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
"""sx1.sh.社会保障"""
SELECT_CARD: Final = b"\x00\xa4\x04\x00" + bytes([len(AID)]) + AID
FILES: Final = {
    b"\xef\x05": {0x01: 16, 0x02: 1, 0x03: 4, 0x04: 12, 0x05: 4, 0x06: 4, 0x07: 9},
    b"\xef\x06": {0x08: 18, 0x09: 30, 0x4E: 20, 0x0A: 1, 0x0B: 1, 0x0C: 3, 0x0D: 4},
}
"""File → tag → size of the value, in the order of the records' numbers."""


def parse_records(records: Records) -> SocialCard:
    """The card that these records describe; any bytes give one."""
    missing: list[tuple[str, Why]] = []
    warnings: list[str] = []

    def get(what: str, tag: int, parse: Callable[[bytes], T]) -> T | None:
        found = records.get(tag, "absent")
        if isinstance(found, bytes):
            try:
                return parse(found)
            except _Missing as error:
                found = error.why
        missing.append((what, found))
        return None

    def full_name(beginning: bytes) -> str:
        rest = records.get(_NAME_CONTINUED)
        return _name(beginning, rest if isinstance(rest, bytes) else b"")

    card = SocialCard(
        number=get("number", 0x08, lambda value: _ascii(value).upper()),
        name=get("name", 0x09, full_name),
        sex=get("sex", 0x0A, _sex),
        ethnicity=get("ethnicity", 0x0B, _ethnicity),
        birth_place=get("birth_place", 0x0C, _digits),
        birth=get("birth", 0x0D, _date),
        card_number=get("card_number", 0x07, _ascii),
        card_id=get("card_id", 0x01, _card_id),
        version=get("version", 0x03, _ascii),
        issuer=get("issuer", 0x04, _digits),
        issued=get("issued", 0x05, _date),
        valid_to=get("valid_to", 0x06, _date),
    )
    if card.card_number is not None and not right_card_number(card.card_number):
        warnings.append("check digit of the card number is wrong")
    if card.version is not None and card.generation is None:
        warnings.append("version of the card is unknown")
    return replace(card, missing=tuple(missing), warnings=tuple(warnings))


def right_card_number(number: str) -> bool:
    """Whether 卡号 ends with the check digit of its first eight characters; X00000019 does."""
    if not re.fullmatch(r"[0-9A-Z]{9}", number):
        return False
    total = sum(weight * int(character, 36) for weight, character in zip(_WEIGHTS, number, strict=False))
    return number[8] == "0123456789X0"[11 - total % 11]


def read_uid(chip: Chip) -> bytes:
    """The number of a contactless chip, from its reader (PC/SC part 3). Refused: "no number" by a contact card.

    Whoever can copy a card can copy its number: it finds a person, it proves nobody.
    """
    data, status = _ask(chip, b"\xff\xca\x00\x00\x00")
    if status not in _DONE:
        raise Refused(NO_NUMBER)
    if not 4 <= len(data) <= 10:
        raise Garbled(f"number of {len(data)} bytes")
    return data


# ---- Asking ----------------------------------------------------------------------------------------------------------

T = TypeVar("T")


def _ask(chip: Chip, apdu: bytes) -> tuple[bytes, int]:
    """Data and status, whichever way a card has of handing them over: in one piece, by GET RESPONSE, or asking for the
    right length first."""
    data = b""
    for _ in range(_PIECES):
        answer = chip.transmit(apdu)
        if len(answer) < 2:
            raise Garbled(f"answer of {len(answer)} bytes")
        data, first, second = data + answer[:-2], answer[-2], answer[-1]
        if first == 0x61:
            apdu = b"\x00\xc0\x00\x00" + bytes([second])
        elif first == 0x6C and len(apdu) == _WITH_LENGTH_ONLY:
            apdu = apdu[:4] + bytes([second])
        else:
            return data, first << 8 | second
    raise Garbled("an answer that never ends")


_PIECES: Final = 8
_WITH_LENGTH_ONLY: Final = 5
_DONE: Final = {0x9000, 0x6281, 0x6282, 0x6283}
"""Done, and done with a remark: data may be corrupt (the parser sees), fewer bytes than asked for, file blocked."""
_WITHOUT: Final = {0x62, 0x69, 0x6A, 0x6D, 0x6E}
"""First bytes of what cards of other kinds say to the name of an application that they do not have."""
_NO_SUCH_RECORD: Final = {0x6A83, 0x6A88}
_NO_SUCH_WAY: Final = {0x6B00, 0x6A86, 0x6A81}
_LOCKED: Final = 0x6982


def _select(chip: Chip, file: bytes) -> bool:
    """Make the file current. Cards differ in what they want to hear."""
    for how in (b"\x02\x00", b"\x00\x00"):
        _data, status = _ask(chip, b"\x00\xa4" + how + b"\x02" + file)
        if status in _DONE:
            return True
    return False


def _read_file(chip: Chip, sizes: dict[int, int]) -> Records:
    """The records of the current file. One answer by tag shows that tags are known, and what is not found is absent."""
    records: Records = {}
    for tag, size in sizes.items():
        data, status = _ask(chip, bytes([0x00, 0xB2, tag, 0x00, size + 2]))
        if not records and (status in _NO_SUCH_WAY or status in _NO_SUCH_RECORD):
            return _read_by_number(chip, sizes)
        records[tag] = _value(data, status, tag)
    return records


def _read_by_number(chip: Chip, sizes: dict[int, int]) -> Records:
    """Which record has which number depends on the card's version: each one's tag tells."""
    records: Records = {}
    locked = False
    for number in range(1, len(sizes) + 1):
        data, status = _ask(chip, bytes([0x00, 0xB2, number, 0x04, 0x00]))
        if status in _DONE and data and data[0] in sizes:
            records[data[0]] = _value(data, status, data[0])
        elif status == _LOCKED:
            locked = True
        elif status in _NO_SUCH_RECORD:
            break
    if locked:
        records = {tag: records.get(tag, "locked") for tag in sizes}
    return records


def _value(data: bytes, status: int, tag: int) -> bytes | Why:
    if status == _LOCKED:
        return "locked"
    if status in _NO_SUCH_RECORD or status in _NO_SUCH_WAY:
        return "absent"
    if status not in _DONE or len(data) < 2 or data[0] != tag or data[1] > len(data) - 2:
        return "damaged"
    return data[2 : 2 + data[1]]


# ---- Values ----------------------------------------------------------------------------------------------------------

_NAME_CONTINUED: Final = 0x4E
_CARD_ID: Final = 16
_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


class _Missing(Exception):
    def __init__(self, why: Why) -> None:
        self.why: Why = why


def _filled(value: bytes) -> bytes:
    """Without the padding on the right; never written when nothing is left."""
    filled = value.rstrip(b"\0 ")
    if not filled.strip(b"\xff"):
        raise _Missing("blank")
    return filled


def _ascii(value: bytes) -> str:
    filled = _filled(value)
    if not all(0x20 < byte < 0x7F for byte in filled):
        raise _Missing("damaged")
    return filled.decode("ascii")


def _digits(value: bytes) -> str:
    """Binary coded decimals, filled with F on the right."""
    digits = _filled_bcd(value)
    if not digits.isdecimal():
        raise _Missing("damaged")
    return digits


def _filled_bcd(value: bytes) -> str:
    if not value.strip(b"\0") or not value.strip(b"\xff"):
        raise _Missing("blank")
    return value.hex().rstrip("f")


def _card_id(value: bytes) -> str:
    _filled(value)
    if len(value) != _CARD_ID:
        raise _Missing("damaged")
    return value.hex().upper()


def _date(value: bytes) -> date:
    digits = _digits(value)
    if len(digits) != 8:
        raise _Missing("damaged")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise _Missing("damaged") from None


def _sex(value: bytes) -> Sex:
    try:
        return SEXES[_ascii(value)]
    except KeyError:
        raise _Missing("damaged") from None


def _ethnicity(value: bytes) -> str:
    try:
        return ETHNICITIES[_digits(value)]
    except KeyError:
        raise _Missing("damaged") from None


def _name(beginning: bytes, rest: bytes) -> str:
    """GB 18030. A character may begin in the one record and end in the other."""
    whole = _filled(beginning) + rest.rstrip(b"\0 \xff")
    try:
        name = "".join(_PUBLIC.get(character, character) for character in whole.decode("gb18030")).strip()
    except UnicodeDecodeError:
        raise _Missing("damaged") from None
    if not name or any(unicodedata.category(character) == "Cc" for character in name):
        raise _Missing("damaged")
    return name


_ONCE_PRIVATE: Final = bytes.fromhex("FE59FE61FE66FE67FE6DFE7EFE90FEA0FE51FE52FE53FE6CFE76FE91").decode("gb18030")
_PUBLIC: Final = dict(zip(_ONCE_PRIVATE, "龴龵龶龷龸龹龺龻𠂇𠂉𠃌𡗗𢦏𤇾", strict=True))
"""Characters that GB 18030 of 2000, Python's, has for private use and that of 2022 has in Unicode."""


if __name__ == "__main__":
    from devices.pcsc import main

    sys.exit(main())
