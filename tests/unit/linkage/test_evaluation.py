"""Claims of the evaluation, on cases small enough to count by hand."""

import polars as pl
import pytest

from orchestration.linkage.evaluation import evaluate, wilson


def frame(column: str, **records: str) -> pl.DataFrame:
    rows = [(name[0], name, value) for name, value in records.items()]
    return pl.DataFrame(rows, schema=["feed", "source_ref", column], orient="row")


TRUTH = frame("true_person_id", a1="x", b1="x", c1="x", a2="y", b2="y", a3="z")


def test_a_perfect_linkage_scores_one() -> None:
    overall = evaluate(TRUTH.rename({"true_person_id": "person_key"}), TRUTH).overall
    assert (overall.true_pairs, overall.linked_pairs, overall.correct_pairs) == (4, 4, 4)
    assert overall.precision == overall.recall == overall.f1 == 1.0


def test_pairs_are_counted_as_by_hand() -> None:
    links = frame("person_key", a1="p", b1="p", c1="q", a2="q", b2="r", a3="s")
    overall = evaluate(links, TRUTH).overall
    assert (overall.true_pairs, overall.linked_pairs, overall.correct_pairs) == (4, 2, 1)
    assert (overall.precision, overall.recall) == (0.5, 0.25)


def test_records_never_accepted_are_missing_and_not_errors() -> None:
    links = frame("person_key", a1="p", b1="p")
    found = evaluate(links, TRUTH)
    assert found.missing == 4 and found.overall.recall == 1.0


def test_scores_by_group_count_a_pair_at_each_end() -> None:
    groups = pl.DataFrame(
        {"feed": ["a", "b"], "source_ref": ["a1", "b1"], "group_kind": ["sex", "sex"], "group_value": ["F", "M"]}
    )
    links = TRUTH.rename({"true_person_id": "person_key"})
    by_value = {score.value: score for score in evaluate(links, TRUTH, groups).scores if score.scope == "sex"}
    assert by_value["F"].true_pairs == by_value["M"].true_pairs == 2


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),
    [(0, 0, (0.0, 1.0)), (10, 10, (0.7225, 1.0)), (5, 10, (0.2366, 0.7634)), (0, 10, (0.0, 0.2775))],
)
def test_wilson_intervals_are_those_of_the_textbook(successes: int, trials: int, expected: tuple[float, float]) -> None:
    assert wilson(successes, trials) == pytest.approx(expected, abs=5e-5)
