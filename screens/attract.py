"""The page of an empty hall: the centre's name, the time, what can be done here, and how to begin. Still, on paper as
light as the home page, so that nobody takes the machine for switched off and nothing flashes when it is touched.

The whole glass is one target: a touch anywhere leads home and presses nothing that stands there. Once a minute, with
the time, everything stands a little higher or lower, so that no letter burns into a panel that is on all day.
"""

from __future__ import annotations

from datetime import datetime

from kiosk.dates import day_of_the_week
from kiosk.pages import Attract, Row
from screens.frame import state_that_fits
from screens.layout import Block, Column, Space
from screens.layout import Row as Beside
from screens.surface import Surface
from screens.text import Icon, Text
from screens.theme import HAN_HEIGHT, Rect, Style
from screens.touch import Target
from screens.view import Setting, View

WAKE = "wake"
CLOCK_HEIGHTS = (46.0, 24.0)
"""Millimetres of the time's figures, and where there is less room."""
PLACES, STEP = 5, 5.0
"""Places that everything takes in turn, and millimetres from one to the next."""


class AttractView(View):
    """Drawn anew with each minute, and when there is other news of the machine."""

    def __init__(self, setting: Setting, page: Attract) -> None:
        super().__init__(setting, page)
        self.page = page
        self._drawn_for: object = None

    @property
    def whole(self) -> bool:
        return True

    def answer(self, zone: Rect) -> Block:
        look, margin = self.look, self.look.size("margin")
        now, status = self.setting.now(), self.setting.status()
        self._drawn_for = _minute(now), status
        target = Target(look, self.gate, WAKE, self.reply(None))
        target.fill, target.outline, target.pad_x, target.pad_y = "paper", None, margin, margin
        inner, room = zone.width - 2 * margin, zone.height - 2 * margin
        state = Beside([state_that_fits(look, status, inner)], across="centre")
        lower, path = look.mm(now.minute % PLACES * STEP), look.mm((PLACES - 1) * STEP)
        room -= state.fit(inner) + look.size("gap") + path
        words = self._words(inner, room, now)
        above = max(0.0, room - words.fit(inner)) / 2
        target.hold(Column([Space(above + lower), words, Space(grows=1), state, Space(path - lower)], grows=1))
        return target

    def passed(self, seconds: float) -> None:
        if self._drawn_for != (_minute(self.setting.now()), self.setting.status()):
            self.setting.refresh()

    def _words(self, width: float, room: float, now: datetime) -> Column:
        """All there is to say; on a low glass with a smaller time, or without what can be done here."""
        offers, (large, small) = self.page.offers, CLOCK_HEIGHTS
        for height, shown in ((large, offers), (small, offers), (large, ())):
            words = Column(self._lines(width, now, height, shown))
            if words.fit(width) <= room:
                return words
        return Column(self._lines(width, now, small, ()))

    def _lines(self, width: float, now: datetime, clock_height: float, offers: tuple[Row, ...]) -> list[Block]:
        look, page = self.look, self.page
        clock = Text(look, now.strftime("%H:%M"), "title", "ink", across="centre")
        em = round(clock_height * look.px_per_mm / HAN_HEIGHT)
        clock.style = Style(em=em, line=round(em * 1.15), weight="regular")
        lines: list[Block] = [
            Text(look, page.place, "title", "ink", across="centre"),
            Space(look.mm(6)),
            clock,
            Text(look, day_of_the_week(now), "body", "soft", across="centre"),
            Space(look.mm(12)),
        ]
        for offer in offers:
            lines.append(Text(look, offer.label, "strong", "ink", across="centre"))
            lines += [Text(look, offer.value, "body", "soft", across="centre"), Space(look.mm(4))]
        lines += [Space(look.mm(8)), Beside([self._start(width)], across="centre")]
        for line in page.also:
            lines += [Space(look.mm(4)), Text(look, line, "body", "soft", across="centre")]
        return lines

    def _start(self, width: float) -> Surface:
        """What to do, as the picture of a red button: the whole glass is what can be pressed."""
        look = self.look
        button = _Picture(look)
        button.fill, button.outline = "red", None
        button.pad_x, button.pad_y = look.mm(10), look.mm(7)
        icon = Icon(look, "gesture-tap", "great icon", "white")
        words = Text(look, self.page.question, "heading", "white", across="centre")
        room = width - 2 * button.pad_x - icon.side - look.mm(4)
        if words.natural_width() > room:
            button.hold(Text(look, self.page.question, "heading", "white", across="centre"))
            button.widest = width
        else:
            button.hold(Beside([icon, words], gap=look.mm(4)))
        return button


class _Picture(Surface):
    """As wide as what is on it; or ``widest``, where that is wider than the glass."""

    widest = 0.0

    def natural_width(self) -> float:
        return self.widest or super().natural_width()


def _minute(now: datetime) -> tuple[int, int, int, int]:
    return now.month, now.day, now.hour, now.minute
