"""Journeys of a simulated area: doors, moves and types in its deliveries are those of its life."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from scipy.stats import binomtest

from orchestration.settings import Settings
from seeds.simulate.pathways import SERVICES

DATA_START, DATA_END = date(2023, 10, 1), date(2026, 9, 30)
LONG_DAYS = 300
"""Planted median stay from which on a service is one of long stays."""


@pytest.fixture(scope="module")
def tables(small_area: Settings) -> dict[str, pl.DataFrame]:
    """Return the measures of journeys of the small area, and what they are made from."""
    with duckdb.connect(str(small_area.warehouse / "build.duckdb"), read_only=True) as connection:
        marts = ("entry_door", "transition", "journey_type", "journey_type_month", "combination", "pathway_change")
        found = {f"mart_{name}": connection.sql(f"from marts.mart_{name}").pl() for name in marts}
        inner = ("int_person_sequences", "int_sequence_types", "int_journeys", "int_events", "int_services")
        return found | {name: connection.sql(f"from intermediate.{name}").pl() for name in inner}


@pytest.fixture(scope="module")
def uses(truth: Path) -> pl.DataFrame:
    """Return the true episodes that were served, in the order of steps."""
    spells = pl.read_parquet(truth / "true_spells.parquet")
    return spells.filter((pl.col("fate") == "served") & (pl.col("start_date") <= DATA_END)).sort(
        "true_person_id", "start_date", "end_date", "service_id", nulls_last=True
    )


@pytest.fixture(scope="module")
def transitions(truth: Path) -> list[dict[str, Any]]:
    """Return the planted chances of going on from one service to another."""
    return list(json.loads((truth / "planted.json").read_text(encoding="utf-8"))["transitions"])


def test_first_doors_are_those_of_the_truth(tables: dict[str, pl.DataFrame], uses: pl.DataFrame) -> None:
    first = uses.group_by("true_person_id", maintain_order=True).first()
    expected = first.filter(pl.col("start_date") >= DATA_START)["service_id"].value_counts(name="true_people")
    doors = tables["mart_entry_door"].filter((pl.col("level") == "service") & (pl.col("year_code") == "all"))
    both = doors.join(expected, left_on="door", right_on="service_id", how="full", coalesce=True).fill_null(0)
    assert both["people"].sum() == pytest.approx(expected["true_people"].sum(), rel=0.02)
    wrong = (both["people"] - both["true_people"]).abs().sum()
    assert wrong <= 0.05 * expected["true_people"].sum()


def test_moves_are_those_of_the_truth(tables: dict[str, pl.DataFrame], uses: pl.DataFrame) -> None:
    """By the same rule over true episodes: the next one's service, where it is another, dated in the window."""
    following = uses.with_columns(
        pl.col("service_id", "start_date").shift(-1).over("true_person_id").name.prefix("next_")
    ).filter(
        pl.col("next_start_date").is_between(DATA_START, DATA_END) & (pl.col("service_id") != pl.col("next_service_id"))
    )
    expected = following.group_by(from_state="service_id", to_state="next_service_id").agg(true_moves=pl.len())
    found = tables["mart_transition"].filter(
        (pl.col("level") == "service")
        & (pl.col("year_code") == "all")
        & (pl.col("from_state") != "START")
        & ~pl.col("to_state").is_in(["END", "OPEN"])
    )
    both = found.join(expected, on=["from_state", "to_state"], how="full", coalesce=True).with_columns(
        pl.col("moves", "true_moves").fill_null(0)
    )
    total = expected["true_moves"].sum()
    assert total > 500
    assert found["moves"].sum() == pytest.approx(total, rel=0.05)
    assert (both["moves"] - both["true_moves"]).abs().sum() <= 0.15 * total


def test_planted_chances_of_going_on_are_seen_as_moves(
    tables: dict[str, pl.DataFrame], transitions: list[dict[str, Any]]
) -> None:
    """A planted referral is one way to a next start: what was realised lies in a wide interval of the probability."""
    found = {
        (row["from_state"], row["to_state"]): row
        for row in tables["mart_transition"]
        .filter((pl.col("level") == "service") & (pl.col("year_code") == "all"))
        .iter_rows(named=True)
    }
    strong = [one for one in transitions if one["episodes"] >= 30 and one["planted"] >= 0.1]
    assert len(strong) >= 8
    hits = 0
    for one in strong:
        row = found[one["from_service"], one["to_service"]]
        limits = binomtest(row["moves"], row["settled_moves"]).proportion_ci(0.99, method="wilson")
        hits += limits.low <= one["realised_next_start"] <= limits.high
    assert hits >= 0.85 * len(strong)


def test_types_tell_planted_long_stays_from_short_ones(tables: dict[str, pl.DataFrame]) -> None:
    """Median stays are planted by service: the type that is seldom without a service has the doors of long stays."""
    types = tables["mart_journey_type"]
    assert types["type_count"].unique().to_list() == [types.height]
    idle = types.with_columns(months=pl.col("medoid_sequence").str.count_matches("-"))
    fullest, emptiest = (idle.sort("months")["type_no"][place] for place in (0, -1))
    ends = types.filter(pl.col("type_no").is_in([fullest, emptiest]))  # between them it is less sure
    assert ends["type_stability"].min() > 0.75
    long = [name for name, path in SERVICES.items() if path.days >= LONG_DAYS]
    people = (
        tables["int_person_sequences"]
        .join(tables["int_sequence_types"], on="sequence")
        .join(tables["int_journeys"], on="person_key")
        .group_by("type_no")
        .agg(long=pl.col("entry_service").is_in(long).mean())
    )
    shares = dict(people.iter_rows())
    assert shares[fullest] > 3 * shares[emptiest]


def test_sets_of_themes_are_those_of_the_truth(tables: dict[str, pl.DataFrame], uses: pl.DataFrame) -> None:
    """People by the set of themes they used in the window: a lost link would split the sets of who used several."""
    themes = tables["int_services"].select("service_id", "theme")
    expected = (
        uses.filter("is_in_window")
        .join(themes, on="service_id")
        .group_by("true_person_id")
        .agg(themes=pl.col("theme").unique().sort().str.join(" + "))["themes"]
        .value_counts(name="true_people")
    )
    found = tables["mart_combination"].filter((pl.col("period_code") == "all") & (pl.col("people_exactly") > 0))
    both = found.join(expected, on="themes", how="full", coalesce=True).with_columns(
        pl.col("people_exactly", "true_people").fill_null(0)
    )
    several = both.filter(pl.col("themes").str.contains("+", literal=True))
    assert several["true_people"].sum() > 200
    for part in (both, several):
        wrong = (part["people_exactly"] - part["true_people"]).abs().sum()
        assert wrong <= 0.1 * part["true_people"].sum()


def test_who_moved_into_work_is_known_from_the_deliveries(tables: dict[str, pl.DataFrame]) -> None:
    """Staying longer in work is the stricter event, and who has it uses less after than before."""
    people = dict(tables["int_events"]["event"].value_counts().iter_rows())
    assert people["found_work"] > people["work_13_weeks"] > people["work_26_weeks"] > 30
    work = tables["mart_pathway_change"].filter((pl.col("level") == "any") & (pl.col("event") == "work_26_weeks"))
    assert work["people_after"].item() < work["people_before"].item()
