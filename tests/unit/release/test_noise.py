"""Noise: the table's promises, the keyed hash, and what is kept secret."""

import pickle

import numpy as np
import pytest

from orchestration.errors import ReleaseError
from orchestration.release.noise import RANGE, Noise, PerturbationTable
from orchestration.release.policy import POLICIES, Policy
from orchestration.release.ptable import Row, design_table

POLICY = POLICIES["dashboard"]
SECRET = bytes(range(32))


@pytest.mark.parametrize(
    "row", design_table(largest=5, variance=3.0, never_below=2)[1:], ids=lambda row: f"n={row.count}"
)
def test_each_row_is_unbiased_bounded_and_never_gives_one_or_two(row: Row) -> None:
    changes, p = np.array(row.changes), np.array(row.probabilities)
    assert p.sum() == pytest.approx(1)
    assert changes @ p == pytest.approx(0, abs=1e-8)
    assert changes**2 @ p == pytest.approx(3.0, abs=1e-6)
    assert np.abs(changes).max() <= 5
    assert not {1, 2} & set(row.count + changes)
    assert (row.count + changes >= 0).all()


@pytest.mark.parametrize(("largest", "variance", "never_below"), [(5, 1.0, 2), (5, 5.0, 4), (3, 0.1, 1)])
def test_noise_that_cannot_exist_is_refused_with_its_row(largest: int, variance: float, never_below: int) -> None:
    with pytest.raises(ReleaseError, match="for a count of"):
        design_table(largest=largest, variance=variance, never_below=never_below)


def test_a_policy_that_could_show_fewer_than_five_people_cannot_be_made() -> None:
    with pytest.raises(ReleaseError, match="twice the largest noise"):
        Policy("loose", threshold=8)
    with pytest.raises(ReleaseError, match="multiple"):
        Policy("odd", threshold=12)


def test_the_same_cell_has_the_same_noise_and_another_secret_another() -> None:
    one, same, other = Noise(SECRET, POLICY), Noise(SECRET, POLICY), Noise(SECRET[::-1], POLICY)
    keys = range(10**18, 10**18 + 200)
    assert [one.perturb(60, key) for key in keys] == [same.perturb(60, key) for key in keys]
    assert [one.perturb(60, key) for key in keys] != [other.perturb(60, key) for key in keys]


def test_zero_stays_zero() -> None:
    assert Noise(SECRET, POLICY).perturb(0, 0) == 0


def test_noise_follows_the_table() -> None:
    noise = Noise(SECRET, POLICY)
    rng = np.random.default_rng(1)
    drawn = [noise.perturb(60, int(key)) - 60 for key in rng.integers(0, 2**63, 20_000)]
    expected = design_table(largest=5, variance=3.0, never_below=2)[-1]
    shares = [drawn.count(change) / len(drawn) for change in expected.changes]
    assert shares == pytest.approx(expected.probabilities, abs=0.012)


def test_a_small_record_key_moves_the_noise_as_much_as_any_other() -> None:
    """With look-ups by contiguous intervals, keys below 1 % show a difference of one person 90 times in 100."""
    noise = Noise(SECRET, POLICY)
    rng = np.random.default_rng(2)
    for record_key in (1, 2**20, 2**57, 2**63):
        pairs = [
            (noise.perturb(60, int(key)), noise.perturb(61, int(key) ^ record_key))
            for key in rng.integers(0, 2**63, 4000)
        ]
        exactly_one = sum(after - before == 1 for before, after in pairs) / len(pairs)
        assert exactly_one == pytest.approx(0.162, abs=0.025)


def test_the_secret_is_neither_printed_nor_pickled() -> None:
    noise = Noise(SECRET, POLICY)
    assert SECRET.hex() not in repr(noise)
    assert repr(noise) == "Noise(secret kept)"
    with pytest.raises(TypeError):
        pickle.dumps(noise)


def test_thresholds_cover_the_whole_range() -> None:
    table = PerturbationTable.from_rows(design_table(largest=5, variance=3.0, never_below=2))
    assert all(ends[-1] == RANGE and list(ends) == sorted(ends) for ends in table.ends)
    assert table.change(10**6, RANGE - 1) == 5
    assert table.change(10**6, 0) == -5
