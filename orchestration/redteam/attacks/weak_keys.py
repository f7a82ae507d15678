"""Weak keys: does adding a person change the noise in a way that their record key decides?

The textbook look-up adds record keys and uses the sum as it is: a person with a small key hardly moves it, so that the
noise stays and the difference of two figures is the person. A keyed hash before the look-up ends that.
"""

from collections.abc import Callable

import numpy as np

from orchestration.redteam.field import Field
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.release.noise import Noise, PerturbationTable
from orchestration.release.ptable import design_table

DRAWS = 20_000
KEYS = 2**64
Change = Callable[[int, int], int]  # the noise of a cell, by its count and key


def summed_keys(population: Population) -> Change:
    """Return the noise of the textbook look-up: the cell key itself is the position in the table."""
    policy = population.policy
    table = PerturbationTable.from_rows(
        design_table(largest=policy.largest_noise, variance=policy.noise_variance, never_below=policy.never_below)
    )
    return table.change


def largest_correlation(change: Change, join: Callable[[int, int], int]) -> float:
    """Return the largest correlation, over tenths of record keys, of the noise before and after one person more."""
    rng = np.random.default_rng(12)
    largest = 0.0
    for tenth in range(10):
        before, after = np.empty(DRAWS), np.empty(DRAWS)
        for index in range(DRAWS):
            cell_key, count = int(rng.integers(0, KEYS, dtype=np.uint64)), int(rng.integers(10, 60))
            record_key = int((tenth + float(rng.random())) / 10 * (KEYS - 1))
            before[index] = change(count, cell_key)
            after[index] = change(count + 1, join(cell_key, record_key))
        largest = max(largest, abs(float(np.array(np.corrcoef(before, after))[0, 1])))
    return largest


def run(field: Field) -> list[Trial]:
    """Measure the correlation with summed keys, and with ours."""
    population = field.population(people=4000, seed=5)
    noise = Noise(population.settings.release_secret(), population.policy)
    told = "largest correlation of noise with one person more"
    weak = largest_correlation(summed_keys(population), lambda cell, record: (cell + record) % KEYS)
    ours = largest_correlation(lambda count, key: noise.perturb(count, key) - count, lambda cell, record: cell ^ record)
    return [
        Trial("summed keys looked up as they are", told, weak, "at least", 0.4, DRAWS),
        Trial(OURS, told, ours, "at most", 0.02, DRAWS),
    ]


ATTACK = Attack(
    "weak-keys",
    "People with small record keys",
    "The attacker compares two figures that differ by one person, and hopes that this person's key is one that leaves "
    "the noise as it was.",
    run,
)
