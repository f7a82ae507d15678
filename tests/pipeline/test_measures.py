"""The measures find in the deliveries of a simulated area what was planted in its life (docs/reference/truth.md)."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from orchestration.settings import Settings
from seeds.simulate.pathways import ONWARD, SERVICES

DATA_END = date(2026, 9, 30)
ENOUGH = 40
"""Cases of a service from which on its median is compared with the planted one."""


@pytest.fixture(scope="module")
def tables(small_area: Settings) -> dict[str, pl.DataFrame]:
    """Return the measures of the small area."""
    with duckdb.connect(str(small_area.warehouse / "build.duckdb"), read_only=True) as connection:
        names = [name for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()]  # fmt: skip
        windows = connection.sql("from intermediate.int_feed_windows").pl()
        return {name: connection.sql(f"from marts.{name}").pl() for name in names} | {"windows": windows}


@pytest.fixture(scope="module")
def planted(truth: Path) -> dict[str, Any]:
    """Return what was planted."""
    return dict(json.loads((truth / "planted.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def spells(truth: Path) -> pl.DataFrame:
    """Return the true episodes."""
    return pl.read_parquet(truth / "true_spells.parquet")


def test_only_the_feed_that_stopped_is_seen_to_stop(
    tables: dict[str, pl.DataFrame], planted: dict[str, Any], spells: pl.DataFrame
) -> None:
    stopped = tables["windows"].filter("stops_before_data_end")
    assert set(stopped["feed"]) == set(planted["stopped_feeds"])
    open_after = tables["fct_spell"].filter(
        pl.col("is_open") & (pl.col("end_date") < DATA_END) & ~pl.col("is_contact_only")
    )
    theirs = set(spells.filter(pl.col("feed").is_in(stopped["feed"].implode()))["service_id"])
    assert open_after.height > 0
    assert set(open_after["service_id"]) <= theirs


def test_the_planted_people_with_four_services_at_once_are_found(
    tables: dict[str, pl.DataFrame], planted: dict[str, Any]
) -> None:
    found = tables["mart_services_used"].filter(pl.col("period_code") == "all")["people_at_once_4"].item()
    assert found == pytest.approx(planted["at_once"]["people"], rel=0.15)


@pytest.mark.parametrize(("clock", "parameter"), [("referral_to_start", "wait"), ("start_to_end", "days")])
def test_planted_waits_and_stays_are_recovered(tables: dict[str, pl.DataFrame], clock: str, parameter: str) -> None:
    """Each planted median lies in its interval for nine services in ten, widened by a day for whole days."""
    medians = tables["mart_duration"].filter(
        (pl.col("clock") == clock) & (pl.col("scope") == "service") & (pl.col("events") >= ENOUGH)
    )
    assert medians.height >= 10
    hits = [
        low - 1 <= getattr(SERVICES[service], parameter) <= (high or float("inf")) + 1
        for service, low, high in medians.select("scope_code", "median_days_low", "median_days_high").iter_rows()
        if service != "talking_therapies" or clock != "referral_to_start"  # its planted wait differs by neighbourhood
    ]
    assert sum(hits) >= 0.85 * len(hits)


def test_an_average_of_ended_stays_alone_is_too_short(tables: dict[str, pl.DataFrame]) -> None:
    long = pl.col("service_id") == "council_tax_support"
    ended = tables["fct_duration"].filter((pl.col("clock") == "start_to_end") & long & (pl.col("ending") == "event"))
    median = tables["mart_duration"].filter(
        (pl.col("clock") == "start_to_end") & (pl.col("scope_code") == "council_tax_support")
    )["median_days"].item()  # fmt: skip
    assert ended["days"].median() < median


def test_refusals_and_withdrawals_are_those_of_the_truth(tables: dict[str, pl.DataFrame], spells: pl.DataFrame) -> None:
    funnel = tables["mart_funnel"].filter(pl.col("stage") == "start")
    seen = spells.filter(pl.col("referral_date").is_between(date(2023, 10, 1), date(2026, 3, 31)))
    for column, fate in (("declined", "declined"), ("dropped_out", "withdrawn")):
        expected = seen.filter(pl.col("fate") == fate).height / seen.height
        assert funnel[column].sum() / funnel["settled"].sum() == pytest.approx(expected, abs=0.012)


def test_returns_within_a_year_are_those_of_the_truth(tables: dict[str, pl.DataFrame], spells: pl.DataFrame) -> None:
    """By the same rule over true episodes: ended in the window, followed for a year, back to the same service."""
    served = spells.filter((pl.col("fate") == "served") & (pl.col("end_date") >= date(2023, 10, 1))).sort("start_date")
    back = pl.col("start_date").shift(-1).over("true_person_id", "service_id") - pl.col("end_date")
    followed = served.with_columns(days=back.dt.total_days()).filter(pl.col("end_date") <= date(2025, 9, 30))
    expected = followed.filter(pl.col("days").is_between(6, 365)).height / followed.height
    found = tables["mart_return"].filter(
        (pl.col("return_to") == "same_service") & (pl.col("service_id") == "all") & (pl.col("exit_kind") == "all")
    )
    year = found.filter(pl.col("within_days") == 365).row(0, named=True)
    assert year["exits"] == pytest.approx(followed.height, rel=0.05)
    assert year["returned_share"] == pytest.approx(expected, abs=0.02)


def test_the_planted_gradient_of_deprivation_is_seen(tables: dict[str, pl.DataFrame]) -> None:
    rates = tables["mart_use_rate"].filter((pl.col("year_code") == "all") & (pl.col("group_kind") == "deprivation"))
    standardised = rates.sort("group_value")["standardised_rate"].to_list()
    assert standardised[0] > standardised[1] > standardised[2] > standardised[4]
    assert standardised[0] / standardised[4] > 1.4  # caring and leaving school are planted to follow deprivation less


def test_services_that_refer_to_one_another_are_used_by_the_same_people(tables: dict[str, pl.DataFrame]) -> None:
    pairs = tables["mart_co_use"].filter(pl.col("period_code") == "all")
    found = {
        (a, b): (lift, q) for a, b, lift, q in pairs.select("service_a", "service_b", "lift", "q_value").iter_rows()
    }
    strong = [(a, b) for a, targets in ONWARD.items() for b, chance in targets.items() if chance >= 0.25]
    told = [found[min(pair), max(pair)] for pair in strong if (min(pair), max(pair)) in found]
    assert len(told) >= 5
    assert all(lift > 1 and q < 0.05 for lift, q in told)


def test_moves_into_work_are_sustained_as_in_the_truth(tables: dict[str, pl.DataFrame], spells: pl.DataFrame) -> None:
    """Planted is who comes back: of true stays with services that people leave for work, few begin another soon."""
    found = tables["mart_sustained_work"].filter((pl.col("service_id") == "all") & (pl.col("year_code") == "all"))
    shares = dict(found.select("within_weeks", "sustained_share").iter_rows())
    served = spells.filter((pl.col("fate") == "served") & (pl.col("end_date") <= DATA_END)).sort("start_date")
    back = (pl.col("start_date").shift(-1).over("true_person_id", "service_id") - pl.col("end_date")).dt.total_days()
    theirs = tables["mart_sustained_work"].filter(pl.col("service_id") != "all")["service_id"].unique().to_list()
    of_work = served.with_columns(days=back).filter(pl.col("service_id").is_in(theirs))
    stayed = 1 - of_work.filter(pl.col("days").is_between(6, 182)).height / of_work.height
    assert found["moves"].min() > 5
    assert shares[26] <= shares[13]
    assert shares[26] == pytest.approx(stayed, abs=0.15)


def test_needs_without_a_service_are_fewer_where_more_themes_meet_them(tables: dict[str, pl.DataFrame]) -> None:
    found = tables["mart_recorded_need"].filter(pl.col("year_code") == "all")
    assert found["people_judged"].sum() > 50
    matrix = tables["mart_need_service"].filter(pl.col("year_code") == "all")
    matching = matrix.group_by("is_matching").agg(pl.col("people_used").sum() / pl.col("people").sum())
    shares = dict(matching.iter_rows())
    assert shares[True] > 2 * shares[False]
