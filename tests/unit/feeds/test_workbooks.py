"""Workbooks are weighed before they are opened, and read as what a spreadsheet program shows."""

import datetime as dt
import io
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds import workbook_bounds
from orchestration.feeds.content import UnreadableFileError
from orchestration.feeds.rawtables import ROW, RawTable, read_table
from tests.support.workbooks import ods_cell, ods_row, open_document, rewritten, saved, workbook, zip_of

EXPECTED = ["Ref", "Opened", "Kind"]
SHEET = "xl/worksheets/sheet1.xml"


def read(tmp_path: Path, data: bytes, expected: list[str] = EXPECTED, **declared: object) -> RawTable:
    path = tmp_path / "cases.xlsx"
    path.write_bytes(data)
    return read_table(path, DeliveryFile.model_validate({"pattern": ".*", "format": "xlsx", **declared}), expected)


def cells(table: RawTable, names: list[str] = EXPECTED) -> list[list[str | None]]:
    return [list(row) for row in table.frame.select(names).rows()]


def refusal(tmp_path: Path, data: bytes, **declared: object) -> str:
    with pytest.raises(UnreadableFileError) as caught:
        read(tmp_path, data, **declared)
    return str(caught.value)


def test_a_table_away_from_the_corner_is_found_and_its_rows_count_from_its_header(tmp_path: Path) -> None:
    table = read(tmp_path, workbook([EXPECTED, ["A", "x", "y"], [None, None, None], ["B", "x", "y"]], start="C4"))
    assert table.frame[ROW].to_list() == [1, 3]
    assert table.detected["header_row"] == 4


def test_the_table_begins_at_the_declared_cell(tmp_path: Path) -> None:
    data = workbook([["note", "Ref"], ["n", "Ref", "Opened", "Kind"], ["n", "A", "x", "y"]])
    table = read(tmp_path, data, start_cell="b2")
    assert (table.columns, table.detected["start_cell"], cells(table)) == (EXPECTED, "B2", [["A", "x", "y"]])


def test_the_sheet_is_the_one_whose_header_the_contract_knows(tmp_path: Path) -> None:
    data = workbook([["Cover"], ["Run by hand"]], Cases=[EXPECTED, ["A", "x", "y"]])
    assert read(tmp_path, data).detected["sheet"] == "Cases"


def test_a_sheet_may_be_named_by_an_expression_that_fits_one(tmp_path: Path) -> None:
    data = workbook([["Cover"]], **{"Cases March 2025": [EXPECTED, ["A", "x", "y"]], "Cases old": [EXPECTED]})
    assert read(tmp_path, data, sheet="Cases .* 2025").detected["sheet"] == "Cases March 2025"
    assert "2 sheets that fit 'Cases.*'" in refusal(tmp_path, data, sheet="Cases.*")


