"""The keys to write with: letters, figures and signs of addresses, in rows as wide as the page.

The letters of pinyin stand as on a computer; in care mode, whose keys are too large for ten in a row, as in the
alphabet, but for a page that is broad and low.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from kiosk.texts import _
from screens.layout import Block, Column
from screens.theme import Theme
from screens.touch import Gate
from screens.widgets import KEY_SPACING, Key

Layer = Literal["pinyin", "figures", "latin", "number"]
LAYERS: tuple[Layer, ...] = ("pinyin", "figures", "latin")
LEAST_KEY, CARE_LEAST_KEY = 16.0, 20.0
KEY, CARE_KEY = 24.0, 28.0
"""Heights of a key in millimetres: at least, and where there is room."""
KEY_MARGIN = 2.0
"""Millimetres that a word and its icon leave at the sides of a key, together."""
COLUMNS, CARE_COLUMNS = 10, 8
LETTERS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
CARE_LETTERS = ("ABCDEFGH", "IJKLMNOP", "QRSTUVWX", "YZ")
NUMBER = ("1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM-")
CARE_NUMBER = ("12345678", "90ABCDEF", "GHIJKLMN", "OPQRSTUV", "WXYZ-")
FIGURES = "1234567890号楼室栋幢组村巷弄·-#/()."
DELETE, SWITCH, BLANK = "delete", "switch", "blank"


def keyboard(
    look: Theme, gate: Gate, layer: Layer, press: Callable[[str], Callable[[], None]], *, layers: Sequence[Layer],
    width: float, room: float,
) -> Column:  # fmt: skip
    """The keys of one layer, at most ``room`` pixels high where the least height allows it.

    ``press`` gets what a key writes, or DELETE or SWITCH, which goes on to the next layer.
    """
    gap, least = look.size("key gap"), least_key(look)
    columns = CARE_COLUMNS if look.care else COLUMNS
    broad_enough = width >= COLUMNS * (look.mm(CARE_LEAST_KEY) + gap) - gap
    if room < least_height(look, layer) and broad_enough:
        columns = COLUMNS
    rows = _in_rows(FIGURES, columns) if layer == "figures" else _letters(layer, care=columns == CARE_COLUMNS)
    broad = [(DELETE, _("删除"), "backspace")]
    if len(layers) > 1:
        broad.insert(0, (SWITCH, _name(after(layer, layers)), ""))
    lines = [
        KeyRow(
            [Key(look, gate, f"key:{_sign(one, layer)}", press(_sign(one, layer)), label=one) for one in row],
            columns=columns,
            gap=gap,
        )
        for row in rows
    ]
    words_have_room = lines[-1].holds([_broad(look, gate, press, *one) for one in broad], width)
    if not words_have_room and room >= (least + gap) * (len(lines) + 1) - gap:
        lines.append(KeyRow([], columns=columns, gap=gap))
    share = lines[-1].share(width, len(broad))
    lines[-1].widen([_broad(look, gate, press, *one, share=share) for one in broad])
    most = look.mm(CARE_KEY if look.care else KEY)
    height = max(least, min(most, (room - gap * (len(lines) - 1)) // len(lines)))
    for line in lines:
        line.set_height(height)
    return Column(lines, gap=gap)


def _broad(
    look: Theme, gate: Gate, press: Callable[[str], Callable[[], None]], means: str, label: str, icon: str, *,
    share: float = 0,
) -> Key:  # fmt: skip
    """A key for what is no sign; its icon stands there where there is room for it beside the word."""
    key = Key(look, gate, f"key:{means}", press(means), label=label, icon=icon, style="body")
    if key.natural_width() + look.mm(KEY_MARGIN) <= share:
        return key
    return Key(look, gate, f"key:{means}", press(means), label=label, style="body")


def least_key(look: Theme) -> int:
    """The least height of a key in pixels."""
    return max(
        look.mm(CARE_LEAST_KEY if look.care else LEAST_KEY), round(look.style("key").em * KEY_SPACING) + 2 * look.mm(1)
    )


def least_height(look: Theme, layer: Layer = "latin") -> int:
    """The least height of the keys as they usually stand; a broad page can do with less."""
    rows = len(_letters("number" if layer == "number" else "latin", care=look.care))
    return rows * (least_key(look) + look.size("key gap")) - look.size("key gap")


def _letters(layer: Layer, *, care: bool) -> tuple[str, ...]:
    if layer == "number":
        return CARE_NUMBER if care else NUMBER
    return CARE_LETTERS if care else LETTERS


def after(layer: Layer, layers: Sequence[Layer]) -> Layer:
    """Where SWITCH goes from there."""
    return layers[(layers.index(layer) + 1) % len(layers)]


def _name(layer: Layer) -> str:
    return {"pinyin": _("拼音"), "figures": "123", "latin": "ABC", "number": "123"}[layer]


def _sign(label: str, layer: Layer) -> str:
    return label.lower() if layer == "pinyin" else label


def _in_rows(signs: str, columns: int) -> tuple[str, ...]:
    return tuple(signs[start : start + columns] for start in range(0, len(signs), columns))


class KeyRow(Block):
    """Keys as wide as a column of ``columns``; broad ones share what they leave. Without broad ones in the middle."""

    def __init__(self, keys: Sequence[Key], *, columns: int, gap: float) -> None:
        super().__init__()
        self.keys: list[Key] = list(keys)
        self.broad: list[Key] = []
        self.columns, self.gap = columns, gap
        for key in self.keys:
            self.add_widget(key)

    def widen(self, keys: Sequence[Key]) -> None:
        """Puts broad keys behind the others."""
        self.broad += keys
        for key in keys:
            self.add_widget(key)

    def set_height(self, height: float) -> None:
        """The least height of all keys."""
        for key in (*self.keys, *self.broad):
            key.least_height = height

    def share(self, width: float, count: int) -> float:
        """The width of one of ``count`` broad keys, where they are alike."""
        return (width - self._step(width) * len(self.keys) + self.gap) // max(1, count) - self.gap

    def holds(self, broad: Sequence[Key], width: float) -> bool:
        """Whether there is room for the words of these keys behind the others."""
        return sum(key.natural_width() for key in broad) <= self.share(width, len(broad)) * len(broad)

    def _shares(self, width: float) -> list[float]:
        """The width of each broad key: the same, or, where the word of one has no room then, what each word needs and
        the same part of the rest."""
        alike = self.share(width, len(self.broad))
        needs = [max(key.natural_width(), self._step(width) - self.gap) for key in self.broad]
        if all(need <= alike for need in needs):
            return [alike] * len(needs)
        return [need + alike - sum(needs) / len(needs) for need in needs]

    def _step(self, width: float) -> float:
        return (width + self.gap) // self.columns

    def height_for(self, width: float) -> float:
        own = self._step(width) - self.gap
        widths = [*((key, own) for key in self.keys), *zip(self.broad, self._shares(width), strict=True)]
        height = max(key.fit(across) for key, across in widths)
        for key, across in widths:
            key.fit(across, height)
        return height

    def arrange(self) -> None:
        used = sum(key.width + self.gap for key in (*self.keys, *self.broad)) - self.gap
        x = self.x + (self.width - used) // 2
        for key in (*self.keys, *self.broad):
            key.place(x, self.top)
            x += key.width + self.gap
