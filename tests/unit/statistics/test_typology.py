"""Planted types of journeys are found again, at any size and in any order."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from orchestration.statistics import find_types

PLANTED = ["AAAAAA------------------", "BBBBBBBBBBBBBBBBBBBBBBBB", "AAAAAAAACCCCCCCCCCCCDDDD"]


def crowd(people: int, *, seed: int = 1, kept: float = 0.88) -> tuple[list[str], list[int], dict[str, int]]:
    """Return distinct sequences and their people: three planted, some months drawn anew; and each one's plant."""
    random = np.random.default_rng(seed)
    types = random.choice(3, people, p=[0.5, 0.3, 0.2])
    states = np.array([list(PLANTED[one]) for one in types])
    drawn = random.choice(list("ABCD-"), states.shape)
    states = np.where(random.random(states.shape) < kept, states, drawn)
    told = ["".join(row) for row in states]
    counts = Counter(told)
    return list(counts), list(counts.values()), dict(zip(told, types.tolist(), strict=True))


@pytest.mark.parametrize("people", [300, 20_000])
def test_planted_types_are_recovered(people: int) -> None:
    sequences, counts, planted = crowd(people)
    found = find_types(sequences, counts)
    assert len(found.medoids) == 3
    assert adjusted_rand_score([planted[one] for one in sequences], found.types.tolist()) > 0.97
    assert min(found.stabilities) > 0.9
    assert found.silhouette > 0.4
    sizes = np.bincount(found.types, counts) / people
    assert sizes.tolist() == pytest.approx([0.5, 0.3, 0.2], abs=0.07)


def test_the_order_of_the_sequences_does_not_matter() -> None:
    sequences, counts, _ = crowd(2_000)
    found = find_types(sequences, counts)
    turned = find_types(sequences[::-1], counts[::-1])
    assert turned.medoids == found.medoids
    assert turned.types[::-1].tolist() == found.types.tolist()
    assert turned.stabilities == found.stabilities


def test_a_version_names_the_types_and_not_the_people() -> None:
    """A few more people leave the medoids alone; another month in one of them is another version."""
    sequences, counts, _ = crowd(2_000)
    found = find_types(sequences, counts)
    assert replace(found, sampled_people=1, silhouettes=[0.0]).version == found.version
    assert replace(found, medoids=[*found.medoids[:-1], "-" * 24]).version != found.version
    assert replace(found, medoids=found.medoids[::-1]).version != found.version


def test_each_sequence_belongs_to_the_nearest_medoid() -> None:
    sequences, counts, _ = crowd(300)
    found = find_types(sequences, counts)
    for medoid, number in zip(found.medoids, range(3), strict=True):
        place = sequences.index(medoid)
        assert (found.types[place], found.distances[place]) == (number, 0.0)


def test_few_people_are_one_type_without_a_silhouette() -> None:
    found = find_types(["AAA", "BBB"], [10, 5])
    assert found.medoids == ["AAA"]
    assert found.types.tolist() == [0, 0]
    assert np.isnan(found.silhouette)
    assert np.isnan(found.stabilities[0])


def test_people_who_are_all_alike_are_one_type() -> None:
    assert find_types(["AAA"], [500]).medoids == ["AAA"]


def test_a_sequence_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        find_types(["A", "A"], [1, 1])
