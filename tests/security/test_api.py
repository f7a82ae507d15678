"""The API: the same figures as the gate's, to holders of a token, in pages, at a bounded rate, and nothing else."""

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from dashboards.app import create_app
from orchestration.release import Gate, Request
from orchestration.release.access import new_token, revoke
from orchestration.release.files import CERTIFICATE
from orchestration.release.lattice import DIMENSIONS, MEASURES
from orchestration.settings import Settings, repository_root
from tests.support.snapshot import make_snapshot

FIGURES = "/api/v1/figures"
THEMES = "measure=people&by=theme,sex&period=Y2025"
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("api"), people=2000, seed=5)


@pytest.fixture(scope="module")
def token(settings: Settings) -> str:
    return new_token(settings, "reader", policy="dashboard", days=30, today=TODAY)


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    """Return a client of an app of its own: limits are counted anew."""
    with create_app(settings).server.test_client() as client:
        yield client


def ask(client: FlaskClient, path: str, token: str) -> TestResponse:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def schema(client: FlaskClient, name: str) -> OAS31Validator:
    described = client.get("/api/v1/openapi.json").get_json()
    return OAS31Validator({"$ref": f"#/components/schemas/{name}", "components": described["components"]})


def test_figures_are_those_of_the_gate_with_labels_and_certificate(
    client: FlaskClient, settings: Settings, token: str
) -> None:
    answer = ask(client, f"{FIGURES}?{THEMES}", token)
    expected = Gate(settings).answer(Request.parse(measure="people", by=["theme,sex"], period="Y2025"))
    found = answer.get_json()
    assert answer.status_code == 200
    assert [row["value"] for row in found["rows"]] == [row[-1] for row in expected.rows]
    assert found["rows"][0]["theme_label"] == expected.label("theme", str(expected.rows[0][0]))
    assert found["total"] == expected.total
    assert found["certificate"] == json.loads(json.dumps(expected.certificate.to_dict()))
    assert answer.headers["Cache-Control"] == "no-store"
    assert list(schema(client, "Figures").iter_errors(found)) == []


def test_pages_together_are_the_whole_table(client: FlaskClient, token: str) -> None:
    whole = ask(client, f"{FIGURES}?{THEMES}", token).get_json()
    address, rows, asked = f"{FIGURES}?{THEMES}&page_size=5", [], 0
    while address:
        page = ask(client, address, token).get_json()
        rows, address, asked = rows + page["rows"], page["next"], asked + 1
        assert len(page["rows"]) <= 5
    assert rows == whole["rows"]
    assert asked == page["pages"] > 2


