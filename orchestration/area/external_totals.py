"""Totals that others publish, which the combined view is held against (external_totals.csv of an area pack).

What belongs here: reading and checking the table. What does not: the area's own figures (the warehouse). A total counts
`people` (different people who used the service in the period), `referrals` (dated in it) or `starts` (spells of use
that began in it), of one service or of `all`.
"""

from pathlib import Path

import polars as pl

from orchestration.area.reading import read_table
from orchestration.errors import AreaPackError

MEASURES = ("people", "referrals", "starts")
USUAL_TOLERANCE = 0.05
COLUMNS = ("total_id", "measure", "service_id", "period_code", "external_total", "source")
SCHEMA: dict[str, type[pl.DataType]] = {
    "total_id": pl.String,
    "measure": pl.String,
    "service_id": pl.String,
    "period_code": pl.String,
    "external_total": pl.Int64,
    "tolerance": pl.Float64,
    "source": pl.String,
}


def read_external_totals(folder: Path, services: list[str]) -> pl.DataFrame:
    """Read external_totals.csv, which may be absent; raise AreaPackError naming file, line and column of what is wrong.

    `tolerance` is the largest difference of the ratio from one that is taken for agreement (0.05 where none is given).
    """
    path = folder / "external_totals.csv"
    if not path.exists():
        return pl.DataFrame(schema=SCHEMA)
    table = read_table(path, COLUMNS).with_row_index("line", offset=2)
    if "tolerance" not in table.columns:
        table = table.with_columns(tolerance=pl.lit(None, pl.String))
    typed = table.with_columns(
        pl.col("external_total").cast(pl.Int64, strict=False),
        pl.col("tolerance").fill_null(str(USUAL_TOLERANCE)).cast(pl.Float64, strict=False),
    )
    period = pl.col("period_code").str.contains(r"^(all|Y\d{4}|\d{4}-Q[1-4]|\d{4}-(0[1-9]|1[0-2]))$")
    rules = (
        (pl.col("total_id").is_not_null(), "column 'total_id' is empty"),
        (~pl.col("total_id").is_duplicated(), "column 'total_id' must be unique"),
        (pl.col("measure").is_in(MEASURES), f"column 'measure' is one of {', '.join(MEASURES)}"),
        (pl.col("service_id").is_in([*services, "all"]), "column 'service_id' is a service of this pack, or all"),
        (period, "column 'period_code' is a period: all, Y2025, 2025-Q1 or 2025-03"),
        (pl.col("external_total") >= 0, "column 'external_total' is a whole number"),
        (pl.col("tolerance").is_between(0, 1), "column 'tolerance' is a share from 0 to 1"),
        (pl.col("source").is_not_null(), "column 'source' says who published the total"),
    )
    for holds, fault in rules:
        wrong = typed.filter(~holds.fill_null(False))
        if wrong.height:
            raise AreaPackError(f"{path}, line {wrong['line'][0]}: {fault}.")
    return typed.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()).sort("total_id")
