"""Dominance: one person makes most of a sum, and the second largest, who knows their own amount, takes it away."""

import numpy as np

from orchestration.redteam.field import Field
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine
from orchestration.release.engine import Evidence, Protection

DRAWS = 2000
OTHERS = 14


def told_by_the_second(protection: Protection) -> float:
    """Return how often the largest amount is told within a tenth by whoever contributed the second largest."""
    rng = np.random.default_rng(16)
    right = 0
    for _draw in range(DRAWS):
        largest = int(rng.integers(60, 400))
        second = int(largest * rng.uniform(0.02, 0.2))
        rest = int(rng.integers(1, max(2, second // 4 + 1), OTHERS).sum())
        amounts = (largest + second + rest, largest, second)
        figure = protection.publish_sum(Evidence((OTHERS + 2, int(rng.integers(0, 2**63))), (), amounts))
        # What the others have is not known: the attacker takes an eighth of their own amount for each.
        right += figure is not None and abs(figure - second - OTHERS * second / 8 - largest) <= largest / 10
    return right / DRAWS


def run(field: Field) -> list[Trial]:
    """Measure the amounts that are told."""
    ours = field.population(people=4000, seed=5).ours()
    measured = "amounts of the largest told within a tenth"
    return [
        Trial("true sums", measured, told_by_the_second(ExactAboveNine()), "at least", 0.7, DRAWS),
        Trial(OURS, measured, told_by_the_second(ours), "at most", 0.3, DRAWS, aim=0.1),
    ]


ATTACK = Attack(
    "dominance",
    "One person makes most of a sum",
    "The second largest contributor takes their own amount from a sum that one person dominates.",
    run,
    limits="A documented limit: noise that may be nothing leaves an amount as it is in a fifth of all sums. The "
    "attacker cannot tell which.",
)
