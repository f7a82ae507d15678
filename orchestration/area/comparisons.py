"""The comparisons of two cohorts that an area asks for (comparisons.csv of its pack).

What belongs here: reading and checking the table. What does not: who is in a cohort, and how cohorts are compared (the
warehouse). A cohort is written `service:<id>` (people who begin that service) or `persona:<id>` (people for whom the
rule of a persona or lens begins to hold), an outcome `service:<id>` (a later stay with that service) or
`outcome:<code>` (a recorded outcome).
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from orchestration.area.reading import read_table
from orchestration.errors import AreaPackError

PERSONA = "persona:"
SCHEMA: dict[str, type[pl.DataType]] = {
    "comparison_id": pl.String,
    "comparison_name": pl.String,
    "focus_cohort": pl.String,
    "other_cohort": pl.String,
    "outcome": pl.String,
    "within_days": pl.Int32,
}


def read_comparisons(folder: Path, services: list[str]) -> pl.DataFrame:
    """Read comparisons.csv, which may be absent; raise AreaPackError naming file, line and column of what is wrong."""
    path = folder / "comparisons.csv"
    if not path.exists():
        return pl.DataFrame(schema=SCHEMA)
    table = read_table(path, tuple(SCHEMA)).with_row_index("line", offset=2)
    of_services = [f"service:{service}" for service in services]
    for column in ("focus_cohort", "other_cohort"):
        known = (pl.col(column).is_in(of_services) | pl.col(column).str.starts_with(PERSONA)).fill_null(False)
        fault = f"column '{column}': a cohort is service:<id> or persona:<id> of this pack"
        _refuse(path, table.filter(~known), fault)
    outcome = pl.col("outcome").is_in(of_services) | pl.col("outcome").str.starts_with("outcome:")
    _refuse(
        path, table.filter(~outcome.fill_null(False)), "column 'outcome': an outcome is service:<id> or outcome:<code>"
    )
    _refuse(path, table.filter(pl.col("focus_cohort") == pl.col("other_cohort")), "a cohort is compared with itself")
    own = (pl.col("outcome") == pl.col("focus_cohort")) | (pl.col("outcome") == pl.col("other_cohort"))
    _refuse(path, table.filter(own), "column 'outcome': the service of a cohort cannot be its outcome")
    days = table.with_columns(pl.col("within_days").cast(pl.Int32, strict=False))
    _refuse(path, days.filter(pl.col("within_days").fill_null(0) < 1), "'within_days' must be a number of days")
    _refuse(path, days.filter(pl.col("comparison_id").is_duplicated()), "'comparison_id' must be unique")
    return days.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()).sort("comparison_id")


def check_personas(folder: Path, comparisons: pl.DataFrame, asked: Mapping[str, frozenset[str]]) -> None:
    """Refuse a cohort `persona:<id>` that the pack has not, and an outcome that is part of a persona's own rule.

    `asked` gives the services that each persona's rule asks for or refuses.
    """
    path = folder / "comparisons.csv"
    for row in comparisons.iter_rows(named=True):
        for column in ("focus_cohort", "other_cohort"):
            if not row[column].startswith(PERSONA):
                continue
            here = f"{path}, comparison '{row['comparison_id']}', column"
            services = asked.get(row[column].removeprefix(PERSONA))
            if services is None:
                raise AreaPackError(f"{here} '{column}': '{row[column]}' is the id of no file in personas/ or lenses/.")
            if row["outcome"].removeprefix("service:") in services:
                raise AreaPackError(
                    f"{here} 'outcome': '{row['outcome']}' is part of the rule of '{row[column]}' and cannot be its "
                    "outcome: choose another, or compare people who begin a service."
                )


def _refuse(path: Path, wrong: pl.DataFrame, fault: str) -> None:
    if wrong.height:
        raise AreaPackError(f"{path}, line {wrong['line'][0]}: {fault}.")
