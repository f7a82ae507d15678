"""What is due: a change of files, rules or agreement is; the passing of time is only where it changes something."""

import os
import shutil
import time
from pathlib import Path

import pytest

from orchestration.area import load_area
from orchestration.defs.due import feed_state, folder_state, refresh_lock, turn
from orchestration.errors import BusyError
from orchestration.settings import Settings, repository_root
from tests.support.rights import file_modes_count

FEED = "debt_advice"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    area = tmp_path / "area"
    shutil.copytree(repository_root() / "seeds" / "demo_area", area)
    found = Settings(area_dir=area, home=tmp_path / "var")
    found.make_folders()
    (found.landing / FEED).mkdir()
    (found.landing / FEED / "cases.csv").write_text("case_id\n1\n", encoding="utf-8")
    return found


def state(settings: Settings) -> str | None:
    return feed_state(settings, load_area(settings.area_dir), FEED)


def test_nothing_changed_is_nothing_due(settings: Settings) -> None:
    assert state(settings) == state(settings)


def test_an_empty_landing_folder_has_no_state(settings: Settings) -> None:
    (settings.landing / FEED / "cases.csv").unlink()
    assert state(settings) is None


def test_a_suspended_agreement_is_a_change(settings: Settings) -> None:
    before = state(settings)
    area = load_area(settings.area_dir)
    agreement = area.contracts[FEED].agreement
    path = next(p for p in (settings.area_dir / "agreements").glob("*.yaml") if f"id: {agreement}\n" in p.read_text())
    path.write_text(path.read_text().replace("status: signed", "status: suspended"), encoding="utf-8")
    assert state(settings) != before


def test_a_changed_code_list_is_a_change(settings: Settings) -> None:
    columns = [c for e in load_area(settings.area_dir).contracts[FEED].entities.values() for c in e.columns.values()]
    crosswalk = next(column.crosswalk for column in columns if column.crosswalk)
    before = state(settings)
    (settings.area_dir / "crosswalks").mkdir(exist_ok=True)
    (settings.area_dir / "crosswalks" / f"{crosswalk}.csv").write_text("source_code,code\nx,U\n", encoding="utf-8")
    assert state(settings) != before


def test_a_file_that_was_too_young_is_due_once_it_has_settled(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("case_id\n1\n", encoding="utf-8")
    written = time.time() - 30
    os.utime(file, (written, written))
    assert folder_state(tmp_path, stable_seconds=60) != folder_state(tmp_path, stable_seconds=20)


def test_a_second_refresh_is_refused_and_the_steps_of_the_first_go_on(settings: Settings) -> None:
    with refresh_lock(settings):
        with turn(settings):
            pass
        with pytest.raises(BusyError, match="Another refresh is running"), refresh_lock(settings):
            pass
    with refresh_lock(settings):
        pass


def test_a_file_that_may_not_be_read_is_due_again_when_its_rights_are_mended(settings: Settings) -> None:
    path = settings.landing / FEED / "cases.csv"
    open_to_all = folder_state(path.parent)
    path.chmod(0)
    with file_modes_count():
        assert folder_state(path.parent) != open_to_all
    path.chmod(0o644)
    assert folder_state(path.parent) == open_to_all


def test_a_folder_that_may_not_be_looked_into_has_a_state_and_stops_nothing(settings: Settings) -> None:
    folder = settings.landing / FEED
    before = folder_state(folder)
    folder.chmod(0o400)
    try:
        with file_modes_count():
            assert folder_state(folder) not in (None, before)
    finally:
        folder.chmod(0o755)
