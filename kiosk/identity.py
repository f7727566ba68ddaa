"""Who stands before the machine: the person of a visit, the rules of identity numbers, and how names are masked.

Numbers are judged gently: what a card says is what counts, so a check digit that does not fit is a doubt to note, never
a wall. Names are shown by rules, matched never: two systems write one person's rare character in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from kiosk.contract.identity import Agent, PersonReference, ShownBy, Witness
from kiosk.contract.identity import Check as Proven
from kiosk.tables import CATALOG, Table, read_table
from kiosk.texts import _

if TYPE_CHECKING:
    from devices.card_text import IdCard

IdCardKind = Literal["resident", "hmt", "foreigner-2017", "foreigner-2023"]
CardKind = IdCardKind | Literal["social-card", "medical-code", "social-code", "none"]
"""An identity card of one of four kinds, a social security card, 医保电子凭证, 电子社保卡; or nothing of these."""
Shown = Literal["id-card", "social-card", "code"]
"""What a person shows the machine: on the reader, in the slot, before the scanner."""
Unreadable = Shown | Literal["several"]
"""What cannot be read at the moment, for the head of the screen."""
Sex = Literal["male", "female", "unknown", "unstated"]
Check = Literal["none"] | Proven


@dataclass(frozen=True, kw_only=True)
class Person:
    """The person of a visit, as the card or the code's platform says it. What names them stays out of ``repr``, and so
    out of every log."""

    name: str = field(repr=False)
    number: str = field(repr=False)
    sex: Sex = field(repr=False)
    birth: date | None = field(repr=False)
    card: CardKind
    valid_to: date | None = field(repr=False)
    """The last day of the card; None is 长期."""
    level: Literal[1, 2] = 1
    check: Check = "none"
    """How level 2 was reached; ``none``: nobody asked for it."""
    witness: Witness | None = field(default=None, repr=False)
    """The worker who vouches for the person, where one had to."""
    agent: Agent | None = field(default=None, repr=False)
    """Who stands at the machine for the person; None: they do themselves."""
    sam: str | None = field(default=None, repr=False)
    """The reader's SAM id, where the card was read by one."""

    @property
    def shown(self) -> ShownBy:
        """What the person showed the machine, or that a worker says who it is."""
        match self.card:
            case "social-card":
                return "social-card"
            case "medical-code" | "social-code":
                return "code"
            case "none":
                return "worker"
            case _:
                return "id-card"

    @property
    def reference(self) -> PersonReference:
        """The person as acts and queries name them."""
        return PersonReference(number=self.number, name=self.name)

    @property
    def proven(self) -> Proven:
        """How level 2 was reached, as acts say it."""
        return "owed" if self.check == "none" else self.check

    def expired(self, today: date) -> bool:
        """Whether the card's last day is past."""
        return self.valid_to is not None and self.valid_to < today


# ---- Numbers --------------------------------------------------------------------------------------------------------

NumberKind = Literal["resident", "resident-15", "hmt", "foreigner-2017", "foreigner-2023"]
Doubt = Literal[
    "check digit", "birth date", "no number", "number of another kind", "printed birth", "printed sex", "validity"
]
"""Within a number: its last character; a day that never was. Between a number and its card: a shape or province that no
kind has; another kind's; what is printed of birth and sex. And a card that is valid longer or shorter than its kind and
its holder's age say."""


class NotANumber(ValueError):
    """No identity number has this shape or this province. Says nothing of the number itself."""


def number_kind(number: str) -> NumberKind:
    """Which kind of identity number this is, by shape and province. Raises NotANumber.

    The six-digit place is the one at the time of issue, so only its province is looked at.
    """
    return _shape(number)[0]


def check_number(number: str) -> tuple[Doubt, ...]:
    """What does not fit within ``number``: to be noted, never a reason to send a person away. Raises NotANumber."""
    kind, parts = _shape(number)
    doubts: list[Doubt] = []
    birth = parts["birth"]
    if not any(_is_date(century + birth) for century in (("19", "20") if len(birth) == 6 else ("",))):
        doubts.append("birth date")
    if kind != "resident-15":
        check = _check_2017 if kind == "foreigner-2017" else _check_18
        if number[-1] != check(number[:-1]):
            doubts.append("check digit")
    return tuple(doubts)


