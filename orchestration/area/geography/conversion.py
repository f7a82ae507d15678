"""Population on the codes of another census brought onto the pack's own, by the best-fit lookup.

ONS's change codes: U unchanged, S split, M merged, X irregular. Every old area's people are shared out among the new
areas that the lookup gives it: to one (U, M), or several (S, X) in equal parts or in proportion to weights on the new
codes. The number of people is the same before and after, to the last fraction; nobody is rounded.
"""

import polars as pl

from orchestration.area.geography.declaration import Conversion, Place, TableFile
from orchestration.area.geography.headers import Node
from orchestration.area.geography.lookups import Lookups
from orchestration.area.geography.population import PERSONS
from orchestration.area.geography.tables import find_column, headers, lsoa_column, numbers, read_source


def convert(
    population: pl.DataFrame, old: Node, new: Node, *, conversion: Conversion, lookups: Lookups, place: Place
) -> pl.DataFrame:
    """Return the population on the new codes, in the columns it came in."""
    pairs = lookups.relations.get((old, new))
    if pairs is None:
        raise place.key("from").fault(f"no lookup relates {old} to {new}; add the best-fit lookup to `lookups`.")
    _check_changes(pairs, old, place)
    shares = _shares(pairs, _weights(conversion, int(f"20{new.vintage}"), place))
    if not set(population["lsoa_code"]) & set(shares["lsoa_code"]):
        raise place.key("from").fault(f"no code of the population files is an {old} code of the lookup.")
    keys = ["sex", "age_from", "age_to"]
    return (
        population.join(shares, on="lsoa_code")
        .with_columns(persons=pl.col("persons") * pl.col("share"), lsoa_code=pl.col("new_code"))
        .group_by("lsoa_code", *keys, maintain_order=True)
        .agg(pl.col("persons").sum())
    )


def _shares(pairs: pl.DataFrame, weights: pl.DataFrame | None) -> pl.DataFrame:
    """Return lsoa_code (old), new_code and share; the shares of an old area add up to one."""
    if weights is None:
        weighed = pairs.with_columns(weight=pl.lit(1.0))
    else:
        weighed = pairs.join(weights, left_on="b", right_on="lsoa_code", how="left").with_columns(
            weight=pl.col("persons").fill_null(0.0)
        )
    total = pl.col("weight").sum().over("a")
    equal = 1 / pl.len().over("a")
    return weighed.select(
        lsoa_code="a",
        new_code="b",
        share=pl.when(total > 0).then(pl.col("weight") / total).otherwise(equal),
    )


def _weights(conversion: Conversion, census: int, place: Place) -> pl.DataFrame | None:
    if not isinstance(conversion.split, TableFile):
        return None
    source, here = conversion.split, place.key("split")
    frame = read_source(source, here)
    header, _ = lsoa_column(source, frame, here, census=census)
    persons = find_column(source, frame, "persons", PERSONS)
    if persons is None:
        raise here.key("columns").fault(
            f"no column of '{source.file}' is recognised as a number of people or households (found "
            f"{headers(frame)}); say which: columns: {{persons: HEADER}}."
        )
    weights = frame.select(lsoa_code=header, persons=numbers(frame, persons, source, here)).drop_nulls().unique()
    if weights["lsoa_code"].is_duplicated().any():
        raise here.key("file").fault(
            f"'{source.file}' has several figures for one LSOA in column '{persons}'; keep one with `where`."
        )
    return weights


def _check_changes(pairs: pl.DataFrame, old: Node, place: Place) -> None:
    """Hold the lookup to its own change codes: unchanged and merged areas go to one new area, and only one."""
    wrong = pairs.filter(pl.col("change").is_in(["U", "M"]) & pl.col("a").is_duplicated())
    if wrong.height:
        code, change = wrong.select("a", "change").row(0)
        raise place.key("from").fault(
            f"the lookup marks {old} {code} as {change} but gives it several new areas; it may be two lookups mixed."
        )
