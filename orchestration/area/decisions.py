"""The decisions that the combined view led to (decisions.csv of the pack), which the public page tells.

One row per decision: what was asked, what was decided, by which organisation, what it should change, when that is
looked at, and what was found then. No person's name belongs in it.
"""

from pathlib import Path

import polars as pl

from orchestration.area.reading import read_table
from orchestration.errors import AreaPackError

SCHEMA: dict[str, type[pl.DataType]] = {
    "decision_id": pl.String,
    "decided_on": pl.Date,
    "title": pl.String,
    "question": pl.String,
    "decision": pl.String,
    "organization_id": pl.String,
    "expected_change": pl.String,
    "review_on": pl.Date,
    "review_found": pl.String,
}
MAY_BE_EMPTY = ("review_on", "review_found")


def read_decisions(folder: Path, organizations: list[str]) -> pl.DataFrame:
    """Read decisions.csv, newest first; it may be absent. Raise AreaPackError naming file, line and column."""
    path = folder / "decisions.csv"
    if not path.exists():
        return pl.DataFrame(schema=SCHEMA)
    table = read_table(path, tuple(SCHEMA)).with_row_index("line", offset=2)
    for column in SCHEMA:
        if column not in MAY_BE_EMPTY:
            empty = table.filter(pl.col(column).fill_null("").str.strip_chars() == "")
            _refuse(path, empty, f"column '{column}' is empty: write it, or remove the row")
    days = [name for name, kind in SCHEMA.items() if kind is pl.Date]
    dated = table.with_columns(pl.col(day).str.to_date("%Y-%m-%d", strict=False) for day in days)
    for day in days:
        _refuse(
            path,
            table.filter(dated[day].is_null() & table[day].is_not_null()),
            f"column '{day}': expected YYYY-MM-DD",
        )
    unknown = table.filter(~pl.col("organization_id").is_in(organizations))
    _refuse(path, unknown, "column 'organization_id': no id of organizations.csv; use one of its ids")
    _refuse(path, table.filter(pl.col("decision_id").is_duplicated()), "'decision_id' must be unique: name another")
    early = dated.filter(pl.col("review_on") < pl.col("decided_on"))
    _refuse(path, early, "column 'review_on' is before 'decided_on': plan the review for later, or leave it empty")
    return dated.select(list(SCHEMA)).sort("decided_on", "decision_id", descending=[True, False])


def _refuse(path: Path, wrong: pl.DataFrame, fault: str) -> None:
    if wrong.height:
        raise AreaPackError(f"{path}, line {wrong['line'][0]}: {fault}.")
