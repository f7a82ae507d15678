"""`joinedup contract`: what each command prints, and its exit code."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.settings import repository_root

ROOT = repository_root()
SAMPLE = ROOT / "docs" / "how-to" / "add-a-partner" / "food_parcels_2026-09_20261005.csv"
NEW = ("--feed", "food", "--partner", "wherry_homes", "--agreement", "isa-12-social-prescribing")
COMMAND = "import sys; sys.argv[0] = 'joinedup'; from orchestration.cli import main; main()"


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pack"
    shutil.copytree(ROOT / "seeds" / "demo_area", folder)
    monkeypatch.setenv("JOINEDUP_AREA", str(folder))
    monkeypatch.setenv("JOINEDUP_HOME", str(tmp_path / "var"))
    return folder


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `joinedup contract` in a process of its own: typer warns at import, and here warnings are errors."""
    command = [sys.executable, "-c", COMMAND, "contract", *map(str, arguments)]
    return subprocess.run(
        command,
        env={**os.environ, "COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def finished(pack: Path) -> Path:
    path = pack / "feeds" / "food.yaml"
    run("new", SAMPLE, *NEW, "--out", path)
    text = path.read_text(encoding="utf-8").replace("Corner shop: FINISH", "Corner shop: voluntary")
    text = text.replace("Moved on: FINISH", "Moved on: completed").replace("parcel: FINISH", "parcel: community_food")
    path.write_text(text.replace("voucher: FINISH", "voucher: befriending"), encoding="utf-8")
    return path


def test_a_draft_goes_to_standard_output(pack: Path) -> None:
    done = run("new", SAMPLE, *NEW)
    assert done.returncode == 0
    assert done.stdout.startswith("# Drafted by `joinedup contract new`")
    assert not (pack / "feeds" / "food.yaml").exists()


def test_a_written_draft_names_the_pack_s_schema_and_is_never_written_over(pack: Path) -> None:
    path = pack / "feeds" / "food.yaml"
    assert run("new", SAMPLE, *NEW, "--out", path).returncode == 0
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=../contract.schema.json\n")
    again = run("new", SAMPLE, *NEW[:1], "food_2", *NEW[2:], "--out", path)
    assert again.returncode == 4
    assert "exists already" in again.stderr
    assert "Traceback" not in again.stderr


def test_validate_prints_what_is_unfinished_and_exits_with_the_code_of_the_pack_s_errors(pack: Path) -> None:
    path = pack / "feeds" / "food.yaml"
    run("new", SAMPLE, *NEW, "--out", path)
    done = run("validate", path)
    assert done.returncode == 4
    assert "codes.Moved on': still says FINISH" in done.stdout
    assert run("validate", pack).returncode == 4
    path.unlink()
    assert run("validate", finished(pack)).returncode == 0
    assert run("validate").returncode == 0


def test_diff_exits_with_0_when_the_same_and_1_on_drift(pack: Path, tmp_path: Path) -> None:
    finished(pack)
    assert run("diff", SAMPLE, "--feed", "food").returncode == 0
    changed = tmp_path / "food_parcels_2026-10_20261105.csv"
    changed.write_text(SAMPLE.read_text(encoding="utf-8").replace("First visit", "Start"), encoding="utf-8")
    done = run("diff", changed, "--feed", "food", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["is_same"] is False
    assert [(d["sort"], d["column"], d["file"]) for d in told["differences"]] == [
        ("renamed", "First visit", "likely 'Start'")
    ]


@pytest.mark.parametrize(("file", "feed"), [(SAMPLE, "nobody"), (Path("no.csv"), "early_help")])
def test_what_cannot_be_compared_is_told(pack: Path, file: Path, feed: str) -> None:
    done = run("diff", file, "--feed", feed)
    assert done.returncode == 5
    assert "Traceback" not in done.stderr


def test_the_schema_is_printed_or_written(pack: Path, tmp_path: Path) -> None:
    printed = run("schema").stdout
    assert json.loads(printed)["title"] == "Feed contract"
    assert run("schema", "--out", tmp_path / "s.json").returncode == 0
    assert (tmp_path / "s.json").read_text(encoding="utf-8") == printed