def doubts_of(card: IdCard) -> tuple[Doubt, ...]:
    """What does not add up on a card: words for the log, without anything of the person's; never a wall.

    A region that does not exist is no doubt: it is that of the time when the number was given.
    """
    try:
        kind, parts = _shape(card.number)
    except NotANumber:
        return ("no number", *_doubts_of_validity(card))
    doubts = list(check_number(card.number))
    if kind != card.kind:
        doubts.append("number of another kind")
    if not f"{card.birth:%Y%m%d}".endswith(parts["birth"]):
        doubts.append("printed birth")
    sequence = parts.groupdict().get("sequence")
    if sequence and card.sex == ("female" if int(sequence) % 2 else "male"):
        doubts.append("printed sex")
    return (*doubts, *_doubts_of_validity(card))


def _doubts_of_validity(card: IdCard) -> tuple[Doubt, ...]:
    """A card begins to be valid some weeks after it was applied for, and the age then is what counts."""
    applied = date.fromordinal(max(1, card.valid_from.toordinal() - _WEEKS * 7))
    right = any(
        _is_valid_for(years, card.valid_from, card.valid_to)
        for day in (card.valid_from, applied)
        for years in _YEARS[card.kind](_age(card.birth, day))
    )
    return () if right and card.birth <= card.valid_from else ("validity",)


def _is_valid_for(years: int | None, first: date, last: date | None) -> bool:
    """The last day is the same day of a later year, or the day before; there may be no 29 February in that year."""
    if years is None or last is None:
        return years is None and last is None
    year = min(first.year + years, date.max.year)
    try:
        end = first.replace(year=year)
    except ValueError:
        end = date(year, 3, 1)
    return 0 <= (end - last).days <= 1


def _resident_years(age: int) -> tuple[int | None]:
    """居民身份证法, article 5."""
    return (5,) if age < 16 else (10,) if age < 26 else (20,) if age < 46 else (None,)


_WEEKS: Final = 13
_YEARS: Final[dict[IdCardKind, Callable[[int], tuple[int | None, ...]]]] = {
    "resident": _resident_years,
    "hmt": lambda _age: (5,),  # 港澳台居民居住证申领发放办法, article 8
    "foreigner-2017": lambda _age: (5, 10),  # 外国人在中国永久居留审批管理办法: five years for minors
    "foreigner-2023": lambda _age: (5, 10),
}
"""Kind of card → the years that it may be valid for at an age; None is 长期."""


