"""Personas as populations, and events (starts, exits, waits, needs): what one may be subtracted from another."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.publishing import publish
from orchestration.release import Gate, Request, engine
from orchestration.release.cells import count_cells
from orchestration.release.directory import read_directory
from orchestration.release.enclosing import KIND_OF_EVENT
from orchestration.release.engine import CellKeyProtection, Engine, Published
from orchestration.release.noise import Noise
from orchestration.release.policy import POLICIES
from tests.support.snapshot import serving_tables, write_warehouse

POLICY = POLICIES["dashboard"]
SMALLEST_DIFFERENCE = 5


@contextmanager
def serving(tables: dict[str, pl.DataFrame]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema serving")
        for name, frame in tables.items():
            connection.register("frame", frame)
            connection.execute(f"create table serving.{name} as from frame")
            connection.unregister("frame")
        yield connection


def published(connection: duckdb.DuckDBPyConnection, measure: str, *attributes: str, period: str = "all") -> Published:
    directory = read_directory(connection)
    protection = CellKeyProtection(Noise(b"5eed", POLICY), POLICY)
    return Engine(directory, POLICY, protection).protect(
        connection, measure=measure, attributes=attributes, period=directory.periods[period]
    )


@pytest.fixture(scope="module")
def twins() -> dict[str, pl.DataFrame]:
    """An invented place in which the persona 'nearly' is 'between_jobs' without three of its people."""
    tables = serving_tables(people=3_000, seed=7)
    members = tables["srv_persona_member"]
    one = members.filter(pl.col("persona") == "between_jobs")
    left_out = one["person_no"].unique().sort().head(3)
    nearly = one.filter(pl.col("person_no").is_in(left_out.implode()).not_()).with_columns(persona=pl.lit("nearly"))
    named = tables["srv_persona"].filter(pl.col("persona") == "between_jobs").with_columns(persona=pl.lit("nearly"))
    return tables | {
        "srv_persona_member": pl.concat([members, nearly]),
        "srv_persona": pl.concat([tables["srv_persona"], named]),
    }


def test_two_personas_of_nearly_the_same_people_are_both_hidden(
    twins: dict[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(twins) as connection:
        shown = published(connection, "people", "persona")
        monkeypatch.setattr(engine, "between_personas", lambda *_: {})
        weak = published(connection, "people", "persona")
    assert {("between_jobs",), ("nearly",)} <= weak.keys(), "without the guard one could be taken from the other"
    assert shown.keys() == {("in_arrears",), ("money",)}


def test_a_persona_of_exactly_the_people_of_another_gives_nothing_to_subtract(twins: dict[str, pl.DataFrame]) -> None:
    members = twins["srv_persona_member"].filter(pl.col("persona") != "nearly")
    same = members.filter(pl.col("persona") == "between_jobs").with_columns(persona=pl.lit("nearly"))
    with serving(twins | {"srv_persona_member": pl.concat([members, same])}) as connection:
        shown = published(connection, "people", "persona")
    assert shown[("nearly",)] == shown[("between_jobs",)]


def test_a_persona_counts_its_members_of_the_year(twins: dict[str, pl.DataFrame]) -> None:
    with serving(twins) as connection:
        period = read_directory(connection).periods["Y2024"]
        cells = count_cells(connection, measure="people", dimensions=("persona",), period=period)
    members = twins["srv_persona_member"].filter(pl.col("year_code") == "Y2024")
    assert {code: count for (code,), (count, _key) in cells.items()} == {
        persona: rows.height for (persona,), rows in members.group_by("persona")
    }


YEAR = {"month_code": "2024-10", "quarter_code": "2024-Q4", "year_code": "Y2024"}
KINDS = {"arrival": "new", "exit_kind": "planned", "return_band": "0-90", "wait": "0-7", "stay_ending": "planned"}
USERS = ("age_group", "service")


def _differences(connection: duckdb.DuckDBPyConnection, measure: str) -> list[int]:
    """Return by how many people all who had the event and all users differ, in cells where both can be read."""
    period = read_directory(connection).periods["Y2024"]
    shown = published(connection, measure, *USERS, period="Y2024")
    visible = published(connection, "people", *USERS, period="Y2024")
    inner = count_cells(connection, measure=measure, dimensions=USERS, period=period)
    outer = count_cells(connection, measure="people", dimensions=USERS, period=period)
    return [outer[code][0] - inner[code][0] for code in shown if code in visible]


@pytest.mark.parametrize(
    ("measure", "name"),
    [("starts", "srv_arrival"), ("exits", "srv_exit"), ("waits", "srv_referral"), ("stays", "srv_referral")],
)
def test_how_many_had_an_event_is_hidden_where_nearly_all_users_had_it(
    measure: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = serving_tables(people=3_000, seed=7)
    in_year = pl.DataFrame({"mask": [((1 << 12) - 1) << 12]})
    uses = tables["srv_person_service"].join(in_year, how="cross").filter(pl.col("month_mask") & pl.col("mask") != 0)
    # Of each service, all but three of the year's users had the event.
    event = (
        uses.filter(pl.int_range(pl.len()).over("service_id") >= 3)
        .with_columns(pl.lit(value).alias(column) for column, value in (YEAR | KINDS).items())
        .select(tables[name].columns)
    )
    event = pl.concat([event, tables[name].filter(pl.col("year_code") != "Y2024")])
    with serving(tables | {name: event}) as connection:
        found = _differences(connection, measure)
        monkeypatch.setattr(engine, "enclosing_tables", lambda *_: [])
        weak = _differences(connection, measure)
    assert any(0 < difference < SMALLEST_DIFFERENCE for difference in weak), "else this could not fail"
    assert [difference for difference in found if difference < SMALLEST_DIFFERENCE] == []


def test_personas_and_needs_of_sensitive_services_are_held_to_their_threshold() -> None:
    with serving(serving_tables(people=300, seed=7)) as connection:
        directory = read_directory(connection, sensitive=("housing",))
    assert directory.sensitive_personas == {"in_arrears"}
    assert directory.sensitive_needs == {"secure_housing"}


def test_a_need_beside_a_theme_is_of_people_who_used_it(tmp_path: Path) -> None:
    tables = serving_tables(people=3_000, seed=7)
    settings = write_warehouse(tmp_path, tables)
    publish(settings)
    table = Gate(settings).answer(Request("needs", ("need", "theme"), {}, "all"))
    needing = tables["srv_need"].join(tables["srv_person_service"], on="person_no")
    true = {(need, theme): rows["person_no"].n_unique() for (need, theme), rows in needing.group_by("need", "theme")}
    shown = [(code, value) for *code, value in table.rows if isinstance(value, int)]
    assert shown
    assert all(abs(value - true[need, theme]) <= 7 for (need, theme), value in shown)


@pytest.mark.parametrize("measure", ["starts", "exits", "returns", "waits", "stays", "needs"])
def test_events_may_be_asked_for_without_a_service_and_of_a_persona(measure: str, tmp_path: Path) -> None:
    settings = write_warehouse(tmp_path, serving_tables(people=3_000, seed=7))
    publish(settings)
    kind = KIND_OF_EVENT[measure][0]
    table = Gate(settings).answer(Request(measure, (kind,), {"persona": ("money",)}, "Y2024"))
    assert any(isinstance(value, int) for _code, value in table.rows)
