"""Clusters around medoids against exhaustive search, scikit-learn and cases by hand."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from orchestration.statistics.medoids import partition, silhouettes, stability


def points(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    places = random.normal(size=(count, 2))
    between = np.linalg.norm(places[:, None] - places[None, :], axis=2).astype(np.float32)
    return between, random.integers(1, 6, count).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_no_swap_of_one_medoid_lowers_the_sum_of_distances(seed: int) -> None:
    between, weights = points(seed, 25)
    found = partition(between, weights, 3)

    def cost(medoids: tuple[int, ...]) -> float:
        return float(weights @ between[:, list(medoids)].min(axis=1))

    assert found.cost == pytest.approx(cost(tuple(found.medoids)))
    for gone in range(3):
        rest = [one for number, one in enumerate(found.medoids) if number != gone]
        assert all(cost((*rest, new)) >= found.cost - 1e-3 for new in range(25))
    best = min(map(cost, combinations(range(25), 3)))
    assert found.cost <= 1.05 * best


def test_a_weight_is_so_many_who_are_alike() -> None:
    between, weights = points(7, 15)
    times = weights.astype(int)
    wide = np.repeat(np.repeat(between, times, axis=0), times, axis=1)
    found = partition(between, weights, 3)
    listed = partition(wide, np.ones(times.sum()), 3)
    assert found.cost == pytest.approx(listed.cost, rel=1e-5)
    expected = silhouette_samples(wide, np.repeat(found.members, times), metric="precomputed")
    assert np.repeat(silhouettes(between, weights, found.members), times) == pytest.approx(expected, abs=1e-5)


def test_the_silhouette_of_three_on_a_line() -> None:
    """0 and 1 together, 4 apart: (4 - 1) / 4, (3 - 1) / 3, and 0 for who is alone."""
    places = np.array([0, 1, 4])
    between = np.abs(places[:, None] - places[None, :]).astype(np.float32)
    found = silhouettes(between, np.ones(3), np.array([0, 0, 1]))
    assert found.tolist() == pytest.approx([3 / 4, 2 / 3, 0])


def test_clusters_far_apart_are_stable_and_cuts_through_one_crowd_are_not() -> None:
    random = np.random.default_rng(3)
    apart = np.concatenate([random.normal(0, 1, 40), random.normal(100, 1, 40)])
    crowd = random.normal(0, 1, 80)
    stable, cut = (
        stability(between, np.ones(80), partition(between, np.ones(80), count), draws=20, random=random)
        for places, count in ((apart, 2), (crowd, 6))
        for between in [np.abs(places[:, None] - places[None, :]).astype(np.float32)]
    )
    assert stable.tolist() == [1.0, 1.0]
    assert cut.max() < 0.95
