"""Why an identifier was not used: one word a value, counted for the manifest, so that a partner can mend the source.

What belongs here: the reasons. What does not: the rules themselves (`identifiers`), which decide; a reason is looked
for only where they have left nothing. No value ever leaves this module, only how often each reason occurs.
"""

import datetime as dt
from collections import Counter

import polars as pl

from orchestration.feeds import identifiers, values

REASONS = {
    "placeholder": "a value that says nothing is known (UNKNOWN, baby of, 01/01/1900, 0000000000)",
    "initial": "a forename of one letter",
    "no_letters": "a name without letters",
    "unreadable": "a date that the column's format does not read",
    "impossible": "a date before 1900",
    "future": "a date of birth after today",
    "check_digit": "an NHS number whose check digit does not hold",
    "never_issued": "a National Insurance number with a prefix that is never issued",
    "form": "not of the form that such a number or postcode has",
    "no_fixed_abode": "a pseudo-postcode of the NHS (ZZ99)",
}


def count_blanked(
    text: pl.Series, standard: pl.Series, kind: str, *, read: pl.Series | None, today: dt.date
) -> Counter[str]:
    """Return how many rows gave an identifier that was not used, by reason.

    `text` is what was given, `standard` what is used of it, row by row; `read` are the dates before they were judged.
    """
    dates = pl.repeat(None, len(text), dtype=pl.Date, eager=True) if read is None else read
    frame = pl.DataFrame({"text": text, "date": dates})
    lost = frame.filter(text.is_not_null() & standard.is_null())
    if not lost.height:
        return Counter()
    rows = lost.group_by("text", "date").len("rows")
    told = rows.with_columns(why=_why(kind, today)).group_by("why").agg(pl.col("rows").sum())
    return Counter(dict(told.sort("why").iter_rows()))


def _why(kind: str, today: dt.date) -> pl.Expr:
    """Return the reason as one of REASONS."""
    text, date = pl.col("text"), pl.col("date")
    closed = text.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    nothing = values.missing_reason(text).is_not_null() | identifiers.says_nothing(text)
    reasons: dict[str, list[tuple[pl.Expr, str]]] = {
        "forename": [(~text.str.contains(r"\p{L}"), "no_letters")],
        "surname": [(~text.str.contains(r"\p{L}"), "no_letters")],
        "birth_date": [
            (date.is_in(identifiers.PLACEHOLDER_DATES), "placeholder"),
            (date > today, "future"),
            (date.is_not_null(), "impossible"),
        ],
        "nhs_number": [
            (closed.str.contains(r"^(?:0{10}|1{10}|2{10}|3{10}|4{10}|5{10}|6{10}|7{10}|8{10}|9{10})$"), "placeholder"),
            (closed.str.contains(r"^[0-9]{10}$"), "check_digit"),
        ],
        "ni_number": [(closed.str.contains(r"^[A-Z]{2}[0-9]{6}[A-D]?$"), "never_issued")],
        "postcode": [(closed.str.starts_with(identifiers.NO_FIXED_ABODE), "no_fixed_abode")],
        "uprn": [(closed.str.contains("^0+$"), "placeholder")],
    }
    rest = {"forename": "initial", "surname": "placeholder", "birth_date": "unreadable"}.get(kind, "form")
    return pl.coalesce(
        pl.when(nothing).then(pl.lit("placeholder")),
        *(pl.when(test).then(pl.lit(reason)) for test, reason in reasons[kind]),
        pl.lit(rest),
    )
