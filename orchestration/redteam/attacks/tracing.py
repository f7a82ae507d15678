"""Tracing one person: every difference that the target alone makes, over many tables, combined."""

from itertools import product

import numpy as np

from orchestration.redteam.attacks.linear_programming import PEOPLE, SEED
from orchestration.redteam.field import Field
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, TRUE_COUNTS, UNGUARDED, Attack, Trial, weak_engines
from orchestration.release.engine import Protection

PERIODS = ("all", "Y2025", "Y2024", "Y2023")
SECRETS = 36


def trace(population: Population, protection: Protection) -> tuple[float, float]:
    """Return true and false positive rates of claims that combine every difference that a target alone makes.

    Nobody else in the target's neighbourhood has the target's ethnic group or sex: everyone less the others, over two
    groupings, services and themes, and all years together.
    """
    right = wrong = users = others = 0
    tables = {}
    for period, use in product(PERIODS, ("service", "theme")):
        for attributes in (("msoa", use), ("ethnic_group", "msoa", use), ("msoa", use, "sex")):
            tables[period, attributes] = population.published(protection, attributes, period)
    theme_of = {service.code: service.theme for service in population.snapshot.directory.services}
    for (person, msoa), service in product(population.targets, population.services):
        differences = []
        for period, (use, value) in product(PERIODS, (("service", service), ("theme", theme_of[service]))):
            whole = tables[period, ("msoa", use)].get((msoa, value))
            white = tables[period, ("ethnic_group", "msoa", use)].get(("white", msoa, value))
            sexes = [tables[period, ("msoa", use, "sex")].get((msoa, value, sex)) for sex in "FM"]
            if whole is not None and white is not None:
                differences.append(whole - white)
            if whole is not None and None not in sexes:
                differences.append(whole - sum(sex or 0 for sex in sexes))
        claim = bool(differences) and float(np.mean(differences)) > 0.5
        if (person, service) in population.uses:
            users += 1
            right += claim
        else:
            others += 1
            wrong += claim
    return right / users, wrong / others


def run(field: Field) -> list[Trial]:
    """Measure how much oftener a true claim is made than a false one; ours over many secrets, as targets are few."""
    population = field.population(people=PEOPLE, seed=SEED)
    weak = weak_engines(population)
    measured = "true less false positive rate"
    trials = []
    for name in (TRUE_COUNTS, UNGUARDED):
        found, false = trace(population, weak[name])
        trials.append(Trial(name, measured, found - false, "at least", 0.3))
    ours = [trace(population, population.ours(secret=bytes([number]) * 32)) for number in range(1, SECRETS + 1)]
    gain = float(np.mean([found - false for found, false in ours]))
    pairs = len(population.targets) * len(population.services) * SECRETS
    return [*trials, Trial(OURS, measured, gain, "at most", 0.2, pairs, 1000, 0.05)]


ATTACK = Attack(
    "tracing",
    "One person through 24 tables",
    "Nobody else in the target's neighbourhood has the target's ethnic group or sex. The attacker combines every "
    "difference that the target alone makes, over services, themes and years.",
    run,
    limits="A documented limit, not a proof: noise on the complements leaves a trace of the target, because a figure "
    "with one person more is a little larger on average. The targets have nobody to be swapped with, the worst case.",
)
