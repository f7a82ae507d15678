"""Records that are alike but for their reference: in which fields, and which rows repeat an earlier one.

What belongs here: finding equal rows among millions by their hashes. What does not: saying so (plausibility).
"""

from collections.abc import Collection, Sequence

import polars as pl

from orchestration.area.contracts import Entity
from orchestration.feeds.canonical import FIELDS, RECORD_REFERENCE

PLACE = ("source_file", "source_row")
ALIKE: dict[Entity, Sequence[str]] = {"episode": ("source_ref", "service_id", "start_date")}
"""Fields in which near duplicates are the same, where it is not all but the reference."""


def alike_fields(entity: Entity, mapped: Collection[str]) -> list[str]:
    """Return the fields in which near duplicates are the same; none where that is not looked for."""
    if entity == "person" or not set(ALIKE.get(entity, ())) <= set(mapped):
        return []
    reference = RECORD_REFERENCE[entity]
    return [*ALIKE.get(entity, (name for name in FIELDS[entity] if name in mapped and name != reference))]


def repeats(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return all but the first of the rows that have the same hashes; few rows have, so that few are sorted."""
    hashed = rows.select("alike0").collect(engine="streaming").to_series()
    if hashed.n_unique() == len(hashed):
        return rows.clear()
    shared = hashed.filter(hashed.is_duplicated()).unique().to_frame().lazy()
    copied = rows.join(shared, on="alike0", how="semi").collect(engine="streaming").sort(*PLACE)
    return copied.filter(~pl.struct("alike0", "alike1").is_first_distinct()).lazy()
