"""A column of text as its distinct values: what one cell says is worked out once a value, and not once a row.

Most columns of a delivery hold few values (codes, dates, words) in very many rows. What does not belong here: what a
value says (values), which columns there are (rawtables).
"""

from dataclasses import dataclass, replace

import polars as pl

LEAST_ROWS = 2_000
"""Of fewer rows each is looked at by itself."""
SAMPLE = 2_000
MOST_SHARE = 0.5
"""Of sampled cells that differ, for a column to be worth taking apart."""
REFERENCE = r"^(?:[A-Za-z]+[0-9]+|[0-9]{1,8}|[0-9a-f]{32})$"
"""A reference or a token. Such a cell has no blanks around it, and is neither a marker of a missing value nor a direct
identifier: one look tells what would take four."""
TRIED = 100
PLACES = "\x1fplace\x1f"
"""Before a column's name: where in its distinct values each row's stands."""


@dataclass(frozen=True)
class Encoded:
    """A column's distinct values, and for each row which of them it holds; without `places` each row is its own."""

    values: pl.Series
    places: pl.Series | None = None
    is_referential: bool = False
    """Whether every cell is shaped like REFERENCE or blank."""
    is_as_delivered: bool = False
    """Whether the values are still those of the column that was taken apart."""

    def spread(self, said: pl.Series) -> pl.Series:
        """Return, row for row, what was said of the values."""
        return said if self.places is None else said.gather(self.places)

    def at(self, rows: pl.Series) -> pl.Series:
        """Return the cells of some rows, by their numbers from 0."""
        return self.values.gather(rows if self.places is None else self.places.gather(rows))

    def having(self, values: pl.Series, *, is_as_delivered: bool = False) -> "Encoded":
        """Return the column with other values in the places of these."""
        return Encoded(values, self.places, self.is_referential, is_as_delivered)


def look_for_references(column: Encoded) -> Encoded:
    """Return a column that says of itself whether all its cells are references."""
    values = column.values
    if column.places is not None or not values.head(TRIED).str.contains(REFERENCE).all():
        return column
    return replace(column, is_referential=bool(values.str.contains(REFERENCE).all()))


def encode(column: pl.Series, varied: set[str] | None = None) -> Encoded:
    """Return a column as its distinct values where these are few.

    `varied` remembers, from one piece of a column to the next, the names of those with many.
    """
    height = len(column)
    if height < LEAST_ROWS or (varied is not None and column.name in varied):
        return Encoded(column)
    sample = column.gather_every(max(1, height // SAMPLE))
    if sample.n_unique() > MOST_SHARE * len(sample):
        if varied is not None:
            varied.add(column.name)
        return Encoded(column)
    codes = column.cast(pl.Categorical(pl.Categories.random())).to_physical()
    first = codes.arg_unique()
    if len(first) > MOST_SHARE * height:
        return Encoded(column)
    order = codes.gather(first).arg_sort(nulls_last=True)
    values = column.gather(first.gather(order))
    present = len(values) - values.null_count()
    if codes.max() not in (None, present - 1):
        return Encoded(column)  # not numbered one after the other: then a number is no place
    return Encoded(values, codes.fill_null(present) if present < len(values) else codes)
