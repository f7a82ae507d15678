"""People enter a persona on the first day on which its rule holds: counted another way over a crowd."""

from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from orchestration.area.comparisons import SCHEMA
from orchestration.area.personas import Persona, persona_tables
from orchestration.bench.warehouse_crowd import write_crowd
from tests.support.warehouse_build import build_warehouse

RULE: dict[str, Any] = {
    "ages": {"from": 20, "to": 70},
    "services": {"all_of": ["debt_advice"], "any_of": ["housing_options", "skills_course"]},
    "themes": {"none_of": ["health"]},
}
MODELS = ("int_persona_entries", "int_cohorts_entered", "int_compared_months")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    home: Path = tmp_path_factory.mktemp("personas")
    write_crowd(home, 1_500)
    personas = {
        "behind": ("persona", Persona.model_validate({"id": "behind", "name": "B", "situation": "S", "cohort": RULE}))
    }
    compared = ("c", "C", "persona:behind", "service:benefits_help", "service:mental_health", 30)
    tables = persona_tables(personas) | {"comparisons": pl.DataFrame([compared], schema=SCHEMA, orient="row")}
    for name, table in tables.items():
        table.write_parquet(home / "accepted" / "area" / f"{name}.parquet")
    built = build_warehouse(home, select="+mart_comparison +mart_event_time", tested=False)
    with duckdb.connect(str(built.path), read_only=True) as connection:
        names = (*MODELS, "int_spells", "int_services", "int_people_resolved", "int_months")
        found = {name: connection.sql(f"from intermediate.{name}").pl() for name in names}
        return found | {"mart_comparison": connection.sql("from marts.mart_comparison").pl()}


@pytest.fixture(scope="module")
def entered(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return who enters and when, person by person in polars."""
    first = (
        tables["int_spells"]
        .join(tables["int_services"].select("service_id", "theme"), on="service_id")
        .group_by("person_key")
        .agg(
            debt=pl.col("start_date").filter(pl.col("service_id") == "debt_advice").min(),
            other=pl.col("start_date").filter(pl.col("service_id").is_in(["housing_options", "skills_course"])).min(),
            refused=pl.col("start_date").filter(pl.col("theme") == "health").min(),
        )
        .drop_nulls(["debt", "other"])
        .with_columns(entered_date=pl.max_horizontal("debt", "other"))
        .filter(pl.col("refused").is_null() | (pl.col("refused") > pl.col("entered_date")))
    )
    years = tables["int_months"].select("year_code", month=pl.col("start_date"))
    aged = tables["int_people_resolved"].select("person_key", "year_code", "age")
    return (
        first.with_columns(month=pl.col("entered_date").dt.month_start())
        .join(years, on="month")
        .join(aged, on=["person_key", "year_code"])
        .filter(pl.col("age").is_between(20, 70))
        .select("person_key", "entered_date")
    )


def test_who_enters_a_persona_and_when_is_counted_the_same_in_polars(
    tables: dict[str, pl.DataFrame], entered: pl.DataFrame
) -> None:
    found = tables["int_persona_entries"].filter(persona_id="behind").select("person_key", "entered_date")
    assert entered.height > 40
    assert sorted(found.rows()) == sorted(entered.rows())


def test_nobody_is_judged_by_what_came_later(tables: dict[str, pl.DataFrame], entered: pl.DataFrame) -> None:
    """Some used later what the rule refuses: they are in the cohort, which nothing later decides."""
    later = tables["int_spells"].filter(service_id="mental_health").join(entered, on="person_key")
    assert later.filter(pl.col("start_date") > pl.col("entered_date")).height > 0


def test_a_persona_is_compared_and_its_own_services_are_no_use_beside_it(tables: dict[str, pl.DataFrame]) -> None:
    crude = tables["mart_comparison"].filter(method="crude").row(0, named=True)
    compared = tables["int_cohorts_entered"].filter(standing="compared", side="focus")
    assert crude["focus_people"] == compared.height > 10
    assert tables["int_compared_months"]["services_used"].max() == 0  # each of the five services makes a cohort
