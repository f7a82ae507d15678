"""Magnitudes: an attacker who knows what everybody else contributed takes it from the published sum."""

import numpy as np

from orchestration.redteam.field import Field
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine
from orchestration.release.engine import Evidence, Protection

DRAWS = 1000
EXACT = "true sums"


def found_within_a_tenth(protection: Protection, *, others: int) -> float:
    """Return how often the target's own amount, the largest of the cell, is told within 10 %."""
    rng = np.random.default_rng(6)
    right = 0
    for _draw in range(DRAWS):
        known = sorted(int(amount) for amount in rng.integers(1, 13, others))
        own = int(rng.integers(8, 25))
        amounts = (sum(known) + own, max(own, known[-1]), min(own, known[-1]))
        figure = protection.publish_sum(Evidence((others + 1, int(rng.integers(0, 2**63))), (), amounts))
        right += figure is not None and abs(figure - sum(known) - own) <= own / 10
    return right / DRAWS


def sum_from_average(protection: Protection) -> float:
    """Return how often the published average times the published people is the true sum."""
    rng = np.random.default_rng(8)
    exact = 0
    for _draw in range(DRAWS):
        count, key = int(rng.integers(30, 200)), int(rng.integers(0, 2**63))
        amount = 5 * count + int(rng.integers(0, count))
        exact += protection.publish_sum(Evidence((count, key), (), (amount, 12, 12))) == amount
    return exact / DRAWS


def run(field: Field) -> list[Trial]:
    """Measure how often the target's amount is told from sums of 16 and of 61 people, and true sums from averages."""
    ours = field.population(people=4000, seed=5).ours()
    trials = []
    for others in (15, 60):
        measured = f"largest of {others + 1} amounts told within a tenth"
        weak = found_within_a_tenth(ExactAboveNine(), others=others)
        trials.append(Trial(EXACT, measured, weak, "at least", 1, DRAWS))
        trials.append(Trial(OURS, measured, found_within_a_tenth(ours, others=others), "at most", 0.3, DRAWS))
    measured = "averages times people that are the true sum"
    trials.append(Trial(EXACT, measured, sum_from_average(ExactAboveNine()), "at least", 1, DRAWS))
    return [*trials, Trial(OURS, measured, sum_from_average(ours), "at most", 0.1, DRAWS)]


ATTACK = Attack(
    "amounts",
    "The largest amount of a sum",
    "The attacker knows what everybody else in a cell contributed and takes it from the sum.",
    run,
)
