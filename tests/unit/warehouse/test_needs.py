"""Recorded needs of a crowd, counted another way: plain polars over the facts, and scipy for the intervals."""

from datetime import date

import duckdb
import polars as pl
import pytest
from scipy.stats import binomtest

from orchestration.bench.warehouse_crowd import write_crowd
from tests.support.warehouse_build import build_warehouse

MARTS = ("mart_recorded_need", "mart_need_service", "mart_household_need", "mart_reconciliation")
YEARS = {
    "Y2023": (date(2023, 10, 1), date(2024, 9, 30)),
    "Y2024": (date(2024, 10, 1), date(2025, 9, 30)),
    "Y2025": (date(2025, 10, 1), date(2026, 9, 30)),
    "all": (date(2023, 10, 1), date(2026, 9, 30)),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    home = tmp_path_factory.mktemp("needs")
    write_crowd(home, 1_500)
    built = build_warehouse(home, select=" ".join(f"+{name}" for name in MARTS), tested=False)
    with duckdb.connect(str(built.path), read_only=True) as connection:
        found = {name: connection.sql(f"from marts.{name}").pl() for name in (*MARTS, "fct_need")}
        for name in ("int_person_services", "int_households_resolved"):
            found[name] = connection.sql(f"from intermediate.{name}").pl()
        return found | {"households": connection.sql("from marts.dim_household").pl()}


@pytest.mark.parametrize("year", YEARS)
def test_people_with_a_need_and_without_a_service_are_those_counted_by_hand(
    tables: dict[str, pl.DataFrame], year: str
) -> None:
    first = (
        tables["fct_need"]
        .filter(pl.col("recorded_date").is_between(*YEARS[year]))
        .filter(pl.col("recorded_date") == pl.col("recorded_date").min().over("person_key", "need_code"))
        .group_by("person_key", "need_code")
        .agg(pl.col("is_met", "has_matching_service", "has_full_followup").any())
    )
    judged = pl.col("has_matching_service") & pl.col("has_full_followup")
    expected = first.group_by("need_code").agg(
        people=pl.len(), judged=judged.sum(), unmet=(judged & ~pl.col("is_met")).sum()
    )
    found = tables["mart_recorded_need"].filter(year_code=year)
    columns = ("need_code", "people", "people_judged", "people_not_met")
    assert sorted(found.select(columns).rows()) == sorted(expected.rows())
    assert found["people_judged"].sum() > 20
    for row in found.filter(pl.col("people_judged") > 0).iter_rows(named=True):
        interval = binomtest(row["people_not_met"], row["people_judged"]).proportion_ci(method="wilson")
        limits = (row["not_met_share_low"], row["not_met_share_high"])
        assert limits == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_use_of_people_with_a_need_is_that_of_the_whole_window(tables: dict[str, pl.DataFrame]) -> None:
    needing = tables["fct_need"].filter(pl.col("recorded_date") >= YEARS["all"][0])
    pairs = needing.select("person_key", "need_code").unique()
    used = tables["int_person_services"].select("person_key", "theme").unique()
    expected = pairs.join(used, on="person_key").group_by("need_code", "theme").len().rows()
    found = tables["mart_need_service"].filter((pl.col("year_code") == "all") & (pl.col("people_used") > 0))
    assert sorted(found.select("need_code", "theme", "people_used").rows()) == sorted(expected)
    assert found.height > 4


def test_households_by_number_of_needs_are_those_of_their_members(tables: dict[str, pl.DataFrame]) -> None:
    needs = tables["fct_need"].filter(pl.col("recorded_date").is_between(*YEARS["Y2024"]))
    members = tables["int_households_resolved"].select("person_key", "household_key")
    counted = needs.join(members, on="person_key").group_by("household_key").agg(pl.col("need_code").n_unique())
    typed = counted.join(tables["households"].select("household_key", "household_type"), on="household_key")
    expected = typed.group_by("household_type").agg(
        households=pl.len(), three=(pl.col("need_code") >= 3).sum(), one=(pl.col("need_code") == 1).sum()
    )
    found = tables["mart_household_need"].filter(year_code="Y2024")
    columns = ("household_type", "households", "households_with_3", "households_with_1")
    assert sorted(found.select(columns).rows()) == sorted(expected.rows())
    assert found["households_with_3"].sum() > 0


def test_a_total_from_elsewhere_stands_beside_ours(tables: dict[str, pl.DataFrame]) -> None:
    row = tables["mart_reconciliation"].row(0, named=True)
    ours = tables["int_person_services"]["person_key"].n_unique()
    assert (row["our_total"], row["ratio"]) == (ours, pytest.approx(ours / row["external_total"]))
    assert row["is_within"] is (abs(row["ratio"] - 1) <= row["tolerance"])
