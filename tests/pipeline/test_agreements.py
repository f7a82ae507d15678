"""The agreement is the switch: a feed that loses it leaves the figures at the next refresh, and stops no other."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from dashboards.app import PAGES, create_app
from dashboards.visit import Visit
from orchestration.area import load_area
from orchestration.defs.refresh import refresh
from orchestration.errors import GovernanceError
from orchestration.governance.permits import decide
from orchestration.publishing import rollback
from orchestration.release import Gate, NotPermitted, Request
from orchestration.settings import Settings

EXPIRED = "isa-01-housing"
REMOVED = "isa-05-debt-advice"


@pytest.fixture
def without_agreements(small_area: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return a copy of the small area in which one agreement has expired and another's file is gone."""
    for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    area = tmp_path / "area"
    shutil.copytree(small_area.area_dir, area)
    shutil.copytree(small_area.home, tmp_path / "var", symlinks=True)
    (area / "agreements" / f"{REMOVED}.yaml").unlink()
    path = area / "agreements" / f"{EXPIRED}.yaml"
    agreement = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**agreement, "expires_on": "2026-10-01"}), encoding="utf-8")
    return Settings(area_dir=area, home=tmp_path / "var")


def test_feeds_without_an_agreement_in_force_leave_the_figures_and_cannot_be_rolled_back_to(
    without_agreements: Settings, small_area: Settings
) -> None:
    settings = without_agreements
    asked = Request.parse(measure="people", by=["theme"], where=[], period="Y2025")
    before = {row[0]: row[1] for row in Gate(small_area).answer(asked).rows}
    assert before["money"] is not None
    at_once = {row[0]: row[1] for row in Gate(settings).answer(asked).rows}
    assert (at_once["money"], at_once["benefits"]) == (None, before["benefits"])
    assert refresh(settings).published
    answer = Gate(settings).answer(asked)
    after = {row[0]: row[1] for row in answer.rows}
    assert after["money"] is None
    assert after["benefits"] is not None
    missing = dict(answer.certificate.lines())["Feeds missing"]
    assert f"agreement {REMOVED}" in missing
    assert "expired" in missing
    area = load_area(settings.area_dir)
    permitted = {feed for feed in area.contracts if decide(area, feed).may_keep}
    with pytest.raises(GovernanceError, match="debt_advice, housing_options"):
        rollback(settings, permitted=permitted)


def test_when_every_agreement_ends_the_old_figures_go_at_once_and_nobody_is_published(
    small_area: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    area = tmp_path / "area"
    shutil.copytree(small_area.area_dir, area)
    shutil.copytree(small_area.home, tmp_path / "var", symlinks=True)
    settings = Settings(area_dir=area, home=tmp_path / "var")
    gate, asked = Gate(settings), Request.parse(measure="people", by=["theme"], where=[], period="Y2025")
    before = gate.snapshot()["snapshot_id"]
    assert any(row[-1] for row in gate.answer(asked).rows)
    for path in (area / "agreements").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\nstatus: signed", "\nstatus: ended"), encoding="utf-8")
    assert not any(row[-1] for row in gate.answer(asked).rows)
    with pytest.raises(NotPermitted, match="ended"):
        gate.answer(Request("people", (), {}, "Y2025"))
    summary = refresh(settings)
    assert (summary.published, summary.failures) == (True, {})
    assert gate.snapshot()["snapshot_id"] != before
    assert not list((settings.accepted / "in_force").glob("person/[a-z]*.parquet"))
    assert gate.withheld() == {}
    assert gate.answer(Request("people", (), {}, "Y2025")).total is None
    client = create_app(settings).server.test_client()
    assert client.get("/healthz").status_code == 200
    for page in PAGES:
        text = str(page.layout(Visit(gate, load_area(area), {}, "light", page.PATH)))
        assert "Traceback" not in text
