"""Files of an answer: the same figures in each form, described for programs and safe for spreadsheets."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from orchestration.release import Gate, ProtectedTable, Refused, Request
from orchestration.release.files import CERTIFICATE, write_table
from orchestration.release.query import run_query


@pytest.fixture(scope="module")
def table(gate: Gate) -> ProtectedTable:
    return gate.answer(Request("people", ("sex", "theme"), {}, "Y2025"))


def test_csv_json_and_parquet_hold_the_same_figures(table: ProtectedTable, tmp_path: Path) -> None:
    for form in ("csv", "json", "parquet"):
        write_table(table, tmp_path / "new" / f"people.{form}")
    figures = [row[-1] for row in table.rows]
    assert None in figures
    with (tmp_path / "new" / "people.csv").open(encoding="utf-8", newline="") as file:
        read = [int(row["value"]) if row["value"] else None for row in csv.DictReader(file)]
    assert read == figures
    assert [row["value"] for row in json.loads((tmp_path / "new" / "people.json").read_text())["rows"]] == figures
    assert pl.read_parquet(tmp_path / "new" / "people.parquet")["value"].to_list() == figures


def test_the_metadata_describes_every_column_of_the_csv_in_order(table: ProtectedTable, tmp_path: Path) -> None:
    path, beside = write_table(table, tmp_path / "people.csv")
    metadata = json.loads(beside.read_text(encoding="utf-8"))
    assert beside.name == "people.csv-metadata.json"
    assert metadata["url"] == "people.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert [column["titles"] for column in metadata["tableSchema"]["columns"]] == header
    assert metadata["tableSchema"]["primaryKey"] == ["sex", "theme"]
    assert table.certificate.snapshot_id in json.dumps(metadata["notes"])


def test_sums_that_are_at_least_are_marked_in_every_form(gate: Gate, tmp_path: Path) -> None:
    summed = gate.answer(Request("people", ("sex",), {"theme": ("debt", "housing")}, "Y2025"))
    _csv, beside = write_table(summed, tmp_path / "sum.csv")
    (parquet,) = write_table(summed, tmp_path / "sum.parquet")
    assert json.loads(beside.read_text())["tableSchema"]["columns"][-1]["datatype"]["format"] == "yes|no"
    assert pl.read_parquet(parquet)["at_least"].to_list() == list(summed.at_least)


def test_parquet_carries_labels_and_the_certificate(table: ProtectedTable, tmp_path: Path) -> None:
    (path,) = write_table(table, tmp_path / "people.parquet")
    assert pl.read_parquet(path).columns == ["sex", "sex_label", "theme", "theme_label", "value"]
    certificate = json.loads(pl.read_parquet_metadata(path)[CERTIFICATE])
    assert certificate["snapshot_id"] == table.certificate.snapshot_id


def test_a_label_that_looks_like_a_formula_is_text_in_the_csv(table: ProtectedTable, tmp_path: Path) -> None:
    labelled = replace(table, labels={"theme": {"debt": "=HYPERLINK(1)"}}, rows=(("F", "debt", 10),))
    path, _metadata = write_table(labelled, tmp_path / "people.csv")
    assert "'=HYPERLINK(1)" in path.read_text(encoding="utf-8")


def test_a_form_that_does_not_exist_is_refused_with_those_that_do(table: ProtectedTable, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="xlsx"):
        write_table(table, tmp_path / "people.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_question_of_the_command_line_is_written_to_a_file_and_told(gate: Gate, tmp_path: Path) -> None:
    told = run_query(gate, measure="people", by=["theme"], period="Y2025", out=tmp_path / "people.csv")
    assert told.splitlines() == [str(tmp_path / "people.csv"), str(tmp_path / "people.csv-metadata.json")]
