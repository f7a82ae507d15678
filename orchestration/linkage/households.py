"""Who lived in which household and when, from the household tokens of people's records.

A household is an unbroken run of residents at one address: when everybody has moved out before somebody moves in,
those who come are another household. Pure: frames in, frames out. Known limits: a feed that learns of a move late pulls
people back to their old address until its next delivery, and everyone in a hostel or care home is one household.
"""

import datetime as dt
import hashlib

import polars as pl

SCHEMA = {"person_key": pl.String, "household_key": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
LONG_AGO, FAR_OFF = dt.date(1900, 1, 1), dt.date(9999, 12, 31)


def link_households(residences: pl.DataFrame) -> pl.DataFrame:
    """Return one row per person and stay: person_key, household_key, valid_from, valid_to (null: unknown, open).

    residences: person_key, household_token, valid_from. `valid_to` is the last day of the stay. Where records of one
    day name several addresses, the one that most of them name counts, then the smaller token.
    """
    if residences.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    stays = _stays(residences.with_columns(pl.col("valid_from").fill_null(LONG_AGO)))
    runs = _runs(stays)
    different = runs.select("household_token", "run").unique().sort("household_token", "run")
    keys = [_key(token, run) for token, run in different.iter_rows()]
    return (
        runs.join(different.with_columns(pl.Series("household_key", keys)), on=["household_token", "run"])
        .select(
            "person_key",
            "household_key",
            pl.when(pl.col("valid_from") > LONG_AGO).then("valid_from").alias("valid_from"),
            pl.when(pl.col("until") < FAR_OFF).then(pl.col("until") - pl.duration(days=1)).alias("valid_to"),
        )
        .cast(SCHEMA)  # type: ignore[arg-type]
        .sort("person_key", "valid_from", "household_key", nulls_last=False)
    )


def _stays(residences: pl.DataFrame) -> pl.DataFrame:
    """Return each person's stays in order: a stay lasts until a record names another address."""
    daily = (
        residences.group_by("person_key", "valid_from", "household_token")
        .len()
        .sort(["person_key", "valid_from", "len", "household_token"], descending=[False, False, True, False])
        .unique(["person_key", "valid_from"], keep="first", maintain_order=True)
    )
    moved = daily.filter(
        (pl.col("household_token") != pl.col("household_token").shift(1).over("person_key")).fill_null(True)
    )
    return moved.with_columns(pl.col("valid_from").shift(-1).over("person_key").fill_null(FAR_OFF).alias("until"))


def _runs(stays: pl.DataFrame) -> pl.DataFrame:
    """Number the unbroken runs of residents at each address."""
    ordered = stays.sort("household_token", "valid_from", "until", "person_key").with_columns(
        pl.col("until").cum_max().shift(1).over("household_token").alias("occupied_until")
    )
    empty_before = (pl.col("valid_from") > pl.col("occupied_until")).fill_null(False)
    return ordered.with_columns(empty_before.cast(pl.Int64).cum_sum().over("household_token").alias("run"))


def _key(token: str, run: int) -> str:
    return "H" + hashlib.sha256(f"joinedup household\x1f{token}\x1f{run}".encode()).hexdigest()[:20]
