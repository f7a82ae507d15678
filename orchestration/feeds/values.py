"""What one cell says: missing and why, a date in its column's format, a number, a code, a token.

Everything works on whole columns. What does not belong here: which canonical field a column fills
(orchestration.feeds.mapping).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as PlainDate  # noqa: N812 - `date` is a function here
from itertools import combinations

import polars as pl

SUPPRESSED = r"(?i)^(\*+|<\s*\d+|(under|below|less than|fewer than|up to)\s+\d+|suppressed|redacted)$"
NULL_MARKERS = (
    r"(?i)^(#?null!?|none|nil|n\.?/?a\.?|#n/?a!?|nan|nat|#(?:ref|div/0|value|name|num|spill|calc)[!?]"
    r"|\\n|-+|\.+|\?+|missing|blank|\(blank\)|not applicable)$"
)
ANY_MARKER = rf"{SUPPRESSED}|{NULL_MARKERS}"
REFUSALS = (
    r"(?i)^(refused|declined|(client|person) (refused|declined)|prefers? not to (say|answer)|prefer not to disclose"
    r"|declined to (say|answer|disclose)|does not wish to (say|answer))$"
)
"""Words for 'asked, and would not say', which is not the same as 'not asked' (FIELD.md section 2, ethnic group)."""
TOKEN = r"^[0-9a-f]{32}$"  # noqa: S105 - the shape of a linkage token, not a password
ISO_TIME = r"^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?$"
SERIAL = r"^\d{1,7}(?:\.\d+)?$"
EXCEL_EPOCHS = {"excel": PlainDate(1899, 12, 30), "excel1904": PlainDate(1904, 1, 1)}
"""Day 0 of the days that a spreadsheet counts; its first counts a 29 February 1900 that never was, so days before March
1900 are one further on."""
EXCEL_LEAP_DAY = 60
LAST_SERIAL = 2_958_465  # 31 December 9999
ISO = "%Y-%m-%d"
DEFAULT_DATE_FORMATS = (ISO,)
DEFAULT_MONTH_FORMATS = ("%Y-%m", ISO)
LEAST_YEAR = 1000  # below this a two-digit year was read with a four-digit format
ABSENT = ("blank", "suppressed", "null_marker")
REASONS = (*ABSENT, "refused", "not_in_list")


def missing_reason(text: pl.Expr) -> pl.Expr:
    """Return why a cell holds no value ('blank', 'suppressed', 'null_marker'), or null when it holds one.

    A suppressed small number ('*', 'under 5') is missing and never zero.
    """
    return (
        pl.when(text.is_null())
        .then(pl.lit("blank"))
        .when(text.str.contains(SUPPRESSED))
        .then(pl.lit("suppressed"))
        .when(text.str.contains(NULL_MARKERS))
        .then(pl.lit("null_marker"))
    )


def is_missing(text: pl.Expr) -> pl.Expr:
    """Tell which cells hold no value, without the reason."""
    return text.is_null() | text.str.contains(ANY_MARKER)


def coded(text: pl.Expr, codes: Mapping[str, str]) -> pl.Expr:
    """Return the canonical code of a partner's code, ignoring case; null where the list does not have it."""
    folded = {key.strip().casefold(): value for key, value in codes.items()}
    return text.str.to_lowercase().replace_strict(
        list(folded), list(folded.values()), default=None, return_dtype=pl.String
    )


def boolean(text: pl.Expr) -> pl.Expr:
    """Return 'true' or 'false' for the usual words, else null."""
    low = text.str.to_lowercase()
    return (
        pl.when(low.is_in(["true", "t", "yes", "y", "1"]))
        .then(pl.lit("true"))
        .when(low.is_in(["false", "f", "no", "n", "0"]))
        .then(pl.lit("false"))
    )


