"""The simulator plants money outcomes that hang on who was known before and not on the topic: matching finds so."""

from typing import Any

import polars as pl
import pytest

from orchestration.area.comparisons import SCHEMA
from tests.support.warehouse_build import build_warehouse
from tests.support.warehouse_truth import ADVICE, true_episodes, write_truth

PEOPLE = 120_000
FOLLOWED = ("service:debt_advice", "service:benefits_advice", "outcome:financial_stability", 365)
CLOSE = 0.12
"""How far from the planted ratio of 1 a matched ratio may lie: somewhat more than one standard error."""


@pytest.fixture(scope="module")
def episodes() -> pl.DataFrame:
    """Return the lives of people who came for one topic of advice: who came for two may have the outcome of either."""
    drawn = true_episodes(PEOPLE, seed=5).filter((pl.col("fate") == "served") & (pl.col("start_day") < 1096))
    advised = drawn.filter(pl.col("feed") == ADVICE)
    topics = advised.group_by("person").agg(topics=pl.col("service_id").n_unique())
    chosen = advised.filter(pl.col("service_id").is_in(["debt_advice", "benefits_advice"]))
    one_topic = topics.filter(pl.col("topics") == 1)["person"].implode()
    people = chosen.filter(pl.col("person").is_in(one_topic))["person"].unique().implode()
    return drawn.filter(pl.col("person").is_in(people))


@pytest.fixture(scope="module")
def compared(episodes: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return the comparison of the two topics by method."""
    home = tmp_path_factory.mktemp("lives")
    comparisons = pl.DataFrame([("topics", "Two topics", *FOLLOWED)], schema=SCHEMA, orient="row")
    write_truth(home, episodes, comparisons=comparisons)
    built = build_warehouse(home, select="+mart_comparison", tested=False)
    found = built.records("select * from marts.mart_comparison")
    return {row["method"]: row for row in found}


def test_without_matching_one_topic_seems_to_do_better(compared: dict[str, dict[str, Any]]) -> None:
    crude = compared["crude"]
    assert crude["focus_people"] > 1_500
    assert crude["other_people"] > 700
    assert crude["largest_difference"] > 0.4
    assert crude["risk_ratio_low"] > 1 + CLOSE


@pytest.mark.parametrize("method", ["exact", "propensity"])
def test_among_people_who_are_alike_the_planted_ratio_of_one_is_found(
    compared: dict[str, dict[str, Any]], method: str
) -> None:
    matched = compared[method]
    assert matched["risk_ratio_low"] < 1 < matched["risk_ratio_high"]
    assert matched["risk_ratio"] == pytest.approx(1, abs=CLOSE)
    assert matched["other_people"] > 700


def test_who_is_known_before_has_the_planted_chance(episodes: pl.DataFrame) -> None:
    """Of completed advice: 0.65 and 0.10, in either topic."""
    done = episodes.filter((pl.col("feed") == ADVICE) & pl.col("is_completed"))
    shares = done.group_by("is_known_before").agg(share=pl.col("outcome_ref").is_not_null().mean())
    assert dict(shares.iter_rows()) == pytest.approx({True: 0.65, False: 0.10}, abs=0.03)
