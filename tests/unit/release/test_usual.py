"""What everybody asks first is counted once, beforehand, and found by another process without counting again."""

from pathlib import Path

import pytest

from orchestration.release import Gate, Refused, Request
from orchestration.release.engine import Engine, EvidenceTable
from orchestration.release.lattice import MEASURES
from orchestration.release.usual import USUAL, keep_counts, usual_questions
from orchestration.release.vintages import Vintages
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("usual"), people=1500, seed=5)


def answered(gate: Gate, request: Request) -> object:
    try:
        return gate.answer(request).rows
    except Refused as refusal:
        return str(refusal)


def test_usual_questions_are_of_the_grammar_and_of_the_newest_periods(published: Settings) -> None:
    asked = usual_questions(Gate(published).catalogue())
    assert {request.measure for request in asked} == set(USUAL) <= set(MEASURES)
    assert len({request.canonical() for request in asked}) == len(asked)
    people = [request.period for request in asked if request.measure == "people" and request.by == ("theme",)]
    assert people[0] == "all"
    assert len(people) == 1 + 3 + 3 + 3


def test_what_was_counted_beforehand_is_answered_the_same_without_counting(
    published: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected_of = Gate(published, vintages=Vintages(tmp_path / "own.sqlite"))
    kept = tmp_path / "kept.sqlite"
    counted = keep_counts(Gate(published, vintages=Vintages(kept)))
    asked = usual_questions(expected_of.catalogue())
    assert counted == len(asked)
    expected = [answered(expected_of, request) for request in asked]

    def counts_again(*_: object, measure: str, attributes: tuple[str, ...], **__: object) -> EvidenceTable:
        raise AssertionError(f"{measure} by {attributes} was counted again")

    monkeypatch.setattr(Engine, "gather", counts_again)
    elsewhere = Gate(published, vintages=Vintages(kept))
    assert [answered(elsewhere, request) for request in asked] == expected
    with pytest.raises(AssertionError, match="counted again"):
        elsewhere.answer(Request("people", ("age_band", "ethnic_group"), {}, "all"))


def test_nobody_has_asked_what_is_counted_beforehand(published: Settings, tmp_path: Path) -> None:
    before = sorted((published.state / "audit").rglob("*")) if (published.state / "audit").exists() else []
    held = [path.read_bytes() for path in before if path.is_file()]
    gate = Gate(published, vintages=Vintages(tmp_path / "kept.sqlite"))
    gate.keep(Request("people", ("theme",), {}, "all"))
    after = sorted((published.state / "audit").rglob("*")) if (published.state / "audit").exists() else []
    assert [path.read_bytes() for path in after if path.is_file()] == held
