"""decisions.csv: read newest first; what is wrong in it is named by line and column."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.area.decisions import SCHEMA, read_decisions
from orchestration.errors import AreaPackError
from orchestration.settings import repository_root

GOOD = {
    "decision_id": "d1", "decided_on": "2026-01-02", "title": "T", "question": "Q", "decision": "D",
    "organization_id": "council", "expected_change": "E", "review_on": "2026-07-01", "review_found": "",
}  # fmt: skip


def write(folder: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(SCHEMA), *(",".join(row[name] for name in SCHEMA) for row in rows)]
    (folder / "decisions.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_the_demo_areas_decisions_are_read_newest_first() -> None:
    pack = repository_root() / "seeds" / "demo_area"
    found = read_decisions(pack, ["tidewell_council_housing", "tidewell_council_revenues", "tidewell_council_children"])
    assert found["decided_on"].to_list() == sorted(found["decided_on"], reverse=True)
    assert found.height == 3


def test_a_pack_without_the_file_has_no_decisions(tmp_path: Path) -> None:
    assert read_decisions(tmp_path, []).is_empty()


def test_a_review_may_be_without_day_and_finding(tmp_path: Path) -> None:
    found = read_decisions(write(tmp_path, GOOD | {"review_on": ""}), ["council"])
    assert found.select("decided_on", "review_on").row(0) == (date(2026, 1, 2), None)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"decided_on": "2 January"}, "line 3: column 'decided_on': expected YYYY-MM-DD"),
        ({"title": ""}, "line 3: column 'title' is empty"),
        ({"organization_id": "nobody"}, "line 3: column 'organization_id': no id of organizations.csv"),
        ({"review_on": "2025-01-01"}, "line 3: column 'review_on' is before 'decided_on'"),
        ({"decision_id": "d1"}, "line 2: 'decision_id' must be unique"),
    ],
)
def test_a_fault_is_named_by_line_and_column(tmp_path: Path, wrong: dict[str, str], told: str) -> None:
    with pytest.raises(AreaPackError, match=told):
        read_decisions(write(tmp_path, GOOD, GOOD | {"decision_id": "d2"} | wrong), ["council"])
