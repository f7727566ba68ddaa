"""A day: the likely ones as a list, any other from a calendar of one month at a time."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from kiosk.dates import month_in_words
from kiosk.pages import ChooseDay, Option
from kiosk.texts import _
from screens.layout import Block, Column, Grid, Space
from screens.text import Text
from screens.theme import Rect
from screens.touch import Target
from screens.view import Paged, Setting, View, low, stack_pages
from screens.widgets import Button, ListRow, Pager

OTHER = "day:other"
ROW_HEIGHT = 34.0
"""Millimetres."""
MONTH_BEFORE, NEXT_MONTH = "month:before", "month:next"


class ChooseDayView(View):
    """Likely days, then the calendar; days that cannot be chosen are grey and cannot be pressed."""

    def __init__(self, setting: Setting, page: ChooseDay, draft: object) -> None:
        super().__init__(setting, page)
        self.page = page
        self.chosen = draft if isinstance(draft, date) else None
        self.in_calendar = not page.likely
        start = self.chosen or page.first
        self.month = date(start.year, start.month, 1)
        self.paged = Paged(setting.refresh)
        self.seek: date | None = start
        self.weeks = 0

    def unfinished(self) -> object:
        return self.month if self.in_calendar else None

    def resume(self, unfinished: object) -> None:
        if isinstance(unfinished, date):
            self.in_calendar, self.month, self.seek = True, unfinished, unfinished

    def answer(self, zone: Rect) -> Block:
        if self.in_calendar:
            return self._calendar(zone)
        look = self.look
        rows: list[ListRow] = []
        for option in self.page.likely:
            shown = replace(option, icon=option.icon or "calendar-today")
            rows.append(ListRow(look, self.gate, shown, self.press(option), chosen=option.value == self.chosen))
        if self.page.first < self.page.last:
            other = Option(value=OTHER, label=_("别的日子"), icon="calendar-month")
            rows.append(ListRow(look, self.gate, other, self._other))
        gap = look.size("gap")
        for row in rows:
            row.least_height = look.mm(ROW_HEIGHT)
        groups = stack_pages(rows, zone.width, zone.height, gap)
        if len(groups) == 1:
            return low(look, zone, rows, gap=gap)
        groups = stack_pages(rows, zone.width, zone.height - look.size("button") - gap, gap)
        at = self.paged.within(len(groups))
        pager = Pager(look, self.gate, at, len(groups), self.paged.turn)
        return low(look, zone, [*groups[at], pager], gap=gap)

    def back(self) -> bool:
        if self.in_calendar and self.page.likely:
            self.in_calendar = False
            return True
        return False

    @property
    def can_go_back(self) -> bool:
        return (self.in_calendar and bool(self.page.likely)) or self.head.can_go_back

    def _other(self) -> None:
        self.in_calendar = True
        self.setting.refresh()

    def _calendar(self, zone: Rect) -> Block:
        """A month; or as many weeks of it as the glass holds, and its keys turn to the next of them."""
        look, gap, between = self.look, self.look.size("key gap"), self.look.mm(5)
        names = [Text(look, name, "body", "soft", across="centre") for name in _("一 二 三 四 五 六 日").split()]
        heading = Grid(names, columns=7, gap=gap)
        weeks = Calendar().monthdatescalendar(self.month.year, self.month.month)
        used = Months(self, [weeks]).fit(zone.width) + between + heading.fit(zone.width) + look.mm(1)
        wanted, least = (look.mm(height) for height in ((26, 20) if look.care else (24, 16)))
        height = max(least, min(wanted, (zone.height - used + gap) // len(weeks) - gap))
        rows = [Grid([self._day(day, height) for day in week], columns=7, gap=gap) for week in weeks]
        row = max(grid.fit(zone.width) for grid in rows)
        each = max(1, min(len(weeks), int((zone.height - used + gap) // (row + gap))))
        groups = [weeks[start : start + each] for start in range(0, len(weeks), each)]
        if self.seek is not None:
            self.weeks = next(number for number, group in enumerate(groups) if any(self.seek in week for week in group))
            self.seek = None
        self.weeks %= len(groups)
        start = self.weeks * each
        days = Column(rows[start : start + each], gap=gap)
        months = Months(self, groups)
        return low(look, zone, [months, Column([heading, days], gap=look.mm(1))], gap=between)

    def _day(self, day: date, height: float) -> Block:
        if day.month != self.month.month:
            return Space()
        look = self.look
        possible = self.page.first <= day <= self.page.last
        key = Target(look, self.gate, day, self.reply(day))
        key.pad_x = key.pad_y = look.mm(1)
        key.least_height = height
        key.enabled = possible
        if not possible:
            key.fill, key.outline = "paper", None
        elif day == self.chosen:
            key.fill, key.outline, key.thick = "blush", "red", True
        else:
            key.outline = "edge"
        key.hold(
            Text(look, str(day.day), "strong" if possible else "body", "ink" if possible else "soft", across="centre")
        )
        return key

    def show(self, month: date, weeks: int) -> Callable[[], None]:
        """A press that turns the calendar. ``weeks`` counts groups of weeks from 0, from the last with -1."""

        def press() -> None:
            self.month, self.weeks = month, weeks
            self.setting.refresh()

        return press


class Months(Block):
    """The month's name between the two buttons that turn it, or its weeks where they are shown some at a time."""

    def __init__(self, view: ChooseDayView, groups: list[list[list[date]]]) -> None:
        super().__init__()
        look, page, month = view.look, view.page, view.month
        whole = len(groups) == 1
        before, after = _month_before(month), _month_after(month)

        def button(label: str, icon: str, means: str, turn: tuple[date, int] | None) -> Block:
            if turn is None:
                return Space(look.size("target"))
            last = means == NEXT_MONTH
            return Button(look, view.gate, means, view.show(*turn), label=label, icon=icon, icon_last=last, fill="card")

        to_left: tuple[date, int] | None = (before, -1) if before >= page.first.replace(day=1) else None
        to_right: tuple[date, int] | None = (after, 0) if after <= page.last else None
        if not whole and view.weeks > 0:
            to_left = (month, view.weeks - 1)
        if not whole and view.weeks < len(groups) - 1:
            to_right = (month, view.weeks + 1)
        self.before = button(_("上个月") if whole else _("往前"), "chevron-left", MONTH_BEFORE, to_left)
        title = month_in_words(month)
        self.title = Text(look, title, "heading", "ink", across="centre")
        self.after = button(_("下个月") if whole else _("往后"), "chevron-right", NEXT_MONTH, to_right)
        for block in (self.before, self.title, self.after):
            self.add_widget(block)

    def height_for(self, width: float) -> float:
        side = max(self.before.natural_width(), self.after.natural_width())
        self.before.fit(side)
        self.after.fit(side)
        self.title.fit(width - 2 * side)
        return max(float(block.height) for block in (self.before, self.title, self.after))

    def arrange(self) -> None:
        self.before.place(self.x, self.top)
        self.title.place(self.x + self.before.width, self.center_y + self.title.height / 2)
        self.after.place(self.right - self.after.width, self.top)


def _month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)


def _month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
