"""Every rule of a snapshot that may be published: each broken alone stops the publish and is named."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import SnapshotError
from orchestration.publishing import publish
from tests.support.snapshot import serving_tables, write_warehouse

Break = Callable[[pl.DataFrame], pl.DataFrame]


def twice(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame, frame.head(1)])


def without(column: str, value: str) -> Break:
    return lambda frame: frame.filter(pl.col(column) != value)


def first(column: str, value: object) -> Break:
    """Give the first row a value that breaks a rule."""
    return lambda frame: frame.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
    )


def shared_key(frame: pl.DataFrame) -> pl.DataFrame:
    return first("record_key", frame["record_key"][1])(frame)


@pytest.mark.parametrize(
    ("rule", "table", "change"),
    [
        ("every person has one record key of their own", "srv_person", shared_key),
        ("every person has one record key of their own", "srv_person", first("record_key", None)),
        ("every household has one record key of its own", "srv_household", shared_key),
        ("person numbers are unique", "srv_person", first("person_no", 1)),
        ("a person has one row a year", "srv_person_year", twice),
        ("a person has one row a service", "srv_person_service", twice),
        ("a person has one row a period", "srv_person_period", twice),
        ("attributes for the whole window", "srv_person_year", without("year_code", "all")),
        ("has attributes for that year", "srv_person_year", without("year_code", "Y2024")),
        ("has a row for that period", "srv_person_period", without("period_code", "2026-Q1")),
        ("a use lies in at least one month", "srv_person_service", first("month_mask", 0)),
        ("every service used is in the directory", "srv_service", without("service_id", "debt_advice")),
        ("accepted, quarantined or superseded", "srv_feed", first("rows_delivered", 1)),
    ],
)
def test_a_broken_rule_stops_the_publish_and_is_named(tmp_path: Path, rule: str, table: str, change: Break) -> None:
    tables = serving_tables(people=100, seed=1)
    tables[table] = change(tables[table])
    with pytest.raises(SnapshotError, match="do not hold") as caught:
        publish(write_warehouse(tmp_path, tables))
    assert rule in str(caught.value)
    assert not list(tmp_path.glob("published/*.duckdb"))
