"""Snapshot against snapshot: an attacker who knows that nothing else changed asks whether the target was added.

The worst case of a longitudinal look: every cell that would hold a target, where the targets are the only change.
Without memory any changed figure is proof; with vintages no figure changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

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
    (by, period)
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
Tables = dict[str, pl.DataFrame]
Question = tuple[tuple[str, ...], str]


@dataclass(frozen=True)
class Change:
    """A refresh: whom it could touch (person_no, age_group, msoa_code), and the tables after it touched some."""

    candidates: Callable[[Tables], pl.DataFrame]
    apply: Callable[[Tables, list[int]], Tables]
    questions: Sequence[Question] = tuple(QUESTIONS)


@dataclass(frozen=True)
class Outcome:
    """How many of the targets were judged rightly, how many figures changed at all, and how many targets there were."""

    accuracy: float
    seen: int
    targets: int


def add_targets(tables: Tables, targets: list[int]) -> Tables:
    """Return the tables after a refresh in which each target used one more service in one month, and nothing else."""
    added = pl.DataFrame(
        {"person_no": targets, "service_id": [SERVICE] * len(targets), "theme": [THEME] * len(targets)}
    ).with_columns(month_mask=pl.lit(1 << 29, dtype=pl.Int64))
    uses = tables["srv_person_service"]
    return tables | {"srv_person_service": pl.concat([uses, added.select(uses.columns)])}


def people_without_use(tables: Tables) -> pl.DataFrame:
    """Return the attributes of people who used something in the month, but never the service."""
    people = tables["srv_person_year"].filter(year_code="Y2025").sort("person_no")
    active = tables["srv_person_period"].filter(period_code=MONTH).select("person_no")
    users = tables["srv_person_service"].filter(service_id=SERVICE).select("person_no")
    return people.join(active, on="person_no", how="semi").join(users, on="person_no", how="anti")


ADDED = Change(people_without_use, add_targets)


def figures(gate: Gate, policy: str, questions: Sequence[Question]) -> dict[tuple[str, tuple[object, ...]], object]:
    """Return every figure and refusal that the gate gives to the questions."""
    seen: dict[tuple[str, tuple[object, ...]], object] = {}
    for by, period in questions:
        question = Request("people", by, {}, period, policy)
        try:
            table = gate.answer(question)
        except Refused as refusal:
            seen[question.canonical(), ()] = refusal.reason
        else:
            seen |= {(question.canonical(), row[:-1]): row[-1] for row in table.rows}
            seen[question.canonical(), ("total",)] = table.total
    return seen


@lru_cache(maxsize=1)
def _drawn(people: int) -> Tables:
    return serving_tables(people=people, seed=11)


def refresh_and_compare(
    field: Field, name: str, vintages: Vintages | None, policy: str, *, change: Change = ADDED, people: int = 6000
) -> Outcome:
    """Publish, change every second candidate, publish again, and judge each candidate by what changed."""
    tables = _drawn(field.people(people))
    # One candidate of every neighbourhood and age group; every second one is really touched.
    candidates = change.candidates(tables).group_by("msoa_code", "age_group", maintain_order=True).first().head(18)
    touched = candidates["person_no"].to_list()[::2]
    home = field.folder(name)
    settings = field.under_rules(write_warehouse(home, tables))
    publish(settings)
    gate = Gate(settings, vintages=vintages)
    before = figures(gate, policy, change.questions)
    write_warehouse(home, change.apply(tables, touched))
    publish(settings)
    after = figures(gate, policy, change.questions)
    changed = {code for key, code in before.keys() | after.keys() if before.get((key, code)) != after.get((key, code))}
    right = 0
    for row in candidates.rows(named=True):
        own = {(row["age_group"], row["msoa_code"], SERVICE), (row["msoa_code"], SERVICE)}
        right += bool(own & changed) == (row["person_no"] in touched)
    return Outcome(right / candidates.height, len(changed), candidates.height)


def measured(field: Field, name: str, change: Change) -> list[Trial]:
    """Measure the figures that change and the targets judged rightly, with and without memory."""
    seen, told = f"figures that changed: {name}", f"targets judged rightly (half by guessing): {name}"
    forgetful = "no memory of earlier snapshots"
    # The weak gate is as weak beside a strict policy, whose coarse figures hardly change.
    weak = refresh_and_compare(field, f"forgetful-{name}", Forgetful(), "dashboard", change=change)
    ours = refresh_and_compare(field, f"refreshed-{name}", None, field.policy.name, change=change)
    return [
        Trial(forgetful, seen, weak.seen, "at least", 6),
        Trial(forgetful, told, weak.accuracy, "at least", 0.6, weak.targets, 10),
        Trial(OURS, seen, ours.seen, "at most", 0, ours.targets, 10),
        Trial(OURS, told, ours.accuracy, "at most", 0.5, ours.targets, 10),
    ]


def run(field: Field) -> list[Trial]:
    """Measure newcomers."""
    return measured(field, "newcomers", ADDED)


ATTACK = Attack(
    "refreshes",
    "A snapshot less the one before",
    "The attacker asks 18 questions before and after a refresh in which the targets are the only change.",
    run,
)
