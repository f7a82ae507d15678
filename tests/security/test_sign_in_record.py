"""What stands in the audit log of those who sign in, and that nobody is let in without it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.access.record import AccessEvent
from dashboards.app import create_app
from orchestration.audit import audit_of
from orchestration.audit.reading import search
from orchestration.errors import HomeError
from orchestration.sign_in import SignIn
from tests.support.provider import PAGE, Provider, provider, sent_back, signed_in
from tests.support.snapshot import make_snapshot

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")  # the provider's own


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, Provider]]:
    with provider() as found:
        yield found


def test_sign_in_and_refusals_stand_in_the_audit_log_with_the_questions_of_a_person(
    running: tuple[str, Provider], tmp_path: Path
) -> None:
    settings = make_snapshot(tmp_path, people=500, seed=5)
    here = dataclasses.replace(settings, sign_in=SignIn(running[0], "joined-up", "not-told", "http://localhost"))
    made = create_app(here)
    client = signed_in(made, "leader")
    assert client.get("/download.csv?measure=people&by=theme&period=all").status_code in (200, 400)
    public = signed_in(made, "public")
    assert public.get("/download.csv?measure=people&period=all").status_code == 403
    client.get("/", headers=PAGE)
    token = client.get_cookie("_csrf_token")
    client.post("/sign-out", headers={"X-CSRFToken": token.value if token else ""})
    told = [(entry["kind"], entry["who"], entry["role"]) for entry in search(audit_of(here).folder) if "role" in entry]
    assert told == [
        ("sign_in", "leader", "leader"), ("release_downloaded", "leader", "leader"), ("sign_in", "public", "public"),
        ("access_refused", "public", "public"), ("sign_out", "leader", "leader"),
    ]  # fmt: skip


def test_nobody_is_let_in_where_that_cannot_be_recorded(running: tuple[str, Provider], tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=500, seed=5)
    here = dataclasses.replace(settings, sign_in=SignIn(running[0], "joined-up", "not-told", "http://localhost"))

    def full(_event: AccessEvent) -> None:
        raise HomeError("The disk is full.")

    client = create_app(here, record=full).server.test_client()
    answer = client.get(sent_back(client, "designer"))
    assert answer.status_code == 503
    assert "The disk is full." in answer.text
    assert client.get("/_dash-layout").status_code == 401
