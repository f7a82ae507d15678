"""Every channel of the running app, read for what was planted: counts, record keys, secrets, tokens, insides.

Beside test_attack_channels.py, which reads pages and downloads as they are made: here they are read as they are sent,
with the API, logs, error texts, documents and the leadership report. Each scanner must find a leak of its channel.
"""

import base64
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from dash import Dash
from flask.testing import FlaskClient
from plotly.utils import PlotlyJSONEncoder

from dashboards import telemetry
from dashboards.app import PAGES, create_app
from orchestration.documents import write_documents
from orchestration.redteam.attacks.channels import Planted, numbers, plant
from orchestration.release.access import new_token
from orchestration.reports.leadership import open_reader, report_content
from tests.support.canaries import leaks, texts_that_never_leave

TODAY = datetime.now(UTC).date()
FIGURES = "measure=people&by=service&period=all"
PARQUET_SCHEMA = "ARROW:schema"  # the frame's types, in base64


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    found = plant(tmp_path_factory.mktemp("channels"), people=2500)
    return replace(found, settings=replace(found.settings, request_log=True))


@pytest.fixture(scope="module")
def token(planted: Planted) -> str:
    return new_token(planted.settings, "reader", policy="dashboard", days=30, today=TODAY)


@pytest.fixture(scope="module")
def app(planted: Planted) -> Dash:
    made = create_app(planted.settings)
    for extension in made.server.extensions["limiter"]:
        extension.enabled = False
    return made


@pytest.fixture(scope="module")
def never(planted: Planted, app: Dash, token: str) -> frozenset[str]:
    app.server.test_client().get("/healthz")
    return texts_that_never_leave(planted.settings, token)


@pytest.fixture
def client(app: Dash) -> Iterator[FlaskClient]:
    with app.server.test_client() as client:
        client.get("/", headers={"Accept": "text/html"})
        yield client


def draw(client: FlaskClient, path: str, query: str) -> str:
    """Return the answer of the router's callback, as the browser gets it."""
    cookie = client.get_cookie("_csrf_token")
    output = ".._pages_content.children..._pages_store.data.."
    outputs = [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}]
    asked = (("_pages_location", "pathname", path), ("_pages_location", "search", query))
    inputs = [{"id": name, "property": prop, "value": value} for name, prop, value in asked]
    inputs.append({"id": "shell-scheme-store", "property": "data", "value": "light"})
    body = {"output": output, "outputs": outputs, "inputs": inputs, "changedPropIds": ["_pages_location.pathname"]}
    headers = {"X-CSRFToken": cookie.value if cookie else ""}
    answer = client.post("/_dash-update-component", json=body, headers=headers)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.PAGE)
