"""One month less the next, when only the target came or went. The two are not nested, so no guard applies."""

import numpy as np

from orchestration.redteam.field import Field
from orchestration.redteam.trial import OURS, TRUE_COUNTS, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine
from orchestration.release.engine import Protection

DRAWS = 4000


def changes_seen(protection: Protection, *, threshold: int, draws: int = DRAWS) -> float:
    """Return how often a figure differs when one known person left and the attacker knows that nothing else changed."""
    rng = np.random.default_rng(3)
    seen = 0
    for _draw in range(draws):
        count, key = int(rng.integers(20, 80)), int(rng.integers(0, 2**63))
        figures = [
            protection.publish(counted, (), threshold)
            for counted in ((count, key), (count - 1, key ^ int(rng.integers(0, 2**63))))
        ]
        seen += figures[0] != figures[1]
    return seen / draws


def direction_told(protection: Protection, *, threshold: int, draws: int = DRAWS) -> float:
    """Return how often the attacker says rightly, from two figures, whether one person joined or one left."""
    rng = np.random.default_rng(5)
    right = 0.0
    for _draw in range(draws):
        count, key, joined = int(rng.integers(20, 80)), int(rng.integers(0, 2**63)), bool(rng.integers(0, 2))
        before = protection.publish((count, key), (), threshold)
        other = key ^ int(rng.integers(0, 2**63))
        after = protection.publish((count + (1 if joined else -1), other), (), threshold)
        if before is None or after is None or before == after:
            right += 0.5
        else:
            right += (after > before) == joined
    return right / draws


def run(field: Field) -> list[Trial]:
    """Measure how often a single change is seen, and how often its direction is told."""
    population = field.population(people=4000, seed=5)
    threshold, exact, ours = population.policy.threshold, ExactAboveNine(), population.ours()
    seen, told = "changes that are seen", "joined or left, told rightly (half by guessing)"
    return [
        Trial(TRUE_COUNTS, seen, changes_seen(exact, threshold=threshold), "at least", 1, DRAWS),
        Trial(TRUE_COUNTS, told, direction_told(exact, threshold=threshold), "at least", 1, DRAWS),
        Trial(OURS, seen, changes_seen(ours, threshold=threshold), "at most", 0.55, DRAWS),
        Trial(OURS, told, direction_told(ours, threshold=threshold), "at most", 0.65, DRAWS, aim=0.6),
    ]


ATTACK = Attack(
    "next-month",
    "One month less the next",
    "The attacker knows that nobody but the target came or went between two months, and compares them.",
    run,
    limits="A documented limit, not a proof: a changed figure is proof that somebody came or went, to an attacker who "
    "knows that nobody else did.",
)
