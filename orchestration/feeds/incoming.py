"""A partner's clear-text file before anything is made of it: which columns identify, and how its dates are written.

What belongs here: headers, and one look over the whole file. What does not: reading it (`portions`), what goes out
(`outgoing`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.area.layouts import DeliveryFile
from orchestration.feeds.archive import UnreadableFileError
from orchestration.feeds.dialect import normalise
from orchestration.feeds.outgoing import Plan, PseudonymiseError
from orchestration.feeds.portions import PortionedFile
from orchestration.feeds.rawtables import FAULT, RawTable

HEADERS: dict[str, tuple[str, ...]] = {
    "forename": ("forename", "forenames", "first name", "firstname", "given name", "given names", "christian name"),
    "surname": ("surname", "last name", "lastname", "family name"),
    "birth_date": ("date of birth", "dob", "birth date", "birthdate", "d.o.b.", "d.o.b"),
    "nhs_number": ("nhs number", "nhs no", "nhs no.", "nhsno", "nhsnumber"),
    "ni_number": ("ni number", "nino", "national insurance number", "ni no", "ni no.", "nat ins no"),
    "postcode": ("postcode", "post code", "home postcode", "pcd", "pcds"),
    "uprn": ("uprn", "unique property reference number"),
}
"""Usual headers of identifying columns, as `normalise` leaves them; `columns` names others."""
SEX_HEADERS = ("sex", "gender", "m/f", "sex code", "gender code")
TYPED = ("workbook", "parquet")


@dataclass(frozen=True)
class Looked:
    """A source after one look over it: tables, columns, how often each date of birth occurs, and what identifies."""

    tables: "Rereadable"
    present: list[str]
    births: pl.DataFrame | None
    named: dict[str, str]


def look_over(source: Path, plan: Plan, given: Mapping[str, str]) -> Looked:
    """Look over a source that is laid out as the contract says, or else in any way of its own.

    The export with names need not be the export that the contract speaks of. Raises what is wrong with the first.
    """
    own = DeliveryFile(pattern=".*", member=plan.file.member, footer_pattern=plan.file.footer_pattern)
    try:
        return _look(source, plan, plan.file, given)
    except (UnreadableFileError, PseudonymiseError) as fault:
        if own == plan.file:
            raise
        try:
            return _look(source, plan, own, given)
        except (UnreadableFileError, PseudonymiseError):
            raise fault from None


def _look(source: Path, plan: Plan, layout: DeliveryFile, given: Mapping[str, str]) -> Looked:
    tables = Rereadable(PortionedFile(source, layout, [*HEADERS["forename"][:1], *plan.wanted], plan.wide))
    present, births = survey(tables, given)
    return Looked(tables, present, births, named_columns(present, given))


class Rereadable:
    """The tables of a file, read again each time; a file of one portion is kept."""

    def __init__(self, file: PortionedFile) -> None:
        self.file = file
        self.is_typed = False
        self._only: RawTable | None = None

    def __iter__(self) -> Iterator[RawTable]:
        if self._only is not None:
            yield self._only
            return
        number, last = 0, None
        for table in self.file.portions():
            number, last = number + 1, table
            self.is_typed = table.detected.get("format") in TYPED
            yield table
        if number == 1:
            self._only = last


def survey(tables: Rereadable, given: Mapping[str, str]) -> tuple[list[str], pl.DataFrame | None]:
    """Return the file's columns, and each different date of birth with its rows."""
    present: dict[str, None] = {}
    counted: pl.DataFrame | None = None
    for table in tables:
        present |= dict.fromkeys(table.columns)
        header = given.get("birth_date") or header_of(table.columns, HEADERS["birth_date"])
        if header in table.columns:
            rows = table.frame.filter(pl.col(FAULT).is_null()).select(text=header).drop_nulls()
            found = rows.group_by("text").len("rows")
            both = found if counted is None else pl.concat([counted, found])
            counted = both.group_by("text").agg(pl.col("rows").sum())
    return list(present), counted


def named_columns(present: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the source's column of each identifier that it has."""
    if unknown := sorted(set(given) - set(HEADERS)):
        raise PseudonymiseError(f"{', '.join(unknown)}: not an identifier. Expected some of {', '.join(HEADERS)}.")
    if missing := sorted(column for column in given.values() if column not in present):
        raise PseudonymiseError(f"The file has no column {', '.join(missing)}. Check the spelling of its header.")
    found = {name: given.get(name) or header_of(present, usual) for name, usual in HEADERS.items()}
    named = {name: header for name, header in found.items() if header}
    if not named:
        raise PseudonymiseError(
            f"No column of the file looks like an identifier: say which are ({', '.join(HEADERS)})."
        )
    return named


def header_of(present: Sequence[str], usual: Sequence[str]) -> str | None:
    """Return the column whose header is one of the usual ones, the most usual first."""
    headers = {normalise(name): name for name in reversed(present)}
    return next((headers[header] for header in usual if header in headers), None)
