"""The text on the chip of an identity card: 256 bytes of UTF-16LE in fixed places, and the appended new addresses.

Four kinds of card share the block; the character at byte 248 tells them apart. Fields are padded on the right with
spaces and only stripped there: spaces inside an address are part of it. A name may hold any character that Unicode
knows, two units each beyond the basic plane.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from devices.errors import Garbled, Refused

Kind = Literal["resident", "hmt", "foreigner-2017", "foreigner-2023"]
Sex = Literal["male", "female", "unknown", "unstated"]


@dataclass(frozen=True, kw_only=True)
class IdCard:
    """What a card says, in the form of a resident card (居民身份证) as far as the other kinds have it.

    `hmt` is the residence permit of residents of Hong Kong, Macao and Taiwan (港澳台居民居住证), `foreigner-…` the
    permanent residence permit of foreigners (外国人永久居留身份证) of that year. A text that a kind lacks is "".
    """

    kind: Kind
    name: str = field(repr=False)
    latin_name: str = field(repr=False, default="")
    """Foreigners only; `name` is their Chinese name, or this one when they have none."""
    sex: Sex = field(repr=False)
    ethnicity: str = field(repr=False, default="")
    """GB/T 3304 in Chinese without 族, such as 汉."""
    birth: date = field(repr=False)
    address: str = field(repr=False, default="")
    """The newest one: an address appended to the chip replaces the printed one."""
    number: str = field(repr=False)
    issuer: str = field(repr=False, default="")
    valid_from: date = field(repr=False)
    valid_to: date | None = field(repr=False)
    """Last day, or None for a long-term card (长期)."""
    nationality: str = field(repr=False, default="")
    """Foreigners only: ISO 3166-1, three letters."""
    permit_number: str = field(repr=False, default="")
    """`hmt` only: the number of the travel permit (通行证号码)."""
    photo: bytes = field(repr=False, default=b"")
    """1,024 bytes in the WLT form."""
    sam: str = field(repr=False, default="")
    """The number of the security module that read it; "" when the reader was not greeted or does not tell."""


def parse_card(text: bytes, *, photo: bytes = b"", new_address: str = "") -> IdCard:
    """The card that these 256 bytes describe.

    Refused(UNKNOWN_TYPE) for a type that is none of the four, Garbled for bytes that no card holds.
    """
    if len(text) != 256:
        raise Garbled(f"text block of {len(text)} bytes")
    match text[248:250]:
        case b" \0" | b"\0\0":
            return _resident(text, photo, new_address)
        case b"J\0":
            return _hmt(text, photo, new_address)
        case b"I\0":
            return _foreigner_2017(text, photo)
        case b"Y\0":
            return _foreigner_2023(text, photo)
        case _:
            raise Refused(UNKNOWN_TYPE, ascii(chr(int.from_bytes(text[248:250], "little"))))


UNKNOWN_TYPE: Final = "unknown card type"
"""The reason; the error's text names the character that stands for the type, in ASCII: 'K', '\\u3001'."""


def parse_new_address(data: bytes) -> str:
    """The new address, which replaces the printed one: its records of 70 bytes in order, blank ones left out.

    A character of two units may begin in one record and end in the next.
    """
    units = b"".join(_unpadded(data[at : at + 70]) for at in range(0, len(data), 70))
    return _text(units, 0, len(units))


def _resident(text: bytes, photo: bytes, new_address: str) -> IdCard:
    return IdCard(
        kind="resident",
        name=_required(text, 0, 30, "name"),
        sex=_sex(text, 30),
        ethnicity=ETHNICITIES.get(_text(text, 32, 4), ""),
        birth=_date(text, 36, "birth"),
        address=new_address or _text(text, 52, 70),
        number=_required(text, 122, 36, "number"),
        issuer=_text(text, 158, 30),
        valid_from=_date(text, 188, "valid from"),
        valid_to=_end(text, 204),
        photo=photo,
    )


def _hmt(text: bytes, photo: bytes, new_address: str) -> IdCard:
    return IdCard(
        kind="hmt",
        name=_required(text, 0, 30, "name"),
        sex=_sex(text, 30),
        birth=_date(text, 36, "birth"),
        address=new_address or _text(text, 52, 70),
        number=_required(text, 122, 36, "number"),
        issuer=_text(text, 158, 30),
        valid_from=_date(text, 188, "valid from"),
        valid_to=_end(text, 204),
        permit_number=_text(text, 220, 18),
        photo=photo,
    )


