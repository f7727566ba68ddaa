"""看和听: how large, in which colours, how low, whether read aloud, in which language. Each press shows at once.

The stage draws it over whatever page stands there, which is kept below; a press ends that page with ``Anew``, and where
the page comes again in the new manner, this stands over it again until 好了.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from kiosk.manner import Manner
from kiosk.pages import Option, Page
from kiosk.texts import _
from kiosk.voice import Voice
from screens.frame import FootButton
from screens.layout import Block
from screens.text import Text
from screens.theme import Rect, Style, Theme
from screens.view import Paged, Setting, View, low, stack_pages
from screens.widgets import Pager, Tile, tile_grid

DONE = "aids:done"


@dataclass(frozen=True, kw_only=True)
class Aids(Page[Manner]):
    """The question of how the screens are to be; answered by the manner after a press."""

    manner: Manner
    landscape: bool


def aids_page(manner: Manner, *, landscape: bool) -> Aids:
    """The page in the language that is spoken."""
    return Aids(
        name="aids",
        question=_("怎样看着、用着方便？"),
        hint=_("您走开以后，会变回原样。"),
        manner=manner,
        landscape=landscape,
    )


class AidsView(View):
    """Four text sizes in a row, in care mode two in a row; what can be switched on and off; and how loud it is read
    aloud."""

    def __init__(self, setting: Setting, page: Aids, close: Callable[[], None], voice: Voice) -> None:
        super().__init__(setting, page)
        self.page, self.close, self.voice = page, close, voice
        self.paged = Paged(setting.refresh)

    def answer(self, zone: Rect) -> Block:
        look, gap = self.look, self.look.size("gap")
        sizes, switches = list(_sizes(self.page.manner)), list(_switches(self.page))
        groups: list[list[Block]] = [[self._tiles(sizes, self._columns(sizes, zone.width)), self._tiles(switches, 2)]]
        if self.page.manner.listen and self.voice.volume:
            groups[0].append(self._volume())
        room = zone.height - look.size("button") - 2 * gap
        if sum(block.fit(zone.width) + gap for block in groups[0]) > zone.height:
            groups = stack_pages(groups[0], zone.width, room, gap)
        at = self.paged.within(len(groups))
        blocks: list[Block] = [*groups[at]]
        if len(groups) > 1:
            blocks.append(Pager(look, self.gate, at, len(groups), self.paged.turn))
        return low(look, zone, blocks, gap=gap + look.mm(2))

    def _columns(self, sizes: list[tuple[Option[str], Manner, bool]], width: float) -> int:
        """All in a row, where words and tick have room in a quarter of it."""
        look = self.look
        longest = max(Text(look, option.label, "strong").natural_width() for option, _manner, _chosen in sizes)
        quarter = (width - 3 * look.size("gap")) / 4
        return 4 if longest + 2 * (look.size("icon") + look.mm(3)) <= quarter else 2

    def _volume(self) -> Block:
        """Softer and louder; each says itself, so that it is heard."""
        turns = {_("小点声"): (self.voice.softer, "volume-minus"), _("大点声"): (self.voice.louder, "volume-plus")}
        options = [Option(value=f"aids:{icon}", label=label, icon=icon) for label, (_turn, icon) in turns.items()]

        def press(option: Option[str]) -> Callable[[], None]:
            def turn() -> None:
                turns[option.label][0]()
                self.voice.say([option.label])

            return turn

        return tile_grid(self.look, self.gate, options, press, columns=2, beside=True)

    def foot(self, usual: Sequence[FootButton]) -> Sequence[FootButton]:
        help_wanted = [button for button in usual if button.means == "foot:help"]
        return [*help_wanted, FootButton(means=DONE, label=_("好了"), icon="check", fill="red", press=self.close)]

    def _tiles(self, choices: list[tuple[Option[str], Manner, bool]], columns: int) -> Block:
        after = {option.value: manner for option, manner, _chosen in choices}
        grid = tile_grid(
            self.look, self.gate, [option for option, _manner, _chosen in choices],
            lambda option: self.reply(after[option.value]), columns=columns,
            chosen=[option.value for option, _manner, chosen in choices if chosen], beside=columns == 2,
        )  # fmt: skip
        for tile in grid.blocks:
            if isinstance(tile, Tile):
                tile.least_height = self.look.size("button" if self.look.care else "tile")
                tile.label.style = self._as_it_would_be(after[str(tile.means)], tile.label.style)
        return grid

    def _as_it_would_be(self, manner: Manner, usual: Style) -> Style:
        """A text size is written in itself; in one that is smaller than the present one nothing is written."""
        there = Theme(self.look.panel, self.look.diagonal, manner).style("strong")
        return there if there.em > usual.em else usual


def _sizes(manner: Manner) -> Iterator[tuple[Option[str], Manner, bool]]:
    """The four text sizes; the two large ones are care mode's."""
    for value, label, care, larger in (
        ("usual", _("标准"), False, False),
        ("large", _("大字"), False, True),
        ("care", _("特大"), True, False),
        ("largest", _("最大"), True, True),
    ):
        after = replace(manner, care=care, larger=larger)
        yield Option(value=f"aids:{value}", label=label), after, after == manner


def _switches(page: Aids) -> Iterator[tuple[Option[str], Manner, bool]]:
    manner = page.manner
    dark = replace(manner, contrast=not manner.contrast)
    yield Option(value="aids:contrast", label=_("黑底白字"), icon="contrast-box"), dark, manner.contrast
    if not page.landscape:
        lower = replace(manner, low=not manner.low)
        yield Option(value="aids:low", label=_("按钮放低"), icon="human-wheelchair"), lower, manner.low
    aloud = replace(manner, listen=not manner.listen)
    yield Option(value="aids:listen", label=_("读给我听"), icon="ear-hearing"), aloud, manner.listen
    other = replace(manner, language="en" if manner.language == "zh" else "zh")
    label = "English" if manner.language == "zh" else "中文"
    yield Option(value="aids:language", label=label, icon="translate"), other, False
