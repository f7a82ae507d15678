"""A refresh looks again at what waits, and reads a period again when it is told to; without building a warehouse."""

import os
import time
from pathlib import Path

import dagster as dg
import pytest

from orchestration.area import Area
from orchestration.defs import refresh as refresh_module
from orchestration.defs.feed_checks import feed_checks
from orchestration.defs.feeds import feed_asset, feed_key
from orchestration.defs.pipeline import in_force_assets
from orchestration.defs.refresh import refresh
from orchestration.errors import LandingError
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, row
from tests.unit.governance.test_rebuild import write_area

NAME = "debt_2025-03_20250405.csv"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME", "JOINEDUP_TODAY"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setattr(refresh_module, "build_definitions", feeds_only)
    monkeypatch.setattr(refresh_module, "_publish", lambda *_: None)
    monkeypatch.setattr(refresh_module, "_report_is_due", lambda *_: False)
    found = Settings(area_dir=tmp_path / "area", home=tmp_path / "var", today="2025-06-01", stable_seconds=3600)
    found.make_folders()
    write_area(found.area_dir)
    return found


def feeds_only(settings: Settings, area: Area) -> dg.Definitions:
    """Return the definitions of an installation as far as the rows in force."""
    contracts = area.contracts.values()
    return dg.Definitions(
        assets=[*(feed_asset(settings, area, contract) for contract in contracts), in_force_assets(settings, area)],
        asset_checks=[feed_checks(settings, contract, feed_key(contract.feed)) for contract in contracts],
        executor=dg.in_process_executor,
    )


def arrive(settings: Settings, name: str, content: str, *, seconds_ago: float) -> Path:
    path = deliver(settings, name, content)
    when = time.time() - seconds_ago
    os.utime(path, (when, when))
    return path


def test_what_waits_is_looked_at_again_though_nothing_in_the_folder_changes(settings: Settings) -> None:
    arrive(settings, NAME, as_csv([row(1)]), seconds_ago=60)
    assert refresh(settings).waiting == {"debt_advice": [NAME]}
    later = Settings(**{**settings.__dict__, "stable_seconds": 30})
    found = refresh(later)
    assert (found.feeds, found.waiting) == (["debt_advice"], {"debt_advice": []})
    assert refresh(later).feeds == []


def test_a_period_is_read_again_when_it_is_told_and_an_absent_one_is_named(settings: Settings) -> None:
    arrive(settings, NAME, as_csv([row(1)]), seconds_ago=7200)
    refresh(settings)
    assert refresh(settings).feeds == []
    found = refresh(settings, feeds=["debt_advice"], periods=["202503", "2025-Q2"])
    assert (found.feeds, found.absent) == (["debt_advice"], {"debt_advice": ["2025-Q2"]})


def test_a_period_that_is_none_or_without_its_feed_is_a_clear_mistake(settings: Settings) -> None:
    arrive(settings, NAME, as_csv([row(1)]), seconds_ago=7200)
    with pytest.raises(LandingError, match="'March' is not a period"):
        refresh(settings, feeds=["debt_advice"], periods=["March"])
    with pytest.raises(LandingError, match="Say which feed"):
        refresh(settings, periods=["2025-03"])