def test_what_a_page_is_sent_as_holds_nothing_planted(
    client: FlaskClient, planted: Planted, never: frozenset[str], page: object
) -> None:
    for query in ("?period=all", "?period=all&view=services&group=sex:F"):
        text = draw(client, page.PATH, query)  # type: ignore[attr-defined]
        assert not leaks(text, planted.canaries, never)
    assert not leaks(client.get(page.PATH, headers={"Accept": "text/html"}).text, planted.canaries, never)  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_the_api_holds_nothing_planted(
    client: FlaskClient, planted: Planted, never: frozenset[str], token: str, form: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    for query in (FIGURES, "measure=months_of_use&by=service&period=all", "measure=people&by=person_no"):
        text = client.get(f"/api/v1/figures?{query}&format={form}", headers=headers).text
        assert not leaks(text, planted.canaries, never)


def test_parquet_holds_nothing_planted_in_rows_or_metadata(
    client: FlaskClient, planted: Planted, never: frozenset[str], token: str
) -> None:
    answer = client.get(f"/api/v1/figures?{FIGURES}&format=parquet", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    about = pl.read_parquet_metadata(io.BytesIO(answer.data))
    about.pop(PARQUET_SCHEMA, None)
    rows = pl.read_parquet(io.BytesIO(answer.data)).to_dicts()
    assert rows
    assert not leaks(rows, planted.canaries)
    assert set(numbers(rows)).isdisjoint(planted.canaries)
    assert not leaks(str(about), planted.canaries, never)


def test_logs_and_errors_hold_nothing_planted(  # noqa: PLR0917 - fixtures
    client: FlaskClient,
    planted: Planted,
    never: frozenset[str],
    token: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"Authorization": f"Bearer {token}"}
    said = [
        client.get(address, headers=headers).text
        for address in (
            f"/api/v1/figures?{FIGURES}",
            "/api/v1/figures?measure=people&by=msoa,service&where=sex=U&period=2026-03",
            "/api/v1/figures?measure='; drop table x --",
            "/download.csv?measure=people&by=record_key",
            "/documents/none.html",
            "/download.xlsx",
        )
    ]
    draw(client, "/who", "?period=2026-03&group=sex:U")
    captured = capfd.readouterr()
    lines = [
        *(record.getMessage() for record in caplog.records),
        *captured.err.splitlines(),
        *captured.out.splitlines(),
    ]
    assert not any(leaks(text, planted.canaries, never) for text in said)
    assert not any(leaks(line, (), never) for line in lines)
    trail = [
        path for path in planted.settings.state.rglob("*") if path.is_file() and path.suffix in (".jsonl", ".json")
    ]
    assert not any(leaks(line, (), never) for path in trail for line in path.read_text("utf-8").splitlines())


def test_a_line_of_the_request_log_is_a_route_and_no_question(planted: Planted, app: Dash) -> None:
    lines: list[str] = []
    with app.server.test_request_context("/download.csv?measure=people&where=sex=U", method="GET"):
        telemetry.write_line(telemetry.route_of(), 200, 0.1, lines.append)
    assert "sex" not in lines[0]
    assert json.loads(lines[0])["route"] == "/download.<form>"


def test_the_leadership_report_holds_nothing_planted_in_words_or_drawings(
    planted: Planted, never: frozenset[str]
) -> None:
    """The report's PDF is set from this content and nothing else; drawings are SVG, so that their text is read."""
    content = json.loads(json.dumps(report_content(open_reader(planted.settings), code="Y2025"), default=str))
    assert "<svg" in str(content)
    assert not leaks(content, planted.canaries, never)


def test_the_documents_hold_nothing_planted(planted: Planted, never: frozenset[str], tmp_path: Path) -> None:
    written = write_documents(planted.settings, out=tmp_path, with_pdf=False)
    assert written
    assert not any(leaks(path.read_text("utf-8"), planted.canaries, never) for path in written)


def leaking_chart(canary: float) -> str:
    chart = go.Figure(go.Bar(x=["a"], y=[10], customdata=np.array([[int(canary)]])))
    return json.dumps({"response": {"_pages_content": {"children": chart}}}, cls=PlotlyJSONEncoder)


@pytest.mark.parametrize(
    "leak",
    [
        lambda count: f"<html><body><p>There are {count:,.0f} people.</p></body></html>",
        lambda count: f"<html><body><p title='x'><b>{count:.0f}</b></p></body></html>",
        leaking_chart,
        lambda count: json.dumps({"hovertemplate": f"Debt advice<br>{count:.0f} people<extra></extra>"}),
        lambda count: json.dumps({"rowData": [{"service": "debt_advice", "n_true": count}]}),
        lambda count: f"service,value\r\ndebt_advice,{count:.0f}\r\n",
        lambda count: [{"service": "debt_advice", "value": int(count)}],
        lambda count: str({"bdata": base64.b64encode(b"0").decode(), "rows": int(count)}),
        lambda count: f"<svg xmlns='http://www.w3.org/2000/svg'><text x='1'>{count:.0f}</text></svg>",
        lambda count: {"charts": [f"<svg><text>{count:.0f}</text></svg>"]},
        lambda count: json.dumps({"title": "Refused", "detail": f"Only {count:.0f} people are in this selection."}),
    ],
    ids=["html", "html-marked", "base64", "hover", "grid", "csv", "parquet", "frame", "svg", "report", "error"],
)
def test_a_leak_of_each_channel_is_found(planted: Planted, leak: object) -> None:
    for canary in planted.canaries:
        assert leaks(leak(canary), planted.canaries)  # type: ignore[operator]


def test_keys_secrets_tokens_and_insides_are_found(planted: Planted, never: frozenset[str], token: str) -> None:
    assert leaks(f"GET /figures token={token}", (), never)
    assert leaks('{"detail": "Traceback (most recent call last)"}', (), never)
    assert leaks(f"key {planted.settings.release_secret_file.read_text().strip()} read", (), never)
    assert all(leaks(f"the record of {text} was read", (), never) for text in list(never)[:20])
