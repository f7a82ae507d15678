"""Files are read as they are: any dialect, and what was found out stands on the receipt."""

import gzip
import io
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.content import UnreadableFileError
from orchestration.feeds.rawtables import FAULT, ROW, RawTable, read_table

EXPECTED = ["Ref", "Name of ward", "Start"]
ROWS = [["P1", "Château", "2025-03-01"], ["P2", "Bath; east", "2025-03-02"]]


def read(tmp_path: Path, content: bytes, expected: list[str] = EXPECTED, **declared: object) -> RawTable:
    path = tmp_path / "file.bin"
    path.write_bytes(content)
    file = DeliveryFile.model_validate({"pattern": ".*", **declared})
    return read_table(path, file, expected)


def cells(table: RawTable) -> list[list[str | None]]:
    return [list(r) for r in table.frame.select(*EXPECTED).rows()]


def text(delimiter: str = ",", end: str = "\n", preamble: str = "", footer: str = "") -> str:
    lines = [delimiter.join(EXPECTED), *(delimiter.join(f'"{c}"' for c in r) for r in ROWS)]
    return preamble + end.join(lines) + end + footer


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~"])
def test_every_delimiter_is_detected_and_recorded(tmp_path: Path, delimiter: str) -> None:
    table = read(tmp_path, text(delimiter).encode())
    assert cells(table) == ROWS
    assert table.detected["delimiter"] == delimiter


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_is_detected_and_recorded(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, text().encode(encoding))
    assert cells(table) == ROWS
    assert table.detected["encoding"] == encoding


def test_a_declared_encoding_is_believed_even_if_a_byte_order_mark_precedes_it(tmp_path: Path) -> None:
    assert cells(read(tmp_path, text().encode("utf-8-sig"), encoding="utf-8")) == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(tmp_path: Path, end: str) -> None:
    assert cells(read(tmp_path, text(end=end).encode())) == ROWS


def test_a_preamble_before_the_header_is_skipped(tmp_path: Path) -> None:
    table = read(tmp_path, text(preamble='Report,"run, by hand"\n\nCounts of cases\n').encode())
    assert cells(table) == ROWS
    assert table.detected["header_line"] == 4


def test_a_declared_footer_is_not_data_and_an_undeclared_total_is_marked(tmp_path: Path) -> None:
    content = text(footer="Total,2,\nPrinted by Bath,,\n\n").encode()
    table = read(tmp_path, content, footer_pattern="^Printed")
    assert table.set_aside == {"blank_rows": 1, "footer_rows": 1}
    assert table.frame[FAULT].to_list() == [None, None, "totals_row"]


def test_rows_with_one_or_many_cells_too_many_are_marked(tmp_path: Path) -> None:
    one = read(tmp_path, b"Ref,Name of ward,Start\nP1,a,b\nP2,a,b,extra\n")
    many = read(tmp_path, b"Ref,Name of ward,Start\nP1,a,b\nP2,a,b,,,extra\nP3,a,b,,,\n")
    assert one.frame[FAULT].to_list() == [None, "ragged_row"]
    assert many.frame[FAULT].to_list() == [None, "ragged_row", None]


def test_short_rows_have_missing_cells(tmp_path: Path) -> None:
    assert cells(read(tmp_path, b"Ref,Name of ward,Start\nP1\nP2,a,b\n")) == [["P1", None, None], ["P2", "a", "b"]]


def test_padded_headers_and_cells_are_stripped_and_case_does_not_count(tmp_path: Path) -> None:
    content = " REF , name  of WARD,Start\u00a0\n  P1  ,\u00a0x ,   \n".encode()
    assert cells(read(tmp_path, content)) == [["P1", "x", None]]


def test_quoted_newlines_and_doubled_quotes_are_kept(tmp_path: Path) -> None:
    assert cells(read(tmp_path, b'Ref,Name of ward,Start\nP1,"two\nlines ""here""",x\n')) == [
        ["P1", 'two\nlines "here"', "x"]
    ]


def test_stray_quotation_marks_do_not_lose_rows(tmp_path: Path) -> None:
    rows = "".join(f"P{n},5'6\" tall,x\n" for n in range(3)) + 'P3,"Bob x,x\n'
    table = read(tmp_path, f"Ref,Name of ward,Start\n{rows}".encode())
    assert table.frame["Ref"].to_list() == ["P0", "P1", "P2", "P3"]


def test_blank_and_repeated_headers_of_unused_columns_are_harmless(tmp_path: Path) -> None:
    table = read(tmp_path, b"Ref,,Notes,Notes,Name of ward,Start\nP1,1,2,3,w,s\n")
    assert cells(table) == [["P1", "w", "s"]]
    assert table.unknown == ("column_2", "Notes", "Notes_4")
    assert table.repeated == ()


def test_a_used_column_that_occurs_twice_is_reported(tmp_path: Path) -> None:
    assert read(tmp_path, b"Ref,Ref,Name of ward,Start\nP1,P2,w,s\n").repeated == ("Ref",)


