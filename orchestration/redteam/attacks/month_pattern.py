"""Patterns of months: whoever knows in which months a neighbour was seen asks for exactly those months.

Few people share a pattern, so that "in March and in May" finds one person. The grammar has no "and" over months:
whatever is asked about several is the sum of figures of single months.
"""

import random

import polars as pl

from orchestration.redteam.attacks.refreshes import SERVICE
from orchestration.redteam.field import Field
from orchestration.redteam.invented import make_snapshot
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.release import Gate, Refused, Request

QUESTIONS = 600


def alone_by_pattern(population: Population) -> tuple[float, int]:
    """Return the share of users of a service whom their age, area, sex and months tell from all others."""
    people = population.tables["srv_person_year"].filter(year_code="all")
    users = population.tables["srv_person_service"].filter(service_id=SERVICE).join(people, on="person_no")
    alike = pl.len().over("msoa_code", "age_band", "sex", "month_mask")
    return float(users.select((alike == 1).mean()).item()), users.height


def months_asked(rng: random.Random, months: list[str]) -> list[str]:
    """Return some months, at times written as one text that a lax reader might take for a pattern."""
    chosen = rng.sample(months, rng.randrange(2, 5))
    joined = rng.choice(("", "", "", "&", " and ", "+", "..", "|"))
    return [joined.join(chosen)] if joined else chosen


def not_a_sum(gate: Gate, policy: str) -> tuple[int, int]:
    """Return answers about several months that are not the sum of those about each, and all answers."""
    rng = random.Random(14)  # noqa: S311 - the same questions in every run
    months = [period.code for period in gate.catalogue().periods if period.level == "month"]
    single: dict[tuple[str, str], int | None] = {}
    other = answered = 0
    for _question in range(QUESTIONS):
        asked = months_asked(rng, months)
        service = rng.choice(("debt_advice", "housing_options", "jobcentre", "talking_therapy"))
        try:
            found = gate.answer(
                Request.parse(
                    measure="people", where={"service": [service], "month": asked}, period="all", policy=policy
                )
            ).rows[0][-1]
        except Refused:
            continue
        answered += 1
        for month in asked:
            if (service, month) not in single:
                where = {"service": (service,), "month": (month,)}
                single[service, month] = gate.answer(Request("people", (), where, "all", policy)).rows[0][-1]  # type: ignore[assignment]
        shown = [figure for month in asked if (figure := single[service, month]) is not None]
        other += found != (sum(shown) if shown else None)
    return other, answered


def run(field: Field) -> list[Trial]:
    """Measure how many a pattern singles out, and whether any pattern can be asked for."""
    share, users = alone_by_pattern(field.population(people=4000, seed=5))
    settings = field.under_rules(make_snapshot(field.folder("months"), people=field.people(2500), seed=5))
    other, answered = not_a_sum(Gate(settings), field.policy.name)
    return [
        Trial(
            "a grammar with 'and' over months", "users of a service who are found alone", share, "at least", 0.5, users
        ),
        Trial(OURS, "answers that are not the sum of single months", other, "at most", 0, answered, 100),
    ]


ATTACK = Attack(
    "month-pattern",
    "In March and in May, but not in April",
    "The attacker knows in which months the target was seen and asks for those months together.",
    run,
)
