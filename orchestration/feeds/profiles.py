"""What a column of a delivered file looks like it holds, judged on the whole column and never on one row.

Serves the drafting of contracts and the comparison of a file with its contract. What belongs here: types, date formats,
code-like values. What does not: which canonical field a column fills (likely_fields), direct identifiers
(clear_identifiers, which is asked here and always wins).
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from orchestration.feeds import values
from orchestration.feeds.clear_identifiers import is_telling, shown_header, shown_headers
from orchestration.feeds.identifier_screen import find_clear_identifiers
from orchestration.feeds.numbers import number
from orchestration.feeds.rawtables import FAULT, RawTable

Kind = Literal["empty", "identifier", "token", "area", "date", "month", "integer", "decimal", "code", "text"]
DATE_FORMATS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
)
"""British order first: of two formats that read a column equally well the first is proposed, and the other named."""
SHORT_YEARS = ("%d/%m/%y", "%d-%m-%y", "%d.%m.%y", "%d-%b-%y", "%d %b %y", "%m/%d/%y")
MONTH_FORMATS = ("%Y-%m", "%m/%Y", "%B %Y", "%b %Y", "%b-%Y", "%Y%m")
LSOA = r"^[EWSN]01\d{6}$"
PLAUSIBLE_YEARS = (1900, 2100)
READ_SHARE = 0.9  # of the values present, for a type to count as the column's
MOST_CODES = 60
LONGEST_CODE = 80
LEAST_REPETITION = 3  # rows a value, on average, for a column to be one of codes whatever its header says
NEVER_QUOTED = r"\d{5,}|[@]|^\p{L}+ \p{L}+ \p{L}+ \p{L}+ \p{L}+ \p{L}+ \p{L}+"
"""References and sentences are not codes, whatever their number."""
TWO_NAMES = re.compile(r"(?<![^\W\d_])[^\W\d_a-z][\w'’-]+[ ,.]+[^\W\d_a-z][\w'’-]*(?!\w)")
MANY = 30
RARE = 2
"""Of so many values, one that stands in no more rows than this may be anything, and is not shown."""


@dataclass(frozen=True)
class Profile:
    """One column: `present` values that are neither blank nor a marker of absence, of `rows`.

    `formats` read a date column as well as each other; the first is proposed, and with several the partner has to say.
    `codes` are the values, with their rows and the commonest first, of a column with few and short ones; of no other
    column is any value kept. `identifier` says what direct identifiers the column holds.
    """

    name: str
    kind: Kind
    rows: int
    present: int
    distinct: int
    formats: tuple[str, ...] = ()
    codes: tuple[tuple[str, int], ...] = ()
    identifier: str = ""


def profile_table(table: RawTable) -> dict[str, Profile]:
    """Return what each column of a file looks like, by name in the file's order."""
    identifiers: dict[str, list[str]] = {}
    for found in find_clear_identifiers(table):
        identifiers.setdefault(found.column, []).append(found.kind)
    frame = table.frame.filter(pl.col(FAULT).is_null())
    return {
        name: profile_column(frame[name], identifier=" and ".join(identifiers.get(name, ()))) for name in table.columns
    }


def profile_column(column: pl.Series, *, identifier: str = "") -> Profile:
    """Return what one column of text looks like."""
    present = present_values(column)
    counted = present.value_counts(sort=True, name="rows")
    kind: Kind = "text"
    formats: tuple[str, ...] = ()
    codes: tuple[tuple[str, int], ...] = ()
    if identifier:
        kind = "identifier"
    elif present.is_empty():
        kind = "empty"
    elif _share(present.str.to_lowercase().str.contains(values.TOKEN)) >= READ_SHARE:
        kind = "token"
    elif _share(present.str.contains(LSOA)) >= READ_SHARE:
        kind = "area"
    elif formats := readable_formats(present, (*DATE_FORMATS, *SHORT_YEARS)):
        kind = "date"
    elif formats := readable_formats(present, MONTH_FORMATS):
        kind = "month"
    else:
        codes = _codes(counted)
        is_repeated = len(present) >= LEAST_REPETITION * counted.height
        kind = "code" if codes and is_repeated else _number(present)
    return Profile(column.name, kind, len(column), len(present), counted.height, formats, codes, identifier)


