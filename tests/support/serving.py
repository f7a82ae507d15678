"""Any table of people as a serving schema in memory, so that oracles run through the production counting of cells."""

import duckdb
import polars as pl

from orchestration.release.cells import Period

WHOLE_WINDOW = Period("all", "Whole window", "all", "all", 1)
EMPTY = dict.fromkeys(("sex", "age_band", "age_group", "ethnic_group", "msoa", "lad", "deprivation"), "-")
COLUMNS = {"msoa": "msoa_code", "lad": "lad_code"}


def serve_people(record_keys: pl.Series, **attributes: pl.Series) -> duckdb.DuckDBPyConnection:
    """Return a connection to a serving schema with one row per person, all of whom used one service in one month.

    `attributes` gives any of sex, age_band, age_group, ethnic_group, msoa, lad, deprivation; the rest are "-".
    """
    numbers = pl.Series("person_no", range(len(record_keys)), dtype=pl.Int64)
    people = pl.DataFrame({"person_no": numbers, "record_key": record_keys.cast(pl.UInt64)})
    year = pl.DataFrame({"person_no": numbers}).with_columns(
        pl.lit("all").alias("year_code"),
        *(
            (attributes[name].cast(pl.String) if name in attributes else pl.lit(empty)).alias(COLUMNS.get(name, name))
            for name, empty in EMPTY.items()
        ),
    )
    use = pl.DataFrame({"person_no": numbers}).with_columns(
        service_id=pl.lit("s"), theme=pl.lit("t"), month_mask=pl.lit(1, dtype=pl.Int64)
    )
    connection = duckdb.connect()
    connection.execute("create schema serving")
    for name, frame in (("srv_person", people), ("srv_person_year", year), ("srv_person_service", use)):
        connection.register("frame", frame)
        connection.execute(f"create table serving.{name} as from frame")
        connection.unregister("frame")
    return connection
