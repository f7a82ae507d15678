"""Clusters around medoids, for cases with weights: partition, silhouettes and stability.

Partitioning around medoids as in Kaufman L, Rousseeuw PJ, Finding groups in data, 1990, with all swaps of a round
judged together (Schubert E, Rousseeuw PJ, Inf Syst 2021;101:101804). A weight is a number of people who are alike, so
every figure equals that of the list in which each of them stands alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orchestration.statistics.sequences import Distances

ROUNDS = 100
"""Swaps after which a partition is taken as it is; some ten are usual."""

Weights = NDArray[np.float64]
Members = NDArray[np.intp]


@dataclass(frozen=True)
class Partition:
    """Which case is the middle of each cluster, to which cluster each belongs, and the weighted sum of distances."""

    medoids: Members
    members: Members
    cost: float


def partition(distances: Distances, weights: Weights, count: int) -> Partition:
    """Return `count` clusters: medoids found greedily, then swapped as long as the sum of distances falls."""
    medoids = _seeds(distances, weights, count)
    for _ in range(ROUNDS):
        swap = _best_swap(distances, weights, medoids)
        if swap is None:
            break
        medoids[swap[0]] = swap[1]
    members = np.argmin(distances[:, medoids], axis=1)
    members[medoids] = np.arange(count)  # a case of weight nought may lie as near to another
    cost = float((weights * distances[np.arange(len(distances)), medoids[members]]).sum())
    return Partition(medoids, members, cost)


def silhouettes(distances: Distances, weights: Weights, members: Members) -> NDArray[np.float64]:
    """Return each case's silhouette: how much nearer its own cluster is than the next one, from -1 to 1.

    Rousseeuw PJ, J Comput Appl Math 1987;20:53-65; 0 for who is alone in a cluster.
    """
    count = int(members.max()) + 1
    sizes = np.bincount(members, weights, count)
    inside = np.eye(count)[members] * weights[:, None]
    sums = distances.astype(np.float64) @ inside
    rows = np.arange(len(members))
    own_size = sizes[members]
    own = sums[rows, members] / np.maximum(own_size - 1, 1)
    others = sums / np.maximum(sizes, 1e-12)
    others[rows, members] = np.inf
    nearest = others.min(axis=1)
    widest = np.maximum(own, nearest)
    widths = np.divide(nearest - own, widest, out=np.zeros(len(members)), where=widest > 0)
    return np.where(own_size > 1, widths, 0.0)


def stability(
    distances: Distances, weights: Weights, found: Partition, *, draws: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Return each cluster's mean Jaccard index with the likest cluster of people drawn with replacement.

    Hennig C, Comput Stat Data Anal 2007;52:258-271: above 0.75 a cluster is stable, below 0.6 it is not to be trusted.
    """
    people = round(float(weights.sum()))
    count = len(found.medoids)
    indices = np.zeros((draws, count))
    for draw in range(draws):
        drawn = random.multinomial(people, weights / weights.sum())
        kept = np.flatnonzero(drawn)
        if len(kept) <= count:
            continue
        again = partition(distances[np.ix_(kept, kept)], drawn[kept].astype(np.float64), count)
        indices[draw] = _jaccards(found.members[kept], again.members, weights[kept], count)
    means: NDArray[np.float64] = indices.mean(axis=0)
    return means


def _seeds(distances: Distances, weights: Weights, count: int) -> Members:
    """Return first medoids: each time the case that lowers the sum of distances most."""
    medoids = [int(np.argmin(weights @ distances))]
    nearest = distances[:, medoids[0]].copy()
    while len(medoids) < count:
        gains = weights @ np.maximum(nearest[:, None] - distances, 0)
        gains[medoids] = -1.0
        medoids.append(int(np.argmax(gains)))
        nearest = np.minimum(nearest, distances[:, medoids[-1]])
    return np.array(medoids, dtype=np.intp)


def _best_swap(distances: Distances, weights: Weights, medoids: Members) -> tuple[int, int] | None:
    """Return which medoid to give up for which case, or None where no swap lowers the sum of distances."""
    order = np.argsort(distances[:, medoids], axis=1, kind="stable")
    rows = np.arange(len(distances))
    nearest = distances[rows, medoids[order[:, 0]]]
    second = distances[rows, medoids[order[:, 1]]] if len(medoids) > 1 else np.full_like(nearest, np.inf)
    joining = np.minimum(distances - nearest[:, None], 0)  # change of a case's distance if the candidate comes
    losing = np.minimum(distances, second[:, None]) - nearest[:, None] - joining  # and if its medoid goes as well
    owned = np.zeros((len(medoids), len(distances)))
    owned[order[:, 0], rows] = weights
    changes = owned @ losing + (weights @ joining)[None, :]
    changes[:, medoids] = np.inf
    medoid, candidate = np.unravel_index(int(np.argmin(changes)), changes.shape)
    lowest = float(changes[medoid, candidate])
    return (int(medoid), int(candidate)) if lowest < -1e-3 else None  # less is rounding of single precision


def _jaccards(before: Members, after: Members, weights: Weights, count: int) -> NDArray[np.float64]:
    shared = np.zeros((count, count))
    np.add.at(shared, (before, after), weights)
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
    best: NDArray[np.float64] = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0).max(axis=1)
    return best
