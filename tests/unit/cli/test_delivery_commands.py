"""The commands of quarantine, earlier states and the partner's check, as a person types them."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.area import load_area
from orchestration.feeds.ingest import ingest_feed
from orchestration.settings import Settings, repository_root
from tests.support.deliveries import as_csv, deliver, row
from tests.unit.governance.test_rebuild import write_area

TODAY = "2025-06-01"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(area_dir=tmp_path / "area", home=tmp_path / "var", today=TODAY)
    found.make_folders()
    write_area(found.area_dir)
    deliver(found, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start="soon")]))
    area = load_area(found.area_dir, today=TODAY)
    contract = area.contracts["debt_advice"]
    ingest_feed(contract, agreement=area.agreements[contract.agreement], settings=found, today=area.today)
    return found


def joinedup(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {"JOINEDUP_AREA": str(settings.area_dir), "JOINEDUP_HOME": str(settings.home), "JOINEDUP_TODAY": TODAY}
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments]
    environment = {**os.environ, **variables, "COLUMNS": "120"}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120, cwd=repository_root()
    )


def test_what_waits_is_listed_and_exported_with_a_warning_for_its_owner_alone(
    settings: Settings, tmp_path: Path
) -> None:
    shown = joinedup(settings, "quarantine", "list")
    assert (shown.returncode, "date_unreadable 1" in shown.stdout) == (0, True)
    (entry,) = json.loads(joinedup(settings, "quarantine", "list", "--feed", "debt_advice", "--json").stdout)
    assert (entry["rows"], entry["waiting"], entry["kept_until"]) == (1, 1, "2025-11-28")
    out = tmp_path / "rows.csv"
    given = ("--feed", "debt_advice", "--delivery", entry["delivery_id"][:5], "--out", str(out))
    done = joinedup(settings, "quarantine", "export", *given)
    assert (done.returncode, done.stdout) == (0, "")
    assert "It is for the area's data engineer alone" in " ".join(done.stderr.split())
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = joinedup(settings, "quarantine", "export", *given)
    assert (again.returncode, "exists already" in again.stderr) == (12, True)


def test_an_earlier_state_is_written_beside_the_running_data(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "known"
    done = joinedup(settings, "rebuild", "--as-known-on", TODAY, "--out", str(out))
    assert (done.returncode, "1 of episode" in done.stderr) == (0, True)
    assert (out / "episode" / "debt_advice.parquet").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("quarantine", "list", "--feed", "depts"), 5, "No feed 'depts': this area has debt_advice"),
        (("quarantine", "export", "--feed", "debt_advice", "--delivery", "x", "--out", "q"), 5, "No delivery of"),
        (("rebuild", "--as-known-on", "2030-01-01", "--out", "q"), 12, "is not over yet"),
    ],
)
def test_a_mistake_is_told_without_a_traceback(
    settings: Settings, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = joinedup(settings, *arguments)
    assert (done.returncode, message in done.stderr, "Traceback" in done.stderr) == (code, True, False)


def test_the_partner_gets_the_page_before_sending(settings: Settings, tmp_path: Path) -> None:
    path, page = tmp_path / "debt_2025-04_20250505.csv", tmp_path / "receipt.html"
    path.write_text(as_csv([row(1), row(2)]))
    last = next((settings.receipts / "debt_advice").glob("*.json"))
    done = joinedup(
        settings, "check", str(path), "--feed", "debt_advice", "--html", str(page), "--since", str(last), "--json"
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["changes"]["checks_mended"] == ["date_unreadable:episode.start_date"]
    assert "What changed since last time" in page.read_text(encoding="utf-8")
