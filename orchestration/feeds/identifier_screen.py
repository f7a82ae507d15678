"""Looking through a delivered file, piece by piece, for columns that hold direct identifiers in clear.

What belongs here: going through all cells once, and remembering no more than counts, row numbers and a bounded sample.
What does not: what an identifier looks like (orchestration.feeds.clear_identifiers).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from orchestration.feeds.checks import EXAMPLES
from orchestration.feeds.clear_identifiers import (
    ANY,
    LEAST_NHS_NUMBERS,
    NAME_SHAPE,
    SHAPES,
    full_names,
    names_among,
    nhs_numbers,
)
from orchestration.feeds.rawtables import ROW, Finished, RawTable

DISTINCT_VALUES = 20_000
"""Distinct values by which a column is judged to hold names: those with the lowest hashes, in whatever order they
come."""


@dataclass(frozen=True)
class ClearIdentifier:
    """A column that holds identifiers in clear: what they look like, how many cells, in which rows."""

    column: str
    kind: str
    count: int
    rows: tuple[int, ...]
    is_scattered: bool = False
    """A few cells among others: told, and not enough to say what the column holds."""


@dataclass
class _Hits:
    """How many cells, and the first of their rows."""

    count: int = 0
    rows: list[int] = field(default_factory=list)

    def add(self, cells: pl.DataFrame) -> None:
        self.count += cells.height
        self.rows = (self.rows + cells[ROW].head(EXAMPLES).to_list())[:EXAMPLES]

    def found(self, column: str, kind: str, *, is_scattered: bool = False) -> ClearIdentifier:
        return ClearIdentifier(column, kind, self.count, tuple(self.rows), is_scattered)


@dataclass
class _Shapes:
    """What cells of one column are shaped like."""

    kinds: dict[str, _Hits] = field(default_factory=dict)
    spaced: _Hits = field(default_factory=_Hits)
    passing: _Hits = field(default_factory=_Hits)
    plain: int = 0
    passing_values: set[str] = field(default_factory=set)

    def add(self, cells: pl.DataFrame) -> None:
        for kind, pattern in SHAPES:
            self.kinds.setdefault(kind, _Hits()).add(cells.filter(pl.col("cell").str.contains(pattern)))
        spaced, passing, plain = nhs_numbers(cells)
        self.spaced.add(spaced)
        self.passing.add(passing)
        self.plain += plain
        self.passing_values.update(passing["cell"].unique().head(2))

    def found(self, column: str) -> list[ClearIdentifier]:
        found = [hits.found(column, kind) for kind, hits in self.kinds.items() if hits.count]
        says_so = re.search(r"(?i)nhs", column) is not None
        several = self.passing.count >= LEAST_NHS_NUMBERS and len(self.passing_values) > 1
        enough = several or (says_so and self.passing.count > 0)
        if self.spaced.count or (enough and self.passing.count * 2 >= self.plain):
            rows = sorted(self.spaced.rows + self.passing.rows)[:EXAMPLES]
            found.append(_Hits(self.spaced.count + self.passing.count, rows).found(column, "NHS numbers"))
        elif self.passing.count * 2 >= max(self.plain, 1):
            found.append(self.passing.found(column, "NHS numbers", is_scattered=True))
        return found


@dataclass
class IdentifierScreen:
    """One look through a file: give it every piece with `look`, then ask what was `found`."""

    columns: list[str]
    _shapes: dict[str, _Shapes] = field(default_factory=dict)
    _samples: dict[str, pl.DataFrame] = field(default_factory=dict)
    _late: set[str] = field(default_factory=set)
    _pieces: int = 0

    def looking(self, pieces: Iterable[Finished]) -> Iterator[Finished]:
        """Return the pieces, each looked at."""
        for piece in pieces:
            self.look(piece)
            yield piece

    def look(self, piece: Finished) -> None:
        """Take in the next rows."""
        for name in self.columns:
            if name in piece.referential and name not in self._samples:
                continue
            distinct = piece.values.get(name)
            cells = piece.frame[name] if distinct is None else distinct
            if cells.str.contains(ANY).any():
                suspected = piece.frame.select(ROW, cell=name).filter(pl.col("cell").str.contains(ANY))
                self._shapes.setdefault(name, _Shapes()).add(suspected)
            if name in self._samples or cells.str.contains(NAME_SHAPE).any():
                if name not in self._samples and self._pieces:
                    self._late.add(name)  # earlier pieces held no words, but values all the same
                self._samples[name] = _sample(piece.frame[name], self._samples.get(name))
        self._pieces += 1

    def found(self, again: Callable[[], Iterable[Finished]]) -> list[ClearIdentifier]:
        """Return every column that holds direct identifiers; the pieces are asked for `again` where there are names."""
        found = [hit for name in self.columns if name in self._shapes for hit in self._shapes[name].found(name)]
        if self._late:
            late: dict[str, pl.DataFrame] = {}
            for piece in again():
                late |= {name: _sample(piece.frame[name], late.get(name)) for name in self._late}
            self._samples |= late
        named = {
            name: names
            for name in self.columns
            if name in self._samples and (names := names_among(name, self._samples[name]["value"].to_list()))
        }
        lone = {
            name: names
            for name in self.columns
            if name in self._samples and name not in named and (names := full_names(self._samples[name]["value"]))
        }
        hits = {name: _Hits() for name in named | lone}
        for piece in again() if hits else ():
            for name, names in (named | lone).items():
                hits[name].add(piece.frame.filter(pl.col(name).is_in(sorted(names))))
        return found + [hit.found(name, "names", is_scattered=name in lone) for name, hit in hits.items()]


def find_clear_identifiers(table: RawTable) -> list[ClearIdentifier]:
    """Return every column of a delivered file that holds values shaped like direct identifiers."""
    if not table.frame.height:
        return []
    screen, whole = IdentifierScreen(table.columns), Finished(table.frame, {}, {})
    screen.look(whole)
    return [hit for hit in screen.found(lambda: [whole]) if not hit.is_scattered]


def _sample(cells: pl.Series, before: pl.DataFrame | None) -> pl.DataFrame:
    """Return the distinct values with the lowest hashes, of these cells and those before."""
    values = cells.drop_nulls().unique()
    both = pl.DataFrame({"hash": values.hash(), "value": values})
    both = both if before is None else pl.concat([before, both]).unique()
    return both if both.height <= DISTINCT_VALUES else both.bottom_k(DISTINCT_VALUES, by=["hash", "value"])
