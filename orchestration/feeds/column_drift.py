"""How one mapped column has drifted from its contract: its type, its date formats, its code list.

What belongs here: one column's values against one mapping. What does not: columns that came, went or changed their name
(drift), faults of single rows (`joinedup check`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from orchestration.area.contracts import Column, Entity
from orchestration.feeds import values
from orchestration.feeds.canonical import FIELDS, IDENTIFYING
from orchestration.feeds.crosswalks import codes_of
from orchestration.feeds.numbers import number
from orchestration.feeds.profiles import (
    DATE_FORMATS,
    MONTH_FORMATS,
    NEVER_QUOTED,
    READ_SHARE,
    SHORT_YEARS,
    Profile,
    may_be_quoted,
    reading_counts,
)

Sort = Literal[
    "format", "dialect", "missing", "renamed", "new", "repeated", "identifiers", "type", "date_format", "codes"
]
FEW = 5  # values; of fewer nothing is said about a column's type
MOSTLY = 0.5
SHOWN_CODES = 12
LONGEST_SHOWN = 40


@dataclass(frozen=True)
class Difference:
    """One difference: what the contract says, what the file has, and what may be done about it.

    Names columns and codes; never a value of an identifying column, nor any text that is not code-like.
    """

    sort: Sort
    column: str
    contract: str
    file: str
    mend: str


@dataclass(frozen=True)
class Use:
    """How a contract uses a column: it fills this field of this entity. `folders` are where crosswalks are."""

    entity: Entity
    field: str
    column: Column
    folders: tuple[Path, ...]

    @property
    def kind(self) -> str:
        """How the column is read, as the mapping reads it (orchestration.feeds.mapping)."""
        if self.field == "birth_month":
            return "month"
        if self.field.startswith("tok_") and self.column.type == "string":
            return "token"
        is_date = isinstance(FIELDS[self.entity][self.field], pl.Date) and self.column.type == "string"
        return "date" if is_date else self.column.type

    @property
    def formats(self) -> Sequence[str]:
        """The date formats that are declared, or those that count without any."""
        default = values.DEFAULT_MONTH_FORMATS if self.kind == "month" else values.DEFAULT_DATE_FORMATS
        return self.column.formats or default

    @property
    def key(self) -> str:
        """The key of the contract that names the column."""
        return f"entities.{self.entity}.columns.{self.field}.from"


def share_read(use: Use, present: pl.Series) -> float | None:
    """Return the share of a column's values that a mapping reads; None when it reads anything, or there are none."""
    if present.is_empty():
        return None
    frame = present.to_frame("text")
    if use.kind == "token":
        return _share(present.str.to_lowercase().str.contains(values.TOKEN))
    if use.kind == "code" and (codes := codes_of(use.column, use.folders)):
        return _share(frame.select(values.coded(pl.col("text"), codes).is_not_null()).to_series())
    if use.kind in ("integer", "decimal"):
        figures = number(pl.col("text"), whole=use.kind == "integer", decimal=use.column.decimal)
        return _share(frame.select(figures.is_not_null()).to_series())
    if use.kind in ("date", "month"):
        return max(_counts(present, use.formats).values(), default=0) / len(present)
    return None


def column_differences(use: Use, present: pl.Series, profile: Profile) -> Iterator[Difference]:
    """Compare what a mapped column holds with its type, its date formats and its code list."""
    if present.is_empty() or profile.identifier:
        return
    if use.kind in ("date", "month"):
        yield from _dates(use, present, profile)
    elif use.kind == "code":
        yield from _codes(use, present)
    elif len(present) >= FEW and (share := share_read(use, present)) is not None and share < MOSTLY:
        mend = f"Ask the partner; then change `type` of {use.field}."
        yield Difference("type", profile.name, use.kind, profile.kind, mend)


def _dates(use: Use, present: pl.Series, profile: Profile) -> Iterator[Difference]:
    """A column has drifted when a format that is not declared reads more of it than the declared ones."""
    if any(form in values.EXCEL_EPOCHS for form in use.formats):
        return
    read = max(_counts(present, use.formats).values(), default=0)
    others = _counts(present, [f for f in (*DATE_FORMATS, *SHORT_YEARS, *MONTH_FORMATS) if f not in use.formats])
    best = max(others, key=lambda form: others[form])
    said = " or ".join(use.formats)
    if others[best] > read and others[best] >= READ_SHARE * len(present):
        mend = f"Declare `formats: ['{best}']`, from the period on in which it changed."
        yield Difference("date_format", profile.name, said, best, mend)
    elif len(present) >= FEW and read < MOSTLY * len(present):
        yield Difference(
            "type", profile.name, f"{use.kind} ({said})", profile.kind, "Ask the partner what it holds now."
        )


def _counts(present: pl.Series, formats: Sequence[str]) -> dict[str, int]:
    return {form: len(dates) - dates.null_count() for form, dates in reading_counts(present, formats).items()}


def _codes(use: Use, present: pl.Series) -> Iterator[Difference]:
    codes = codes_of(use.column, use.folders)
    if not codes:
        return
    text = pl.col("text")
    unknown = values.coded(text, codes).is_null() & ~text.str.contains(values.REFUSALS)
    strange = present.to_frame("text").filter(unknown).to_series().value_counts(sort=True, name="rows")
    if strange.is_empty():
        return
    texts = strange.to_series(0)
    longest = texts.str.len_chars().max()
    is_short = isinstance(longest, int) and longest <= LONGEST_SHOWN
    is_shown = is_short and use.field not in IDENTIFYING and not texts.str.contains(NEVER_QUOTED).any()
    told = [str(v) for v, rows in strange.iter_rows() if is_shown and may_be_quoted(v, rows=rows, of=len(present))]
    if told:
        hidden = len(strange) - len(told[:SHOWN_CODES])
        more = f" and {hidden} more" if hidden else ""
        found = f"not in the list: {', '.join(f'{value!r}' for value in told[:SHOWN_CODES])}{more}"
    else:
        found = f"{len(strange)} values that are not in the list"
    mend = f"Ask the partner what they mean; then add them to `codes` of {use.field}."
    yield Difference("codes", use.column.source or "", f"{len(codes)} codes", found, mend)


def _share(marks: pl.Series) -> float:
    return float(marks.fill_null(False).sum()) / len(marks) if len(marks) else 0.0
