"""The commands of decisions, voices and backups: what they say, keep and refuse."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app, main
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot

RUN = CliRunner()
ADD = [
    "decisions", "add", "--title", "Debt advice", "--question", "How many?", "--decision", "An adviser.", "--owner",
    "Housing service", "--expect", "More people.", "--review", "2026-03-01", "--decided", "2026-01-01", "--view",
    "/download.csv?measure=people&period=Y2024",
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    settings = make_snapshot(tmp_path, people=500, seed=5)
    monkeypatch.setenv("JOINEDUP_HOME", str(settings.home))
    monkeypatch.setenv("JOINEDUP_AREA", str(settings.area_dir))
    monkeypatch.setenv("JOINEDUP_TODAY", "2026-11-23")
    return settings


def say(*arguments: str) -> str:
    found = RUN.invoke(app, list(arguments), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_a_decision_is_added_listed_reviewed_and_then_no_longer_due(home: Settings) -> None:
    assert "its review is due on 2026-03-01" in say(*ADD)
    (listed,) = [one for one in json.loads(say("decisions", "list", "--json")) if not one["is_of_pack"]]
    assert listed["views"][0]["snapshot"]
    name = listed["decision_id"]
    assert name in say("decisions", "list", "--due")
    told = say("decisions", "review", name, "--found", "More came.")
    assert "then," in told
    assert "The finding is kept." in told
    assert name not in say("decisions", "list", "--due")


def test_voices_are_kept_listed_and_withdrawn_with_the_backups_that_may_hold_them(
    home: Settings, tmp_path: Path
) -> None:
    said = say("voices", "add", "--words", "Nobody rang.", "--consent", "C", "--step", "housing", "--source", "A visit")
    name = said.split()[2].rstrip(".")
    assert "Nobody rang." in say("voices", "list")
    assert "Secrets are not in it" in say("backup", str(tmp_path / "out" / "one.backup"))
    assert "one.backup" in say("voices", "withdraw", name).replace("\n", "")
    listed = say("voices", "list")
    assert "withdrawn on" in listed
    assert "Nobody rang." not in listed


def test_a_backup_is_restored_by_one_command(home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    say(*ADD)
    before = say("decisions", "list", "--json")
    say("backup", str(tmp_path / "out" / "one.backup"))
    monkeypatch.setenv("JOINEDUP_HOME", str(tmp_path / "new"))
    assert "put back from your vault: state/" in say("restore", str(tmp_path / "out" / "one.backup"))
    assert say("decisions", "list", "--json") == before


def test_a_refused_restore_ends_with_its_own_code(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["joinedup", "restore", str(tmp_path / "none.backup")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 15
    assert "Traceback" not in capsys.readouterr().err
