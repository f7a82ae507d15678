"""Whatever is asked and refused, the way out that is offered is one: the gate grants it, and it is coarser."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.release import Gate, Refused, Request
from orchestration.release.catalogue import Catalogue
from orchestration.release.coarser import PLAIN
from orchestration.release.directory import LEVELS
from orchestration.release.lattice import COARSER, MEASURES, period_level
from tests.support.snapshot import make_snapshot

FINER = {coarse: fine for fine, coarse in COARSER.items()}


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(make_snapshot(tmp_path_factory.mktemp("offers"), people=1200, seed=3))


@st.composite
def requests(draw: st.DrawFn, catalogue: Catalogue) -> Request | None:
    """A request of any measure, dimensions, filters, period and policy; None where the grammar has no such request."""
    rule = MEASURES[draw(st.sampled_from(sorted(MEASURES)))]
    relation = draw(st.sampled_from(rule.relation)) if rule.relation else ()
    more = draw(st.lists(st.sampled_from(rule.dimensions), max_size=3 - len(relation), unique=True))
    names = list(dict.fromkeys((*relation, *more)))
    filtered = [name for name in names if name != "theme_set" and draw(st.booleans()) and draw(st.booleans())]
    where = {
        name: tuple(draw(st.lists(st.sampled_from(catalogue.codes(name)), min_size=1, max_size=3))) for name in filtered
    }
    period = draw(st.sampled_from([entry.code for entry in catalogue.periods if entry.level in rule.levels]))
    policy = draw(st.sampled_from(("dashboard", "public", "strict")))
    with contextlib.suppress(Refused):
        return Request(rule.name, tuple(name for name in names if name not in where), where, period, policy)
    return None


def rolled(names: set[str]) -> set[str]:
    return {COARSER.get(name, name) for name in names}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_refused_question_comes_with_a_coarser_one_that_is_granted(gate: Gate, data: st.DataObject) -> None:
    request = data.draw(requests(gate.catalogue()))
    if request is None:
        return
    try:
        gate.answer(request)
    except Refused as refusal:
        assert refusal.coarser is not None, f"no way out of: {request.canonical()} ({refusal.reason})"
        offer = refusal.coarser
        assert gate.answer(offer).rows
        assert offer.policy == request.policy
        asked, offered = {*request.by, *request.where}, {*offer.by, *offer.where}
        if offer.measure != request.measure:
            assert offer.measure == ("households" if request.rule.unit == "household" else "people")
            asked = {PLAIN.get(name, name) for name in asked}
        assert rolled(offered) <= rolled(asked)
        assert not any(FINER.get(name) in offered - asked for name in asked)
        assert LEVELS.index(period_level(offer.period)) >= LEVELS.index(period_level(request.period))
        assert offer.canonical() != request.canonical()
