"""Words for shares and changes: nothing is claimed that noise or chance could make."""

import pytest

from orchestration.release.comparison import compare, listing, out_of, percent


@pytest.mark.parametrize(("before", "now"), [(100, 110), (1000, 1050), (3620, 3615), (50, 60)])
def test_a_difference_that_noise_or_chance_could_make_is_level(before: int, now: int) -> None:
    assert compare(before, now).direction == "level"


@pytest.mark.parametrize(("before", "now", "direction"), [(1000, 1200, "up"), (1200, 1000, "down"), (20, 60, "up")])
def test_a_clear_difference_has_a_direction(before: int, now: int, direction: str) -> None:
    assert compare(before, now).direction == direction


@pytest.mark.parametrize(("before", "now"), [(None, 100), (100, None), (None, None)])
def test_a_hidden_figure_is_compared_with_nothing(before: int | None, now: int | None) -> None:
    assert compare(before, now).direction == "unknown"


def test_a_hidden_figure_says_that_it_is_hidden_and_not_that_it_is_nought() -> None:
    assert compare(100, None).words("a year earlier") == "Hidden: too few people to show"


def test_a_share_is_never_written_as_nought_percent() -> None:
    assert percent(0.001) == "under 1%"


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.5, "about 1 in 2"), (0.34, "about 1 in 3"), (0.61, "about 3 in 5"), (0.9, "90%"), (0.1, "about 1 in 10")],
)
def test_a_share_is_said_as_a_fraction_only_where_one_is_close(share: float, words: str) -> None:
    assert out_of(share) == words


def test_a_long_list_counts_its_rest() -> None:
    assert listing(["a", "b", "c", "d"], most=2) == "a, b and 2 more"
