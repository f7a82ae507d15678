"""Faults of single rows in delivered files: dates that do not exist, codes that nobody knows, rows sent twice.

What belongs here: spoiling tables of text. What does not: mistakes about who somebody is (`noise`), faults of whole
deliveries (`habits`). Each fault is rare, and every kind occurs in a demo of the usual size.
"""

import numpy as np
import polars as pl

from orchestration.area.contracts import Column

NO_SUCH_DAY = {"%Y-%m-%d": "2025-02-30", "%d/%m/%Y": "31/02/2025", "%Y%m%d": "20250230", "%d-%b-%Y": "31-Feb-2025"}
MISSING_WORDS = ("n/a", "NULL", "*", "-", "not known")
SHARES = {"date": 0.0012, "service": 0.0008, "ethnicity": 0.006, "missing": 0.01, "reference": 0.0006, "twice": 0.002}


def spoil(random: np.random.Generator, table: pl.DataFrame, columns: dict[str, tuple[str, Column]]) -> pl.DataFrame:
    """Return the table with a few spoilt rows; typed columns (dates of a workbook or Parquet) stay as they are."""
    if table.is_empty():
        return table
    spoilt = table
    for header, (field, column) in columns.items():
        if table.schema[header] != pl.String:
            continue
        form = column.formats[0] if column.formats else ""
        if column.type == "date" and form in NO_SUCH_DAY:
            spoilt = _put(random, spoilt, header, "date", NO_SUCH_DAY[form])
        elif field == "service_id":
            spoilt = _put(random, spoilt, header, "service", "ZZ-TEST")
        elif field == "ethnicity_code":
            spoilt = _put(random, spoilt, header, "ethnicity", "7X")
            spoilt = _put(random, spoilt, header, "missing", MISSING_WORDS[int(random.integers(len(MISSING_WORDS)))])
        elif field in ("lsoa_code", "referral_source", "household_token"):
            spoilt = _put(random, spoilt, header, "missing", MISSING_WORDS[int(random.integers(3))])
        elif field in ("episode_ref", "contact_ref", "need_ref"):
            spoilt = _put(random, spoilt, header, "reference", None)
    again = spoilt.filter(pl.Series(random.random(table.height) < SHARES["twice"]))
    return pl.concat([spoilt, again])


def _put(random: np.random.Generator, table: pl.DataFrame, header: str, kind: str, value: str | None) -> pl.DataFrame:
    """Put a value into a few filled cells of one column."""
    struck = pl.Series(random.random(table.height) < SHARES[kind]) & table[header].is_not_null()
    replaced = pl.when(struck).then(pl.lit(value, pl.String)).otherwise(pl.col(header))
    return table.with_columns(replaced.alias(header))
