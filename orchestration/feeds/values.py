"""What one cell says: missing and why, a date in its column's format, a number, a code, a token.

Everything works on whole columns. What does not belong here: which canonical field a column fills
(orchestration.feeds.mapping).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

SUPPRESSED = r"(?i)^(\*+|<\s*\d+|(under|below|less than|fewer than|up to)\s+\d+|suppressed|redacted)$"
NULL_MARKERS = r"(?i)^(#?null!?|none|nil|n\.?/?a\.?|#n/?a!?|nan|nat|-+|\.+|\?+|missing|blank|\(blank\)|not applicable)$"
REFUSALS = (
    r"(?i)^(refused|declined|(client|person) (refused|declined)|prefers? not to (say|answer)|prefer not to disclose"
    r"|declined to (say|answer|disclose)|does not wish to (say|answer))$"
)
"""Words for 'asked, and would not say', which is not the same as 'not asked' (FIELD.md section 2, ethnic group)."""
TOKEN = r"^[0-9a-f]{32}$"  # noqa: S105 - the shape of a linkage token, not a password
NUMBER = r"^[+-]?\d{1,15}(\.\d+)?$"
ISO_TIME = r"^(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?$"
DEFAULT_DATE_FORMATS = ("%Y-%m-%d",)
DEFAULT_MONTH_FORMATS = ("%Y-%m", "%Y-%m-%d")
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


def coded(text: pl.Expr, codes: Mapping[str, str]) -> pl.Expr:
    """Return the canonical code of a partner's code, ignoring case; null where the list does not have it."""
    folded = {key.strip().casefold(): value for key, value in codes.items()}
    return text.str.to_lowercase().replace_strict(
        list(folded), list(folded.values()), default=None, return_dtype=pl.String
    )


def number(text: pl.Expr, *, whole: bool) -> pl.Expr:
    """Return a number without its currency sign and thousands separators, a percentage as its figure; else null."""
    plain = text.str.replace_all(r"[£$€,\s]", "").str.strip_suffix("%")
    figure = pl.when(plain.str.contains(NUMBER)).then(plain).cast(pl.Float64, strict=False)
    return pl.when(figure == figure.round()).then(figure).cast(pl.Int64) if whole else figure


def boolean(text: pl.Expr) -> pl.Expr:
    """Return 'true' or 'false' for the usual words, else null."""
    low = text.str.to_lowercase()
    return (
        pl.when(low.is_in(["true", "t", "yes", "y", "1"]))
        .then(pl.lit("true"))
        .when(low.is_in(["false", "f", "no", "n", "0"]))
        .then(pl.lit("false"))
    )


@dataclass(frozen=True)
class DateColumn:
    """A column read as dates: null where a value does not fit the column's format."""

    dates: pl.Series
    chosen: str | None
    is_undecided: bool


def decide_dates(text: pl.Series, formats: Sequence[str], *, is_typed: bool = False) -> DateColumn:
    """Read a column in the one declared format that reads most of it.

    When two formats read equally many values and do not agree on them the column is undecided: nothing is read, and
    no row is ever guessed. ISO dates with a time are shortened to the day first. In a typed source (a workbook's date
    cell, Parquet) ISO dates are always read, since there they are not a way of writing.
    """
    day = text.str.replace(ISO_TIME, "$1")
    read = {form: _parse(text if "%H" in form or "%I" in form else day, form) for form in formats}
    counts = {form: len(dates) - dates.null_count() for form, dates in read.items()}
    best = max(counts.values())
    winners = [form for form, count in counts.items() if count == best]
    chosen = winners[0]
    if best and any(not read[form].equals(read[chosen], null_equal=True) for form in winners[1:]):
        return DateColumn(pl.Series(text.name, [None] * len(text), dtype=pl.Date), None, True)
    dates = read[chosen]
    if is_typed and "%Y-%m-%d" not in formats:
        dates = _parse(day, "%Y-%m-%d").zip_with(day.str.contains(r"^\d{4}-\d\d-\d\d$").fill_null(False), dates)
    return DateColumn(dates, chosen, False)


def _parse(text: pl.Series, form: str) -> pl.Series:
    if "%H" in form or "%I" in form:
        dates = text.str.strptime(pl.Datetime, form, strict=False).dt.date()
    elif "%d" in form or "%e" in form or "%j" in form or "%F" in form:
        dates = text.str.strptime(pl.Date, form, strict=False)
    else:  # a month has no day; the first stands for it
        dates = (text + " 01").str.strptime(pl.Date, f"{form} %d", strict=False)
    frame = pl.DataFrame({"date": dates})
    return (
        frame.select(pl.when(pl.col("date").dt.year() >= LEAST_YEAR).then(pl.col("date"))).to_series().alias(text.name)
    )
