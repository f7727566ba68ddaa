"""A day: the likely ones as a list, any other from a calendar of one month at a time."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from kiosk.pages import ChooseDay, Option
from kiosk.texts import _
from screens.layout import Block, Column, Grid, Space
from screens.text import Text
from screens.theme import Rect
from screens.touch import Target
from screens.view import Setting, View, low
from screens.widgets import Button, ListRow

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
        for row in rows:
            row.least_height = look.mm(ROW_HEIGHT)
        return low(look, zone, rows, gap=look.size("gap"))

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
        look, page = self.look, self.page
        gap = look.size("key gap")
        title = _("{year} 年 {month} 月").format(year=self.month.year, month=self.month.month)
        before, after = _month_before(self.month), _month_after(self.month)
        months = Months(
            self, title,
            before if before >= page.first.replace(day=1) else None, after if after <= page.last else None,
        )  # fmt: skip
        names = [Text(look, name, "body", "soft", across="centre") for name in _("一 二 三 四 五 六 日").split()]
        weeks = Calendar().monthdatescalendar(self.month.year, self.month.month)
        days: list[Block] = [self._day(day) for week in weeks for day in week]
        grid = Grid(days, columns=7, gap=gap)
        return low(
            look, zone, [months, Column([Grid(names, columns=7, gap=gap), grid], gap=look.mm(1))], gap=look.mm(5)
        )

    def _day(self, day: date) -> Block:
        if day.month != self.month.month:
            return Space()
        look = self.look
        possible = self.page.first <= day <= self.page.last
        key = Target(look, self.gate, day, self.reply(day))
        key.pad_x = key.pad_y = look.mm(1)
        key.least_height = look.mm(24 if not look.care else 26)
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

    def show_month(self, month: date) -> Callable[[], None]:
        """A press that turns the calendar."""

        def press() -> None:
            self.month = month
            self.setting.refresh()

        return press


class Months(Block):
    """The month's name between the two buttons that turn it."""

    def __init__(self, view: ChooseDayView, title: str, before: date | None, after: date | None) -> None:
        super().__init__()
        look = view.look

        def button(label: str, icon: str, means: str, month: date | None) -> Block:
            if month is None:
                return Space(look.size("target"))
            return Button(look, view.gate, means, view.show_month(month), label=label, icon=icon, fill="card")

        self.before = button(_("上个月"), "chevron-left", MONTH_BEFORE, before)
        self.title = Text(look, title, "heading", "ink", across="centre")
        self.after = button(_("下个月"), "chevron-right", NEXT_MONTH, after)
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
