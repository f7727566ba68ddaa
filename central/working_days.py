"""Working days (工作日): the week, with the holidays of the year as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Self

from pydantic import ConfigDict, RootModel, model_validator

from central.toml_files import Part, read_toml

BUILT_IN = Path(__file__).with_name("holidays.toml")
SATURDAY = 5


class BadHolidays(Exception):
    """The file cannot be used: ``FILE: year: what is allowed``."""


@dataclass(frozen=True, kw_only=True)
class WorkingDays:
    """Which days are worked: Monday to Friday, but for ``off`` and with ``worked``."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_one(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)

    def after(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, which itself is not counted (民法典 art. 201)."""
        while count:
            day += timedelta(days=1)
            count -= self.is_one(day)
        return day


class _Year(Part):
    off: tuple[date, ...]
    worked: tuple[date, ...]


class _File(RootModel[dict[str, _Year]]):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    @model_validator(mode="after")
    def _each_where_it_belongs(self) -> Self:
        for name, year in self.root.items():
            for day in (*year.off, *year.worked):
                if str(day.year) != name:
                    raise ValueError(f"{day} stands under {name}")
            if strays := [day for day in year.off if day.weekday() >= SATURDAY]:
                raise ValueError(f"{strays[0]} is off by the week")
            if strays := [day for day in year.worked if day.weekday() < SATURDAY]:
                raise ValueError(f"{strays[0]} is worked by the week")
        return self


def load_working_days(file: Path = BUILT_IN) -> WorkingDays:
    """Reads the file. Raises BadHolidays."""
    years = read_toml(file, _File, BadHolidays).root.values()
    return WorkingDays(
        off=frozenset(day for year in years for day in year.off),
        worked=frozenset(day for year in years for day in year.worked),
    )
