"""The widgets that pages are made of, each drawn once: buttons, tiles, rows of a list, cards, fields, pages of a list.

Each is a ``Surface`` or a ``Target`` with something on it; how they look is here, where they stand is the page's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from typing import TypeVar

from kivy.graphics import Color, Rectangle

from kiosk.pages import Mood, Option, Row
from kiosk.texts import _
from screens.layout import Across, Block, Column, Grid, Space
from screens.layout import Row as Beside
from screens.surface import Surface
from screens.text import Icon, Text
from screens.theme import ColourName, SizeName, StyleName, Theme
from screens.tiles import Level, Tiles, whole_word_columns
from screens.touch import DOUBLE_KEY, Gate, Target
from screens.zones import answer_width

T = TypeVar("T")

CLOSE = 1.15
"""From line to line of two words on one button, and of a word below its icon, of the em."""

KEY_SPACING = 1.1
"""Of the em: a key has one line."""
PAGE_BEFORE, NEXT_PAGE = "page:before", "page:next"
COVERED = "＊＊＊＊"
"""What stands in a private value's place."""

MOODS: dict[Mood, tuple[str, ColourName]] = {
    "plain": ("information-outline", "ink"),
    "done": ("check-circle", "green"),
    "wait": ("clock-outline", "amber"),
    "trouble": ("alert-circle-outline", "amber"),
}
"""Icon and colour of a mood."""


class Button(Target):
    """A broad button: icon and words in the middle, on sand, white or red.

    ``stacked`` is the size of an icon that stands above the words instead.
    """

    def __init__(
        self,
        look: Theme,
        gate: Gate,
        means: object,
        press: Callable[[], None],
        *,
        label: str,
        icon: str = "",
        note: str = "",
        fill: ColourName = "sand",
        style: StyleName = "body",
        least: float = 0.0,
        enabled: bool = True,
        icon_last: bool = False,
        stacked: SizeName | None = None,
    ) -> None:
        super().__init__(look, gate, means, press)
        self.enabled = enabled
        self.fill = fill if enabled else "sand"
        self.ready_outline: ColourName | None = (
            "edge" if fill in {"card", "paper"} or (look.care and fill != "red") else None
        )
        self._mark_ready()
        self.pad_x = look.mm(5)
        self.pad_y = look.mm(3)
        self.least_height = least or look.size("button")
        ink: ColourName = "white" if self.fill == "red" else "ink" if enabled else "soft"
        words = Text(look, label, style, ink, across="centre")
        self.words, self.ready_fill = words, fill
        line: Block = words
        if icon:
            colour: ColourName = "white" if self.fill == "red" else "red" if enabled else "soft"
            drawn = Icon(look, icon, stacked or "icon", colour)
            if stacked is not None:
                self.pad_x, self.pad_y = look.mm(2), look.mm(2.5)
                words.style = replace(words.style, line=round(words.style.em * CLOSE))
                line = Column([Beside([drawn], across="centre"), words])
            else:
                line = Beside([words, drawn] if icon_last else [drawn, words], gap=look.mm(2.5), across="centre")
        if note:
            self.hold(Column([line, Text(look, note, "body", ink, across="centre")], gap=look.mm(1)))
        else:
            self.hold(line)

    def height_for(self, width: float) -> float:
        """One line where it fits, else as many as it takes."""
        self.words.grows = 0
        if self.natural_width() > width:
            self.words.grows = 1
        return super().height_for(width)

    def _mark_ready(self) -> None:
        """What cannot be pressed has the dashed edge of everything that cannot."""
        self.outline, self.dashed = (self.ready_outline, False) if self.enabled else ("soft", True)

    def break_words(self) -> None:
        """Sets its words in two close lines, where one would not fit. For buttons without an icon."""
        words = self.words.text.split(" ")
        splits = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
        if splits:
            self.pad_y = self.look.mm(1.5)
            self.words.style = replace(self.words.style, line=round(self.words.style.em * CLOSE))
            self.words.say("\n".join(min(splits, key=lambda lines: max(map(len, lines)))))

    def words_height(self) -> float:
        """The height that icon and words need, where each of their lines has room."""
        line = self.content or self.words
        return line.fit(line.natural_width()) + 2 * self.pad_y

    def enable(self, enabled: bool) -> None:
        """Lets it be pressed, or not. For buttons without an icon."""
        if enabled != self.enabled:
            self.enabled = enabled
            self.fill = self.ready_fill if enabled else "sand"
            self._mark_ready()
            self.words.recolour("white" if self.fill == "red" else "ink" if enabled else "soft")
            self.dress()


