"""Channels: nothing that leaves carries a true count, and neither errors nor the work done tell of hidden people.

Canaries are planted: every service has a prime number of users, so that a true count can be no figure of ours. They are
looked for in pages, in the arrays of charts (decoded from base64), downloads, the command line's texts and refusals.
"""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from flask.testing import FlaskClient
from plotly.utils import PlotlyJSONEncoder

from dashboards.app import PAGES, create_app
from dashboards.visit import Visit
from orchestration.area import load_area
from orchestration.errors import ReleaseError
from orchestration.publishing import publish
from orchestration.redteam.attacks.channels import QUESTIONS, Planted, numbers, plant, texts
from orchestration.redteam.weak import Forgetful, NothingHidden
from orchestration.release import Gate, Refused, Request
from orchestration.release.engine import Engine
from orchestration.settings import Settings
from tests.support.snapshot import serving_tables, write_warehouse


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return plant(tmp_path_factory.mktemp("canaries"))


@pytest.fixture(scope="module")
def client(planted: Planted) -> FlaskClient:
    return create_app(planted.settings).server.test_client()


def sent(layout: Any) -> Any:
    return json.loads(json.dumps(layout, cls=PlotlyJSONEncoder))


def test_the_canary_is_found_in_a_chart_that_ships_it_unseen(planted: Planted) -> None:
    canary = min(planted.canaries)
    chart = go.Figure(go.Bar(x=["a"], y=[10], customdata=np.array([[canary]])))
    assert canary in set(numbers(sent(chart)))
    assert canary in set(numbers(f"there are {canary:,} people"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.PAGE)
def test_no_page_ships_a_true_count_anywhere(planted: Planted, page: Any) -> None:
    gate, area = Gate(planted.settings), load_area(planted.settings.area_dir)
    for query in ({"period": "all"}, {"period": "all", "view": "services"}):
        layout = page.layout(Visit(gate, area, query, "light", page.PATH))
        assert planted.canaries.isdisjoint(numbers(sent(layout)))


@pytest.mark.parametrize(("measure", "by", "period"), QUESTIONS)
def test_no_download_or_printed_answer_holds_a_true_count(
    planted: Planted, client: FlaskClient, measure: str, by: tuple[str, ...], period: str
) -> None:
    gate = Gate(planted.settings)
    downloads = [
        client.get(f"/download.{form}?measure={measure}&by={','.join(by)}&period={period}").text
        for form in ("csv", "json")
    ]
    assert all(planted.canaries.isdisjoint(numbers(text)) for text in [*texts(gate, measure, by, period), *downloads])


def test_a_gate_that_protects_nothing_answers_nothing(planted: Planted) -> None:
    gate = Gate(planted.settings, protection=lambda _secret, _policy: NothingHidden())
    with pytest.raises(ReleaseError, match="only figures at or above the threshold"):
        gate.answer(Request("people", ("service",)))


def test_refusals_hold_no_number_of_people(planted: Planted) -> None:
    gate = Gate(planted.settings)
    policy_numbers = {float(value) for row in gate.policies() for value in row.values() if isinstance(value, int)}
    for by, period in product((("msoa", "service"), ("age_band", "ethnic_group", "msoa")), ("2026-03", "Y2025")):
        try:
            gate.answer(Request("people", by, {}, period))
        except Refused as refusal:
            assert set(numbers(refusal.reason)) <= policy_numbers | {50.0}
            assert planted.canaries.isdisjoint(numbers(str(refusal)))


def test_a_population_of_few_is_not_divided_and_not_shown(tmp_path: Path) -> None:
    settings = write_warehouse(tmp_path, serving_tables(people=60, seed=2))
    publish(settings)
    gate = Gate(settings)
    for by in (("sex",), ("msoa",), ("service",), ("age_band", "sex")):
        with pytest.raises(Refused):
            gate.answer(Request("people", by))


def work(settings: Settings, where: dict[str, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return every table that is counted for a question."""
    done: list[object] = []
    gather = Engine.gather

    def spy(self: Engine, cursor: Any, **asked: Any) -> Any:
        done.append((asked["measure"], asked["attributes"], asked["period"].code))
        return gather(self, cursor, **asked)

    monkeypatch.setattr(Engine, "gather", spy)
    try:
        Gate(settings, vintages=Forgetful()).answer(Request("people", (), where, "Y2025"))
    finally:
        monkeypatch.undo()
    return done


def test_the_work_done_for_a_filter_does_not_depend_on_whom_it_finds(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time tells nothing, because whole tables are counted, whatever the filter: nobody, somebody or many."""
    asked = [
        {"msoa": ("E02000001",), "service": (service,), "sex": (sex,)}
        for service, sex in (("debt_advice", "F"), ("debt_advice", "U"), ("recovery_service", "U"))
    ]
    done = [work(planted.settings, where, monkeypatch) for where in asked]
    assert done[0]
    assert done[0] == done[1] == done[2]


def test_hidden_and_empty_cells_are_told_in_the_same_words(planted: Planted) -> None:
    gate = Gate(planted.settings)
    answers = {
        gate.answer(
            Request("people", (), {"msoa": ("E02000001",), "service": ("debt_advice",), "sex": (sex,)})
        ).to_csv()
        for sex in ("U",)
    }
    empty = replace_world(planted.settings)
    assert {line for text in answers for line in text.splitlines()[:2]} == set(empty.splitlines()[:2])


def replace_world(settings: Settings) -> str:
    """Return the answer to the same question where nobody of unknown sex is in the data at all."""
    tables = serving_tables(people=1500, seed=21)
    year = tables["srv_person_year"].with_columns(sex=pl.col("sex").replace("U", "F"))
    other = replace(settings, home=settings.home / "other")
    publish(write_warehouse(other.home, tables | {"srv_person_year": year}))
    where = {"msoa": ("E02000001",), "service": ("debt_advice",), "sex": ("U",)}
    return Gate(other).answer(Request("people", (), where)).to_csv()
