"""Snapshot against snapshot: an attacker who knows that nothing else changed asks whether the target was added.

The worst case of attack 8 (DISCLOSURE section 6): a longitudinal look at every cell that would hold a target, where the
targets are the only change. Without memory any changed figure is proof; with vintages no figure changes.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from orchestration.publishing import publish
from orchestration.release import Gate, Refused, Request
from orchestration.release.vintages import Vintages
from tests.support.snapshot import serving_tables, write_warehouse
from tests.support.weak_engines import Forgetful

SERVICE, THEME, MONTH = "debt_advice", "debt", "2026-03"
QUESTIONS = [
    Request("people", by, {}, period)
    for period in ("all", "Y2025", MONTH)
    for by in (
        ("service",),
        ("msoa", "service"),
        ("age_band", "service"),
        ("age_group", "msoa", "service"),
        ("age_band", "service", "sex"),
        ("age_group", "lad", "theme"),
    )
]


@dataclass(frozen=True)
class Outcome:
    """How many of the targets were judged rightly, and in how many the attacker saw any change at all."""

    accuracy: float
    seen: int


def add_targets(tables: dict[str, pl.DataFrame], targets: list[int]) -> dict[str, pl.DataFrame]:
    """Return the tables after a refresh in which each target used one more service in one month, and nothing else."""
    added = pl.DataFrame(
        {"person_no": targets, "service_id": [SERVICE] * len(targets), "theme": [THEME] * len(targets)}
    ).with_columns(month_mask=pl.lit(1 << 29, dtype=pl.Int64))
    uses = tables["srv_person_service"]
    return tables | {"srv_person_service": pl.concat([uses, added.select(uses.columns)])}


def people_without_use(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the attributes of people who used something in the month, but never the service."""
    people = tables["srv_person_year"].filter(year_code="Y2025").sort("person_no")
    active = tables["srv_person_period"].filter(period_code=MONTH).select("person_no")
    users = tables["srv_person_service"].filter(service_id=SERVICE).select("person_no")
    return people.join(active, on="person_no", how="semi").join(users, on="person_no", how="anti")


def figures(gate: Gate) -> dict[tuple[str, tuple[object, ...]], object]:
    seen: dict[tuple[str, tuple[object, ...]], object] = {}
    for question in QUESTIONS:
        try:
            table = gate.answer(question)
        except Refused as refusal:
            seen[question.canonical(), ()] = refusal.reason
        else:
            seen |= {(question.canonical(), row[:-1]): row[-1] for row in table.rows}
            seen[question.canonical(), ("total",)] = table.total
    return seen


def refresh_and_compare(home: Path, vintages: Vintages | None) -> Outcome:
    tables = serving_tables(people=6000, seed=11)
    # One candidate of every neighbourhood and age group; every second one is really added.
    candidates = people_without_use(tables).group_by("msoa_code", "age_group", maintain_order=True).first().head(18)
    added = candidates["person_no"].to_list()[::2]
    settings = write_warehouse(home, tables)
    publish(settings)
    gate = Gate(settings, vintages=vintages)
    before = figures(gate)
    write_warehouse(home, add_targets(tables, added))
    publish(settings)
    after = figures(gate)
    changed = {code for key, code in before.keys() | after.keys() if before.get((key, code)) != after.get((key, code))}
    right = seen = 0
    for row in candidates.rows(named=True):
        own = {(row["age_group"], row["msoa_code"], SERVICE), (row["msoa_code"], SERVICE)}
        claim = bool(own & changed)
        right += claim == (row["person_no"] in added)
        seen += claim
    assert changed or not seen
    return Outcome(right / candidates.height, len(changed))


def test_a_gate_without_memory_shows_who_was_added(tmp_path: Path) -> None:
    outcome = refresh_and_compare(tmp_path, Forgetful())
    assert outcome.seen > 5
    assert outcome.accuracy >= 0.6


def test_our_gate_shows_no_change_when_a_refresh_adds_a_few(tmp_path: Path) -> None:
    outcome = refresh_and_compare(tmp_path, None)
    assert outcome.seen == 0
    assert outcome.accuracy == 0.5


def test_a_refresh_that_changes_many_people_changes_the_figures(tmp_path: Path) -> None:
    settings = write_warehouse(tmp_path, serving_tables(people=3000, seed=11))
    publish(settings)
    gate = Gate(settings)
    question = Request("people", ("service",), {}, "Y2025")
    before = gate.answer(question).rows
    write_warehouse(tmp_path, serving_tables(people=6000, seed=11))
    publish(settings, accept_movement=True)
    after = gate.answer(question).rows
    assert sum(int(row[-1] or 0) for row in after) > 1.5 * sum(int(row[-1] or 0) for row in before)


@pytest.mark.parametrize("period", ["all", MONTH])
def test_another_process_reads_the_same_vintages(tmp_path: Path, period: str) -> None:
    tables = serving_tables(people=3000, seed=11)
    settings = write_warehouse(tmp_path, tables)
    publish(settings)
    question = Request("people", ("service",), {}, period)
    before = Gate(settings).answer(question).rows
    write_warehouse(tmp_path, add_targets(tables, people_without_use(tables)["person_no"].to_list()[:4]))
    publish(settings)
    assert Gate(settings).answer(question).rows == before