def _age(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


_SHAPES: dict[NumberKind, re.Pattern[str]] = {
    # Permanent residence card of 2017: country, province and city, birth, 1, check.
    "foreigner-2017": re.compile(r"[A-Z]{3}(?P<province>[0-9]{2})[0-9]{2}(?P<birth>[0-9]{6})[0-9]{2}"),
    # Permanent residence card of 2023: 9, province, country, birth, sequence, check.
    "foreigner-2023": re.compile(r"9(?P<province>[0-9]{2})[0-9]{3}(?P<birth>[0-9]{8})(?P<sequence>[0-9]{3})[0-9X]"),
    # Residence permit of Hong Kong, Macao and Taiwan residents (港澳台居民居住证).
    "hmt": re.compile(r"(?P<province>8[123])[0-9]{4}(?P<birth>[0-9]{8})(?P<sequence>[0-9]{3})[0-9X]"),
    # GB 11643-1999: place, birth, sequence, check.
    "resident": re.compile(r"(?P<province>[0-9]{2})[0-9]{4}(?P<birth>[0-9]{8})(?P<sequence>[0-9]{3})[0-9X]"),
    # GB 11643-1989: no century and no check.
    "resident-15": re.compile(r"(?P<province>[0-9]{2})[0-9]{4}(?P<birth>[0-9]{6})(?P<sequence>[0-9]{3})"),
}
_PROVINCES = frozenset(
    {11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46}
    | {50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83}
)


def _shape(number: str) -> tuple[NumberKind, re.Match[str]]:
    for kind, pattern in _SHAPES.items():
        if parts := pattern.fullmatch(number):
            if int(parts["province"]) not in _PROVINCES:
                raise NotANumber("no province has this prefix")
            return kind, parts
    raise NotANumber("no identity number has this shape")


def _check_18(first: str) -> str:
    """The check character of 17 digits (GB 11643-1999; ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True)) % 11]


def _check_2017(first: str) -> str:
    """The check digit of a 2017 foreigner's card: weights 7 3 1 as in machine-readable travel documents, A is 10."""
    return str(sum(int(sign, 36) * (7, 3, 1)[place % 3] for place, sign in enumerate(first)) % 10)


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


# ---- What is shown --------------------------------------------------------------------------------------------------

STAR = "＊"
DOTS = "·•‧・･．"
"""The dots between the parts of a name: U+00B7 by rule, the others as systems write it."""


def surname(name: str) -> str:
    """What a person is addressed by: 王, 欧阳, 阿依 (first part of a ·-name), Smith (first word of a foreign name).

    A rare surname comes back as it is, whatever fonts hold it.
    """
    name = name.strip()
    if _is_foreign(name):
        return re.split(r"[\s,]+", name)[0]
    if dot := re.search(f"[{DOTS}]", name[1:]):
        return name[: dot.start() + 1].rstrip()
    for length in (4, 2):
        if len(name) > length and name[:length] in _compound_surnames():
            return name[:length]
    return _first_character(name)


def masked_name(name: str) -> str:
    """The name on paper and boards: 王＊ · 王＊＊ · 欧阳＊＊ · 阿依＊＊ · S＊＊.

    One star stands for one character, two for more: the length of a name is part of it.
    """
    name = name.strip()
    if not name:
        return ""
    shown = name[0] if _is_foreign(name) else surname(name)
    rest = name[len(shown) :]
    return shown + STAR * (1 if len(rest) <= len(_first_character(rest)) else 2)


def address_form(name: str) -> str:
    """``陈师傅``: how a rider is greeted."""
    return _("{surname}师傅").format(surname=surname(name))


def tail(number: str) -> str:
    """``尾号 112X``: the last four of an identity number, the most that paper shows."""
    return _("尾号 {tail}").format(tail=number[-4:])


def grouped(number: str) -> str:
    """An identity number to be read aloud or compared: groups of 4-4-4 and the rest."""
    return " ".join(part for part in (number[:4], number[4:8], number[8:12], number[12:]) if part)


def is_mobile(telephone: str) -> bool:
    """Whether a mobile number can be so: eleven digits, the second from 3 on."""
    return re.fullmatch(r"1[3-9][0-9]{9}", telephone) is not None


def grouped_phone(telephone: str) -> str:
    """``139 0000 0000``: a mobile number to be checked."""
    return " ".join(part for part in (telephone[:3], telephone[3:7], telephone[7:]) if part)


def masked_phone(telephone: str) -> str:
    """``138＊＊＊＊0000``; of anything but a mobile number only the last two."""
    if re.fullmatch(r"[0-9]{11}", telephone):
        return telephone[:3] + STAR * 4 + telephone[-4:]
    return STAR * 4 + telephone[-2:]


@dataclass(frozen=True, kw_only=True)
class _Surnames(Table):
    compound: frozenset[str]


@cache
def _compound_surnames() -> frozenset[str]:
    return read_table(CATALOG / "surnames.toml", _Surnames).compound


def _is_foreign(name: str) -> bool:
    """Written in letters: all that Unicode orders before the Han radicals."""
    return name[:1] < "\u2e80"


def _first_character(text: str) -> str:
    """The first character with what belongs to it: variation selectors pick one form of a Han character."""
    end = 1
    while end < len(text) and (0xFE00 <= ord(text[end]) <= 0xFE0F or 0xE0100 <= ord(text[end]) <= 0xE01EF):
        end += 1
    return text[:end]
