"""The decisions form and what it keeps: for stated roles, with a CSRF token, and never past the release gate."""

import dataclasses
from collections.abc import Iterator
from datetime import date

import dash
import pytest
from dash import Dash
from flask import g
from flask.testing import FlaskClient

from dashboards.access import table
from dashboards.access.sessions import Person
from dashboards.app import create_app
from dashboards.pages import decisions
from orchestration.errors import HomeError
from orchestration.settings import Settings
from orchestration.sign_in import ROLES, SignIn
from orchestration.state import Store, store_of
from orchestration.state.decisions import read_decisions
from orchestration.state.store import url_of
from orchestration.state.voices import NewVoice, add_voice, withdraw_voice
from tests.support.pages import components, texts
from tests.support.provider import Provider, provider
from tests.support.snapshot import make_snapshot

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")  # the provider's own
FORM = {
    "title": "Debt advice in the housing office",
    "question": "How many need both?",
    "decision": "An adviser sits there.",
    "owner": "Housing service",
    "expected_change": "More people see an adviser.",
    "expected_direction": "up",
    "decided_on": "2026-01-10",
    "review_on": "2026-07-10",
    "views": "/download.csv?measure=people&period=Y2024",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("decisions"), people=500, seed=5)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, Provider]]:
    with provider() as found:
        yield found


@pytest.fixture(scope="module")
def app(settings: Settings, running: tuple[str, Provider]) -> Dash:
    sign_in = SignIn(running[0], "joined-up", "not-told", "http://localhost")
    made = create_app(dataclasses.replace(settings, sign_in=sign_in))
    made.server.test_client().get("/healthz")
    return made


def as_role(app: Dash, role: str) -> FlaskClient:
    from tests.security.test_sign_in import signed_in

    return signed_in(app, role)


def post(client: FlaskClient, *, with_token: bool = True, **changes: str) -> tuple[int, str]:
    client.get("/", headers={"Accept": "text/html"})
    cookie = client.get_cookie("_csrf_token")
    token = {"csrf_token": cookie.value} if with_token and cookie else {}
    answer = client.post("/decisions/new", data=FORM | changes | token)
    return answer.status_code, answer.headers.get("Location", answer.text)


@pytest.mark.parametrize("role", ROLES)
def test_only_roles_that_may_record_a_decision(app: Dash, settings: Settings, role: str) -> None:
    before = len(read_decisions(store_of(settings)))
    status, where = post(as_role(app, role))
    kept = len(read_decisions(store_of(settings))) - before
    assert (status, kept) == ((303, 1) if role in table.RECORDERS else (403, 0))
    assert where.startswith("/decisions?decision=d-") is (role in table.RECORDERS)


def test_nobody_who_is_not_signed_in_records_one(app: Dash) -> None:
    assert post(app.server.test_client())[0] in (400, 401)


def test_without_the_token_nothing_is_recorded(app: Dash, settings: Settings) -> None:
    before = read_decisions(store_of(settings))
    assert post(as_role(app, "leader"), with_token=False)[0] == 400
    assert read_decisions(store_of(settings)) == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"title": "Karen Smith asked"}, "a person&#39;s name"),
        ({"review_on": "next year"}, "year-month-day"),
        ({"views": "/who"}, "no address of a chart"),
        ({"views": "/download.csv?measure=<script>alert(1)</script>"}, "There is no measure"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_kept(
    app: Dash, settings: Settings, changes: dict[str, str], told: str
) -> None:
    before = read_decisions(store_of(settings))
    status, page = post(as_role(app, "leader"), **changes)
    assert status == 400
    assert told in page
    assert "<script>alert" not in page
    assert read_decisions(store_of(settings)) == before


def drawn(app: Dash, role: str, path: str, **query: str) -> dash.development.base_component.Component:
    page = next(one for one in dash.page_registry.values() if one["path"] == path)
    with app.server.test_request_context(path):
        g.person = Person("somebody", frozenset({role}))
        return page["layout"](**query)


def test_the_form_is_drawn_for_those_who_may_post_it(app: Dash) -> None:
    forms = {
        role: any(type(item).__name__ == "Form" for item in components(drawn(app, role, "/decisions")))
        for role in ("designer", "engineer")
    }
    assert forms == {"designer": True, "engineer": False}


def test_the_page_tells_a_decision_then_and_now(app: Dash, settings: Settings) -> None:
    _, where = post(as_role(app, "governance"), title="Looked at again")
    words = " ".join(texts(drawn(app, "leader", "/decisions", decision=where.partition("=")[2])))
    (view,) = next(one for one in read_decisions(store_of(settings)) if one.title == "Looked at again").views
    figure = view.figures.rows.get("", view.figures.total)
    assert f"{figure:,}" in words
    assert view.snapshot_id in words


def test_a_withdrawn_voice_is_gone_from_a_page_that_was_drawn_before(app: Dash, settings: Settings) -> None:
    store, said = store_of(settings), "I told my whole story five times."
    new = NewVoice("quote", said, "C-1", "housing", "a workshop", date(2026, 5, 1))
    kept = add_voice(store, new, steps=["housing"], personas=[])
    assert said in texts(drawn(app, "designer", "/journeys"))
    assert said in texts(drawn(app, "designer", "/journeys"))
    withdraw_voice(store, kept, on=date(2026, 6, 1))
    assert said not in texts(drawn(app, "designer", "/journeys"))


def test_figures_are_shown_though_the_state_store_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboards.visit import voices_of

    gone = Store(url_of("postgresql://me@127.0.0.1:1/x"))
    with pytest.raises(HomeError):
        read_decisions(gone)
    assert voices_of(gone) == ()
    assert decisions.IS_PERSONAL  # so that the page itself is drawn anew, and tells the error
