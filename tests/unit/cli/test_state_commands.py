"""The commands of decisions, voices and backups: what they say, keep and refuse, as a person types them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.settings import Settings, repository_root
from tests.support.snapshot import make_snapshot

ADD = [
    "decisions", "add", "--title", "Debt advice", "--question", "How many?", "--decision", "An adviser.", "--owner",
    "Housing service", "--expect", "More people.", "--review", "2026-03-01", "--decided", "2026-01-01", "--view",
    "/download.csv?measure=people&period=Y2024",
]  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_snapshot(tmp_path / "made", people=500, seed=5)


def joinedup(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    told = {"JOINEDUP_HOME": str(settings.home), "JOINEDUP_AREA": str(settings.area_dir), "COLUMNS": "300"}
    environment = {**os.environ, **told, "JOINEDUP_TODAY": "2026-11-23"}
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120, cwd=repository_root()
    )


def say(settings: Settings, *arguments: str) -> str:
    found = joinedup(settings, *arguments)
    assert found.returncode == 0, found.stderr
    return found.stdout + found.stderr


def test_a_decision_is_added_listed_reviewed_and_then_no_longer_due(settings: Settings) -> None:
    assert "its review is due on 2026-03-01" in say(settings, *ADD)
    (listed,) = [one for one in json.loads(say(settings, "decisions", "list", "--json")) if not one["is_of_pack"]]
    assert listed["views"][0]["snapshot"]
    name = listed["decision_id"]
    assert name in say(settings, "decisions", "list", "--due")
    told = say(settings, "decisions", "review", name, "--found", "More came.")
    assert " then, " in told
    assert "The finding is kept." in told
    assert name not in say(settings, "decisions", "list", "--due")


def test_voices_are_withdrawn_and_the_backups_that_may_hold_them_are_told(settings: Settings, tmp_path: Path) -> None:
    said = say(
        settings,
        "voices",
        "add",
        "--words",
        "Nobody rang.",
        "--consent",
        "C",
        "--step",
        "housing",
        "--source",
        "A visit",
    )
    name = said.split()[2].rstrip(".")
    assert "Nobody rang." in say(settings, "voices", "list")
    assert "Secrets are not in it" in say(settings, "backup", str(tmp_path / "one.backup"))
    assert "one.backup" in say(settings, "voices", "withdraw", name)
    listed = say(settings, "voices", "list")
    assert "withdrawn on" in listed
    assert "Nobody rang." not in listed


def test_a_backup_is_restored_by_one_command(settings: Settings, tmp_path: Path) -> None:
    say(settings, *ADD)
    before = say(settings, "decisions", "list", "--json")
    say(settings, "backup", str(tmp_path / "one.backup"))
    new = replace(settings, home=tmp_path / "new")
    assert "put back from your vault: state/" in say(new, "restore", str(tmp_path / "one.backup"))
    assert say(new, "decisions", "list", "--json") == before


def test_a_refusal_is_told_without_a_traceback_and_with_its_code(settings: Settings, tmp_path: Path) -> None:
    found = joinedup(settings, "restore", str(tmp_path / "none.backup"), "--overwrite")
    assert (found.returncode, "Traceback" in found.stderr) == (15, False)
    found = joinedup(settings, *[text.replace("Housing service", "Karen Smith") for text in ADD])
    assert (found.returncode, "Traceback" in found.stderr, "Karen" in found.stderr) == (3, False, False)