class Tile(Level):
    """A tile of a grid: icon above, words below, in the middle; or ``beside`` it, lower. ``chosen`` is ticked, which
    ``ticks`` says that it can be. ``long`` words without an icon leave no corner for the tick: it stands above them."""

    def __init__(
        self,
        look: Theme,
        gate: Gate,
        option: Option[T],
        press: Callable[[], None],
        *,
        chosen: bool = False,
        large: bool = False,
        beside: bool = False,
        ticks: bool = False,
        long: bool = False,
    ) -> None:
        super().__init__(look, gate, option.value, press)
        self.enabled = option.enabled
        self.pad_x = look.mm(2.5)
        self.pad_y = look.mm(4)
        ink: ColourName = "ink" if option.enabled else "soft"
        if not option.enabled:
            self.fill, self.outline, self.dashed = "sand", "soft", True
        elif chosen:
            self.fill, self.outline, self.thick = "blush", "red", True
        across: Across = "left" if beside else "centre"
        self.label = Text(look, option.label, "heading" if large else "strong", ink, across=across)
        self.words = [self.label]
        if option.note:
            # Under the finger a chosen one is darker than soft ink allows.
            self.words.append(Text(look, option.note, "body", "ink" if chosen else "soft", across=across))
        size: SizeName = "list icon" if beside else "great icon" if large else "large icon"
        icon = [Icon(look, option.icon, size, "red" if option.enabled else "soft")] if option.icon else []
        self.beside_words = 0.0
        if beside:
            self.pad_x, self.pad_y, gap = look.mm(3 if look.manner.larger else 5), look.mm(3), look.mm(2)
            room = [Space(across=look.size("icon"))] if chosen or ticks else []  # for the tick
            self.hold(Beside([*icon, Column(self.words, grows=1), *room], gap=gap))
            self.beside_words = sum(block.natural_width() + gap for block in (*icon, *room))
        elif icon:
            self.hold(Column([Beside(icon, across="centre"), *self.words], gap=look.mm(3 if large else 1.5)))
        elif chosen and long:
            tick = Beside([Icon(look, "check-circle", "icon", "red")], across="centre")
            self.hold(Column([tick, *self.words], gap=look.mm(1)))
        else:
            self.hold(Column(self.words, gap=look.mm(1.5)))
        self.beside, self.ticked = beside, chosen
        in_corner = chosen and (beside or not long or bool(icon))
        self.tick = Icon(look, "check-circle", "icon", "red") if in_corner else None
        if self.tick is not None:
            self.add_widget(self.tick)

    def arrange(self) -> None:
        if self.beside:
            self.in_row = 0.0  # its icon stands in the middle
        super().arrange()
        if self.tick is not None:
            self.tick.fit(self.tick.side)
            inset = self.pad_x if self.beside else self.look.mm(3)
            top = self.center_y + self.tick.height / 2 if self.beside else self.top - inset
            self.tick.place(self.right - inset - self.tick.width, top)

    def least_width(self, *, smaller: bool = False) -> float:
        return super().least_width(smaller=smaller) + self.beside_words


