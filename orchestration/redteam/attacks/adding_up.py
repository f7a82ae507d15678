"""Averaging: every way to add a count up, by all the tables that divide the same people."""

import math

import numpy as np
import polars as pl

from orchestration.redteam.attacks.linear_programming import PEOPLE, SEED
from orchestration.redteam.field import Field
from orchestration.redteam.population import COLUMNS, Population
from orchestration.redteam.trial import OURS, TRUE_COUNTS, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine
from orchestration.release.engine import Protection

PARTITIONS: list[tuple[str, ...]] = [
    (),
    ("sex",),
    ("lad",),
    ("age_group",),
    ("age_band",),
    ("deprivation",),
    ("msoa",),
    ("lad", "sex"),
]


def averaged_errors(population: Population, protection: Protection) -> list[float]:
    """Return the error of each service's people, estimated from all the wholly visible ways to add them up."""
    truth = dict(population.tables["srv_person_service"].group_by("service_id").agg(pl.len()).rows())
    people = population.tables["srv_person_year"].filter(year_code="all")
    errors = []
    for service in population.services:
        estimates, weights = [], []
        for partition in PARTITIONS:
            attributes = (*partition, "service")
            parts = {code: n for code, n in population.published(protection, attributes).items() if code[-1] == service}
            if len(parts) == math.prod(people[COLUMNS.get(name, name)].n_unique() for name in partition):
                estimates.append(sum(parts.values()))
                weights.append(1 / len(parts))
        if estimates:
            errors.append(float(np.average(estimates, weights=weights)) - truth[service])
    return errors


def run(field: Field) -> list[Trial]:
    """Measure the mean error on true counts, and on ours the root of the mean squared error over several secrets."""
    population = field.population(people=PEOPLE, seed=SEED)
    exact = averaged_errors(population, ExactAboveNine())
    secrets = [bytes([number]) * 32 for number in range(1, 7)]
    ours = [error for secret in secrets for error in averaged_errors(population, population.ours(secret=secret))]
    return [
        Trial(TRUE_COUNTS, "standard error in people", float(np.std(exact)), "at most", 1e-9, len(exact), 5),
        Trial(
            OURS, "standard error in people", float(np.sqrt(np.mean(np.square(ours)))), "at least", 1.0, len(ours), 30
        ),
    ]


ATTACK = Attack(
    "adding-up",
    "Every way to add a count up",
    "The attacker adds up the users of a service over eight divisions of the same people and takes the best mean.",
    run,
)
