"""Costs: an attacker looks for one dear person in sums of pounds, by dominance, by subtraction and where few pay.

Costs are unlike months: a few people cost as much as all others, and users of a service may cost nothing.
"""

import numpy as np
from numpy.typing import NDArray

from orchestration.redteam.field import Field
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine
from orchestration.release.engine import Counted, Evidence, Protection

DRAWS = 600
EXACT = "true sums"
NO_CONTRIBUTORS = "people counted, whether or not they cost anything"
THRESHOLD = 10


def told_of_the_dearest(protection: Protection, *, others: int) -> float:
    """Return how often a person who makes most of a sum is told within 10 % by one who knows the rest roughly."""
    rng = np.random.default_rng(31)
    right = 0
    for _draw in range(DRAWS):
        amounts = _pounds(rng, others)
        own = int(rng.uniform(10, 40) * amounts.sum())
        figure = _shown(protection, np.append(amounts, own), key=_key(rng))
        right += figure is not None and abs(figure - amounts.sum() - own) <= own / 10
    return right / DRAWS


def told_by_subtraction(protection: Protection, *, others: int) -> float:
    """Return how often a person's pounds are told within 10 % from two sums, with the person and without."""
    rng = np.random.default_rng(32)
    right = 0
    for _draw in range(DRAWS):
        amounts, key = _pounds(rng, others), _key(rng)
        own = int(np.quantile(amounts, 0.95))
        with_person = _shown(protection, np.append(amounts, own), key=key ^ _key(rng))
        without = _shown(protection, amounts, key=key)
        told = with_person is not None and without is not None and abs(with_person - without - own) <= own / 10
        right += bool(told)
    return right / DRAWS


def shown_of_few_payers(protection: Protection, *, are_contributors_counted: bool) -> float:
    """Return how often the sum of three people who cost something is shown, among fifty users of a service."""
    rng = np.random.default_rng(33)
    shown = 0
    for _draw in range(DRAWS):
        three = _pounds(rng, 3) + 4000
        few: tuple[Counted, ...] = ((3, _key(rng)),) if are_contributors_counted else ()
        shown += _shown(protection, three, key=_key(rng), people=50, beside=few) is not None
    return shown / DRAWS


def run(field: Field) -> list[Trial]:
    """Measure each of the three ways against true sums, or without counting who contributes, and against ours."""
    ours = field.population(people=4000, seed=5).ours()
    trials = []
    measured = "people who make most of a sum told within a tenth"
    trials.append(Trial(EXACT, measured, told_of_the_dearest(ExactAboveNine(), others=30), "at least", 1, DRAWS))
    trials.append(Trial(OURS, measured, told_of_the_dearest(ours, others=30), "at most", 0, DRAWS))
    for others in (20, 120):
        measured = f"pounds told within a tenth from sums of {others} and of {others + 1} people"
        weak = told_by_subtraction(ExactAboveNine(), others=others)
        trials.append(Trial(EXACT, measured, weak, "at least", 1, DRAWS))
        trials.append(Trial(OURS, measured, told_by_subtraction(ours, others=others), "at most", 0.3, DRAWS))
    measured = "sums of three people's pounds shown"
    weak = shown_of_few_payers(ours, are_contributors_counted=False)
    trials.append(Trial(NO_CONTRIBUTORS, measured, weak, "at least", 1, DRAWS))
    held = shown_of_few_payers(ours, are_contributors_counted=True)
    return [*trials, Trial(OURS, measured, held, "at most", 0, DRAWS)]


def _pounds(rng: np.random.Generator, people: int) -> NDArray[np.int64]:
    return rng.lognormal(7, 1, people).astype(np.int64) + 1


def _key(rng: np.random.Generator) -> int:
    return int(rng.integers(0, 2**63))


def _shown(
    protection: Protection,
    amounts: NDArray[np.int64],
    *,
    key: int,
    people: int | None = None,
    beside: tuple[Counted, ...] = (),
) -> int | None:
    """Return the published sum of a cell, decided as the engine does: first its people, then the sum."""
    order = sorted(map(int, amounts), reverse=True)
    counted = (people or len(order), key)
    evidence = Evidence(counted, beside, (sum(order), order[0], order[1]))
    if protection.publish(counted, beside, THRESHOLD) is None:
        return None
    return protection.publish_sum(evidence)


ATTACK = Attack(
    "costs",
    "One dear person in a sum of pounds",
    "The attacker looks for a person who costs much: in a sum that he or she dominates, in the difference of two sums, "
    "and in a sum to which few of those counted contribute.",
    run,
)
