"""Dates of birth as partners write them: one format a column, decided by the whole column and never guessed.

What belongs here: which formats are tried, and the century of a year of two digits. What does not: which dates are
placeholders (`identifiers`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from orchestration.errors import LandingError
from orchestration.feeds import values

BIRTH_FORMATS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d%m%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%m-%y",
    "%d.%m.%y",
    "%d-%b-%y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
)
"""Tried where no format is given. American order is among them so that it is seen, and not read as British."""
CENTURY = 100


class UndecidedDatesError(LandingError):
    """The dates of birth can be read in several ways, or in none."""


@dataclass(frozen=True)
class BirthDates:
    """How a column of dates of birth is read.

    A year of two digits lies in the hundred years from `pivot`; where that is None, in those that end on `today`.
    """

    form: str
    today: dt.date
    pivot: int | None = None
    is_typed: bool = False

    def read(self, text: pl.Expr) -> pl.Expr:
        """Return the dates; null where the text does not fit. Dates after today are left to be told as such."""
        found = values.date(text, self.form, is_typed=self.is_typed, pivot=self.pivot)
        if self.pivot is not None or "%y" not in self.form:
            return found
        return pl.when(found > self.today).then(found.dt.offset_by(f"-{CENTURY}y")).otherwise(found)


def decide(
    counted: pl.DataFrame, formats: Sequence[str], *, column: str, today: dt.date, pivot: int | None, is_typed: bool
) -> BirthDates:
    """Return how to read a column, of which `counted` has each different `text` with its `rows`.

    The format that reads most rows holds for all of them. Raises UndecidedDatesError where two that differ read equally
    many, or none reads any; its message quotes no date.
    """
    ways = [BirthDates(form, today, pivot, is_typed) for form in formats]
    if len(ways) == 1:
        return ways[0]
    given = counted.filter(values.missing_reason(pl.col("text")).is_null())
    read = given.select("rows", *(way.read(pl.col("text")).alias(way.form) for way in ways))
    rows = [int(read["rows"].filter(read[way.form].is_not_null()).sum()) for way in ways]
    best = [way for way, count in zip(ways, rows, strict=True) if count == max(rows)]
    if not max(rows):
        if _has_digits(given):
            raise UndecidedDatesError(
                f"Column '{column}': none of its dates of birth can be read. Say how they are written with "
                "--birth-format, for example --birth-format %d/%m/%Y."
            )
        return ways[0]
    first = best[0]
    others = [way.form for way in best[1:] if not read[way.form].equals(read[first.form], null_equal=True)]
    if others:
        raise UndecidedDatesError(
            f"Column '{column}': its dates of birth can be read as {first.form} and as {', '.join(others)}, and mean "
            f"different days. Say which with --birth-format, for example --birth-format {first.form}."
        )
    return first


def _has_digits(given: pl.DataFrame) -> bool:
    return bool(given["text"].str.contains("[0-9]").any())