class ListRow(Target):
    """A line of a list: icon, words with a quieter line below, an arrow, which leaves its place to long words where
    ``bare``."""

    def __init__(
        self, look: Theme, gate: Gate, option: Option[T], press: Callable[[], None], *,
        chosen: bool = False, bare: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(look, gate, option.value, press)
        self.enabled, self.ticked = option.enabled, chosen
        self.pad_x, self.pad_y = look.mm(8), look.mm(3 if look.care and look.low else 4)
        self.least_height = look.size("button")
        ink: ColourName = "ink" if option.enabled else "soft"
        quiet: ColourName = "soft"
        mark: ColourName = "red" if option.enabled else "soft"
        if not option.enabled:
            self.fill, self.outline, self.dashed = "sand", "soft", True
        elif option.primary:
            self.fill, self.outline = "red", None
            ink = quiet = mark = "white"
        elif chosen:
            self.fill, self.outline, self.thick = "blush", "red", True
            quiet = "ink"  # under the finger it is darker than soft ink allows
        self.label = Text(look, option.label, "strong", ink)
        words: list[Block] = [self.label]
        if option.note:
            words.append(Text(look, option.note, "body", quiet))
        line: list[Block] = [Icon(look, option.icon, "list icon", mark)] if option.icon else []
        line.append(Column(words, gap=look.mm(0.5), grows=1))
        if option.enabled and not bare:
            line.append(Icon(look, "check-circle" if chosen else "chevron-right", "icon", mark))
        self.hold(Beside(line, gap=look.mm(5)))


class Key(Target):
    """A key of a pad. Two quick touches on one key are two."""

    def __init__(
        self, look: Theme, gate: Gate, means: object, press: Callable[[], None], *, label: str = "", icon: str = "",
        style: StyleName | None = None,
    ) -> None:  # fmt: skip
        super().__init__(look, gate, means, press, apart=DOUBLE_KEY)
        self.pad_x = self.pad_y = look.mm(1)
        self.least_height = look.size("key")
        self.outline = "edge"
        parts: list[Block] = [Icon(look, icon, "icon", "red")] if icon else []
        self.words: Text | None = None
        if label:
            usual: StyleName = "key" if len(label) == 1 else "body"
            self.words = Text(look, label, style or usual, "ink", across="centre")
            self.words.style = replace(self.words.style, line=round(self.words.style.em * KEY_SPACING))
            parts.append(self.words)
        self.parts = Beside(parts, gap=look.mm(2), across="centre")
        self.hold(self.parts)

    def height_for(self, width: float) -> float:
        """Where icon and words have no room side by side, the words stand alone, if that leaves them in one line."""
        beside = self.words is not None and self.content is self.parts and self.natural_width() > width
        if beside and self.words is not None and self.words.natural_width() + 2 * self.pad_x <= width:
            self.parts.clear_widgets()
            self.remove_widget(self.parts)
            self.hold(self.words)
        return super().height_for(width)


class Field(Surface):
    """Where something is entered, or stands that was."""

    def __init__(self, look: Theme, content: Block, *, pad_y: float = 3.0) -> None:
        super().__init__(look)
        self.outline = "edge"
        self.pad_y = look.mm(pad_y)
        self.least_height = look.size("button")
        self.hold(content)


class Card(Surface):
    """White paper with something to read on it."""

    def __init__(self, look: Theme, content: Block, *, fill: ColourName = "card") -> None:
        super().__init__(look)
        self.fill = fill
        self.outline = "line" if fill == "card" else None
        self.pad_y = look.mm(5)
        self.hold(content)


class Problem(Surface):
    """What went wrong with the last try: one cause, one instruction."""

    def __init__(self, look: Theme, words: str) -> None:
        super().__init__(look)
        self.outline, self.thick = "amber", True
        self.pad_x, self.pad_y = look.mm(6), look.mm(4)
        self.hold(
            Beside([Icon(look, "alert-circle-outline", "icon", "amber"), Text(look, words, grows=1)], gap=look.mm(4))
        )


class Rule(Block):
    """A hairline between rows."""

    def __init__(self, look: Theme) -> None:
        super().__init__()
        self.look = look

    def height_for(self, width: float) -> float:
        return self.look.size("border")

    def arrange(self) -> None:
        self.canvas.clear()
        with self.canvas:
            Color(*self.look.colour("line"))
            Rectangle(pos=self.pos, size=self.size)


class Record(Block):
    """Something of a record. ``private``: it has a value that can be covered."""

    private = False


class FactRow(Record):
    """Label left, value right, or below where both do not fit in one row. The lines of a long value begin under each
    other. Private values can be covered."""

    def __init__(self, look: Theme, row: Row, *, covered: bool = False, strong: bool = False) -> None:
        super().__init__()
        self.look = look
        self.air = look.mm(3)
        self.private = row.private
        self.covered = covered and row.private
        value = COVERED if self.covered else row.value
        self.label = Text(look, row.label, "body", "soft")
        self.value = Text(look, value, "strong" if strong else "body", "ink", across="right")
        self.add_widget(self.label)
        self.add_widget(self.value)
        self.stacked = False

    def height_for(self, width: float) -> float:
        gap, air = self.look.mm(4), self.air
        label = self.label.natural_width()
        beside = width - label - gap
        self.stacked = self.value.natural_width() > beside and (
            label > width * 0.4 or self.value.widest_word() > beside
        )
        if self.stacked:
            self.value.across = "left"
            return self.label.fit(width) + self.value.fit(width) + 2 * air
        self.label.fit(label)
        self.value.across = "right"
        if self.value.fit(beside) > self.value.style.line:
            self.value.across = "left"
            self.value.fit(ceil(max(map(self.value.measure, self.value.lines))) + 1)
        return max(float(self.label.height), float(self.value.height)) + 2 * air

    def arrange(self) -> None:
        top = self.top - self.air
        self.label.place(self.x, top)
        if self.stacked:
            self.value.place(self.x, top - self.label.height)
        else:
            self.value.place(self.right - self.value.width, top)


def ruled(look: Theme, rows: Sequence[Block]) -> Column:
    """Rows with hairlines between them."""
    return Column([block for row in rows for block in (Rule(look), row)][1:])


class Notes(Column):
    """Paragraphs."""

    def __init__(
        self, look: Theme, paragraphs: Sequence[str], *,
        colour: ColourName = "ink", across: Across = "left", style: StyleName = "body", gap: float = 2.0,
    ) -> None:  # fmt: skip
        super().__init__(
            [Text(look, paragraph, style, colour, across=across) for paragraph in paragraphs], gap=look.mm(gap)
        )


def numbered(look: Theme, heading: str, steps: Sequence[str]) -> list[Block]:
    """Steps under a heading (接下来), numbered where there are several."""
    blocks: list[Block] = [Text(look, heading, "strong", "ink")]
    if len(steps) == 1:
        return [*blocks, Text(look, steps[0], "body", "ink")]
    for number, step in enumerate(steps, 1):
        figure = Text(look, str(number), "body", "ink")
        blocks.append(_Step(look, figure, Text(look, step, "body", "ink")))
    return blocks


class _Step(Block):
    def __init__(self, look: Theme, figure: Text, words: Text) -> None:
        super().__init__()
        self.indent = look.mm(4) + figure.style.em // 2
        self.figure, self.words = figure, words
        self.add_widget(figure)
        self.add_widget(words)

    def height_for(self, width: float) -> float:
        self.figure.fit(self.indent)
        return self.words.fit(width - self.indent)

    def arrange(self) -> None:
        self.figure.place(self.x, self.top)
        self.words.place(self.x + self.indent, self.top)


class Pager(Block):
    """上一页 · 第 1 页，共 3 页 · 下一页. Never hidden scrolling."""

    def __init__(self, look: Theme, gate: Gate, page: int, pages: int, turn: Callable[[int], None]) -> None:
        super().__init__()

        def button(label: str, icon: str, to: int, means: str) -> Block:
            if not 0 <= to < pages:
                return Space(look.size("target"))
            return Button(
                look, gate, means, lambda: turn(to), label=label, icon=icon, fill="card", least=look.size("target"),
                icon_last=to > page,
            )  # fmt: skip

        before = button(_("上一页"), "chevron-left", page - 1, PAGE_BEFORE)
        after = button(_("下一页"), "chevron-right", page + 1, NEXT_PAGE)
        words = _("第 {page} 页，共 {pages} 页").format(page=page + 1, pages=pages)
        place = Text(look, words, "body", "soft", across="centre")
        self.in_figures = f"{page + 1} / {pages}"
        self.three: tuple[Block, Text, Block] = (before, place, after)
        for block in self.three:
            self.add_widget(block)
        self.space = look.size("gap")

    def natural_width(self) -> float:
        return 0.0

    def height_for(self, width: float) -> float:
        before, place, after = self.three
        left, right = before.natural_width(), after.natural_width()
        if place.natural_width() > width - 2 * (max(left, right) + self.space):
            place.text = self.in_figures
        else:
            left = right = max(left, right)
        place.fit(max(0.0, width - left - right - 2 * self.space))
        height = max(float(place.height), before.fit(left), after.fit(right))
        before.fit(left, height)
        after.fit(right, height)
        return height

    def arrange(self) -> None:
        before, place, after = self.three
        before.place(self.x, self.top)
        place.place(before.right + self.space, self.center_y + place.height / 2)
        after.place(self.right - after.width, self.top)


def actions_block(look: Theme, quiet: Sequence[Button], loud: Sequence[Button], *, width: float = 0) -> Column | None:
    """Quiet actions two in a row where their words fit, the loud ones below, over the whole width; a single loud one
    takes the place that an odd number of quiet ones leaves. On a panel that lies across, which is short of height, all
    side by side where they fit. ``width``: where it is not the answer zone's."""
    gap, width, every = look.size("gap"), width or answer_width(look), [*quiet, *loud]

    def fit_beside(buttons: Sequence[Button], columns: int) -> bool:
        share = (width - gap * (columns - 1)) / max(1, columns)
        return len(buttons) > 1 and all(button.natural_width() <= share for button in buttons)

    if look.landscape and fit_beside(every, len(every)):
        return Column([Grid(every, columns=len(every), gap=gap)])
    if len(quiet) > 2 and len(quiet) % 2 and len(loud) == 1 and fit_beside(every, 2):
        return Column([Grid(every, columns=2, gap=gap)])
    blocks: list[Block] = [Grid(quiet, columns=2, gap=gap)] if fit_beside(quiet, 2) else [*quiet]
    blocks += loud
    return Column(blocks, gap=gap) if blocks else None


def option_button(look: Theme, gate: Gate, option: Option[T], press: Callable[[], None]) -> Button:
    """An option as a broad button."""
    return Button(
        look, gate, option.value, press, label=option.label, icon=option.icon, note=option.note,
        fill="red" if option.primary else "card", style="strong" if option.primary else "body", enabled=option.enabled,
    )  # fmt: skip


def headline(look: Theme, icon: str, colour: ColourName, words: str, hints: Sequence[str]) -> Column:
    """A large icon and a sentence below it, in the middle of the panel."""
    sentence = Text(look, words, "title", "ink", across="centre")
    blocks: list[Block]
    if (look.landscape or look.low) and look.care and look.manner.larger:
        blocks = [sentence]
    elif look.low or look.landscape:
        blocks = [Beside([Icon(look, icon, "list icon", colour)], across="centre"), sentence]
    else:
        above = Space(look.mm(16 if look.care else 34))
        blocks = [above, Beside([Icon(look, icon, "huge icon", colour)], across="centre"), Space(look.mm(6)), sentence]
    blocks += [Text(look, hint, "body", "soft", across="centre") for hint in hints]
    return Column(blocks, gap=look.mm(1))


def tile_grid(
    look: Theme, gate: Gate, options: Sequence[Option[T]], press: Callable[[Option[T]], Callable[[], None]], *,
    columns: int, chosen: Sequence[T] | None = None, grows: float = 0, row_limit: float = 0,
    large: bool = False, beside: bool = False, fewer: bool = False, long: bool = False,
) -> Tiles:  # fmt: skip
    """Options as tiles. ``chosen``: they can be ticked, and these are.

    They stand in fewer columns of the answer zone where a word would be cut, and with ``fewer`` where one would have to
    be written smaller; in a single column with the icon beside the words.
    """

    def made(*, large: bool, beside: bool) -> list[Tile]:
        return [
            Tile(
                look, gate, option, press(option), chosen=option.value in (chosen or ()),
                large=large, beside=beside, ticks=chosen is not None, long=long,
            )
            for option in options
        ]  # fmt: skip

    tiles = made(large=large, beside=beside)
    columns = whole_word_columns(look, tiles, columns, smaller=not fewer)
    if columns == 1 and not beside:
        tiles, beside = made(large=False, beside=True), True
    for tile in tiles:
        tile.least_height = look.size("button" if beside else "tile")
        if columns == 1:
            tile.pad_x = look.size("pad")
    return Tiles(tiles, columns=columns, gap=look.size("gap"), grows=grows, row_limit=row_limit)
