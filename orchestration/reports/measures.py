"""The figures of the leadership report: what is asked for, for which periods, in which order.

What belongs here: requests and the plain structures they fill. What does not: sentences (findings.py), drawings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from orchestration.area import Period
from orchestration.errors import ConfigurationError
from orchestration.reports.desk import Code, Desk, Sum, added

SEVERAL = ("2", "3", "4+")
MOST = ("4+",)
THEMES_SHOWN = 6  # what a half-page matrix can hold and still be read
MOVES_SHOWN = 7
TREND_QUARTERS = 12
EDGES = frozenset({"START", "END", "none", "other", "unknown"})


@dataclass(frozen=True)
class Headline:
    """One headline measure: its name, its value now and before, and its recent course by quarter.

    `whole` is False when a part of either value is hidden: the values mean 'at least', and are not compared.
    """

    key: str
    label: str
    now: int | None
    before: int | None
    whole: bool
    course: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Figures:
    """Everything the report says in numbers; each value is a published one, None a hidden one."""

    period: Period
    previous: Period | None
    headlines: tuple[Headline, ...]
    services_used: dict[Code, int | None]
    services_at_once: dict[Code, int | None]
    themes: dict[Code, int | None]
    pairs: dict[Code, int | None]
    entries: dict[Code, int | None]
    entering: int | None
    moves: dict[Code, int | None]
    months: tuple[tuple[str, int | None], ...]

    def headline(self, key: str) -> Headline:
        return next(h for h in self.headlines if h.key == key)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all may be shown for the period."""
        return all(h.now is None for h in self.headlines)


def choose_period(periods: Sequence[Period], *, code: str | None, data_to: date) -> Period:
    """Return the period asked for, or the newest reporting year whose end the data reach.

    Falls back to the newest year that has begun, for an area whose first year is not over.
    """
    if code is not None:
        for period in periods:
            if period.code == code:
                return period
        known = ", ".join(p.code for p in periods if p.level in ("year", "all"))
        raise ConfigurationError(
            f"There is no period '{code}' in the published snapshot: expected {known}, a quarter such as "
            f"{_first(periods, 'quarter')} or a month such as {_first(periods, 'month')}."
        )
    years = [period for period in periods if period.level == "year"]
    whole = [period for period in years if period.end <= data_to]
    begun = [period for period in years if period.start <= data_to]
    return (whole or begun or years[:1])[-1]


def previous_period(periods: Sequence[Period], period: Period) -> Period | None:
    """Return the period of the same length just before, if the window holds it."""
    before = [p for p in periods if p.level == period.level and p.end < period.start]
    return max(before, key=lambda p: p.end, default=None)


def _first(periods: Sequence[Period], level: str) -> str:
    return next((period.code for period in periods if period.level == level), "none")


def gather(desk: Desk, periods: Sequence[Period], *, period: Period, data_to: date) -> Figures:
    """Ask the gate for everything that the report needs."""
    previous = previous_period(periods, period)
    quarters = [p for p in periods if p.level == "quarter" and p.end <= period.end][-TREND_QUARTERS:]
    now = _Counts(desk, period)
    before = _Counts(desk, previous) if previous else None
    course = [(_short_label(quarter), _Counts(desk, quarter)) for quarter in quarters]
    labels = {
        "people": "People who used a service",
        "households": "Households that used a service",
        "several": "Used two or more services",
        "most": "Used four or more services",
        "several_at_once": "Two or more services at once",
        "most_at_once": "Four or more services at once",
    }
    headlines = tuple(
        Headline(
            key=key,
            label=label,
            now=now.values[key].value,
            before=before.values[key].value if before else None,
            whole=now.values[key].whole and (before is None or before.values[key].whole),
            course=tuple((name, counts.values[key].value) for name, counts in course),
        )
        for key, label in labels.items()
    )
    return Figures(
        period=period,
        previous=previous,
        headlines=headlines,
        services_used=now.used,
        services_at_once=now.at_once,
        themes=desk.cells("people", "theme", period=period.code),
        pairs=desk.cells("people_using_both", "theme_a", "theme_b", period=period.code),
        entries=desk.cells("entries", "entry_theme", period=period.code) if period.level in ("year", "all") else {},
        entering=desk.total("entries", period=period.code) if period.level in ("year", "all") else None,
        moves=desk.cells("transitions", "from_theme", "to_theme", period=period.code)
        if period.level != "month"
        else {},
        months=_months(desk, periods, period=period, data_to=data_to),
    )


class _Counts:
    """The six headline values of one period."""

    def __init__(self, desk: Desk, period: Period) -> None:
        self.used = desk.cells("people", "services_used", period=period.code)
        self.at_once = desk.cells("people", "services_at_once", period=period.code)
        people, households = (desk.total(measure, period=period.code) for measure in ("people", "households"))
        self.values = {
            "people": Sum(people, whole=True),
            "households": Sum(households, whole=True),
            "several": added(self.used, *SEVERAL),
            "most": added(self.used, *MOST),
            "several_at_once": added(self.at_once, *SEVERAL),
            "most_at_once": added(self.at_once, *MOST),
        }


def _months(
    desk: Desk, periods: Sequence[Period], *, period: Period, data_to: date
) -> tuple[tuple[str, int | None], ...]:
    """Return people by month up to the period's end; months after the data's end are no zeros, so they are left out."""
    cells = desk.cells("people", "month", period="all")
    last = min(period.end, data_to)
    months = [p for p in periods if p.level == "month" and p.start <= last]
    return tuple((f"{month.start:%b %Y}", cells.get((month.code,))) for month in months) if cells else ()


def _short_label(quarter: Period) -> str:
    return f"{quarter.start:%b} to {quarter.end:%b %Y}"
