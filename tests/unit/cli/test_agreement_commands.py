"""The commands of agreements, as a person types them."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from orchestration.settings import repository_root


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    area = tmp_path / "area"
    shutil.copytree(repository_root() / "seeds" / "demo_area", area)
    monkeypatch.setenv("JOINEDUP_AREA", str(area))
    monkeypatch.setenv("JOINEDUP_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("JOINEDUP_TODAY", raising=False)
    return area


def run(*arguments: str) -> tuple[int, str]:
    """Run a command; the environment names the pack."""
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", "agreements", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, cwd=repository_root(), env=os.environ.copy()
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def edit(pack: Path, name: str, old: str, new: str) -> None:
    path = pack / "agreements" / f"{name}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.mark.usefixtures("pack")
def test_the_list_tells_which_are_in_force_and_why_others_are_not() -> None:
    rows = {row["id"]: row for row in json.loads(run("list", "--json")[1])}
    assert len(rows) == 13
    assert [name for name, row in rows.items() if not row["in_force"]] == ["isa-13-probation"]
    assert "is not signed (it is draft)" in rows["isa-13-probation"]["feeds"][0]["reason"]


@pytest.mark.usefixtures("pack")
def test_show_gives_the_digest_that_the_history_records() -> None:
    content = yaml.safe_load(run("show", "isa-01-housing")[1])
    assert content["digest"] == content["history"][-1]["digest"]
    code, said = run("show", "isa-99")
    assert code == 6
    assert "There are: isa-01-housing" in said


def test_check_is_clean_for_the_demo_and_tells_of_a_change_after_the_signature(pack: Path) -> None:
    assert run("check") == (0, "13 agreement(s), 0 remark(s)\n")
    edit(pack, "isa-05-debt-advice", "default_months: 84", "default_months: 85")
    code, said = run("check")
    assert code == 1
    assert "isa-05-debt-advice: its content" in said
    assert "is not what was signed, version 1" in said
    edit(pack, "isa-05-debt-advice", "purposes: [", "purposes: [selling, ")
    code, said = run("check")
    assert code == 4
    assert re.search(r"isa-05-debt-advice.yaml, line \d+, key 'purposes.0': 'selling' is no purpose", said)


@pytest.mark.usefixtures("pack")
def test_what_is_due_is_told_the_most_urgent_first() -> None:
    rows = json.loads(run("due", "--json")[1])
    assert [(row["agreement"], row["what"], row["days"]) for row in rows] == [
        ("isa-09-drug-alcohol", "review", -20),
        ("isa-09-drug-alcohol", "ends", 72),
    ]
    assert run("due", "--days", "0")[1].count("isa-09") == 1