def test_a_hidden_sheet_is_read_only_when_it_is_asked_for(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Cover"])
    hidden = book.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden.append(EXPECTED)
    hidden.append(["A", "x", "y"])
    assert read(tmp_path, saved(book)).detected["sheet"] == "Sheet"
    assert cells(read(tmp_path, saved(book), sheet="Hidden")) == [["A", "x", "y"]]


def test_merged_header_cells_are_read_over_all_their_columns(tmp_path: Path) -> None:
    rows = [["Ref", "Dates", None, "Notes"], [None, "Opened", "Closed", None], ["A", "1", "2", "3"]]
    data = workbook(rows, merged=["B1:C1", "A1:A2", "D1:D2"])
    table = read(tmp_path, data, ["Ref", "Dates Opened", "Dates Closed", "Notes"])
    assert table.columns == ["Ref", "Dates Opened", "Dates Closed", "Notes"]
    assert (table.detected["header_rows"], table.frame.height) == (2, 1)


def test_cells_merged_downwards_have_their_value_in_every_row(tmp_path: Path) -> None:
    rows = [EXPECTED, ["A", "x", "y"], [None, "x", "z"], ["B", "x", "y"], ["merged wide", None, None], ["C", "x", "y"]]
    data = workbook(rows, merged=["A2:A3", "A5:C5"])
    assert cells(read(tmp_path, data)) == [
        ["A", "x", "y"],
        ["A", "x", "z"],
        ["B", "x", "y"],
        ["merged wide", None, None],
        ["C", "x", "y"],
    ]


def test_dates_times_truths_and_figures_are_read_as_they_are_held(tmp_path: Path) -> None:
    rows = [EXPECTED, [1234567890123, dt.date(2025, 3, 1), True], [0.1, dt.datetime(2025, 3, 1, 9, 30), 45717]]
    assert cells(read(tmp_path, workbook(rows))) == [
        ["1234567890123", "2025-03-01", "true"],
        ["0.1", "2025-03-01 09:30:00", "45717"],
    ]


def test_a_formula_is_read_as_its_saved_result(tmp_path: Path) -> None:
    data = workbook([EXPECTED, ["A", "x", "=1+1"]])
    saved_once = rewritten(data, SHEET, lambda xml: xml.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"))
    assert cells(read(tmp_path, saved_once)) == [["A", "x", "2"]]


def test_formulas_that_nobody_has_worked_out_are_refused_and_not_read_as_blanks(tmp_path: Path) -> None:
    assert "holds 1 formula never worked out" in refusal(tmp_path, workbook([EXPECTED, ["A", "x", "=1+1"]]))


def test_a_formula_whose_result_is_an_empty_text_is_a_blank(tmp_path: Path) -> None:
    data = workbook([EXPECTED, ["A", "x", '=""']])
    change = b'<c r="C2" t="str"><f>""</f><v></v>'
    saved_once = rewritten(data, SHEET, lambda xml: xml.replace(b'<c r="C2"><f>""</f><v />', change))
    assert cells(read(tmp_path, saved_once)) == [["A", "x", None]]


def test_a_file_that_says_it_is_a_workbook_and_is_text_is_read_as_text(tmp_path: Path) -> None:
    table = read(tmp_path, b"Ref,Opened,Kind\nA,x,y\n")
    assert (cells(table), table.detected["format"]) == ([["A", "x", "y"]], "text")


def test_an_open_document_is_read_with_its_merged_cells(tmp_path: Path) -> None:
    rows = (
        ods_row(ods_cell("Ref", number_rows_spanned=2), ods_cell("Case", number_columns_spanned=2), ods_cell())
        + ods_row(ods_cell(), ods_cell("Opened"), ods_cell("Kind"))
        + ods_row(ods_cell("A"), ods_cell("x", number_columns_repeated=2))
    )
    table = read(tmp_path, open_document(rows), ["Ref", "Case Opened", "Case Kind"])
    assert cells(table, table.columns) == [["A", "x", "x"]]
    assert table.columns == ["Ref", "Case Opened", "Case Kind"]


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(EXPECTED)
    book.active["XFD1048576"] = "x"
    return saved(book)


def test_one_cell_in_the_far_corner_reserves_no_memory(tmp_path: Path) -> None:
    started = time.perf_counter()
    assert "row 1048576 and column 16384" in refusal(tmp_path, far_cell())
    assert time.perf_counter() - started < 2


def test_one_repeated_cell_of_an_open_document_reserves_no_memory(tmp_path: Path) -> None:
    wide = ods_row(ods_cell("x", number_columns_repeated=16384), number_rows_repeated=1048576)
    assert "too large for a workbook" in refusal(tmp_path, open_document(wide))


def test_the_blank_rows_with_which_an_open_document_ends_weigh_nothing(tmp_path: Path) -> None:
    rows = ods_row(*map(ods_cell, EXPECTED)) + ods_row(*map(ods_cell, "Axy"))
    rows += ods_row(ods_cell(number_columns_repeated=16384), number_rows_repeated=1048574)
    assert cells(read(tmp_path, open_document(rows))) == [["A", "x", "y"]]


def test_a_workbook_that_unpacks_to_gigabytes_is_not_opened(tmp_path: Path) -> None:
    data = rewritten(workbook([EXPECTED]), SHEET, lambda xml: xml + b" " * (100 << 20))
    assert "as no real workbook of its size does" in refusal(tmp_path, data)


def test_a_workbook_that_lies_about_its_size_is_not_opened(tmp_path: Path) -> None:
    data = rewritten(workbook([EXPECTED, ["A", "x", "y"]]), SHEET, lambda xml: xml + b" " * (1 << 20))
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        honest = made.getinfo(SHEET).file_size
    lying = data.replace(honest.to_bytes(4, "little"), (500).to_bytes(4, "little"))
    assert "unpacks to more than it says" in refusal(tmp_path, lying)


def test_a_sheet_of_very_many_columns_is_refused(tmp_path: Path) -> None:
    assert "2001 columns; at most" in refusal(tmp_path, workbook([[f"c{n}" for n in range(2001)]]))


def test_words_that_an_open_document_defines_itself_are_refused(tmp_path: Path) -> None:
    data = rewritten(
        open_document(ods_row(ods_cell("A"))),
        "content.xml",
        lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + xml,
    )
    assert "words of its own" in refusal(tmp_path, data)


def test_a_locked_workbook_is_told_as_locked(tmp_path: Path) -> None:
    envelope = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    assert "locked with a password" in refusal(tmp_path, envelope)
    document = open_document(ods_row(), manifest="<manifest><encryption-data/></manifest>")
    locked = rewritten(document, "content.xml", lambda _: b"\x8f\x00 not XML at all")
    assert "locked with a password" in refusal(tmp_path, locked)


def test_an_archive_that_only_looks_like_a_workbook_is_refused(tmp_path: Path) -> None:
    assert "not a workbook that can be read" in refusal(tmp_path, zip_of({"xl/nothing.xml": "<x/>"}))


def test_the_limits_hold_for_every_piece_of_a_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_bounds, "CHUNK", 512)
    rows = [EXPECTED, *([f"R{n}", "x", "y"] for n in range(500))]
    assert read(tmp_path, workbook(rows, merged=["A3:A4"])).frame["Ref"].to_list()[:4] == ["R0", "R1", "R1", "R3"]
    monkeypatch.setattr(workbook_bounds, "MOST_CELLS", 1500)
    assert "row 501 and column 3" in refusal(tmp_path, workbook(rows))
