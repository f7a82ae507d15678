"""When the warehouse's build file is carried on from, and when it is begun anew."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.area import Area, load_area
from orchestration.defs import build_file
from orchestration.defs.build_file import begin_anew, whole_build
from orchestration.settings import Settings
from tests.unit.governance.test_rebuild import write_area

LINKS = {"feed": ["a", "a"], "source_ref": ["1", "2"], "person_key": ["p1", "p2"]}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(area_dir=tmp_path / "area", home=tmp_path / "var", today="2025-06-01")
    found.make_folders()
    found.linkage.mkdir(exist_ok=True)
    write_area(found.area_dir)
    link(found, LINKS)
    build(found)
    return found


def link(settings: Settings, links: dict[str, list[str]]) -> None:
    pl.DataFrame(links).write_parquet(settings.linkage / "person_links.parquet")


def build(settings: Settings, area: Area | None = None, *, fails: bool = False) -> bool:
    """Add a row to the build file as a build would; tell whether what earlier builds made was still there."""
    with whole_build(settings, area or load_area(settings.area_dir, today=settings.today)):
        if fails:
            raise InterruptedError
        with duckdb.connect(settings.warehouse / "build.duckdb") as connection:
            connection.execute("create table if not exists made (one integer)")
            connection.execute("insert into made values (1)")
            found = connection.execute("select count(*) from made").fetchone()
    return bool(found and found[0] > 1)


def test_a_build_carries_on_from_the_last_one(settings: Settings) -> None:
    assert build(settings)
    assert build(settings, load_area(settings.area_dir, today=replace(settings, today="2025-06-02").today))


def test_records_that_are_new_change_no_link(settings: Settings) -> None:
    link(settings, {"feed": ["a", "a", "b"], "source_ref": ["1", "2", "9"], "person_key": ["p1", "p2", "p2"]})
    assert build(settings)


@pytest.mark.parametrize(
    "links",
    [
        {"feed": ["a", "a"], "source_ref": ["1", "2"], "person_key": ["p1", "p1"]},
        {"feed": ["a"], "source_ref": ["1"], "person_key": ["p1"]},
    ],
    ids=["relinked", "forgotten"],
)
def test_a_link_that_is_gone_begins_anew(settings: Settings, links: dict[str, list[str]]) -> None:
    link(settings, links)
    assert not build(settings)
    assert build(settings)


def _other_rule(settings: Settings) -> None:
    path = settings.area_dir / "area.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\nrules:\n  spell_gap_days: 9\n", encoding="utf-8")


def _other_agreement(settings: Settings) -> None:
    (path,) = (settings.area_dir / "agreements").glob("*.yaml")
    said = path.read_text(encoding="utf-8")
    changed = said.replace("title: ", "title: Renewed ", 1)
    assert changed != said
    path.write_text(changed, encoding="utf-8")


def _damaged(settings: Settings) -> None:
    path = settings.warehouse / "build.duckdb"
    path.write_bytes(b"\0" * 512 + path.read_bytes()[512:])


def _no_note(settings: Settings) -> None:
    (settings.warehouse / "build.json").unlink()


def _half_a_note(settings: Settings) -> None:
    (settings.warehouse / "build.json").write_text('{"ended": tr', encoding="utf-8")


def _other_models(settings: Settings) -> None:
    path = settings.warehouse / "build.json"
    noted = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**noted, "models": "those of the last version"}), encoding="utf-8")


@pytest.mark.parametrize(
    "change", [_other_rule, _other_agreement, _damaged, _no_note, _half_a_note, _other_models, begin_anew]
)
def test_what_rows_do_not_tell_begins_anew(settings: Settings, change: Callable[[Settings], None]) -> None:
    change(settings)
    assert not build(settings)
    assert build(settings)


def test_a_build_that_failed_or_was_killed_has_the_next_one_begin_anew(settings: Settings) -> None:
    with pytest.raises(InterruptedError):
        build(settings, fails=True)
    assert not build(settings)


def test_a_model_that_changes_changes_what_the_build_file_rests_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_file, "project_digest", lambda: "another")
    assert not build(settings)


def test_beginning_anew_leaves_nothing_of_the_file(settings: Settings) -> None:
    (settings.warehouse / "build.duckdb.wal").write_bytes(b"left")
    begin_anew(settings)
    assert [path.name for path in settings.warehouse.iterdir() if path.is_file()] == []
