"""Snapshot against snapshot: an attacker who knows that nothing else changed asks whether the target was added.

The worst case of a longitudinal look: every cell that would hold a target, where the targets are the only change.
Without memory any changed figure is proof; with vintages no figure changes.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.publishing import publish
from orchestration.redteam.field import Field
from orchestration.redteam.invented import serving_tables, write_warehouse
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.redteam.weak import Forgetful
from orchestration.release import Gate, Refused, Request
from orchestration.release.vintages import Vintages

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
    """How many of the targets were judged rightly, how many figures changed at all, and how many targets there were."""

    accuracy: float
    seen: int
    targets: int


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
    """Return every figure and refusal that the gate gives to the questions."""
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


def refresh_and_compare(home: Path, vintages: Vintages | None, *, people: int = 6000) -> Outcome:
    """Publish, add every second candidate, publish again, and judge each candidate by what changed."""
    tables = serving_tables(people=people, seed=11)
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
    right = 0
    for row in candidates.rows(named=True):
        own = {(row["age_group"], row["msoa_code"], SERVICE), (row["msoa_code"], SERVICE)}
        right += bool(own & changed) == (row["person_no"] in added)
    return Outcome(right / candidates.height, len(changed), candidates.height)


def run(field: Field) -> list[Trial]:
    """Measure the figures that change and the targets judged rightly, with and without memory."""
    people = field.people(6000)
    seen, told = "figures that changed", "targets judged rightly (half by guessing)"
    weak = refresh_and_compare(field.folder("forgetful"), Forgetful(), people=people)
    ours = refresh_and_compare(field.folder("refreshed"), None, people=people)
    return [
        Trial("no memory of earlier snapshots", seen, weak.seen, "at least", 6),
        Trial("no memory of earlier snapshots", told, weak.accuracy, "at least", 0.6, weak.targets, 10),
        Trial(OURS, seen, ours.seen, "at most", 0, ours.targets, 10),
        Trial(OURS, told, ours.accuracy, "at most", 0.5, ours.targets, 10),
    ]


ATTACK = Attack(
    "refreshes",
    "A snapshot less the one before",
    "The attacker asks 18 questions before and after a refresh in which the targets are the only change.",
    run,
)