def _foreigner_2017(text: bytes, photo: bytes) -> IdCard:
    latin = _required(text, 0, 120, "name")
    return IdCard(
        kind="foreigner-2017",
        name=_text(text, 158, 30) or latin,
        latin_name=latin,
        sex=_sex(text, 120),
        number=_required(text, 122, 30, "number"),
        nationality=_text(text, 152, 6),
        valid_from=_date(text, 188, "valid from"),
        valid_to=_end(text, 204),
        birth=_date(text, 220, "birth"),
        issuer=_text(text, 240, 8),
        photo=photo,
    )


def _foreigner_2023(text: bytes, photo: bytes) -> IdCard:
    latin = _text(text[52:122] + text[220:242], 0, 92)  # one field in two places
    chinese = _text(text, 0, 30)
    if not (chinese or latin):
        raise Garbled("card without a name")
    return IdCard(
        kind="foreigner-2023",
        name=chinese or latin,
        latin_name=latin,
        sex=_sex(text, 30),
        birth=_date(text, 36, "birth"),
        number=_required(text, 122, 36, "number"),
        valid_from=_date(text, 188, "valid from"),
        valid_to=_end(text, 204),
        nationality=_text(text, 242, 6),
        photo=photo,
    )


def _field(text: bytes, at: int, size: int) -> str:
    """The characters of a field with their padding. A control character is nothing that a card holds."""
    try:
        value = text[at : at + size].decode("utf-16-le")
    except UnicodeDecodeError:
        raise Garbled(f"text at {at} is not UTF-16") from None
    if any(unicodedata.category(character) == "Cc" for character in value.rstrip(_PADDING)):
        raise Garbled(f"text at {at} holds a control character")
    return value


_PADDING: Final = " \0"


def _unpadded(units: bytes) -> bytes:
    while units[-2:] in (b" \0", b"\0\0"):
        units = units[:-2]
    return units


def _text(text: bytes, at: int, size: int) -> str:
    return _field(text, at, size).rstrip(_PADDING)


def _required(text: bytes, at: int, size: int, what: str) -> str:
    value = _text(text, at, size)
    if not value:
        raise Garbled(f"card without a {what}")
    return value


def _sex(text: bytes, at: int) -> Sex:
    try:
        return SEXES[_text(text, at, 2)]
    except KeyError:
        raise Garbled("sex is none of 0, 1, 2, 9") from None


def _date(text: bytes, at: int, what: str) -> date:
    digits = _text(text, at, 16)
    if len(digits) == 8 and digits.isascii() and digits.isdecimal():
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            pass
    raise Garbled(f"{what} is not a date")


def _end(text: bytes, at: int) -> date | None:
    return None if _text(text, at, 16) == "长期" else _date(text, at, "valid to")


SEXES: Final[dict[str, Sex]] = {"0": "unknown", "1": "male", "2": "female", "9": "unstated"}
"""GB/T 2261.1."""
_ETHNICITY_TABLE: Final = """
01汉 02蒙古 03回 04藏 05维吾尔 06苗 07彝 08壮 09布依 10朝鲜 11满 12侗 13瑶 14白 15土家 16哈尼 17哈萨克 18傣 19黎
20傈僳 21佤 22畲 23高山 24拉祜 25水 26东乡 27纳西 28景颇 29柯尔克孜 30土 31达斡尔 32仫佬 33羌 34布朗 35撒拉 36毛南
37仡佬 38锡伯 39阿昌 40普米 41塔吉克 42怒 43乌孜别克 44俄罗斯 45鄂温克 46德昂 47保安 48裕固 49京 50塔塔尔 51独龙
52鄂伦春 53赫哲 54门巴 55珞巴 56基诺 57其他 97其他 98外国血统中国籍人士
"""
ETHNICITIES: Final = {entry[:2]: entry[2:] for entry in _ETHNICITY_TABLE.split()}
"""GB/T 3304; 57 is what cards carry for an ethnicity that has no code of its own."""
