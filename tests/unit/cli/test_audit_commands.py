"""The commands of the audit log, as a person types them."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.audit import audit_of
from orchestration.audit.reading import segments
from orchestration.settings import Settings, repository_root


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(area_dir=repository_root() / "seeds" / "demo_area", home=tmp_path)
    for who in ("anna", "=cmd()", "bob"):
        audit_of(found).record("sign_in", who=who, role="leader", outcome="done", reason="", method="oidc")
    return found


def joinedup(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "JOINEDUP_HOME": str(settings.home), "COLUMNS": "300"}
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", "audit", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120, cwd=repository_root()
    )


def test_verify_ends_with_0_for_a_whole_log_and_1_with_the_place_for_another(settings: Settings) -> None:
    whole = joinedup(settings, "verify")
    assert (whole.returncode, "3 records (1 to 3)" in whole.stdout) == (0, True)
    (path,) = segments(settings.state / "audit")
    path.write_bytes(path.read_bytes().replace(b"anna", b"anne"))
    broken = joinedup(settings, "verify")
    assert broken.returncode == 1
    assert "000000000001.jsonl, line 1: record 1 was altered" in broken.stdout
    told = json.loads(joinedup(settings, "verify", "--json").stdout)
    assert (told["is_whole"], len(told["faults"])) == (False, 1)
    missing = joinedup(settings, "verify", "--public-key", str(settings.home / "none.pem"))
    assert (missing.returncode, "Traceback" in missing.stderr) == (3, False)


def test_search_shows_what_fits_and_is_itself_recorded(settings: Settings) -> None:
    found = json.loads(joinedup(settings, "search", "--who", "ANN", "--json").stdout)
    assert [record["who"] for record in found] == ["anna"]
    assert "bob" in joinedup(settings, "search", "--kind", "sign_in").stdout
    looked = json.loads(joinedup(settings, "search", "--kind", "audit_read", "--json").stdout)
    assert [(record["purpose"], record["asked"], record["records"]) for record in looked] == [
        ("search", "who=ANN", 1), ("search", "kind=sign_in", 3),
    ]  # fmt: skip
    assert joinedup(settings, "search", "--kind", "gossip").returncode == 3
    assert joinedup(settings, "search", "--since", "yesterday").returncode == 3


def test_an_export_runs_in_no_spreadsheet_and_its_lines_serve_as_witnesses(settings: Settings, tmp_path: Path) -> None:
    out, lines = tmp_path / "log.csv", tmp_path / "log.jsonl"
    assert joinedup(settings, "export", "--out", str(out)).returncode == 0
    assert [row["who"] for row in csv.DictReader(out.read_text().splitlines())] == ["anna", "'=cmd()", "bob"]
    assert out.stat().st_mode & 0o777 == 0o600
    assert joinedup(settings, "export", "--out", str(lines), "--format", "jsonl").returncode == 0
    assert joinedup(settings, "verify", "--witnesses", str(lines)).returncode == 0
    assert joinedup(settings, "export", "--out", str(tmp_path / "no" / "f.csv")).returncode == 12
    assert joinedup(settings, "export", "--out", str(out), "--format", "xlsx").returncode == 3
