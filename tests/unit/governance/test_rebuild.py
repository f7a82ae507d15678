"""The state of an earlier day is rebuilt as it was kept on that day, until retention, and never past an agreement."""

import shutil
import stat
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml

from orchestration.area import Area, load_area
from orchestration.errors import HomeError
from orchestration.feeds.ingest import ingest_feed
from orchestration.governance.in_force import write_in_force
from orchestration.governance.rebuild import rebuild
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, make_agreement, make_contract, row

FIRST = date(2025, 4, 5)


def write_area(folder: Path, *, mode: str = "period", retention: str = "", **contract: object) -> None:
    (folder / "feeds").mkdir(parents=True, exist_ok=True)
    (folder / "agreements").mkdir(exist_ok=True)
    (folder / "area.yaml").write_text(f"name: Here\nreporting: {{first_month: 2024-10, months: 24}}\n{retention}")
    (folder / "organizations.csv").write_text("id,name\nadvice_centre,Advice\ncouncil,Council\n")
    (folder / "services.csv").write_text(
        "id,organization_id,name,status,theme,theme_name\ndebt_advice,advice_centre,Debt,active,money,Money\n"
    )
    feed = make_contract(mode, **contract).model_dump(mode="json", by_alias=True, exclude_none=True)
    (folder / "feeds" / "debt.yaml").write_text(yaml.safe_dump(feed))
    agreement = make_agreement().model_dump(mode="json", exclude_none=True)
    (folder / "agreements" / "isa.yaml").write_text(yaml.safe_dump(agreement))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(area_dir=tmp_path / "area", home=tmp_path / "var")
    found.make_folders()
    write_area(found.area_dir)
    return found


def spend(settings: Settings, day: date) -> Area:
    """Read what has arrived and write what is in force, as a refresh on that day does."""
    area = load_area(settings.area_dir, today=day.isoformat())
    for contract in area.contracts.values():
        agreement = area.agreements[contract.agreement]
        ingest_feed(contract, agreement=agreement, settings=settings, today=area.today)
    write_in_force(settings, area)
    return area


def rows_in_force(folder: Path) -> dict[str, pl.DataFrame]:
    found = {path.parent.name: pl.read_parquet(path) for path in folder.glob("*/debt_advice.parquet")}
    return {entity: rows for entity, rows in found.items() if rows.height}


def equal(one: dict[str, pl.DataFrame], other: dict[str, pl.DataFrame]) -> bool:
    return one.keys() == other.keys() and all(rows.equals(other[entity]) for entity, rows in one.items())


@pytest.mark.parametrize("mode", ["snapshot", "period", "append"])
def test_every_day_is_rebuilt_as_it_was_kept(settings: Settings, tmp_path: Path, mode: str) -> None:
    write_area(settings.area_dir, mode=mode)
    arrivals = [
        {"debt_2025-03_20250405.csv": as_csv([row(1), row(2)])},
        {"debt_2025-03_20250406.csv": as_csv([row(1, End="05/03/2025"), row(3)])},
        {},  # the contract changes on this day
        {"debt_2025-02_20250305.csv": as_csv([row(4), row(1)])},
        {"debt_2025-03_20250409.csv": as_csv([row(1), row(2)])},  # the first one again
    ]
    for number, files in enumerate(arrivals):
        if number == 2:
            columns = make_contract().model_dump(mode="json", by_alias=True, exclude_none=True)["entities"]
            columns["person"]["columns"]["sex"]["codes"] = {"1": "F"}
            write_area(settings.area_dir, mode=mode, entities=columns)
        for name, content in files.items():
            deliver(settings, name, content)
        area = spend(settings, FIRST + timedelta(days=number))
        shutil.copytree(settings.accepted / "in_force", tmp_path / "kept" / str(number))
    for number in range(len(arrivals)):
        out = tmp_path / "rebuilt" / str(number)
        rebuild(settings, area, day=FIRST + timedelta(days=number), out=out)
        assert equal(rows_in_force(out), rows_in_force(tmp_path / "kept" / str(number))), number
    assert not equal(rows_in_force(tmp_path / "kept" / "1"), rows_in_force(tmp_path / "kept" / "2"))


def test_the_folder_is_for_its_owner_alone(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    area = spend(settings, FIRST)
    out = tmp_path / "out"
    rebuild(settings, area, day=FIRST, out=out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_what_retention_removed_cannot_be_rebuilt_and_that_is_said(settings: Settings, tmp_path: Path) -> None:
    write_area(settings.area_dir, retention="retention: {history_days: 10}\n")
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    spend(settings, FIRST)
    deliver(settings, "debt_2025-03_20250406.csv", as_csv([row(2)]))
    spend(settings, FIRST + timedelta(days=1))
    area = spend(settings, FIRST + timedelta(days=12))
    with pytest.raises(HomeError, match="have been removed by retention"):
        rebuild(settings, area, day=FIRST, out=tmp_path / "a")
    assert rebuild(settings, area, day=FIRST + timedelta(days=1), out=tmp_path / "b")["episode"] == 1


def test_going_back_does_not_get_round_an_agreement_that_has_ended(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    spend(settings, FIRST)
    ended = make_agreement(status="suspended").model_dump(mode="json", exclude_none=True)
    (settings.area_dir / "agreements" / "isa.yaml").write_text(yaml.safe_dump(ended))
    area = load_area(settings.area_dir, today="2025-04-06")
    assert sum(rebuild(settings, area, day=FIRST, out=tmp_path / "out").values()) == 0


def test_a_folder_that_holds_something_and_a_day_that_is_not_over_are_refused(
    settings: Settings, tmp_path: Path
) -> None:
    area = load_area(settings.area_dir, today=FIRST.isoformat())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(HomeError, match="not an empty folder"):
        rebuild(settings, area, day=FIRST, out=tmp_path / "full")
    with pytest.raises(HomeError, match="is not over yet"):
        rebuild(settings, area, day=FIRST + timedelta(days=1), out=tmp_path / "new")


def test_a_day_before_anything_was_read_is_refused_and_leaves_no_folder(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    area = spend(settings, FIRST)
    with pytest.raises(HomeError, match=r"Nothing had been read by 04 April 2025.* first delivery .* 05 April 2025"):
        rebuild(settings, area, day=FIRST - timedelta(days=1), out=tmp_path / "then")
    assert not (tmp_path / "then").exists()
