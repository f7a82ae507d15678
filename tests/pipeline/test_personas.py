"""Personas, lenses and segments find in a simulated area what was planted in its life."""

import json
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from orchestration.area import load_area
from orchestration.settings import Settings
from orchestration.statistics.latent_classes import likeliest

WINDOW = (date(2023, 10, 1), date(2026, 9, 30))


@pytest.fixture(scope="module")
def tables(small_area: Settings) -> dict[str, pl.DataFrame]:
    """Return the tables of personas and segments of the small area."""
    names = [
        *("marts.mart_persona", "marts.mart_persona_overlap", "marts.mart_persona_lack", "marts.mart_persona_journey"),
        *("marts.mart_persona_wait", "marts.mart_segment", "marts.mart_segment_feature", "marts.fct_person_segment"),
        *("marts.fct_persona_member", "marts.fct_person_period"),
        *("intermediate.int_segment_features", "intermediate.int_segment_scores", "intermediate.int_person_features"),
    ]
    with duckdb.connect(str(small_area.warehouse / "build.duckdb"), read_only=True) as connection:
        return {name.split(".")[1]: connection.sql(f"from {name}").pl() for name in names}


@pytest.fixture(scope="module")
def used(truth: Path, small_area: Settings) -> pl.DataFrame:
    """Return true person, service and theme of every use in the window."""
    services = load_area(small_area.area_dir).directory.services.select("theme", service_id="id")
    spells = pl.read_parquet(truth / "true_spells.parquet").filter(pl.col("fate") == "served")
    in_window = (pl.col("start_date") <= WINDOW[1]) & (pl.col("end_date").fill_null(WINDOW[1]) >= WINDOW[0])
    return spells.filter(in_window).join(services, on="service_id").select("true_person_id", "service_id", "theme")


def _people(tables: dict[str, pl.DataFrame], persona: str) -> int:
    row = tables["mart_persona"].filter((pl.col("persona_id") == persona) & (pl.col("year_code") == "all"))
    return int(row["people"].item())


@pytest.mark.parametrize(
    ("lens", "themes"),
    [
        ("families", ["family"]),
        ("health_and_care", ["adult_care", "mental_health", "substance", "community"]),
        ("work_and_welfare", ["work", "benefits", "money"]),
    ],
)
def test_a_lens_counts_the_people_who_truly_used_its_themes(
    tables: dict[str, pl.DataFrame], used: pl.DataFrame, lens: str, themes: list[str]
) -> None:
    expected = used.filter(pl.col("theme").is_in(themes))["true_person_id"].n_unique()
    assert _people(tables, lens) == pytest.approx(expected, rel=0.1)


def test_a_persona_counts_the_people_who_truly_live_its_situation(
    tables: dict[str, pl.DataFrame], used: pl.DataFrame
) -> None:
    claims = used.filter(pl.col("service_id") == "universal_credit_searching")["true_person_id"].unique()
    money = used.filter(pl.col("service_id").is_in(["debt_advice", "council_tax_support"]))
    expected = money.filter(pl.col("true_person_id").is_in(claims.implode()))["true_person_id"].n_unique()
    assert _people(tables, "stop_start_worker") == pytest.approx(expected, rel=0.12)


def test_each_persona_is_told_with_what_it_lacks_and_the_common_one_with_steps_and_waits(
    tables: dict[str, pl.DataFrame],
) -> None:
    personas = tables["mart_persona"].filter((pl.col("persona_kind") == "persona") & (pl.col("year_code") == "all"))
    assert personas.height == 3
    assert set(personas["persona_id"]) <= set(tables["mart_persona_lack"]["persona_id"])
    steps = tables["mart_persona_journey"].filter(pl.col("persona_id") == "stop_start_worker")
    assert 0 < steps["people_with_entry"].max() <= _people(tables, "stop_start_worker")
    waits = tables["mart_persona_wait"].filter(pl.col("persona_id") == "stop_start_worker")
    assert waits.filter(pl.col("service_id") == "all")["median_days"].item() > 0


def test_the_members_are_those_that_polars_finds_by_the_same_rule(tables: dict[str, pl.DataFrame]) -> None:
    """Youth violence has an age and one clause: whoever has the clause is a member, undecided or of another age."""
    asked = pl.col("feature_code").is_in(["youth_diversion", "violence_reduction_mentoring", "victim_support"])
    has = tables["int_person_features"].filter((pl.col("feature_kind") == "service") & asked)
    members = tables["fct_persona_member"].filter(pl.col("persona_id") == "youth_violence")
    assert members.join(has, on=["person_key", "year_code"], how="anti").is_empty()
    carers = tables["fct_persona_member"].filter(pl.col("persona_id") == "families")
    by_theme = tables["int_person_features"].filter(pl.col("feature_kind") == "theme", feature_code="family")
    assert set(carers.select("person_key", "year_code").iter_rows()) == set(
        by_theme.select("person_key", "year_code").iter_rows()
    )


def test_the_segments_assigned_by_sql_are_those_that_the_kept_model_finds(
    tables: dict[str, pl.DataFrame], small_area: Settings
) -> None:
    kept = json.loads((small_area.warehouse / "segments.json").read_text(encoding="utf-8"))
    bits = tables["int_segment_features"].sort("feature_no")["feature_bit"].to_numpy()
    scores = tables["int_segment_scores"]
    answers = (scores["pattern"].to_numpy()[:, None] & bits[None, :] != 0).astype(float)
    found = likeliest(answers, np.array(kept["shares"]), np.array(kept["chances"]))
    assert (found + 1 == scores["segment_no"].to_numpy()).mean() > 0.999


def test_planted_needs_make_segments(tables: dict[str, pl.DataFrame]) -> None:
    """Family stress befalls children and loss of income adults: who uses one theme alone is with their like."""
    themes = tables["int_person_features"].filter((pl.col("feature_kind") == "theme") & (pl.col("year_code") != "all"))
    alone = themes.filter(pl.len().over("person_key", "year_code") == 1)
    joined = alone.join(tables["fct_person_segment"], on=["person_key", "year_code"])
    homes = {}
    for theme in ("family", "benefits"):
        sizes = joined.filter(pl.col("feature_code") == theme)["segment_no"].value_counts(sort=True)
        homes[theme] = sizes["segment_no"][0]
        assert sizes["count"][0] >= 0.7 * sizes["count"].sum(), sizes
    assert homes["family"] != homes["benefits"], tables["mart_segment"].select("segment_no", "profile").unique().rows()


def test_every_service_user_is_in_one_segment_each_year(tables: dict[str, pl.DataFrame]) -> None:
    years = tables["fct_person_period"].filter(pl.col("period_level").is_in(["year", "all"]))
    assert tables["fct_person_segment"].height == years.height
    assert tables["mart_segment"]["segment_version"].n_unique() == 1
