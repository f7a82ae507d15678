"""Sign-in against a real provider on loopback, and what each role may see, post and call."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from dash import Dash
from flask.testing import FlaskClient

from dashboards.access import table
from dashboards.access.provider import safe_next
from dashboards.access.rates import TAKINGS_A_MINUTE, Rates
from dashboards.access.record import AccessEvent
from dashboards.access.sessions import IDLE_SECONDS, LONGEST_SECONDS, Person, Sessions
from dashboards.access.setting_up import check_host
from dashboards.app import PAGES, create_app
from orchestration.errors import ConfigurationError
from orchestration.settings import Settings
from orchestration.sign_in import ROLES, SignIn, read_sign_in
from tests.support.provider import PAGE, Provider, provider, sent_back, signed_in
from tests.support.snapshot import make_snapshot

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")  # the provider's own
EVENTS: list[AccessEvent] = []


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, Provider]]:
    with provider() as found:
        yield found


@pytest.fixture(scope="module")
def app(running: tuple[str, Provider], tmp_path_factory: pytest.TempPathFactory) -> Dash:
    settings = make_snapshot(tmp_path_factory.mktemp("signin"), people=500, seed=5)
    sign_in = SignIn(running[0], "joined-up", "not-told", "http://localhost")
    made = create_app(dataclasses.replace(settings, sign_in=sign_in), record=EVENTS.append)
    for feed in ("housing_options", "debt_advice"):
        page = settings.receipts / feed / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<title>Receipts</title>", encoding="utf-8")
    for extension in made.server.extensions["limiter"]:
        extension.enabled = False
    made.server.test_client().get("/healthz")
    return made


@pytest.fixture
def crooked(running: tuple[str, Provider]) -> Iterator[Provider]:
    held = running[1]
    yield held
    held.tamper, held.forge = (lambda claims: claims), False


def post(client: FlaskClient, output: str, *, token: bool = True, pathname: str = "/") -> int:
    client.get("/", headers=PAGE)
    cookie = client.get_cookie("_csrf_token")
    headers = {"X-CSRFToken": cookie.value} if token and cookie else {}
    body = {"output": output, "outputs": [], "inputs": [], "changedPropIds": []}
    try:
        return client.post("/_dash-update-component", json=body, headers=headers).status_code
    except Exception:  # noqa: BLE001 - the callback itself ran, with inputs that no browser sends
        return 500


def test_sign_in_uses_pkce_state_and_nonce_and_starts_a_session(app: Dash) -> None:
    asked = parse_qs(urlsplit(app.server.test_client().get("/sign-in").headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"]
    assert asked["nonce"]
    client = signed_in(app, "designer")
    assert client.get("/_dash-layout").status_code == 200
    assert EVENTS[-1].kind == "sign-in"
    assert EVENTS[-1].roles == ("designer",)


@pytest.mark.parametrize(
    ("claim", "value"),
    [("exp", 1_000_000_000), ("aud", "another-app"), ("nonce", "used-before"), ("iss", "https://evil.example")],
)
def test_a_token_with_a_wrong_claim_signs_nobody_in(app: Dash, crooked: Provider, claim: str, value: object) -> None:
    crooked.tamper = lambda claims: {**claims, claim: value}
    client = app.server.test_client()
    assert client.get(sent_back(client, "designer")).status_code == 400
    assert client.get("/_dash-layout").status_code == 401


def test_a_token_signed_with_another_key_signs_nobody_in(app: Dash, crooked: Provider) -> None:
    crooked.forge = True
    client = app.server.test_client()
    assert client.get(sent_back(client, "designer")).status_code == 400
    assert client.get("/_dash-layout").status_code == 401


def test_an_answer_of_the_provider_counts_once_and_only_where_it_was_asked(app: Dash) -> None:
    client = app.server.test_client()
    back = sent_back(client, "designer")
    assert app.server.test_client().get(back).status_code == 400
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 400


def test_a_session_known_before_sign_in_is_worth_nothing_after(app: Dash) -> None:
    client = app.server.test_client()
    back = sent_back(client, "designer")
    fixed = client.get_cookie("joinedup")
    client.get(back)
    other = app.server.test_client()
    other.set_cookie("joinedup", fixed.value if fixed else "")
    assert other.get("/_dash-layout").status_code == 401
    assert client.get("/_dash-layout").status_code == 200


def test_signing_out_ends_every_copy_of_the_cookie(app: Dash) -> None:
    client = signed_in(app, "designer")
    copied = client.get_cookie("joinedup")
    assert client.post("/sign-out").status_code == 400
    client.get("/", headers=PAGE)
    token = client.get_cookie("_csrf_token")
    answer = client.post("/sign-out", headers={"X-CSRFToken": token.value if token else ""})
    assert answer.status_code == 200
    assert EVENTS[-1].kind == "sign-out"
    client.set_cookie("joinedup", copied.value if copied else "")
    assert client.get("/_dash-layout").status_code == 401


@pytest.mark.parametrize(
    "bad", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil", "", None, "evil"]
)
def test_nobody_is_sent_on_to_another_site(bad: str | None) -> None:
    assert safe_next(bad) == "/"
    assert safe_next("/who?period=all") == "/who?period=all"


@pytest.mark.parametrize(("who", "said"), [("nobody", "no role here"), ("crowded", "over 200")])
def test_without_a_role_nobody_gets_in_and_is_told_why(app: Dash, who: str, said: str) -> None:
    client = app.server.test_client()
    answer = client.get(sent_back(client, who))
    assert answer.status_code == 403
    assert said in answer.text


def test_every_page_callback_and_route_has_its_roles(app: Dash) -> None:
    assert {page.PATH for page in PAGES} <= set(table.PAGES)
    assert set(app.callback_map) <= set(table.CALLBACKS)
    assert {rule.rule for rule in app.server.url_map.iter_rules()} <= set(table.ROUTES)


@pytest.mark.parametrize("role", ROLES)
def test_a_direct_post_reaches_a_callback_only_with_its_role_and_the_token(app: Dash, role: str) -> None:
    client = signed_in(app, role)
    for output in app.callback_map:
        allowed = role in table.CALLBACKS[output]
        assert post(client, output, token=False) == (400 if allowed else 403)
        assert (post(client, output) == 403) is not allowed, output
    assert post(client, "nothing.children") == 403


def test_a_callback_without_a_line_in_the_table_is_refused(app: Dash, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(app, "governance")
    assert post(client, "who-filters-location.search") != 403
    monkeypatch.delitem(table.CALLBACKS, "who-filters-location.search")
    assert post(client, "who-filters-location.search") == 403


@pytest.mark.parametrize("role", ROLES)
def test_each_route_answers_the_roles_it_is_for(app: Dash, role: str) -> None:
    client, stranger = signed_in(app, role), app.server.test_client()
    for path, needed in (("/download.csv?measure=people&period=Y2025", table.DESK), ("/_dash-layout", table.EVERYONE)):
        assert (client.get(path).status_code == 200) is (role in needed), path
        assert stranger.get(path).status_code == 401
    for path in ("/api/v1/catalogue", "/api/v1/figures?measure=people"):
        assert client.get(path).status_code == 401  # a session is no token


@pytest.mark.parametrize("role", ROLES)
def test_a_page_draws_itself_only_for_its_roles(app: Dash, role: str) -> None:
    import dash
    from flask import g

    for page in PAGES:
        with app.server.test_request_context(page.PATH):
            g.person = Person("somebody", frozenset({role}), "tidewell_council_housing" if role == "partner" else None)
            drawn = str(dash.page_registry[page.__name__]["layout"]())
        assert ("Your role may not see this page" in drawn) is (role not in table.PAGES[page.PATH]), page.PATH


def test_sessions_end_when_idle_and_after_a_working_day() -> None:
    now = 0.0
    sessions = Sessions(lambda: now)
    number = sessions.begin(Person("somebody", frozenset({"leader"})))
    while now <= LONGEST_SECONDS - IDLE_SECONDS:
        now += IDLE_SECONDS
        assert sessions.person(number)
    now += 1
    assert sessions.person(number) is None
    number = sessions.begin(Person("somebody", frozenset({"leader"})))
    now += IDLE_SECONDS + 1
    assert sessions.person(number) is None


@pytest.mark.parametrize("missing", ["JOINEDUP_OIDC_ISSUER", "JOINEDUP_OIDC_CLIENT_SECRET_FILE", "JOINEDUP_PUBLIC_URL"])
def test_half_a_provider_is_refused_and_the_secret_is_never_told(tmp_path: Path, missing: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush-hush")
    whole = {
        "JOINEDUP_OIDC_ISSUER": "https://id.example", "JOINEDUP_OIDC_CLIENT_ID": "app",
        "JOINEDUP_OIDC_CLIENT_SECRET_FILE": str(secret), "JOINEDUP_PUBLIC_URL": "https://figures.example",
    }  # fmt: skip
    found = read_sign_in(whole)
    assert found is not None
    assert "hush-hush" not in repr(found)
    del whole[missing]
    with pytest.raises(ConfigurationError, match=missing):
        read_sign_in(whole)


def test_local_mode_serves_this_machine_only(app: Dash, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="this machine only"):
        check_host(Settings(area_dir=tmp_path, home=tmp_path, host="0.0.0.0"))
    local = create_app(make_snapshot(tmp_path, people=500, seed=5)).server.test_client()
    assert local.get("/_dash-layout", headers={"Host": "evil.example"}).status_code == 421
    assert "Local mode" in local.get("/_dash-layout").text


@pytest.mark.parametrize(("who", "page"), [("partner", "/own"), ("public", "/about")])
def test_a_role_without_the_front_page_is_led_to_its_own(app: Dash, who: str, page: str) -> None:
    client = signed_in(app, who)
    answer = client.get("/", headers=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    assert client.get(page, headers=PAGE).status_code == 200
    assert signed_in(app, "designer").get("/", headers=PAGE).status_code == 200


def test_documents_for_residents_are_open_and_the_others_are_for_the_desk(app: Dash) -> None:
    stranger = app.server.test_client()
    assert stranger.get("/documents/public-page.html").status_code == 404  # asked, and not written here
    assert stranger.get("/documents/privacy-notice.pdf").status_code == 404
    assert stranger.get("/documents/dpia-pack.html").status_code == 401
    assert signed_in(app, "partner").get("/documents/dpia-pack.html").status_code == 403
    assert signed_in(app, "governance").get("/documents/dpia-pack.html").status_code == 404


@pytest.mark.parametrize(
    ("who", "feed", "status"),
    [
        ("partner", "housing_options", 200), ("partner", "debt_advice", 404), ("governance", "debt_advice", 200),
        ("engineer", "housing_options", 200), ("designer", "housing_options", 403), ("public", "debt_advice", 403),
    ],
)  # fmt: skip
def test_a_partner_reads_receipts_of_its_own_feeds_alone(app: Dash, who: str, feed: str, status: int) -> None:
    assert signed_in(app, who).get(f"/receipts/{feed}/index.html").status_code == status


def test_nobody_asks_for_pages_faster_than_a_program() -> None:
    rates = Rates(a_minute=3)
    assert [rates.may("one") for _ in range(4)] == [True, True, True, False]
    assert rates.may("another")


@pytest.mark.parametrize("route", ["/download.csv", "/receipts/debt_advice/index.html", "/documents/dpia-pack.html"])
def test_nobody_takes_files_faster_than_a_program(app: Dash, monkeypatch: pytest.MonkeyPatch, route: str) -> None:
    client = signed_in(app, "governance")
    assert client.get(route).status_code != 429
    monkeypatch.setattr(Rates, "may", lambda rates, _subject: rates.a_minute != TAKINGS_A_MINUTE)
    assert client.get(route).status_code == 429
