"""The benchmark's tables by hand hold what the warehouse's own hold: another way to the same figures."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.bench.warehouse import AFTER, BEFORE, TABLES, build_by_hand, in_a_process
from orchestration.bench.warehouse_crowd import DATED, write_crowd

PEOPLE = 1_500
SAME = {
    "spells": "select person_key, service_id, spell_no, start_date, end_date, is_open from {}",
    "person_period": "select person_key, period_code, services_used, services_at_once from {}",
    "services_used": "select period_code, people, four_used, four_at_once from {}",
    "co_use": "select period_code, service_a, service_b, users_of_both from {}",
    "transitions": "select person_key, from_service, to_service, transition_date from {}",
    "returns": "select service_id, days, exits, returned from {}",
    "engagement": "select period_code, engagement, count(*) as people from {} group by all",
    "flow": "select service_id, period_code, active_at_start, inflow, outflow from {}",
}
"""What is told by hand."""
OURS = {
    "spells": SAME["spells"].format("build.intermediate.int_spells"),
    "person_period": (
        "select person_key, period_code, services_used_count, services_at_once_count from build.marts.fct_person_period"
    ),
    "services_used": "select period_code, people, people_used_4, people_at_once_4 from build.marts.mart_services_used",
    "co_use": (
        "select period_code, service_a, service_b, users_of_both from build.marts.mart_co_use where users_of_both > 0"
    ),
    "transitions": (
        "select person_key, from_service, to_service, transition_date from build.marts.fct_transition "
        "where to_service not in ('END', 'OPEN')"
    ),
    "returns": (
        "select service_id, within_days, exits, returned from build.marts.mart_return "
        "where return_to = 'same_service' and exit_kind = 'all' and service_id <> 'all'"
    ),
    "engagement": (
        "select period_code, if(engagement in ('returned', 're_engaged'), 'back', engagement), count(*) "
        "from build.marts.fct_engagement group by all"
    ),
    "flow": (
        "select service_id, month_code, active_at_start, inflow, outflow from build.marts.fct_flow "
        "where active_at_start + inflow > 0"
    ),
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a connection with what was made by hand, and dbt's as `build`."""
    home = tmp_path_factory.mktemp("both")
    write_crowd(home, PEOPLE)
    path = build_by_hand(home)
    in_a_process("dbt", home, *(f"+{model}" for model in TABLES.values()))
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute(f"attach '{home / 'warehouse' / 'build.duckdb'}' as build (read_only)")
        yield connection


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_by_hand_holds_what_the_model_holds(both: duckdb.DuckDBPyConnection, table: str) -> None:
    theirs, ours = SAME[table].format(table), OURS[table]
    assert len(both.sql(theirs)) > 10
    assert both.sql(f"({theirs}) except all ({ours})").fetchall() == []
    assert both.sql(f"({ours}) except all ({theirs})").fetchall() == []


def test_a_month_later_the_same_crowd_is_known_for_a_month_more(tmp_path: Path) -> None:
    known = {}
    for day in (BEFORE, AFTER):
        write_crowd(tmp_path, 200, known_to=day)
        folder = tmp_path / "accepted" / "in_force"
        known[day] = {entity: pl.read_parquet(folder / entity / "given.parquet") for entity in DATED}
    for entity, dated in DATED.items():
        later = known[AFTER][entity]
        assert later.filter(pl.col(dated) > AFTER).is_empty()
        assert (
            known[BEFORE][entity]
            .drop("end_date", strict=False)
            .equals(later.filter(pl.col(dated) <= BEFORE).drop("end_date", strict=False))
        )
        assert later.height > known[BEFORE][entity].height > 0
    open_before, open_after = (known[day]["episode"].filter(pl.col("end_date").is_null()) for day in (BEFORE, AFTER))
    ended = open_before.join(open_after, on="episode_ref", how="anti")
    assert ended.height > 0
    assert known[AFTER]["episode"]["end_date"].max() <= AFTER  # type: ignore[operator]