def test_source_rows_count_from_the_first_row_after_the_header_blank_rows_included(tmp_path: Path) -> None:
    table = read(tmp_path, b"Ref,Name of ward,Start\nP1,a,b\n\n,,\nP2,a,b\n")
    assert table.frame[ROW].to_list() == [1, 4]
    assert table.set_aside["blank_rows"] == 2


def test_a_regular_file_never_takes_the_slow_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("orchestration.feeds.delimited._read_irregular")
    read(tmp_path, b"Ref,Name of ward,Start\nP1\nP2,a,b\nP3,a,b,\n\nP4,a,b,extra\n")
    read(tmp_path, b"Ref,Name of ward,Start\n")


def test_gzip_is_read_whatever_the_suffix(tmp_path: Path) -> None:
    assert cells(read(tmp_path, gzip.compress(text().encode()))) == ROWS


def test_a_workbook_is_read_as_text_with_typed_dates_even_where_csv_was_agreed(tmp_path: Path) -> None:
    import datetime as dt

    book = openpyxl.Workbook()
    sheet = book.active
    for line in (["Cases of the month"], [], EXPECTED, ["P1", "a", dt.date(2025, 3, 1)], ["P2", 3.0, "02/03/2025"]):
        sheet.append(line)
    file = io.BytesIO()
    book.save(file)
    table = read(tmp_path, file.getvalue())
    assert cells(table) == [["P1", "a", "2025-03-01"], ["P2", "3", "02/03/2025"]]
    assert table.detected == {"format": "workbook", "sheet": "Sheet", "header_row": 3}


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = io.BytesIO()
    openpyxl.Workbook().save(file)
    with pytest.raises(UnreadableFileError, match="no sheet 'March'"):
        read(tmp_path, file.getvalue(), format="xlsx", sheet="March")


def test_parquet_and_json_lines_are_read_as_text(tmp_path: Path) -> None:
    import datetime as dt

    file = io.BytesIO()
    pl.DataFrame({"Ref": ["P1"], "Name of ward": [7], "Start": [dt.date(2025, 3, 1)]}).write_parquet(file)
    assert cells(read(tmp_path, file.getvalue(), format="parquet")) == [["P1", "7", "2025-03-01"]]
    lines = b'{"Ref": "P1", "Start": null}\n\n{"Ref": "P2", "Name of ward": 7}\n'
    assert cells(read(tmp_path, lines, format="jsonl")) == [["P1", None, None], ["P2", "7", None]]


def test_json_lines_of_a_quiet_month_are_an_empty_file_and_no_fault(tmp_path: Path) -> None:
    table = read(tmp_path, b"", format="jsonl")
    assert (table.frame.height, table.missing) == (0, ())


@pytest.mark.parametrize(
    ("content", "declared", "said"),
    [
        (b"", {}, "is empty"),
        (b"  \n \n", {}, "is empty"),
        (b"\x1c", {}, "no columns"),
        (b"Ref,Name of ward,Start\nP1,Secret\x00,x\n", {}, "line 2: holds a zero byte"),
        (b"\x1f\x8b damaged", {}, "gzip"),
        (b"PAR1 damaged", {}, "Parquet"),
        (b"PK\x03\x04 damaged", {}, "workbook"),
        (b"Ref,Name of ward,Start\nP1,Secret\xff,x\n", {"encoding": "ascii"}, "is not ascii text"),
        (b"Ref", {"encoding": "klingon"}, "not known"),
        (b'{"Ref": "P1"}\nSecret\n', {"format": "jsonl"}, "line 2"),
        (b'Ref,Name of ward,Start\nP1,"Secret,x\n' + b"P2,a\n" * 9, {}, "quotation mark"),
        ((",".join(f"c{n}" for n in range(2_001)) + "\n").encode(), {}, "columns; at most"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason_and_no_cell(
    tmp_path: Path, content: bytes, declared: dict[str, str], said: str
) -> None:
    with pytest.raises(UnreadableFileError, match=said) as caught:
        read(tmp_path, content, **declared)
    assert "Secret" not in str(caught.value)


def test_a_zip_bomb_is_stopped_while_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.feeds.archive.MOST_BYTES", 1 << 20)
    with pytest.raises(UnreadableFileError, match="unpacks to more than"):
        read(tmp_path, gzip.compress(b"0" * (3 << 20)))


@pytest.mark.parametrize("header", ["*", "^Ref.*$"])
def test_a_header_that_looks_like_a_pattern_is_one_column_told_in_its_own_words(tmp_path: Path, header: str) -> None:
    content = text().replace("Ref,", f"Ref,{header},", 1).replace('"P1",', '"P1","x",').replace('"P2",', '"P2","y",')
    table = read(tmp_path, content.encode())
    assert cells(table) == ROWS
    assert table.unknown == (f"{header}_2",)


def test_a_key_that_a_json_object_holds_twice_is_a_column_that_occurs_twice(tmp_path: Path) -> None:
    lines = b'{"Ref": "1", "Name of ward": "a", "Ref": "2", "Start": "x"}\n{"Ref": "3", "Other": 1, "Other": 2}\n'
    table = read(tmp_path, lines)
    assert table.repeated == ("Ref",)
    assert "Other" in table.unknown
    assert read(tmp_path, b"[" + lines.split(b"\n")[0] + b"]").repeated == ("Ref",)
