"""Men and women taken from everyone in an area: what is left is the one person whose sex is not recorded."""

import numpy as np

from orchestration.redteam.attacks.nested_cells import PEOPLE
from orchestration.redteam.claims import Outcome, judge
from orchestration.redteam.field import Field
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, TRUE_COUNTS, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine
from orchestration.release.engine import Protection

SECRETS = 12


def subtract_the_others(population: Population, protection: Protection) -> Outcome:
    """Claim each service of which anybody is left."""
    everyone = population.published(protection, ("msoa", "service"))
    by_sex = population.published(protection, ("msoa", "service", "sex"))
    claims = set()
    for person, msoa in population.targets:
        for service in population.services:
            whole, *parts = (everyone.get((msoa, service)), *(by_sex.get((msoa, service, sex)) for sex in "FM"))
            known = [part for part in parts if part is not None]
            if whole is not None and len(known) == len(parts) and whole - sum(known) >= 1:
                claims.add((person, service))
    return judge(population, claims)


def run(field: Field) -> list[Trial]:
    """Measure claims on true counts and, over several secrets, on ours."""
    population = field.population(people=PEOPLE, seed=3)
    exact = subtract_the_others(population, ExactAboveNine())
    ours = [
        subtract_the_others(population, population.ours(secret=bytes([number]) * 32))
        for number in range(1, SECRETS + 1)
    ]
    claims = sum(outcome.claims for outcome in ours)
    right = sum(outcome.right for outcome in ours)
    advantage = float(np.mean([outcome.advantage for outcome in ours]))
    return [
        Trial(TRUE_COUNTS, "share of claims that are right", exact.precision, "at least", 1, exact.claims, 5),
        Trial(TRUE_COUNTS, "true less false positive rate", exact.advantage, "at least", 0.7),
        Trial(
            OURS, "share of claims that are right, less the prior", right / max(claims, 1) - exact.prior, "at most",
            0.10, claims, 50, 0.05,
        ),
        Trial(OURS, "true less false positive rate", advantage, "at most", 0.15, claims, 50),
    ]  # fmt: skip


ATTACK = Attack(
    "subtraction",
    "The others taken from the total",
    "The target is the only person of the neighbourhood whose sex is not recorded. The attacker takes women and men "
    "from everyone who used a service.",
    run,
    limits="A documented limit, not a proof: what is left is one person more or less beside the noise of three "
    "figures. The targets have nobody to be swapped with, which is the worst case.",
)
