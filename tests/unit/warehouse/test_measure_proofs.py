"""Every measure has a hand-worked case and a planted truth that a test recovers; the page that says so holds."""

from pathlib import Path

import pytest

from tests.support.measure_pages import measures
from tests.support.measure_proofs import ROOT, proofs, unproved


def test_every_measure_has_a_hand_worked_case() -> None:
    assert unproved(measures()) == []


def test_a_measure_without_a_case_or_whose_case_states_nothing_is_found(tmp_path: Path) -> None:
    case = "unit_tests:\n- {name: x, model: mart_a, given: [{input: i, rows: []}], expect: {rows: [%s]}}\n"
    (tmp_path / "a.yml").write_text(case % "{theme: work}", encoding="utf-8")
    (tmp_path / "b.yml").write_text(case.replace("mart_a", "mart_b") % "{people: 2}", encoding="utf-8")
    assert unproved(["mart_a", "mart_b", "mart_c"], tmp_path) == ["mart_a", "mart_c"]


def test_every_measure_has_a_planted_truth_on_the_page() -> None:
    told = [proof.measure for proof in proofs()]
    assert sorted(told) == sorted(measures())
    assert all(proof.tests for proof in proofs())


@pytest.mark.parametrize("proof", proofs(), ids=lambda proof: proof.measure)
def test_the_tests_that_the_page_names_are_there_and_read_the_measure(proof: tuple[str, str, tuple]) -> None:  # type: ignore[type-arg]
    measure, _, tests = proof
    for path, name in tests:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert f"def {name}(" in text, f"{path} has no {name}"
        assert measure in text or measure.removeprefix("mart_") in text, f"{path} does not read {measure}"
