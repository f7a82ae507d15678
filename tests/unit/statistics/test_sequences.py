"""Distances of sequences against a brute-force optimal matching, and cases by hand."""

import numpy as np
import pytest

from orchestration.statistics.sequences import encode, matching_distances


def optimal_matching(one: str, other: str) -> int:
    """Return the least cost of turning one sequence into the other, by the full table: 1 in or out, 2 in place."""
    costs = list(range(len(other) + 1))
    for row, state in enumerate(one, start=1):
        above, costs[0] = costs[0], row
        for column, target in enumerate(other, start=1):
            replaced = above + (0 if state == target else 2)
            above, costs[column] = costs[column], min(replaced, costs[column] + 1, costs[column - 1] + 1)
    return costs[-1]


def distances(these: list[str], those: list[str]) -> list[list[float]]:
    alphabet = "".join(sorted(set("".join(these + those))))
    rows, columns = (encode(part, alphabet=alphabet)[0] for part in (these, those))
    return matching_distances(rows, columns, states=len(alphabet)).tolist()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("AAB", "AAB", 0),
        ("AAB", "AAC", 2),  # one replaced
        ("ABC", "BCA", 2),  # A out in front, A in behind
        ("AAAA", "BBBB", 8),
        ("AB", "AAB", 1),
        ("", "AB", 2),
    ],
)
def test_distances_worked_by_hand(one: str, other: str, expected: int) -> None:
    assert optimal_matching(one, other) == expected
    assert distances([one, "A"], [other, "A"])[0][0] == expected


@pytest.mark.parametrize(("longest", "states"), [(5, 2), (24, 8), (64, 3)])
def test_distances_equal_a_brute_force_optimal_matching(longest: int, states: int) -> None:
    random = np.random.default_rng(longest)
    drawn = ["".join(random.choice(list("ABCDEFGH"[:states]), random.integers(1, longest + 1))) for _ in range(30)] + [
        "A" * longest,
        "B" * longest,
    ]
    assert distances(drawn[:20], drawn) == [[optimal_matching(one, other) for other in drawn] for one in drawn[:20]]


def test_pairs_in_several_portions_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    drawn = ["".join(random.choice(list("ABC"), 12)) for _ in range(50)]
    whole = distances(drawn, drawn)
    monkeypatch.setattr("orchestration.statistics.sequences.CELLS", 130)
    assert distances(drawn, drawn) == whole


def test_a_sequence_longer_than_a_word_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 64"):
        encode(["A" * 65])


def test_codes_are_places_in_the_alphabet_and_short_sequences_are_filled() -> None:
    codes, alphabet = encode(["BA", "", "C"])
    assert (codes.tolist(), alphabet) == ([[1, 0], [3, 3], [2, 3]], "ABC")


def test_a_state_outside_the_alphabet_is_refused() -> None:
    with pytest.raises(ValueError, match="not one of AB"):
        encode(["AC"], alphabet="AB")
