"""Types of whole journeys: distinct sequences with the people who have them, clustered, and each sequence's type.

A sample of people of fixed size and seed is clustered, so that time and memory do not grow with the area; every
sequence then belongs to the type whose medoid is nearest. Sequences are sorted first: their order changes nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.statistics.medoids import Partition, Weights, partition, silhouettes, stability
from orchestration.statistics.sequences import Distances, encode, matching_distances

SAMPLE_PEOPLE = 1_000
MOST_TYPES = 8
"""More types than this nobody can tell apart in a chart."""
FEWEST_PEOPLE = 30
"""With fewer people there is one type: no silhouette of so few says anything."""
DRAWS = 50
SEED = 20_240_401


@dataclass(frozen=True)
class Typology:
    """Types from the largest to the smallest; `types` and `distances` stand in the order of the sequences given.

    `silhouettes` and `stabilities` are by type, `silhouette` that of the whole, all of the sample; with one type there
    are none (NaN). `silhouette_by_count` is what the number of types was chosen by.
    """

    medoids: list[str]
    types: NDArray[np.intp]
    distances: NDArray[np.float32]
    silhouettes: list[float]
    stabilities: list[float]
    silhouette: float
    silhouette_by_count: dict[int, float]
    sampled_people: int

    @property
    def version(self) -> str:
        """Return a digest of the medoids in order: types of one version are the same types, whoever is of them."""
        return hashlib.sha256("|".join(self.medoids).encode()).hexdigest()[:12]


def find_types(sequences: Sequence[str], people: Sequence[int]) -> Typology:
    """Return the types of distinct sequences (one character a month), each weighted by the people who have it."""
    if len(set(sequences)) != len(sequences):
        raise ValueError("a sequence is given twice: give distinct ones with their people")
    order = sorted(range(len(sequences)), key=lambda row: sequences[row])
    ordered = [sequences[row] for row in order]
    counts = np.array([people[row] for row in order], dtype=np.int64)
    random = np.random.default_rng(SEED)
    drawn = _sample(counts, random)
    kept = np.flatnonzero(drawn)
    codes, alphabet = encode(ordered)
    weights = drawn[kept].astype(np.float64)
    between = matching_distances(codes[kept], codes[kept], states=len(alphabet))
    found, by_count = _best_partition(between, weights)
    nearest = matching_distances(codes, codes[kept[found.medoids]], states=len(alphabet))
    types = np.argmin(nearest, axis=1)
    ranked = np.argsort(-np.bincount(types, counts, len(found.medoids)), kind="stable")
    widths, whole = _widths(between, weights, found)
    stable = (
        stability(between, weights, found, draws=DRAWS, random=random) if len(found.medoids) > 1 else np.full(1, np.nan)
    )
    number = np.argsort(ranked)
    back = np.argsort(np.array(order, dtype=np.intp))
    return Typology(
        medoids=[ordered[kept[found.medoids[one]]] for one in ranked],
        types=number[types][back],
        distances=nearest[np.arange(len(types)), types][back],
        silhouettes=[float(widths[one]) for one in ranked],
        stabilities=[float(stable[one]) for one in ranked],
        silhouette=whole,
        silhouette_by_count=by_count,
        sampled_people=int(drawn.sum()),
    )


def _sample(counts: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Return how many people of each sequence are in a plain random sample of people, without replacement."""
    if counts.sum() <= SAMPLE_PEOPLE:
        return counts
    chosen = np.sort(random.choice(int(counts.sum()), SAMPLE_PEOPLE, replace=False, shuffle=False))
    return np.bincount(np.searchsorted(np.cumsum(counts), chosen, side="right"), minlength=len(counts)).astype(np.int64)


def _best_partition(between: Distances, weights: Weights) -> tuple[Partition, dict[int, float]]:
    """Return the partition with the widest mean silhouette, and that of each number of types."""
    most = min(MOST_TYPES, len(weights) - 1) if weights.sum() >= FEWEST_PEOPLE else 1
    tried = {count: partition(between, weights, count) for count in range(2, most + 1)}
    if not tried:
        return partition(between, weights, 1), {}
    by_count = {count: _widths(between, weights, one)[1] for count, one in tried.items()}
    return tried[max(by_count, key=lambda count: by_count[count])], by_count


def _widths(between: Distances, weights: Weights, found: Partition) -> tuple[NDArray[np.float64], float]:
    """Return the mean silhouette of each type and of all people."""
    if len(found.medoids) == 1:
        return np.full(1, np.nan), float("nan")
    each = silhouettes(between, weights, found.members)
    sums = np.bincount(found.members, weights * each, len(found.medoids))
    sizes = np.bincount(found.members, weights, len(found.medoids))
    return sums / sizes, float((weights * each).sum() / weights.sum())
