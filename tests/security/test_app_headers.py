"""What the dashboards send and refuse over HTTP: headers, policy, downloads, health, no layout unasked."""

import json
import re
import socket
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboards.__main__ import bind, main
from dashboards.app import PAGES, create_app
from orchestration.errors import ServingError, SnapshotError
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("app"), people=2000, seed=5)


@pytest.fixture(scope="module")
def client(settings: Settings) -> FlaskClient:
    return create_app(settings).server.test_client()


def test_every_answer_has_the_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/healthz", "/assets/app.css", "/download.csv?measure=people", "/no-such-page"):
        with client.get(path) as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_policy_allows_no_other_machine_and_no_inline_script(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe" not in script
    assert "http" not in policy
    assert "form-action 'self'" in policy


def test_the_policy_has_the_hash_of_every_inline_script_even_on_the_first_request(settings: Settings) -> None:
    import base64
    import hashlib

    answer = create_app(settings).server.test_client().get("/who")
    scripts = [text for text in re.findall(r"<script>(.*?)</script>", answer.text, re.S) if text.strip()]
    assert scripts
    for text in scripts:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["Content-Security-Policy"]


def test_the_index_names_no_other_machine(client: FlaskClient) -> None:
    assert re.findall(r"""(?:src|href)=["']https?://""", client.get("/").text) == []
    assert 'lang="en-GB"' in client.get("/").text


def test_page_layouts_are_not_sent_before_they_are_asked_for(client: FlaskClient) -> None:
    text = client.get("/").text
    assert "Not in the figures, and why" not in text
    assert "validation_layout" not in json.loads(
        re.search(r'id="_dash-config"[^>]*>(.*?)</script>', text, re.S).group(1)
    )  # type: ignore[union-attr]


def test_pages_and_figures_are_not_kept_by_caches(client: FlaskClient) -> None:
    for path in ("/", "/_dash-layout", "/download.csv?measure=people"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_download_is_the_gates_table_with_its_certificate(client: FlaskClient) -> None:
    answer = client.get("/download.csv?measure=people&by=theme&period=Y2025")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert 'filename="people-theme-Y2025.csv"' in answer.headers["Content-Disposition"]
    assert answer.text.startswith("theme,theme_label,value")
    assert "Protection" in answer.text
    assert client.get("/download.json?measure=people&period=Y2025").get_json()["total"] % 5 == 0


@pytest.mark.parametrize(
    "query",
    [
        "measure=nothing", "measure=people&by=theme,sex,msoa,age_band", "measure=people&where=msoa%3DE1%27;drop", "",
        "measure=people&where=no_equals_sign", "measure=people&period=../../etc/passwd",
    ],
)  # fmt: skip
def test_a_download_outside_the_grammar_is_refused_in_words(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/download.csv?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert "Traceback" not in answer.text


def test_only_two_forms_of_download_exist(client: FlaskClient) -> None:
    assert client.get("/download.parquet?measure=people").status_code == 404


def test_health_names_the_snapshot_and_fails_without_one(settings: Settings, tmp_path: Path) -> None:
    app = create_app(settings)
    assert app.server.test_client().get("/healthz").get_json()["snapshot"].startswith("snapshot-")
    link = settings.published / "current"
    target = link.readlink()
    link.unlink()
    try:
        answer = app.server.test_client().get("/healthz")
        assert answer.status_code == 503
        assert "refresh" in answer.get_json()["reason"]
    finally:
        link.symlink_to(target)


def test_the_app_offers_no_machine_interface_of_dash(client: FlaskClient) -> None:
    answer = client.post("/_mcp", json={"jsonrpc": "2.0", "method": "tools/list", "id": 1})
    assert answer.status_code in (404, 405)


def test_every_graph_has_the_upload_button_switched_off(settings: Settings) -> None:
    from dashboards.components.chart_frame import GRAPH_CONFIG

    assert GRAPH_CONFIG["showSendToCloud"] is False
    assert GRAPH_CONFIG["displayModeBar"] is False
    sources = Path(PAGES[0].__file__ or "").parent.parent
    uses = [
        text for path in sources.rglob("*.py") for text in re.findall(r"dcc\.Graph\((.*?)\)", path.read_text(), re.S)
    ]
    assert len(uses) >= 2
    assert all("config=GRAPH_CONFIG" in use for use in uses)


def test_components_with_known_accessibility_faults_are_not_used() -> None:
    sources = Path(PAGES[0].__file__ or "").parent.parent
    text = "".join(path.read_text() for path in sources.rglob("*.py"))
    for name in ("dcc.Dropdown", "dcc.DatePicker", "dcc.Checklist", "dcc.Tabs", "dbc.", "go.Choropleth"):
        assert name not in text


def test_a_port_in_use_is_said_and_has_its_exit_code(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("JOINEDUP_HOME", str(settings.home))
        assert main(["--port", str(port)]) == ServingError.exit_code
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


def test_an_empty_home_is_said_and_has_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOINEDUP_HOME", str(tmp_path))
    assert main(["--port", "0"]) == SnapshotError.exit_code
    error = capsys.readouterr().err
    assert "joinedup refresh" in error
    assert "Traceback" not in error


def test_the_dashboards_listen_on_this_machine_only_by_default(settings: Settings) -> None:
    assert settings.host == "127.0.0.1"
    with bind(settings.host, 0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_what_is_sent_is_compressed(client: FlaskClient) -> None:
    """The parts that weigh: the page, Dash's scripts, and the layouts and figures that callbacks answer with."""
    wants = {"Accept-Encoding": "gzip"}
    index = client.get("/", headers=wants)
    scripts = re.findall(r'src="(/_dash-component-suites/[^"]+)"', client.get("/").text)
    assert len(scripts) > 3
    heavy = [client.get(path, headers=wants) for path in (*scripts, "/_dash-layout")]
    for answer in (index, *heavy):
        assert answer.headers.get("Content-Encoding") == "gzip", answer.request.path
    plain, packed = client.get("/_dash-layout"), client.get("/_dash-layout", headers=wants)
    assert len(packed.data) < len(plain.data) / 2


def test_the_first_html_has_a_skeleton_that_needs_no_script(client: FlaskClient) -> None:
    text = client.get("/who").text
    body = text[text.index("<body>") :]
    assert body.index('class="skeleton"') < body.index("<script")
    with client.get("/assets/frames.css") as styles:
        assert ".skeleton i:nth-child(7)" in styles.text
