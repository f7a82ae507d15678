"""Serving: a drawn page is given again only while its answers stay; operators see routes and times, never people."""

import json
from pathlib import Path
from typing import Any

import flask
import pytest

from dashboards.drawn import DrawnPages
from dashboards.pages import who
from dashboards.telemetry import add_telemetry, write_line
from dashboards.visit import Visit
from orchestration.area import load_area
from orchestration.audit import audit_of
from orchestration.bench.serving import Walked, at, page_request, summary
from orchestration.publishing import publish
from orchestration.release import Gate, Refused
from orchestration.release.ledger import Ledger
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot, make_warehouse


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("serving"), people=1_500)


def _visit(settings: Settings, gate: Gate, **query: str) -> Visit:
    return Visit(gate, load_area(settings.area_dir, today=settings.today), query, "light", who.PATH)


def test_a_page_is_drawn_once_while_its_answers_stay(home: Settings) -> None:
    drawn, gate, times = DrawnPages(), Gate(home), []

    def draw(visit: Visit) -> Any:
        times.append(visit.query)
        return who.layout(visit)

    first = drawn.page(_visit(home, gate), draw)
    assert drawn.page(_visit(home, gate), draw) is first
    assert drawn.page(_visit(home, gate, group="sex:F"), draw) is not first
    assert len(times) == 2


def test_a_page_given_again_leaves_its_questions_in_the_ledger(home: Settings) -> None:
    drawn, gate = DrawnPages(), Gate(home)
    ledger = Ledger(audit_of(home))

    def lines() -> int:
        return sum(1 for _ in ledger.entries())

    visit = _visit(home, gate)
    drawn.page(visit, who.layout)
    before = lines()
    drawn.page(_visit(home, gate), who.layout)
    assert lines() - before == len(visit.asked) > 0


def test_a_page_is_drawn_anew_when_an_answer_is_another_one(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, gate, times = DrawnPages(), Gate(home), []

    def draw(visit: Visit) -> str:
        times.append(visit.ask("people", by=("theme",), period="all"))
        return f"drawing {len(times)}"

    assert drawn.page(_visit(home, gate), draw) == "drawing 1"

    def refuse(*_args: object, **_options: object) -> Any:
        raise Refused("The agreement was suspended.")

    monkeypatch.setattr(Gate, "answer", refuse)
    assert drawn.page(_visit(home, gate), draw) == "drawing 2"
    assert drawn.page(_visit(home, gate), draw) == "drawing 2", "the same refusal is the same page"


def test_a_new_snapshot_is_drawn_anew(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=1_500)
    drawn, gate = DrawnPages(), Gate(settings)
    first = drawn.page(_visit(settings, gate), who.layout)
    make_warehouse(tmp_path, people=1_400, seed=2)
    publish(settings, accept_movement=True)
    assert drawn.page(_visit(settings, gate), who.layout) is not first


def test_metrics_count_routes_and_no_address(home: Settings) -> None:
    server = flask.Flask("served")
    server.add_url_rule("/things/<name>", view_func=lambda name: name, endpoint="things")
    add_telemetry(server, Gate(home), log=False)
    client = server.test_client()
    client.get("/things/a-name?who=somebody")
    client.get("/nowhere/a-name")
    told = client.get("/metrics").text
    assert 'joinedup_requests_total{method="GET",route="/things/<name>",status="200"} 1.0' in told
    assert 'route="other",status="404"' in told
    assert "joinedup_snapshot_age_seconds" in told
    assert "a-name" not in told
    assert "somebody" not in told


def test_metrics_are_given_on_this_machine_only(home: Settings) -> None:
    server = flask.Flask("served")
    add_telemetry(server, Gate(home), log=False)
    client = server.test_client()
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 403


def test_readiness_says_what_is_missing(home: Settings, tmp_path: Path) -> None:
    for settings, status in ((home, 200), (Settings(area_dir=home.area_dir, home=tmp_path), 503)):
        server = flask.Flask("served")
        add_telemetry(server, Gate(settings), log=False)
        answer = server.test_client().get("/readyz")
        assert answer.status_code == status
        assert answer.json
        assert answer.json["status"] == ("ready" if status == 200 else "not ready")


def test_a_request_line_holds_route_status_and_time() -> None:
    lines: list[str] = []
    with flask.Flask("served").test_request_context("/who?group=sex:F", method="POST"):
        write_line("/who", 200, 0.0123, lines.append)
    line = json.loads(lines[0])
    assert line.keys() == {"at", "method", "route", "status", "ms"}
    assert (line["route"], line["status"], line["ms"], line["method"]) == ("/who", 200, 12.3, "POST")


def test_a_walk_is_summed_up_with_its_failures() -> None:
    told = summary(
        Walked([0.1] * 95 + [1.0] * 5, ["/who: 500"]), users=2, seconds=1.0, snapshot="snapshot-1", memory=300.4
    )
    assert (told["p50_ms"], told["p95_ms"], told["pages"], told["failures"]) == (100, 1000, 100, 1)
    assert at([], 0.5) == 0.0
    content = {
        "output": ".._pages_content.children..._pages_store.data..",
        "inputs": [{"id": "_pages_location", "property": "pathname"}],
    }
    body = json.loads(page_request(content, "/who", ""))
    assert body["outputs"] == [
        {"id": "_pages_content", "property": "children"},
        {"id": "_pages_store", "property": "data"},
    ]
    assert body["inputs"] == [{"id": "_pages_location", "property": "pathname", "value": "/who"}]
