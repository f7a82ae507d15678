"""The whole flow over a small simulated area: everything is materialised, and a second refresh has nothing to do."""

import json
import os
import shutil
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from orchestration.area import load_area
from orchestration.definitions import build_definitions
from orchestration.defs.dbt_offline import PROJECT
from orchestration.defs.due import refresh_lock
from orchestration.defs.pipeline import SNAPSHOT_KEY
from orchestration.defs.refresh import refresh
from orchestration.errors import BusyError, LandingError, WarehouseError
from orchestration.publishing import trace
from orchestration.release import Gate, Request
from orchestration.settings import Settings, repository_root


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME"):
        monkeypatch.setenv(name, os.environ.get(name, ""))


def test_every_asset_is_materialised(small_area: Settings) -> None:
    area = load_area(small_area.area_dir)
    graph = build_definitions(small_area, area).resolve_asset_graph()
    landed = {f for f, c in area.contracts.items() if (small_area.landing / c.folder).exists()}
    expected = {k for k in graph.materializable_asset_keys if k.path[0] != "feed" or k.path[1] in landed}
    with dg.DagsterInstance.from_config(str(small_area.dagster)) as instance:
        found = {key for key in expected if instance.get_latest_materialization_event(key)}
    assert expected - found == set()


def test_nothing_is_lost_between_delivery_and_receipt(small_area: Settings) -> None:
    receipts = [json.loads(p.read_text(encoding="utf-8")) for p in small_area.receipts.glob("*/*.json")]
    assert len(receipts) > 100
    for receipt in receipts:
        total = receipt["total"]
        assert total["delivered"] == total["accepted"] + total["quarantined"] + total["superseded"]


def test_a_second_refresh_has_nothing_to_do(small_area: Settings) -> None:
    summary = refresh(small_area)
    assert summary.feeds == []
    assert not summary.published


def test_a_full_refresh_publishes_the_same_figures(small_area: Settings, tmp_path: Path) -> None:
    copy = Settings(area_dir=small_area.area_dir, home=tmp_path / "var")
    shutil.copytree(small_area.home, copy.home, symlinks=True)
    asked = Request.parse(measure="people", by=["theme", "sex"], where=[], period="Y2025")
    before = Gate(copy).answer(asked)
    summary = refresh(copy, full=True)
    after = Gate(copy).answer(asked)
    assert summary.published
    assert after.rows == before.rows
    assert after.certificate.snapshot_id != before.certificate.snapshot_id


def test_a_refresh_runs_the_tests_of_data_and_not_those_of_models(small_area: Settings) -> None:
    runs = list((small_area.dagster / "dbt" / "runs").glob("*/run_results.json"))
    kinds = [one["unique_id"].split(".")[0] for one in json.loads(runs[0].read_text(encoding="utf-8"))["results"]]
    assert kinds.count("test") > 100
    assert "unit_test" not in kinds


def test_a_suspended_agreement_takes_its_feed_out_of_what_is_published(small_area: Settings, tmp_path: Path) -> None:
    area = tmp_path / "area"
    shutil.copytree(small_area.area_dir, area)
    home = tmp_path / "var"
    shutil.copytree(small_area.home, home, symlinks=True)
    contract = load_area(area).contracts["drug_alcohol"]
    for path in (area / "agreements").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if f"id: {contract.agreement}\n" in text:
            path.write_text(text.replace("status: signed", "status: suspended"), encoding="utf-8")
    settings = Settings(area_dir=area, home=home)
    summary = refresh(settings)
    answer = Gate(settings).answer(Request.parse(measure="people", by=["theme"], where=[], period="all"))
    assert summary.published
    assert not list((settings.accepted / "in_force").glob("*/drug_alcohol.parquet"))
    assert "is suspended" in str(answer.certificate)


def test_a_failed_test_of_the_warehouse_is_told_and_publishes_nothing(
    small_area: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "var"
    shutil.copytree(small_area.home, home, symlinks=True)
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT, project)
    shutil.copytree(repository_root() / "seeds" / "reference", tmp_path / "seeds" / "reference")
    (project / "tests").mkdir(exist_ok=True)
    (project / "tests" / "never_holds.sql").write_text("select * from {{ ref('srv_theme') }}\n", encoding="utf-8")
    monkeypatch.setattr("orchestration.defs.dbt_offline.PROJECT", project)
    monkeypatch.setattr("orchestration.defs.dbt_offline.SOURCES", (project,))
    settings = Settings(area_dir=small_area.area_dir, home=home)
    before = (settings.published / "current").resolve()
    with pytest.raises(WarehouseError, match="published snapshot is untouched") as told:
        refresh(settings)
    assert "never_holds" in str(told.value)
    assert "--vars" not in str(told.value)
    assert (settings.published / "current").resolve() == before


def test_an_empty_landing_folder_is_told(small_area: Settings, tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="no delivery has arrived"):
        refresh(Settings(area_dir=small_area.area_dir, home=tmp_path / "var"))


def test_two_refreshes_at_once_are_told_apart(small_area: Settings) -> None:
    with refresh_lock(small_area), pytest.raises(BusyError, match="Another refresh is running"):
        refresh(small_area)


def test_a_figure_leads_to_the_run_and_to_every_delivery_behind_it(small_area: Settings) -> None:
    certificate = Gate(small_area).answer(Request.parse(measure="people", by=[], where=[], period="all")).certificate
    found = trace(small_area, certificate.snapshot_id)
    assert found.run_id == certificate.run_id
    assert {one.feed for one in found.deliveries} == {feed.feed for feed in certificate.feeds if feed.newest}
    assert all(one.receipt for one in found.deliveries)
    with dg.DagsterInstance.from_config(str(small_area.dagster)) as instance:
        run = instance.get_run_by_id(str(found.run_id))
        assert run is not None
        assert (run.tags["joinedup/refresh"], run.tags["joinedup/snapshot"]) == (found.refresh_id, found.snapshot_id)
        by_run = {one.run_id: one.feed for one in found.deliveries}
        assert {name: instance.get_run_by_id(str(name)).tags["joinedup/feed"] for name in by_run} == by_run
        event = instance.get_latest_materialization_event(SNAPSHOT_KEY)
        assert event is not None and event.asset_materialization is not None
        listed = event.asset_materialization.metadata["deliveries"].value
    assert len(listed) == len(found.deliveries) > 100


def test_the_snapshot_holds_no_token_reference_or_partner_identifier(small_area: Settings) -> None:
    tokens = pl.read_parquet(small_area.accepted / "in_force" / "person" / "*.parquet")
    database = (small_area.published / "current").resolve().read_bytes()
    for column in ("tok_name_dob", "source_ref", "household_token"):
        for value in tokens[column].drop_nulls().head(50):
            assert value.encode() not in database, column
