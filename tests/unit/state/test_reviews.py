"""Decisions keep their evidence as shown then; a review compares it with now, through the gate, in words."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.release import Gate, NotPermitted
from orchestration.settings import Settings
from orchestration.state.decisions import (
    NewDecision,
    add_decision,
    find_decision,
    note_review,
    pack_decisions,
    read_decisions,
)
from orchestration.state.reviews import NOISE_TOLD, compare_decision
from orchestration.state.store import Store
from orchestration.state.text_checks import TextError
from orchestration.state.views import Figures
from tests.support.snapshot import make_snapshot

EARLIER = "/download.csv?measure=people&by=theme&period=Y2024"
NEW = NewDecision(
    "Debt advice in the housing office", "How many need both?", "An adviser sits there.", "Housing service",
    "More people see an adviser.", date(2026, 1, 10), date(2026, 7, 10), (EARLIER,), "up",
)  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("reviews"), people=3000, seed=3)


@pytest.fixture(scope="module")
def gate(settings: Settings) -> Gate:
    return Gate(settings)


def kept(store: Store, gate: Gate, **changes: Any) -> str:
    return add_decision(store, gate, replace(NEW, **changes), who="somebody")


def test_a_decision_keeps_the_figures_of_the_gate_with_their_snapshot(store: Store, gate: Gate) -> None:
    found = find_decision(store, kept(store, gate))
    (view,) = found.views
    table = gate.answer(view.request)
    assert view.figures == Figures.of(table)
    assert any(figure is not None for figure in view.figures.rows.values())
    assert view.snapshot_id == gate.catalogue().snapshot_id
    assert (view.address, found.owner, found.expected_direction) == (EARLIER, "Housing service", "up")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"views": ()}, "1 to 6 charts"),
        ({"views": ("/who?period=all",)}, "no address of a chart's figures"),
        ({"views": ("https://example.org/x",)}, "no address of a chart's figures"),
        ({"review_on": date(2026, 1, 10)}, "later than the decision"),
        ({"owner": "Karen Smith"}, "a person's name"),
        ({"title": " "}, "'title' is empty"),
        ({"expected_direction": "sideways"}, "one of up, down, level"),
        ({"views": ("/download.csv?measure=people&by=msoa,service,ethnic_group&period=Y2024",)}, "is not published"),
    ],
)
def test_what_cannot_be_kept_is_refused_whole(store: Store, gate: Gate, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(TextError, match=told):
        kept(store, gate, **changes)
    assert read_decisions(store) == []


def test_a_review_compares_with_the_newest_period_through_the_gate(store: Store, gate: Gate) -> None:
    found = find_decision(store, kept(store, gate))
    (compared,) = compare_decision(gate, found)
    newest = gate.catalogue().periods_of("year")[-1]
    now = Figures.of(gate.answer(replace(found.views[0].request, period=newest.code)))
    assert compared.now_period == newest.label
    by_label = {line.label: line.now for line in compared.lines}
    assert {now.labels[code]: figure for code, figure in now.rows.items()}.items() <= by_label.items()


@pytest.mark.parametrize(
    ("moved", "direction", "words", "verdict"),
    [
        (0, "up", NOISE_TOLD, f"Expected up; it {NOISE_TOLD}."),
        (5, "level", NOISE_TOLD, "Expected level, and so it is."),
        (-4000, "up", "up by about", "Expected up, and so it is."),
        (4000, "up", "down by about", "Expected up; it went down."),
    ],
)
def test_noise_is_said_to_be_noise_and_more_is_not(  # noqa: PLR0917
    store: Store, gate: Gate, moved: int, direction: str, words: str, verdict: str
) -> None:
    newest = gate.catalogue().periods_of("year")[-1].code
    address = f"/download.csv?measure=people&period={newest}"
    found = find_decision(store, kept(store, gate, views=(address,), expected_direction=direction))
    view = found.views[0]
    then = Figures(
        {code: (figure or 0) + moved for code, figure in view.figures.rows.items()}, view.figures.labels, None
    )
    if min(figure or 0 for figure in then.rows.values()) <= 0:
        then = replace(then, rows=dict.fromkeys(then.rows, 100))
    (compared,) = compare_decision(gate, replace(found, views=(replace(view, figures=then),)))
    assert compared.lines[0].words.startswith(words)
    assert compared.verdict.startswith(verdict)
    assert "No newer period" in compared.note


def test_what_may_not_be_served_now_is_not_shown_from_then(
    store: Store, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_decision(store, kept(store, gate))

    def refuse(*_: object, **__: object) -> None:
        raise NotPermitted("The agreement was suspended.")

    monkeypatch.setattr(gate, "answer", refuse)
    (compared,) = compare_decision(gate, found)
    assert compared.lines == ()
    assert "The agreement was suspended." in compared.note


def test_a_part_that_is_withheld_now_hides_the_whole_of_then(
    store: Store, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_decision(store, kept(store, gate))
    honest = gate.answer
    monkeypatch.setattr(gate, "withheld", lambda: {"debt": "suspended"})
    monkeypatch.setattr(gate, "answer", lambda *args, **more: replace(honest(*args, **more), total=None))
    (compared,) = compare_decision(gate, found)
    assert compared.lines == ()


def test_a_decision_is_due_until_its_finding_is_written_down(store: Store, gate: Gate) -> None:
    name = kept(store, gate)
    assert not find_decision(store, name).is_due(date(2026, 7, 9))
    assert find_decision(store, name).is_due(date(2026, 7, 10))
    note_review(store, name, "More came; why cannot be told.", on=date(2026, 7, 11))
    found = find_decision(store, name)
    assert (found.is_due(date(2027, 1, 1)), found.reviewed_on) == (False, date(2026, 7, 11))
    with pytest.raises(TextError, match="a person's name"):
        note_review(store, name, "Karen thinks so.", on=date(2026, 7, 11))
    with pytest.raises(TextError, match="no decision of that id"):
        note_review(store, "d-none", "Nothing.", on=date(2026, 7, 11))


def test_decisions_of_the_pack_are_shown_beside_the_log(tmp_path: Path) -> None:
    from orchestration.area import load_area
    from orchestration.settings import repository_root

    area = load_area(repository_root() / "seeds" / "demo_area")
    found = pack_decisions(area.decisions.to_dicts())
    assert len(found) == area.decisions.height == 3
    assert all(one.is_of_pack and not one.views for one in found)
