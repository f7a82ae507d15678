"""From a snapshot one gets back to the run that made it and to the deliveries in it, and to nothing of a person."""

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.area import load_area
from orchestration.errors import SnapshotError
from orchestration.feeds.ingest import ingest_feed
from orchestration.governance.in_force import write_in_force
from orchestration.publishing import Provenance, current_sources, note_readings, publish, rollback, trace
from orchestration.publishing.provenance import Source
from orchestration.release import Gate, Request
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, row
from tests.support.snapshot import make_snapshot
from tests.unit.governance.test_rebuild import write_area

SOURCES = (Source(feed="debt_advice", delivery_id="ab12", period="2025-03", run_id="run-1"),)
MADE = Provenance("run-2", "20250420T120000Z", SOURCES)


@pytest.fixture
def published(tmp_path: Path) -> Settings:
    settings = make_snapshot(tmp_path / "var", people=300)
    publish(settings, accept_movement=True, provenance=MADE)
    return settings


def test_a_snapshot_names_its_run_and_deliveries(published: Settings) -> None:
    found = trace(published)
    assert (found.run_id, found.refresh_id) == ("run-2", "20250420T120000Z")
    assert [(one.feed, one.delivery_id, one.run_id, one.receipt) for one in found.deliveries] == [
        ("debt_advice", "ab12", "run-1", None)
    ]


def test_every_answer_names_the_run_in_its_birth_certificate(published: Settings) -> None:
    certificate = Gate(published).answer(Request("people", (), {}, "all")).certificate
    assert certificate.run_id == "run-2"
    assert ("Run", "run-2") in certificate.lines()
    assert trace(published, certificate.snapshot_id).run_id == certificate.run_id


def test_an_older_snapshot_is_traced_too_and_one_without_notes_says_nothing_wrong(published: Settings) -> None:
    earlier = rollback(published)
    assert (trace(published).snapshot_id, trace(published).run_id) == (earlier.snapshot_id, None)
    assert Gate(published).answer(Request("people", (), {}, "all")).certificate.run_id == ""


def test_a_snapshot_from_before_runs_were_noted_can_be_read_and_traced(published: Settings) -> None:
    path = (published.published / "current").resolve()
    path.chmod(0o640)
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table serving.source_delivery")
        connection.execute("alter table serving.publication drop column run_id")
        connection.execute("alter table serving.publication drop column refresh_id")
    assert (trace(published).run_id, trace(published).deliveries) == (None, [])
    assert Gate(published).answer(Request("people", (), {}, "all")).certificate.run_id == ""


@pytest.mark.parametrize("name", ["snapshot-20200101T000000Z-abcdef", "../state/secret", "current"])
def test_a_snapshot_that_is_not_kept_is_told(published: Settings, name: str) -> None:
    with pytest.raises(SnapshotError, match="There is no snapshot"):
        trace(published, name)


def test_nothing_published_is_told(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="There is no snapshot published yet"):
        trace(Settings(area_dir=tmp_path, home=tmp_path))


def test_the_address_of_the_run_follows_from_the_settings(published: Settings) -> None:
    known = Settings(**{**published.__dict__, "dagster_url": "https://dagster.example.org"})
    assert trace(known).run_address == "https://dagster.example.org/runs/run-2"
    assert trace(published).run_address is None


def test_sources_are_the_deliveries_that_have_rows_in_force_with_the_run_that_read_them(tmp_path: Path) -> None:
    settings = Settings(area_dir=tmp_path / "area", home=tmp_path / "var")
    settings.make_folders()
    write_area(settings.area_dir)
    area = load_area(settings.area_dir, today="2025-06-01")
    contract = area.contracts["debt_advice"]
    for number, name in enumerate(["2025-02_20250305", "2025-03_20250405", "2025-03_20250406"]):
        deliver(settings, f"debt_{name}.csv", as_csv([row(number)]))
        agreement = area.agreements[contract.agreement]
        read = ingest_feed(contract, agreement=agreement, settings=settings, today=area.today)
        note_readings(settings, read.receipts, run_id=f"run-{number}")
    write_in_force(settings, area)
    assert [(one.period, one.run_id) for one in current_sources(settings)] == [
        ("2025-02", "run-0"),
        ("2025-03", "run-2"),
    ]
    receipts = settings.receipts / "debt_advice"
    assert all((receipts / f"{one.delivery_id}.json").exists() for one in current_sources(settings))
    shutil.rmtree(settings.accepted)
    assert current_sources(settings) == ()


def test_the_published_table_has_identifiers_and_periods_alone(published: Settings) -> None:
    with duckdb.connect(str((published.published / "current").resolve()), read_only=True) as connection:
        columns = connection.execute("describe serving.source_delivery").fetchall()
    assert [name for name, *_ in columns] == ["feed", "delivery_id", "period", "run_id"]
