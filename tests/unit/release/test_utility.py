"""Figures stay useful: what is shown is near the truth, and most people are in figures that are shown."""

import pytest

from orchestration.bench.utility import measure, ranked, tables
from orchestration.release.reader import current_path, open_snapshot
from orchestration.settings import Settings


def test_every_table_that_can_be_asked_for_is_measured() -> None:
    asked = tables()
    assert len(asked) == len(set(asked)) > 60
    assert not any({"msoa", "deprivation"} <= set(table) or {"msoa", "lad"} <= set(table) for table in asked)


def test_what_is_shown_is_near_the_truth_and_most_people_are_in_it(published: Settings) -> None:
    snapshot = open_snapshot(published, current_path(published))
    asked = [("service",), ("age_group", "service"), ("msoa", "theme"), ("lad", "service", "sex")]
    rows = {row.smallest: row for row in measure(snapshot, published.release_secret(), period="Y2025", asked=asked)}
    snapshot.connection.close()
    assert rows[1].hidden_share > 0.8
    assert rows[100].hidden_share < 0.2
    assert all(rows[size].mean_absolute_error < 3 for size in (10, 30, 100))


def test_a_top_that_is_hidden_or_shuffled_is_not_found() -> None:
    truth = {(name,): 100 - 7 * place for place, name in enumerate("abcdefghijkl")}
    exact = ranked("all", truth, dict(truth))
    assert (exact.found_in_top, exact.rank_agreement) == (10, pytest.approx(1.0))
    assert ranked("none", truth, {}).found_in_top == 0
    assert ranked("some", truth, {code: figure for code, figure in truth.items() if code != ("a",)}).found_in_top == 9
    turned = ranked("turned", truth, {code: 100 - figure for code, figure in truth.items()})
    assert turned.rank_agreement == pytest.approx(-1.0)
    assert turned.found_in_top == 8