def may_be_quoted(value: str, *, rows: int, of: int) -> bool:
    """Tell whether a value of a column of codes may be shown: neither rare nor like a name, a date or a reference."""
    is_rare = rows <= RARE and of >= MANY
    return not (is_rare or is_telling(value) or TWO_NAMES.search(value) or re.search(r"\d{5,}", value))


def safe_headers(table: RawTable, *, unknown: Collection[str], is_trusted: bool = True) -> dict[str, str]:
    """Return every header as it may be shown. A row of headings holds no values: what else it has is not shown."""
    return shown_headers(table.columns, unknown=unknown, is_trusted=is_trusted and not _holds_values(table))


def _holds_values(table: RawTable) -> bool:
    """Tell whether the header row is one of values: two look like somebody's, or one stands again in its own column."""
    if sum(shown_header(name) != name for name in table.columns) > 1:
        return True
    again = table.frame.select(pl.sum_horizontal((pl.col(name) == name).fill_null(False) for name in table.columns))
    # a row that repeats all headings is a header row again
    return bool(again.to_series().is_between(1, max(1, len(table.columns) - 1)).any())


def present_values(column: pl.Series) -> pl.Series:
    """Return the values of a column without blanks and markers of absence."""
    frame = column.to_frame()
    return frame.filter(values.missing_reason(pl.col(column.name)).is_null()).to_series()


def readable_formats(present: pl.Series, formats: Sequence[str]) -> tuple[str, ...]:
    """Return the formats that read most of a column, where that is nearly all of it and they disagree on it.

    Formats that read the same dates are one: only the first is returned.
    """
    if present.is_empty():
        return ()
    read = reading_counts(present, formats)
    most = max((len(dates) - dates.null_count() for dates in read.values()), default=0)
    if most < READ_SHARE * len(present):
        return ()
    found: dict[str, pl.Series] = {}
    for form, dates in read.items():
        fits = len(dates) - dates.null_count() == most
        if fits and not any(dates.equals(other, null_equal=True) for other in found.values()):
            found[form] = dates
    return tuple(found)


def reading_counts(present: pl.Series, formats: Sequence[str]) -> dict[str, pl.Series]:
    """Return a column read in each format; dates of implausible years are not read."""
    text = pl.DataFrame({"text": present}, schema={"text": pl.String})
    return {
        form: text.select(
            pl.when(values.date(pl.col("text"), form).dt.year().is_between(*PLAUSIBLE_YEARS)).then(
                values.date(pl.col("text"), form)
            )
        ).to_series()
        for form in formats
    }


def _codes(counted: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    """Return values with their rows where they may be codes: few, short, and no reference or sentence."""
    texts = counted.to_series(0)
    longest = texts.str.len_chars().max()
    if counted.height > MOST_CODES or not isinstance(longest, int) or longest > LONGEST_CODE:
        return ()
    if texts.str.contains(NEVER_QUOTED).any():
        return ()
    return tuple((str(value), int(rows)) for value, rows in counted.iter_rows())


def _number(present: pl.Series) -> Kind:
    frame = present.to_frame("text")
    for kind, whole in (("integer", True), ("decimal", False)):
        figures = frame.select(number(pl.col("text"), whole=whole)).to_series()
        if _share(figures.is_not_null()) >= READ_SHARE:
            return "integer" if kind == "integer" else "decimal"
    return "text"


def _share(marks: pl.Series) -> float:
    share = marks.fill_null(False).mean()
    return float(share) if isinstance(share, int | float) else 0.0
