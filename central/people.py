"""What central keeps of a person: a reference to compare by and a masked form to show, never the number or the name.

The reference is a keyed hash: without the key, which is a file beside the opener's, the few million numbers of a county
would be found by trying them all.
"""

from __future__ import annotations

from typing import Final

from kiosk.contract.acts import PersonReference
from kiosk.contract.sealing import suite

SUITE: Final = 1
"""Whose MAC references are made by. Another would make another person of everybody."""

_PAIRS: Final = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙"
    "钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里"
    "呼延东郭南门羊舌微生公户公玉公仪梁丘公仲公上公门公山公坚左丘公伯西门公祖第五公乘贯丘公皙南荣东里东宫"
)
COMPOUND: Final = frozenset(_PAIRS[index : index + 2] for index in range(0, len(_PAIRS), 2))
"""Surnames of two characters (复姓)."""


class References:
    """Makes references under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, person: PersonReference) -> str:
        """Central's reference of a person: 64 hexadecimal digits, the same for the same number, whatever the name."""
        return self._hash(b"person", person.number.upper().encode())

    def of_code(self, visit: bytes, code: str) -> bytes:
        """What is kept of a code that was sent."""
        return bytes.fromhex(self._hash(b"code", visit + code.encode()))

    def _hash(self, what: bytes, value: bytes) -> str:
        return suite(SUITE).mac(self._key, what + b"\0" + value).hex()


def masked(person: PersonReference) -> str:
    """欧阳＊＊ 尾号 112X."""
    return f"{masked_name(person.name)} 尾号 {person.number[-4:].upper()}"


def masked_name(name: str) -> str:
    """王＊ · 王＊＊ · 欧阳＊＊ · 阿依＊＊ (the first group of a name with ·) · J＊＊ for Latin letters."""
    name = name.strip()
    first, dot, _ = name.partition("·")
    if dot:
        return f"{first[:2]}＊＊"
    if name[:1].isascii():
        return f"{name[:1]}＊＊"
    shown = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    return name[:shown] + "＊" * min(max(len(name) - shown, 1), 3)


def masked_telephone(number: str) -> str:
    """138＊＊＊＊0000."""
    return f"{number[:3]}＊＊＊＊{number[-4:]}"
