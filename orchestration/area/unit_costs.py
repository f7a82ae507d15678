"""Unit costs of an area pack, with the columns of the GMCA unit cost database, put into one price year.

What belongs here: reading and checking unit_costs.csv and deflators.csv. What does not: what use costs (the warehouse).
Costs are told in the newest price year of the table. A cost of another year needs deflators.csv, the GDP deflator that
HM Treasury publishes or another index: told = cost x index of the newest year / index of the cost's own year.
"""

from pathlib import Path

import polars as pl

from orchestration.area.reading import read_table
from orchestration.errors import AreaPackError

REQUIRED = ("service_id", "unit", "cost_gbp", "price_year", "borne_by", "source")
PER = ("episode", "contact", "day", "week", "month", "year")
"""What a unit is paid for: each stay, each kept contact, or the time for which a stay is open."""
COST_TYPES = ("fiscal", "economic", "social")
"""HM Treasury's and GMCA's three kinds; they are never added together, since one harm may be in two of them."""
CONFIDENCES = ("high", "medium", "low", "unknown")
DEFLATORS = ("price_year", "index")

SCHEMA: dict[str, type[pl.DataType]] = {
    "service_id": pl.String,
    "borne_by": pl.String,
    "cost_type": pl.String,
    "unit": pl.String,
    "per": pl.String,
    "price_year": pl.String,
    "cost_gbp": pl.Float64,
    "cost_low_gbp": pl.Float64,
    "cost_high_gbp": pl.Float64,
    "confidence": pl.String,
    "told_price_year": pl.String,
    "deflator": pl.Float64,
    "source": pl.String,
}


def read_unit_costs(folder: Path, services: list[str]) -> pl.DataFrame:
    """Read unit_costs.csv, which may be absent; raise AreaPackError naming file, line and column of what is wrong.

    One row per service, who bears the cost and kind of cost. `per` may be left out where `unit` ends in one of its
    words (week, month, …); any other unit is one for each episode. Without `cost_type` a cost is fiscal; without a low
    and a high it has no range.
    """
    path = folder / "unit_costs.csv"
    if not path.exists():
        return pl.DataFrame(schema=SCHEMA)
    table = read_table(path, REQUIRED)
    ending = pl.col("unit").str.split(" ").list.last()
    given = {
        "per": pl.when(ending.is_in(PER)).then(ending).otherwise(pl.lit("episode")),
        "cost_type": pl.lit("fiscal"),
        "confidence": pl.lit("unknown"),
        "cost_low_gbp": pl.col("cost_gbp"),
        "cost_high_gbp": pl.col("cost_gbp"),
    }
    table = table.with_columns(
        (pl.coalesce(name, usual) if name in table.columns else usual).alias(name) for name, usual in given.items()
    ).with_row_index("line", offset=2)
    for column, allowed in (("service_id", services), ("per", PER), ("cost_type", COST_TYPES)):
        _known(path, table, column, list(allowed))
    _known(path, table, "confidence", list(CONFIDENCES))
    pounds = [pl.col(name).cast(pl.Float64, strict=False) for name in ("cost_gbp", "cost_low_gbp", "cost_high_gbp")]
    costs = table.with_columns(pounds)
    _refuse(path, costs.filter(pl.col("cost_gbp").is_null() | (pl.col("cost_gbp") < 0)), "'cost_gbp' must be pounds")
    ordered = pl.col("cost_gbp").is_between("cost_low_gbp", "cost_high_gbp") & (pl.col("cost_low_gbp") >= 0)
    _refuse(
        path,
        costs.filter(~ordered.fill_null(False)),
        "'cost_low_gbp' and 'cost_high_gbp' must be pounds on either side of 'cost_gbp'",
    )
    _refuse(path, costs.filter(pl.col("borne_by").is_null()), "'borne_by' must say who bears the cost")
    key = ("service_id", "borne_by", "cost_type")
    _refuse(
        path,
        costs.filter(pl.struct(key).is_duplicated()),
        "service, who bears the cost and kind of cost are given twice",
    )
    return _told(folder, path, costs).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()).sort(key)


def _told(folder: Path, path: Path, costs: pl.DataFrame) -> pl.DataFrame:
    """Add the price year in which costs are told and the factor that brings each cost there."""
    if costs.is_empty():
        return costs.with_columns(told_price_year=pl.lit(None, pl.String), deflator=pl.lit(None, pl.Float64))
    _refuse(path, costs.filter(pl.col("price_year").is_null()), "'price_year' is missing")
    newest = str(costs["price_year"].max())
    indices = _indices(folder / "deflators.csv")
    told = costs.join(indices, on="price_year", how="left", maintain_order="left").with_columns(
        told_price_year=pl.lit(newest),
        deflator=pl.when(pl.col("price_year") == newest)
        .then(1.0)
        .otherwise(pl.lit(dict(indices.iter_rows()).get(newest), pl.Float64) / pl.col("index")),
    )
    _refuse(
        path,
        told.filter(pl.col("deflator").is_null()),
        f"'price_year' is not {newest}, the newest of the table, and deflators.csv does not have both years",
    )
    return told


def _indices(path: Path) -> pl.DataFrame:
    if not path.exists():
        return pl.DataFrame(schema={"price_year": pl.String, "index": pl.Float64})
    table = read_table(path, DEFLATORS).with_row_index("line", offset=2)
    indices = table.with_columns(pl.col("index").cast(pl.Float64, strict=False))
    wrong = indices.filter((pl.col("index").fill_null(0) <= 0) | pl.col("price_year").is_duplicated())
    _refuse(path, wrong, "each 'price_year' needs one 'index' above 0")
    return indices.select(*DEFLATORS)


def _known(path: Path, table: pl.DataFrame, column: str, allowed: list[str]) -> None:
    strange = table.filter(~pl.col(column).is_in(allowed) | pl.col(column).is_null())
    if strange.height:
        value = strange[column][0]
        _refuse(path, strange, f"column '{column}': '{value}' is not one of {', '.join(sorted(allowed)[:20])}")


def _refuse(path: Path, wrong: pl.DataFrame, fault: str) -> None:
    if wrong.height:
        raise AreaPackError(f"{path}, line {wrong['line'][0]}: {fault}.")
