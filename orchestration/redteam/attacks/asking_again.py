"""Averaging: the same question asked again and again."""

import numpy as np

from orchestration.redteam.field import Field
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.redteam.weak import FreshNoise
from orchestration.release.engine import Protection

CELLS, TIMES = 60, 200


def exactly_found(protection: Protection, *, threshold: int, times: int) -> float:
    """Return the share of cells whose true count is the mean of many answers to one question."""
    rng = np.random.default_rng(4)
    found = 0
    for _cell in range(CELLS):
        count, key = int(rng.integers(30, 300)), int(rng.integers(0, 2**63))
        figures = [protection.publish((count, key), (), threshold) for _time in range(times)]
        found += abs(float(np.mean([figure for figure in figures if figure is not None])) - count) < 0.5
    return found / CELLS


def run(field: Field) -> list[Trial]:
    """Measure what asking 200 times finds, and on ours how much more than asking once."""
    population = field.population(people=4000, seed=5)
    threshold, ours = population.policy.threshold, population.ours()
    forgetful = exactly_found(FreshNoise(np.random.default_rng(1)), threshold=threshold, times=TIMES)
    once, often = (exactly_found(ours, threshold=threshold, times=times) for times in (1, TIMES))
    return [
        Trial("noise drawn anew", "share of counts found", forgetful, "at least", 0.9, CELLS),
        Trial(
            OURS, "share of counts found by asking 200 times, less by asking once", often - once, "at most", 0, CELLS
        ),
    ]


ATTACK = Attack(
    "asking-again", "The same question again", "The attacker asks one question 200 times and takes the mean.", run
)