def date(text: pl.Expr, form: str, *, is_typed: bool = False, pivot: int | None = None) -> pl.Expr:
    """Return a date read in one format, null where it does not fit.

    ISO dates with a time are shortened to the day first; a month has no day, and the first stands for it. In a typed
    source (a workbook's date cell, Parquet) ISO dates are always read, since there they are not a way of writing.
    `pivot` is the first of the hundred years that a year of two digits can mean.
    """
    if form in EXCEL_EPOCHS:
        found = _serial_date(text, form)
    elif "%H" in form or "%I" in form:
        found = text.str.strptime(pl.Datetime, form, strict=False).dt.date()
    else:
        if "%b" in form:
            text = text.str.replace(r"(?i)\bsept\b", "Sep")
        if any(day in form for day in ("%d", "%e", "%j", "%F")):
            found = text.str.replace(ISO_TIME, "$1").str.strptime(pl.Date, form, strict=False)
        else:
            found = (text + " 01").str.strptime(pl.Date, f"{form} %d", strict=False)
    found = pl.when(found.dt.year() >= LEAST_YEAR).then(found)
    if pivot is not None and "%y" in form:
        found = _in_century(found, pivot)
    return pl.coalesce(date(text, ISO), found) if is_typed and form != ISO else found


def _serial_date(text: pl.Expr, form: str) -> pl.Expr:
    days = pl.when(text.str.contains(SERIAL)).then(text).cast(pl.Float64, strict=False).floor().cast(pl.Int64)
    days = pl.when(days.is_between(1, LAST_SERIAL)).then(days)
    if form == "excel":
        days = pl.when(days == EXCEL_LEAP_DAY).then(None).when(days < EXCEL_LEAP_DAY).then(days + 1).otherwise(days)
    return pl.lit(EXCEL_EPOCHS[form]) + pl.duration(days=days)


def _in_century(found: pl.Expr, pivot: int) -> pl.Expr:
    """Move a date by whole centuries into the hundred years from the pivot; 29 February may be none there."""
    year = (found.dt.year().cast(pl.Int32) - pivot % 100) % 100 + pivot
    moved = found.dt.offset_by(pl.format("{}y", year - found.dt.year()))
    return pl.when(moved.dt.day() == found.dt.day()).then(moved)


@dataclass(frozen=True)
class DateColumn:
    """A column read as dates: null where a value does not fit the column's format."""

    dates: pl.Series
    chosen: str | None
    is_undecided: bool


def decide_dates(text: pl.Series, formats: Sequence[str]) -> DateColumn:
    """Read a column in the one declared format that reads most of it; undecided, nothing of it is read."""
    chosen = decide_format(text, formats)
    frame = pl.DataFrame({"text": text}, schema={"text": pl.String})
    read = date(pl.col("text"), chosen) if chosen else pl.lit(None, pl.Date)
    dates = frame.select(pl.when(pl.col("text").is_not_null()).then(read).alias(text.name)).to_series()
    return DateColumn(dates, chosen, chosen is None)


@dataclass
class FormatVote:
    """Which declared format a column is written in, found out piece by piece: the one that reads most of it.

    When two formats read equally many values and do not agree on them the column is undecided, and no row is ever
    guessed.
    """

    formats: Sequence[str]
    pivot: int | None = None
    read: list[int] = field(default_factory=list)
    unlike: set[tuple[int, int]] = field(default_factory=set)

    def add(self, text: pl.Series, rows: pl.Series | None = None) -> None:
        """Take in more of the column; `rows` says how many rows hold each text where the texts are distinct."""
        column = pl.DataFrame({"text": text}, schema={"text": pl.String})
        read = column.select(
            date(pl.col("text"), form, pivot=self.pivot).alias(str(place)) for place, form in enumerate(self.formats)
        ).get_columns()
        weights = pl.repeat(1, len(text), dtype=pl.Int64, eager=True) if rows is None else rows.cast(pl.Int64)
        counts = [int(weights.filter(dates.is_not_null()).sum()) for dates in read]
        self.read = [a + b for a, b in zip(self.read or [0] * len(counts), counts, strict=True)]
        for (one, dates), (other, others) in combinations(enumerate(read), 2):
            if (one, other) not in self.unlike and dates.ne_missing(others).any():
                self.unlike.add((one, other))

    def decide(self) -> str | None:
        """Return the format of the whole column, or None."""
        if len(self.formats) == 1 or not self.read:
            return self.formats[0]
        most = max(self.read)
        winners = [place for place, count in enumerate(self.read) if count == most]
        if most and any((winners[0], place) in self.unlike for place in winners[1:]):
            return None
        return self.formats[winners[0]]


def decide_format(text: pl.Series, formats: Sequence[str], pivot: int | None = None) -> str | None:
    """Return the declared format that reads most of a column, which the whole column then has to follow, or None."""
    if len(formats) == 1:
        return formats[0]
    vote = FormatVote(formats, pivot)
    vote.add(text)
    return vote.decide()
