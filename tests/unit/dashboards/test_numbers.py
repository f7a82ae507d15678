"""How numbers are written and compared."""

import pytest

from dashboards.figures.numbers import (
    HIDDEN,
    byar_interval,
    count_text,
    in_sentence,
    listed,
    per_thousand,
    share,
    share_text,
    times_text,
)


def test_a_hidden_count_is_never_written_as_zero() -> None:
    assert count_text(None) == HIDDEN
    assert share_text(None, 100) == HIDDEN
    assert share_text(10, None) == HIDDEN


def test_a_share_of_nothing_is_hidden_and_no_division_by_zero() -> None:
    assert share(10, 0) is None
    assert per_thousand(10, 0) is None


def test_a_share_is_never_more_than_everyone_after_rounding_apart() -> None:
    assert share(105, 100) == 1.0


def test_byars_interval_agrees_with_the_exact_poisson_limits() -> None:
    low, high = byar_interval(100, 1000)  # exact: 81.36 to 121.63
    assert low == pytest.approx(81.36, abs=0.1)
    assert high == pytest.approx(121.63, abs=0.1)


@pytest.mark.parametrize(("ratio", "words"), [(1.05, "about the same"), (2.0, "twice"), (2.8, "2.8 times")])
def test_ratios_are_said_in_words(ratio: float, words: str) -> None:
    assert times_text(ratio) == words


def test_words_are_joined_as_in_a_sentence() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_an_abbreviation_keeps_its_capitals_in_a_sentence() -> None:
    assert in_sentence("Debt advice") == "debt advice"
    assert in_sentence("NHS talking therapies") == "NHS talking therapies"
