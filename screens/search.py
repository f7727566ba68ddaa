"""Finds a service by the first letters of its pinyin: letters below, what they find above."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.pages import Option, Search
from kiosk.texts import _
from screens.layout import Block, Column, Grid, Space
from screens.text import Text
from screens.theme import Rect
from screens.view import Setting, View
from screens.widgets import Field, Key, ListRow

ROWS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
CARE_ROWS = ("ABCDEFG", "HIJKLMN", "OPQRSTU", "VWXYZ")
"""Large keys leave room for seven in a row; then the order of the alphabet is easier to search."""


class SearchView(View):
    """Before the first letter it offers what is asked for most."""

    def __init__(self, setting: Setting, page: Search) -> None:
        super().__init__(setting, page)
        self.page = page
        self.typed = ""

    def unfinished(self) -> object:
        return self.typed or None

    def resume(self, unfinished: object) -> None:
        if isinstance(unfinished, str):
            self.typed = unfinished

    def answer(self, zone: Rect) -> Block:
        look = self.look
        gap = look.size("gap")
        pad = self._pad()
        words = self.typed.upper() or _("拼音首字母，例如：卡丢了 KDL")
        field = Field(look, Text(look, words, "key" if self.typed else "body", "ink" if self.typed else "soft"))
        room = zone.height - pad.fit(zone.width) - field.fit(zone.width) - 2 * gap
        return Column([field, Column(self._found(zone.width, room), gap=gap), Space(grows=1), pad], gap=gap)

    def _found(self, width: float, room: float) -> list[Block]:
        look, gap = self.look, self.look.size("gap")
        options = find(self.page, self.typed)
        if not options:
            return [Text(look, self.page.nothing, "body", "ink")]
        more = Text(look, _("还有别的，再写一个字母"), "body", "soft")
        rows: list[Block] = []
        used = 0.0
        for option in options:
            row = ListRow(look, self.gate, option, self.press(option))
            last = option is options[-1]
            needed = used + row.fit(width) + (0 if last else gap + more.fit(width))
            if needed > room or len(rows) == look.list_limit:
                return [*rows, more]
            rows.append(row)
            used += row.height + gap
        return rows

    def _pad(self) -> Block:
        look = self.look
        gap = look.size("key gap")
        rows: list[Block] = []
        lines = CARE_ROWS if look.care else ROWS
        columns = len(lines[0])
        for line in lines:
            keys: list[Block] = [self._key(letter) for letter in line]
            if line is lines[-1]:
                keys.append(Space())
                keys[-1] = self._key("delete", icon="backspace")
            rows.append(KeyRow(keys, columns=columns, gap=gap, stretch_last=line is lines[-1]))
        return Column(rows, gap=gap)

    def _key(self, what: str, *, icon: str = "") -> Key:
        key = Key(
            self.look, self.gate, f"key:{what.lower()}", self._press(what),
            label=_("删除") if icon else what, icon=icon,
        )  # fmt: skip
        key.least_height = self.look.mm(24)
        return key

    def _press(self, what: str) -> Callable[[], None]:
        def press() -> None:
            self.typed = self.typed[:-1] if what == "delete" else (self.typed + what.lower())[:12]
            self.setting.refresh()

        return press


def find(page: Search, typed: str) -> list[Option[str]]:
    """The options that the letters could mean: those that begin with them first, then those that contain them."""
    begins = [option for keys, option in page.entries if any(key.startswith(typed) for key in keys)]
    contains = [option for keys, option in page.entries if option not in begins and any(typed in key for key in keys)]
    return begins + contains


class KeyRow(Grid):
    """A row of keys as wide as a column of ``columns``, in the middle; the last key may take what is left."""

    def __init__(self, keys: list[Block], *, columns: int, gap: float, stretch_last: bool) -> None:
        super().__init__(keys, columns=columns, gap=gap)
        self.stretch_last = stretch_last

    def arrange(self) -> None:
        step = (self.width + self.gap) / self.columns
        count = len(self.blocks)
        x = self.x if self.stretch_last else self.x + (self.width - step * count + self.gap) / 2
        for block in self.blocks:
            if self.stretch_last and block is self.blocks[-1]:
                block.fit(self.right - x, block.height)
            block.place(x, self.top)
            x += step
