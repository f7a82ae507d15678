"""Totals from elsewhere: read with their types, and refused with file, line and column."""

from pathlib import Path

import pytest

from orchestration.area.external_totals import SCHEMA, read_external_totals
from orchestration.errors import AreaPackError

HEAD = "total_id,measure,service_id,period_code,external_total,tolerance,source\n"
SERVICES = ["debt_advice", "home_care"]


def read(folder: Path, *rows: str) -> object:
    (folder / "external_totals.csv").write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return read_external_totals(folder, SERVICES)


def test_totals_are_read_and_tolerance_has_a_usual_value(tmp_path: Path) -> None:
    found = read(tmp_path, "b,people,all,Y2025,1200,,Annual return", "a,starts,debt_advice,2025-Q1,80,0.1,Own report")
    assert found.schema == SCHEMA  # type: ignore[attr-defined]
    assert found.rows() == [  # type: ignore[attr-defined]
        ("a", "starts", "debt_advice", "2025-Q1", 80, 0.1, "Own report"),
        ("b", "people", "all", "Y2025", 1200, 0.05, "Annual return"),
    ]


def test_without_the_file_there_are_none(tmp_path: Path) -> None:
    assert read_external_totals(tmp_path, SERVICES).schema == SCHEMA


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("a,people,all,Y2025,9,,x", "'total_id' must be unique"),
        (",people,all,Y2025,9,,x", "'total_id' is empty"),
        ("c,visits,all,Y2025,9,,x", "'measure'"),
        ("c,people,food_bank,Y2025,9,,x", "'service_id'"),
        ("c,people,all,2025-26,9,,x", "'period_code'"),
        ("c,people,all,Y2025,many,,x", "'external_total'"),
        ("c,people,all,Y2025,-1,,x", "'external_total'"),
        ("c,people,all,Y2025,9,5,x", "'tolerance'"),
        ("c,people,all,Y2025,9,,", "'source'"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(AreaPackError, match=rf"external_totals\.csv, line [23]: .*{fault}"):
        read(tmp_path, "a,people,all,Y2025,9,,x", row)
