"""Which rows of a delivery are one record: told by hashes of 128 bits, so that no row need be in memory for it.

A record is known by its reference (a person's also by since when they live where they do). What does not belong here:
what becomes of repeated rows (acceptance).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from orchestration.area.contracts import Entity
from orchestration.feeds.canonical import FIELDS, RECORD_REFERENCE
from orchestration.feeds.checks import EXAMPLES
from orchestration.feeds.hashing import SEEDS, hashes
from orchestration.feeds.mapping import DELETED
from orchestration.feeds.spool import Rows


def record_key(entity: Entity) -> list[str]:
    """Return the fields that identify a record over time; a person may have one record for each address period."""
    return [RECORD_REFERENCE[entity], *(["valid_from"] if entity == "person" else [])]


@dataclass(frozen=True)
class Keys:
    """Rows that may be of one record: `number` in their rows, key0, key1, content0, content1, source_row. `height`: of
    all rows."""

    frame: pl.DataFrame
    height: int

    def only(self, mark: pl.Series) -> "Keys":
        """Return the keys of the rows that a mark of all rows holds, numbered anew."""
        numbers = mark.cast(pl.Int64).cum_sum() - 1
        kept = self.frame.filter(mark.gather(self.frame["number"]))
        return Keys(kept.with_columns(number=numbers.gather(kept["number"]).cast(pl.UInt32)), int(mark.sum()))

    def replaced(self) -> pl.Series | None:
        """Mark, of all rows, those that a later one of the same record replaces; None when there are none."""
        last = self.frame.unique(subset=["key0", "key1"], keep="last", maintain_order=True)["number"]
        if len(last) == self.frame.height:
            return None
        gone = pl.repeat(False, self.height, dtype=pl.Boolean, eager=True)
        return gone.scatter(self.frame["number"], True).scatter(last, False)

    def repeated(self) -> tuple[int, list[int]]:
        """Return how many rows say again what one before them said, and the first of their row numbers."""
        again = self.frame.filter(~pl.struct("content0", "content1").is_first_distinct())
        return again.height, again["source_row"].head(EXAMPLES).to_list()

    def differing_examples(self) -> list[int]:
        """Return the first row numbers of records that occur with different values."""
        found: list[int] = self.frame.filter(_differs())["source_row"].head(EXAMPLES).to_list()
        return found


@dataclass
class Duplicates:
    """Remembers, of every row, the hash of its record and that of the fields in which near duplicates are `alike`.

    Where `compare` is asked, also all there is to compare.
    """

    entity: Entity
    alike: Sequence[str] = ()
    _alike: list[pl.Series] = field(default_factory=list)
    _first: list[pl.Series] = field(default_factory=list)
    _compared: list[pl.DataFrame] = field(default_factory=list)

    def add(self, rows: pl.DataFrame) -> None:
        """Take in more rows."""
        key = record_key(self.entity)
        found = rows[key[0]].hash(seed=SEEDS[0])
        if len(key) > 1:
            found = rows.select(pl.struct(key).hash(seed=SEEDS[0])).to_series()
        self._first.append(found.alias("key"))
        if self.alike:
            self._alike.append(rows.select(hashes(self.alike, "alike")[0]).to_series())

    @cached_property
    def are_distinct(self) -> tuple[bool, bool]:
        """Tell, once all rows are taken in, whether no record occurs twice, and whether no two are `alike`."""
        hashed = [pl.concat(parts) for parts in (self._first, self._alike) if parts]
        counts = pl.DataFrame(hashed).select(pl.all().n_unique()).row(0) if hashed else ()
        first, alike = (*(count == len(hashed[0]) for count in counts), False, False)[:2]
        return first, alike

    def compare(self, rows: pl.DataFrame, kept: pl.Series) -> None:
        """Take in more rows, refused ones among them, to find every one whose record differs elsewhere."""
        key, content = record_key(self.entity), [*FIELDS[self.entity], DELETED]
        self._compared.append(rows.select(*hashes(key, "key"), *hashes(content, "content"), kept.alias("kept")))

    def differing(self) -> pl.Series:
        """Mark, of the rows that were kept, those whose record occurs with other values."""
        if not self._compared:
            return pl.Series([], dtype=pl.Boolean)
        whole = pl.concat(self._compared)
        return whole.select(_differs().alias("differs"), "kept").filter("kept")["differs"]

    def keys(self, rows: Rows) -> Keys:
        """Return what tells the records apart, of rows whose record may occur again."""
        schema = {"number": pl.UInt32(), **dict.fromkeys(("key0", "key1", "content0", "content1"), pl.UInt64())}
        nothing = Keys(pl.DataFrame(schema={**schema, "source_row": pl.Int64()}), rows.height)
        if not self._first:
            return nothing
        if self.are_distinct[0]:
            return nothing
        again = pl.concat(self._first).is_duplicated()
        content = [*FIELDS[self.entity], "is_deleted"]
        found = (
            rows.lazy()
            .with_row_index("number")
            .select("number", *hashes(record_key(self.entity), "key"), *hashes(content, "content"), "source_row")
            .collect(engine="streaming")
            .sort("number")
        )
        return Keys(found.filter(again), rows.height)


def _differs() -> pl.Expr:
    """Tell which records occur with different contents."""
    low, high = (
        [getattr(pl.col(f"content{place}"), which)().over("key0", "key1") for place in range(len(SEEDS))]
        for which in ("min", "max")
    )
    return pl.any_horizontal(a != b for a, b in zip(low, high, strict=True))
