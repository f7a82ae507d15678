"""Costs and cohorts of the simulated small area are those of its true lives, within what linkage and mishaps blur."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from orchestration.settings import Settings

FIRST, LAST = date(2023, 10, 1), date(2026, 9, 30)
DAYS = {"week": 7.0, "month": 365.25 / 12, "year": 365.25}


@pytest.fixture(scope="module")
def tables(small_area: Settings) -> dict[str, pl.DataFrame]:
    """Return costs, comparisons and the unit costs as they are told."""
    names = ["fct_cost", "mart_cost_by_payer", "mart_cost_concentration", "mart_cost_coverage", "mart_cost_sensitivity"]
    names += ["mart_cohort", "mart_comparison", "mart_event_time", "mart_balance"]
    with duckdb.connect(str(small_area.warehouse / "build.duckdb"), read_only=True) as connection:
        marts = {name: connection.sql(f"from marts.{name}").pl() for name in names}
        return marts | {"unit_costs": connection.sql("from staging.stg_unit_costs").pl()}


@pytest.fixture(scope="module")
def lives(truth: Path) -> pl.DataFrame:
    """Return true stays in the window, of feeds that never stopped."""
    stopped = json.loads((truth / "planted.json").read_text(encoding="utf-8"))["stopped_feeds"]
    spells = pl.read_parquet(truth / "true_spells.parquet").filter("is_in_window", ~pl.col("feed").is_in(list(stopped)))
    return spells.with_columns(
        stay_days=(
            pl.min_horizontal("end_date", pl.lit(LAST)) - pl.max_horizontal("start_date", pl.lit(FIRST))
        ).dt.total_days()
        + 1
    )


def test_costs_by_service_are_true_units_times_unit_costs(tables: dict[str, pl.DataFrame], lives: pl.DataFrame) -> None:
    true = lives.group_by("service_id").agg(stays=(pl.col("start_date") >= FIRST).sum(), days=pl.col("stay_days").sum())
    priced = tables["unit_costs"].filter(pl.col("per") != "contact").join(true, on="service_id")
    units = pl.when(pl.col("per") == "episode").then("stays").otherwise(
        pl.col("days") / pl.col("per").replace_strict(DAYS, default=None, return_dtype=pl.Float64)
    )  # fmt: skip
    expected = priced.with_columns(expected=units * pl.col("cost_gbp") * pl.col("deflator"))
    key = ["service_id", "borne_by", "cost_type"]
    found = tables["fct_cost"].group_by(key).agg(found=pl.col("cost_gbp").cast(pl.Float64).sum())
    both = expected.join(found, on=key).filter(pl.col("stays") >= 40)
    assert both.height >= 12
    assert both["found"].sum() == pytest.approx(both["expected"].sum(), rel=0.06)
    close = ((both["found"] / both["expected"] - 1).abs() < 0.15).mean()
    assert close is not None
    assert close >= 0.85


def test_an_older_price_year_is_told_in_the_newest(tables: dict[str, pl.DataFrame]) -> None:
    older = tables["unit_costs"].filter(pl.col("price_year") == "2023-24")
    assert older.height > 0
    assert set(tables["unit_costs"]["told_price_year"]) == {"2024-25"}
    assert older["deflator"].to_list() == pytest.approx([100 / 96.2] * older.height)


def test_use_without_a_unit_cost_is_told(tables: dict[str, pl.DataFrame]) -> None:
    fiscal = tables["mart_cost_coverage"].filter(pl.col("cost_type") == "fiscal")
    assert fiscal.height == 3
    assert all(0.8 < share < 1 for share in fiscal["uses_costed_share"])


def test_few_people_account_for_much_of_the_cost_and_ranges_hold_the_cost(tables: dict[str, pl.DataFrame]) -> None:
    fiscal = tables["mart_cost_concentration"].filter(pl.col("cost_type") == "fiscal")
    assert all(share > 0.3 for share in fiscal["top_10_share"])
    payers = tables["mart_cost_by_payer"].filter((pl.col("cost_type") == "fiscal") & (pl.col("borne_by") != "all"))
    assert payers.filter(pl.col("cost_low_gbp") < pl.col("cost_gbp")).height == payers.height
    widest = tables["mart_cost_sensitivity"].filter((pl.col("swing_rank") == 1) & (pl.col("cost_type") == "fiscal"))
    assert widest.height == 3


def test_cohorts_are_those_who_truly_began_the_service_in_the_window(
    tables: dict[str, pl.DataFrame], truth: Path
) -> None:
    spells = pl.read_parquet(truth / "true_spells.parquet").filter("is_in_window")
    first = spells.group_by("service_id", "true_person_id").agg(pl.col("start_date").min())
    began = dict(first.filter(pl.col("start_date") >= FIRST).group_by("service_id").len().iter_rows())
    for cohort, members in tables["mart_cohort"].select("cohort", "members").iter_rows():
        assert members == pytest.approx(began[cohort.removeprefix("service:")], rel=0.1)


def test_every_comparison_is_told_crude_exact_and_by_propensity(tables: dict[str, pl.DataFrame]) -> None:
    compared: dict[str, Any] = {
        key: part for (key,), part in tables["mart_comparison"].group_by("comparison_id", maintain_order=True)
    }
    assert set(compared) == {"advice_on_debt_or_benefits", "claim_or_course"}
    for comparison, part in compared.items():
        assert set(part["method"]) == {"crude", "exact", "propensity"}
        months = tables["mart_event_time"].filter(pl.col("comparison_id") == comparison)["month_offset"]
        assert (months.min(), months.max()) == (-6, 6)
    exact = tables["mart_balance"].filter((pl.col("method") == "exact") & (pl.col("covariate") == "age_band"))
    assert exact["standardised_difference"].abs().max() == pytest.approx(0, abs=1e-9)
