"""10,000 tampered requests to the running app: none ends in a 500, none is told a true count, a key or a secret."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from dash import Dash
from flask import Flask, request
from flask.testing import FlaskClient

from dashboards.access.callbacks import is_ours
from dashboards.app import create_app
from orchestration.redteam.attacks.channels import Planted, plant
from orchestration.release.access import new_token
from tests.support.canaries import leaks, texts_that_never_leave
from tests.support.tampering import Tampered, tampered

REQUESTS, DRAWN = 10_000, 100
NO_TEXT = ("application/vnd.apache.parquet", "font/woff2", "image/svg+xml", "text/javascript")
CODES = 255
"""Combinations of themes have numbers up to this as codes in the catalogue."""
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return plant(tmp_path_factory.mktemp("tampered"), people=1500)


@pytest.fixture(scope="module")
def app(planted: Planted) -> Dash:
    made = create_app(planted.settings)
    for extension in made.server.extensions["limiter"]:
        extension.enabled = False
    return made


@pytest.fixture(scope="module")
def client(app: Dash) -> FlaskClient:
    client = app.server.test_client()
    client.get("/", headers={"Accept": "text/html"})
    return client


def send(client: FlaskClient, asked: Tampered, headers: dict[str, str]) -> tuple[int, str]:
    with client.open(
        asked.path, method=asked.method, data=asked.body, content_type="application/json", headers=headers
    ) as answer:
        is_file = answer.mimetype in (
            "application/vnd.apache.parquet",
            "font/woff2",
            "image/svg+xml",
            "text/javascript",
        )
        return answer.status_code, "" if is_file else answer.get_data(as_text=True)


def test_no_tampered_request_ends_in_a_500_or_is_told_anything_true(client: FlaskClient, planted: Planted) -> None:
    token = new_token(planted.settings, "attacker", policy="dashboard", days=30, today=TODAY)
    cookie = client.get_cookie("_csrf_token")
    headers = {"X-CSRFToken": cookie.value if cookie else "", "Authorization": f"Bearer {token}"}
    callbacks = [one for one in client.get("/_dash-dependencies").get_json() if not one["clientside_function"]]
    never = texts_that_never_leave(planted.settings)
    canaries = {count for count in planted.canaries if count > CODES}
    assert len(canaries) >= 5
    seen: Counter[int] = Counter()
    failed, leaked = [], []
    for asked in tampered(callbacks, requests=REQUESTS, drawn_pages=DRAWN):
        status, text = send(client, asked, headers)
        seen[status] += 1
        if status >= 500:
            failed.append(asked)
        if leaks(text, canaries, never):
            leaked.append(asked)
    assert failed[:3] == []
    assert leaked[:3] == []
    assert seen.total() == REQUESTS
    assert seen[200] > 200
    assert seen[400] > 3000


def test_an_app_that_fails_on_what_is_posted_is_caught(client: FlaskClient) -> None:
    """The same requests find the 500s of an app without the check of what is posted to callbacks."""
    callbacks = [one for one in client.get("/_dash-dependencies").get_json() if not one["clientside_function"]]
    weak = Flask("weak")

    @weak.post("/_dash-update-component")
    def update() -> str:
        return str(request.get_json(force=True)["inputs"][0]["value"]).strip()

    found = {send(weak.test_client(), asked, {})[0] for asked in tampered(callbacks, requests=300, drawn_pages=1)}
    assert 500 in found


def body() -> dict[str, object]:
    return {
        "output": "who-filters-location.search",
        "outputs": {"id": "who-filters-location", "property": "search"},
        "inputs": [{"id": f"who-{name}-select", "property": "value", "value": "any"} for name in ("period", "use")],
        "state": [{"id": "who-filters-location", "property": "search", "value": ""}],
        "changedPropIds": ["who-period-select.value"],
    }


KNOWN = {
    "who-filters-location.search": {
        "inputs": [{"id": f"who-{name}-select", "property": "value"} for name in ("period", "use")],
        "state": [{"id": "who-filters-location", "property": "search"}],
    }
}


def test_what_a_page_sends_is_let_through() -> None:
    assert is_ours(body(), KNOWN)
    assert is_ours(
        {**body(), "inputs": [{**part, "value": None} for part in KNOWN["who-filters-location.search"]["inputs"]]},
        KNOWN,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"output": "trust-filters-location.search"},
        {"output": ["who-filters-location.search"]},
        {"outputs": {"id": "_pages_content", "property": "children"}},
        {"outputs": []},
        {"inputs": []},
        {"inputs": "any"},
        {"inputs": [{"id": "who-period-select", "property": "value", "value": ["a"]}] * 2},
        {"state": None},
        {"state": [{"id": "who-filters-location", "property": "search", "value": "x" * 5_000}]},
        {"changedPropIds": None},
        {"changedPropIds": [1]},
    ],
)
def test_what_no_page_sends_is_refused(change: dict[str, object]) -> None:
    assert not is_ours(body() | change, KNOWN)
    assert not is_ours([body()], KNOWN)
