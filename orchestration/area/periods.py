"""The fixed, nested set of reporting periods: month in quarter in year in the whole window.

A period is the only way to say when; there are no free ranges, because two ranges that differ by a day would tell
the difference (docs/explanation/disclosure.md).
"""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Literal

from orchestration.errors import AreaPackError

Level = Literal["month", "quarter", "year", "all"]
MOST_MONTHS = 62  # a month mask is one signed 64-bit number


@dataclass(frozen=True)
class Period:
    """One reporting period: `month_mask` has bit i set for month index i of the window."""

    code: str
    label: str
    level: Level
    year_code: str
    first_month_index: int
    month_count: int
    start: date
    end: date

    @property
    def month_mask(self) -> int:
        return ((1 << self.month_count) - 1) << self.first_month_index


def add_months(month: date, count: int) -> date:
    """Return the first day of the month `count` months after `month`."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def periods(first_month: date, months: int) -> list[Period]:
    """Return every period of the window, months first, the whole window ('all') last.

    The window must be whole years that start with a calendar quarter, so that every period nests in the next.
    Codes: month 2025-03, quarter 2025-Q1, year Y2025 (the reporting year that starts in 2025), all.
    """
    if months % 12 or not 12 <= months <= MOST_MONTHS or first_month.month not in (1, 4, 7, 10):
        raise AreaPackError(
            f"reporting: {months} months from {first_month:%Y-%m} do not nest: give 12 to 60 months in whole years, "
            "from January, April, July or October."
        )
    found = [_period("month", first_month, index, 1) for index in range(months)]
    found += [_period("quarter", first_month, index, 3) for index in range(0, months, 3)]
    found += [_period("year", first_month, index, 12) for index in range(0, months, 12)]
    return [*found, _period("all", first_month, 0, months)]


def _period(level: Level, first_month: date, index: int, count: int) -> Period:
    start = add_months(first_month, index)
    end = last_day(add_months(start, count - 1))
    year_code = f"Y{add_months(first_month, index - index % 12).year}"
    code, label = {
        "month": (f"{start:%Y-%m}", f"{start:%B %Y}"),
        "quarter": (f"{start.year}-Q{(start.month - 1) // 3 + 1}", f"{start:%B} to {end:%B %Y}"),
        "year": (year_code, f"12 months to {end:%B %Y}"),
        "all": ("all", f"{start:%B %Y} to {end:%B %Y}"),
    }[level]
    return Period(code, label, level, "all" if level == "all" else year_code, index, count, start, end)
