"""Magnitudes: an attacker who knows what everybody else contributed takes it from the published sum (attack 10)."""

import numpy as np
import pytest

from orchestration.release.engine import CellKeyProtection, Evidence, Protection
from orchestration.release.noise import Noise
from orchestration.release.policy import POLICIES
from tests.support.weak_engines import ExactAboveNine

POLICY = POLICIES["dashboard"]
SECRET = b"sums" * 8


class ExactSums(ExactAboveNine):
    """Sums as they are, of cells that are not small."""

    def publish_sum(self, evidence: Evidence) -> int | None:
        return evidence.amounts[0]


def found_within_a_tenth(protection: Protection, *, others: int) -> float:
    """Return how often the target's own amount, the largest of the cell, is told within 10 %."""
    rng = np.random.default_rng(6)
    right = 0
    for _draw in range(500):
        known = sorted(int(amount) for amount in rng.integers(1, 13, others))
        own = int(rng.integers(8, 25))
        amounts = (sum(known) + own, max(own, known[-1]), min(own, known[-1]))
        figure = protection.publish_sum(Evidence((others + 1, int(rng.integers(0, 2**63))), (), amounts))
        right += figure is not None and abs(figure - sum(known) - own) <= own / 10
    return right / 500


@pytest.mark.parametrize("others", [15, 60])
def test_what_is_left_of_an_exact_sum_is_the_targets_own_amount(others: int) -> None:
    assert found_within_a_tenth(ExactSums(), others=others) == 1.0


@pytest.mark.parametrize("others", [15, 60])
def test_what_is_left_of_our_sum_is_rarely_the_targets_own_amount(others: int) -> None:
    ours = CellKeyProtection(Noise(SECRET, POLICY), POLICY)
    assert found_within_a_tenth(ours, others=others) < 0.3


def test_a_published_average_times_the_published_count_is_not_the_true_sum() -> None:
    ours = CellKeyProtection(Noise(SECRET, POLICY), POLICY)
    rng = np.random.default_rng(8)
    exact = 0
    for _draw in range(300):
        count, key = int(rng.integers(30, 200)), int(rng.integers(0, 2**63))
        amount = 5 * count + int(rng.integers(0, count))
        figure = ours.publish_sum(Evidence((count, key), (), (amount, 12, 12)))
        exact += figure == amount
    assert exact / 300 < 0.1
