"""Nine confederates: whoever controls nine people of a hidden row asks whether there is a tenth."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from orchestration.redteam.field import Field
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.redteam.weak import Weak
from orchestration.release.engine import Counted, Protection

DRAWS = 6000


class ExactGuard(Weak):
    """A guard on the true complement: it opens exactly when the tenth person is there."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        """Return the true count unless a complement is below the threshold."""
        return counted[0] if all(complement[0] >= threshold for complement in complements) else None


def share_visible(protection: Protection, complement: int, *, threshold: int) -> float:
    """Return how often a cell is visible whose row holds this many others, all but one the attacker's friends."""
    rng = np.random.default_rng(9)
    shown = 0
    for _draw in range(DRAWS):
        keys = [int(key) for key in rng.integers(0, 2**63, 2)]
        shown += protection.publish((200, keys[0]), [(complement, keys[1])], threshold) is not None
    return shown / DRAWS


def accuracy(protection: Protection, *, threshold: int) -> float:
    """Return how often the best claim is right whether there is one more, for the most telling number of friends."""
    visible = [share_visible(protection, friends, threshold=threshold) for friends in range(threshold + 10)]
    return 0.5 + max(after - before for before, after in pairwise(visible)) / 2


def run(field: Field) -> list[Trial]:
    """Measure the accuracy of the claim at even odds."""
    population = field.population(people=4000, seed=5)
    threshold = population.policy.threshold
    told = "claims that are right (half by guessing)"
    return [
        Trial("a guard on true counts", told, accuracy(ExactGuard(), threshold=threshold), "at least", 1, DRAWS),
        Trial(OURS, told, accuracy(population.ours(), threshold=threshold), "at most", 0.65, DRAWS, aim=0.55),
    ]


ATTACK = Attack(
    "confederates",
    "Nine confederates find the tenth",
    "The attacker controls nine people of a row, and sees by a neighbouring cell appearing or not whether there is one "
    "more.",
    run,
    limits="A documented limit, not a proof: the noisy guard opens more often for ten people than for nine.",
)
