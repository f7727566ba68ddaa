"""The registration number (登记号) on a receipt: ``K001-26-000317-7Q4X7``.

Kiosk, year (Asia/Shanghai), the last six digits of the record's seq, four random characters taken from the record's id,
and a check character. The number is a function of the header, so kiosk and central compute the same one and neither
transmits it. The six digits say where a record lies; the random characters keep anyone from asking for the next one by
counting. Two records of one kiosk may share the digits (a ledger begins again at 1), so a number is looked up whole.

The alphabet has no I, L, O and U, and folds them when they are typed (O is read as 0, I and L as 1, U as V). The check
is a sum over GF(32) with a weight that grows: it finds each single slip and each swap of neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from kiosk.contract.errors import BadNumber

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KIOSK: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,15}")
"""How a kiosk may be called. In a number it stands in capitals and without hyphens."""

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_FOLD: Final = str.maketrans("OILU", "011V")
_NUMBER: Final = re.compile(rf"([A-Z0-9]{{1,16}})(\d{{2}})(\d{{6}})([{ALPHABET}]{{4}})([{ALPHABET}])")
_SEPARATORS: Final = re.compile(r"[\s\-‐‑–—−_.·]")
_TAIL: Final = 13
_MAX_TYPED: Final = 64


@dataclass(frozen=True, kw_only=True)
class Number:
    """A registration number, read and checked. ``key`` is what lists are searched by."""

    kiosk: str
    year: int
    digits: int
    random: str

    def __str__(self) -> str:
        return f"{self.kiosk}-{self.year:02d}-{self.digits:06d}-{self.random}{self.check}"

    @property
    def check(self) -> str:
        """The check character."""
        return _check(f"{self.kiosk}{self.year:02d}{self.digits:06d}{self.random}")

    @property
    def key(self) -> str:
        """The number without hyphens and without look-alikes: two spellings of one number have one key."""
        return folded(str(self))


def number_of(*, kiosk: str, happened_at: datetime, seq: int, id: UUID) -> Number:  # noqa: A002 - the header's name
    """The number of the record with these header fields."""
    random = "".join(ALPHABET[(id.int >> shift) & 31] for shift in (15, 10, 5, 0))
    year = happened_at.astimezone(_SHANGHAI).year % 100
    return Number(kiosk=kiosk.replace("-", "").upper(), year=year, digits=seq % 1_000_000, random=random)


def read_number(text: str) -> Number:
    """The number that a person typed or a QR said: any case, full-width or not, with or without hyphens and blanks.

    Raises BadNumber for anything else, and where the check does not fit.
    """
    if len(text) > _MAX_TYPED:
        raise BadNumber("not a registration number")
    letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    match = _NUMBER.fullmatch(letters[:-_TAIL] + letters[-_TAIL:].translate(_FOLD))
    if match is None:
        raise BadNumber("not a registration number")
    number = Number(kiosk=match[1], year=int(match[2]), digits=int(match[3]), random=match[4])
    if number.check != match[5]:
        raise BadNumber("the check character does not fit")
    return number


def _check(text: str) -> str:
    """The sum of x·2^i over GF(32): ``text``'s last letter has the weight 2, the one before it 4, and so on."""
    total = 0
    for letter in text.translate(_FOLD):
        total = _double(total) ^ ALPHABET.index(letter)
    return ALPHABET[_double(total)]


def _double(value: int) -> int:
    """``value`` times 2 in GF(32), polynomial x^5 + x^2 + 1. The order of 2 is 31, and no number is longer."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value


def folded(text: str) -> str:
    """Without hyphens and look-alikes."""
    return text.replace("-", "").translate(_FOLD)