def test_files_hold_the_same_figures(client: FlaskClient, token: str) -> None:
    values = [row["value"] for row in ask(client, f"{FIGURES}?{THEMES}", token).get_json()["rows"]]
    parquet = ask(client, f"{FIGURES}?{THEMES}&format=parquet", token)
    frame = pl.read_parquet(io.BytesIO(parquet.data))
    assert frame["value"].to_list() == values
    assert frame.columns == ["theme", "theme_label", "sex", "sex_label", "value"]
    assert "match_rate" in pl.read_parquet_metadata(io.BytesIO(parquet.data))[CERTIFICATE]
    table = pl.read_csv(io.BytesIO(ask(client, f"{FIGURES}?{THEMES}&format=csv", token).data))
    assert table["value"].to_list() == values


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer joinedup_guess", "Basic cmVhZGVyOng=", "bearer\x7f x"])
@pytest.mark.parametrize("path", [f"{FIGURES}?{THEMES}", "/api/v1/catalogue"])
def test_without_a_token_there_is_nothing(client: FlaskClient, path: str, header: str) -> None:
    answer = client.get(path, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert set(answer.get_json()) == {"type", "title", "status", "detail"}


def test_a_token_that_ended_or_was_revoked_counts_no_more(client: FlaskClient, settings: Settings) -> None:
    ended = new_token(settings, "ended", policy="dashboard", days=1, today=TODAY - timedelta(days=3))
    gone = new_token(settings, "gone", policy="dashboard", days=1, today=TODAY)
    assert ask(client, "/api/v1/catalogue", gone).status_code == 200
    revoke(settings, "gone")
    assert {ask(client, "/api/v1/catalogue", one).status_code for one in (ended, gone)} == {401}


def test_answers_follow_the_policy_of_the_token_and_not_that_of_the_question(
    client: FlaskClient, settings: Settings
) -> None:
    token = new_token(settings, "public_site", policy="public", days=1, today=TODAY)
    answer = ask(client, f"{FIGURES}?{THEMES}&policy=dashboard", token).get_json()
    assert "policy public" in answer["request"]
    assert all(row["value"] is None or (row["value"] >= 20 and row["value"] % 10 == 0) for row in answer["rows"])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "measure"),
        ("measure=person", "measure"),
        ("measure=people&by=person_no", "dimension"),
        ("measure=people&by=theme,sex,age_band,msoa", "too many"),
        ("measure=people&period=last-week", "period"),
        ("measure=people&where=theme", "filter"),
        ("measure=people&page=0", "whole number"),
        ("measure=people&page_size=99999", "whole number"),
        ("measure=people&page=١", "whole number"),
        ("measure=people&format=xlsx", "format"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused_with_what_is(
    client: FlaskClient, token: str, query: str, said: str
) -> None:
    answer = ask(client, f"{FIGURES}?{query}", token)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert said in answer.get_json()["detail"]
    assert list(schema(client, "Problem").iter_errors(answer.get_json())) == []


def test_a_refused_view_names_the_nearest_one_that_is_granted(client: FlaskClient, token: str) -> None:
    answer = ask(client, f"{FIGURES}?measure=people&by=service,msoa,ethnic_group&period=2025-03", token)
    assert answer.status_code == 400
    assert ask(client, f"{FIGURES}?{answer.get_json()['coarser']}", token).status_code == 200


def test_questions_are_bounded_by_holder(client: FlaskClient, settings: Settings, token: str) -> None:
    answers = [ask(client, f"{FIGURES}?measure=people", token) for _ in range(125)]
    assert {answer.status_code for answer in answers[:120]} == {200}
    assert {answer.status_code for answer in answers[120:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) <= 60
    other = new_token(settings, "another_reader", policy="dashboard", days=1, today=TODAY)
    assert ask(client, f"{FIGURES}?measure=people", other).status_code == 200


def test_guesses_are_bounded_by_address(client: FlaskClient) -> None:
    answers = [ask(client, "/api/v1/catalogue", f"joinedup_{number}") for number in range(25)]
    assert [answer.status_code for answer in answers[:20]] == [401] * 20
    assert {answer.status_code for answer in answers[20:]} == {429}


def test_the_description_is_valid_and_names_the_whole_grammar_without_a_value(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()
    validate(described)
    parameters = {one["name"]: one["schema"] for one in described["paths"]["/figures"]["get"]["parameters"]}
    assert parameters["measure"]["enum"] == list(MEASURES)
    assert parameters["by"]["items"]["enum"] == list(DIMENSIONS)
    assert "debt_advice" not in json.dumps(described)


def test_the_catalogue_holds_what_can_be_asked(client: FlaskClient, token: str) -> None:
    known = ask(client, "/api/v1/catalogue", token).get_json()
    themes = next(one for one in known["dimensions"] if one["name"] == "theme")
    assert {one["name"] for one in known["measures"]} == set(MEASURES)
    assert "debt" in {value["code"] for value in themes["values"]}
    assert {"Y2025", "all"} <= {one["code"] for one in known["periods"]}


@pytest.mark.parametrize("page", ["read-figures-in-excel", "read-figures-in-power-bi"])
def test_the_questions_of_the_how_tos_are_answered(client: FlaskClient, token: str, page: str) -> None:
    text = (repository_root() / "docs" / "how-to" / f"{page}.md").read_text(encoding="utf-8")
    query = re.search(r"Query = \[(.*?)\]", text, re.DOTALL)
    assert query is not None
    asked = dict(re.findall(r'(\w+) = "([^"]*)"', query[1]))
    assert {"measure", "by", "period", "page_size"} <= set(asked)
    answer = client.get(FIGURES, query_string=asked, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.get_json()["rows"]


def test_only_reading_is_offered(client: FlaskClient, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)(FIGURES, headers=headers).status_code == 405
