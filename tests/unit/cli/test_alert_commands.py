"""The commands of alerts and of tracing, as a person types them."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.alerts import Verdict, alert, failure
from orchestration.area import load_area
from orchestration.publishing import Provenance, publish
from orchestration.publishing.provenance import Source
from orchestration.settings import Settings, repository_root
from tests.support.receivers import Hook, web_server
from tests.support.snapshot import make_snapshot
from tests.unit.governance.test_rebuild import write_area

TODAY = "2025-06-01"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(area_dir=tmp_path / "area", home=tmp_path / "var", today=TODAY)
    found.make_folders()
    write_area(found.area_dir)
    return found


def joinedup(settings: Settings, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    variables = {"JOINEDUP_AREA": str(settings.area_dir), "JOINEDUP_HOME": str(settings.home), "JOINEDUP_TODAY": TODAY}
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments]
    environment = {**os.environ, **variables, "COLUMNS": "200", "no_proxy": "127.0.0.1", **more}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120, cwd=repository_root()
    )


def test_what_is_open_is_listed(settings: Settings) -> None:
    assert "Nothing is open." in joinedup(settings, "alerts", "list").stdout
    alert(settings, load_area(settings.area_dir, today=TODAY))
    assert "Late: debt_advice." in joinedup(settings, "alerts", "list").stdout
    found = json.loads(joinedup(settings, "alerts", "list", "--json").stdout)
    assert [cause["kind"] for cause in found["open"].values()] == ["late"]


def test_the_status_names_a_failure_that_nothing_has_mended(settings: Settings) -> None:
    at = datetime(2025, 6, 1, tzinfo=UTC)
    cause = failure("publishing", kind="WarehouseError", message="Failure in test unique_x", where="run 1", at=at)
    alert(settings, load_area(settings.area_dir, today=TODAY), [Verdict("publishing", at, cause)])
    found = json.loads(joinedup(settings, "status", "--json").stdout)
    assert "Failed: publishing. The warehouse could not be built: unique_x." in found["attention"]


def test_a_trial_says_which_channel_works_and_fails_when_one_does_not(settings: Settings) -> None:
    with web_server(Hook()) as hook:
        tried = joinedup(settings, "alerts", "test", JOINEDUP_ALERT_WEBHOOK=hook.address)
        assert (tried.returncode, "webhook: sent" in tried.stderr, len(hook.posts)) == (0, True, 1)
        hook.answers = [404]
        tried = joinedup(settings, "alerts", "test", JOINEDUP_ALERT_WEBHOOK=hook.address)
    assert (tried.returncode, "webhook: 127.0.0.1 answered 404" in tried.stderr) == (14, True)
    assert "secret-path" not in tried.stderr


def test_a_snapshot_is_traced_to_its_run_and_deliveries(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path / "var", people=300)
    source = Source(feed="debt_advice", delivery_id="ab12cd34ef56", period="2025-03", run_id="run-1")
    publish(settings, accept_movement=True, provenance=Provenance("run-2", "20250420T120000Z", (source,)))
    shown = joinedup(settings, "trace", JOINEDUP_DAGSTER_URL="https://dagster.example.org/")
    assert all(word in shown.stdout for word in ("run-2", "https://dagster.example.org/runs/run-2", "ab12cd34ef56"))
    found = json.loads(joinedup(settings, "trace", "--feed", "debt_advice", "--json").stdout)
    assert found["deliveries"][0]["run_id"] == "run-1"
    wrong = joinedup(settings, "trace", "--feed", "housing")
    assert (wrong.returncode, "its feeds are debt_advice" in wrong.stderr) == (5, True)
