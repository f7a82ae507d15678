"""Every dialect of delimited text is read exactly, and what was found out stands beside it."""

import csv
import io
from pathlib import Path

import pytest

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.content import UnreadableFileError
from orchestration.feeds.delimited import MOST_COLUMNS
from orchestration.feeds.rawtables import FAULT, RawTable, read_table

EXPECTED = ["Ref", "Notes", "Start"]


def read(tmp_path: Path, content: str | bytes, expected: list[str] = EXPECTED, **declared: object) -> RawTable:
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, DeliveryFile.model_validate({"pattern": ".*", **declared}), expected)


def rows(table: RawTable) -> list[tuple[str | None, ...]]:
    return table.frame.select(table.columns).rows()


@pytest.mark.parametrize("escape", [None, "\\"])
def test_escaped_quotes_delimiters_and_line_ends_are_text(tmp_path: Path, escape: str | None) -> None:
    lines = [r'"P1","5\" pipe","x"', r'"P2","a \\ b","x"', '"P3","two\\\nlines","x"', r'"P4","c:\\","x"']
    table = read(tmp_path, "Ref,Notes,Start\n" + "\n".join(lines) + "\n", escape=escape)
    assert [cells[1] for cells in rows(table)] == ['5" pipe', "a \\ b", "two\nlines", "c:\\"]
    assert table.detected["escape"] == "\\"


def test_a_backslash_at_the_end_of_a_path_is_no_escape_when_rows_are_regular_without(tmp_path: Path) -> None:
    table = read(tmp_path, 'Ref,Notes,Start\n1,"c:\\dir\\",x\n2,"d:\\",y\n')
    assert [cells[1] for cells in rows(table)] == ["c:\\dir\\", "d:\\"]
    assert "escape" not in table.detected


def test_escaped_delimiters_outside_quotes_are_text_where_declared(tmp_path: Path) -> None:
    table = read(tmp_path, "Ref|Notes|Start\n1|a\\|b|x\n2|\\N|y\n", escape="\\", quote="")
    assert rows(table) == [("1", "a|b", "x"), ("2", "\\N", "y")]


def test_blanks_after_delimiters_do_not_hide_quotation_marks(tmp_path: Path) -> None:
    table = read(tmp_path, 'Ref, "Notes", Start\n1, "a, b", x\n2, "c", y\n')
    assert rows(table) == [("1", "a, b", "x"), ("2", "c", "y")]
    assert table.detected["blanks_after_delimiters"] is True


@pytest.mark.parametrize(
    "text",
    [
        '"Ref", "Notes", "Start"\n"1", "a", "x"\n"2", "c", "y"\n',
        '"Ref"; "Notes"; "Start"\n"1"; "a"; "x"\n"2"; "c"; "y"\n',
        'Ref, Notes, Start\n"1", "a", "x"\n"2", "c", "y"\n',
        'Ref, "Notes", Start\n1, "a", x\n2, "c", y\n',
    ],
)
def test_blanks_before_quotation_marks_are_no_part_of_a_cell(tmp_path: Path, text: str) -> None:
    table = read(tmp_path, text)
    assert (table.is_recognised, table.missing) == (True, ())
    assert rows(table) == [("1", "a", "x"), ("2", "c", "y")]


def test_a_text_with_quotation_marks_after_a_blank_within_quotes_is_read_as_ever(tmp_path: Path) -> None:
    table = read(tmp_path, 'Ref,Notes,Start\n1,"said, ""no"", twice",x\n')
    assert rows(table) == [("1", 'said, "no", twice', "x")]
    assert "blanks_after_delimiters" not in table.detected


@pytest.mark.parametrize("delimiter", ["||", "~|~", ", ", "¬", "\x01", " ", ":"])
def test_unusual_delimiters_are_read_when_they_are_declared(tmp_path: Path, delimiter: str) -> None:
    lines = [EXPECTED, ["P1", '"a, b"', "x"], ["P2", "", "y"]]
    table = read(tmp_path, "\n".join(map(delimiter.join, lines)) + "\n", delimiter=delimiter)
    assert rows(table) == [("P1", "a, b", "x"), ("P2", None, "y")]
    assert table.detected["delimiter"] == delimiter


@pytest.mark.parametrize("delimiter", ["¬", "\x01", "\x1f", " "])
def test_rare_delimiters_are_found_where_the_header_proves_them(tmp_path: Path, delimiter: str) -> None:
    table = read(tmp_path, delimiter.join(EXPECTED) + "\n" + delimiter.join("abc") + "\n")
    assert (rows(table), table.detected["delimiter"]) == ([("a", "b", "c")], delimiter)


def test_text_without_quotation_marks_is_read_as_declared(tmp_path: Path) -> None:
    assert rows(read(tmp_path, 'Ref,Notes,Start\n1,"a,b\n2,5" pipe",y\n', quote=""))[0] == ("1", '"a', "b")


def test_apostrophes_as_quotation_marks_are_found_by_the_header(tmp_path: Path) -> None:
    table = read(tmp_path, "'Ref','Notes','Start'\n'1','a, b','x'\n")
    assert (rows(table), table.detected["quote"]) == ([("1", "a, b", "x")], "'")


def test_lines_that_end_in_different_ways_are_all_lines(tmp_path: Path) -> None:
    table = read(tmp_path, b'Ref,Notes,Start\r\n1,"two\rlines",x\r2,b,y\n3,c,z\r\n')
    assert rows(table) == [("1", "two\rlines", "x"), ("2", "b", "y"), ("3", "c", "z")]
    assert table.detected["line_ends"] == "mixed"


def test_only_returns_end_lines_and_a_preamble_comes_before_in_utf_16(tmp_path: Path) -> None:
    text = "Report of March\r\rRef\tNotes\tStart\r1\tChâteau\tx\r2\tb\ty\r"
    table = read(tmp_path, text.encode("utf-16"))
    assert rows(table) == [("1", "Château", "x"), ("2", "b", "y")]
    assert table.detected == {
        "encoding": "utf-16",
        "delimiter": "\t",
        "header_line": 3,
        "line_ends": "CR",
    }


def test_a_header_of_two_rows_is_found_and_joined(tmp_path: Path) -> None:
    table = read(tmp_path, "Client,,Case\nRef,Sex,Start\n1,M,x\n", ["Client Ref", "Client Sex", "Case Start"])
    assert rows(table) == [("1", "M", "x")]
    assert table.detected["header_rows"] == 2


def test_a_header_of_three_rows_is_read_as_declared(tmp_path: Path) -> None:
    table = read(tmp_path, "x,\na,\n,b\n1,2\n", ["x a", "x a b"], header_row=1, header_rows=3)
    assert (table.columns, rows(table)) == (["x a", "x a b"], [("1", "2")])


def test_a_file_without_a_header_bears_the_declared_names(tmp_path: Path) -> None:
    table = read(tmp_path, "1;a;x\n2;b;y\n", header=EXPECTED)
    assert (table.columns, rows(table)) == (EXPECTED, [("1", "a", "x"), ("2", "b", "y")])


def test_declared_names_stand_in_place_of_a_header(tmp_path: Path) -> None:
    table = read(tmp_path, "?,?,?\n1,a,x\n", header=EXPECTED, header_row=1)
    assert rows(table) == [("1", "a", "x")]


def test_repeated_and_blank_headers_may_be_named_by_their_number(tmp_path: Path) -> None:
    table = read(tmp_path, "Ref,Date,,Date\n1,a,b,c\n", ["Ref", "Date#1", "Date#2", "column_3"])
    assert (table.missing, table.repeated) == ((), ())
    assert table.frame.select("Date#1", "Date#2", "column_3").rows() == [("a", "c", "b")]


def test_texts_that_an_export_kept_by_a_formula_are_texts_and_other_formulas_are_counted(tmp_path: Path) -> None:
    table = read(tmp_path, 'Ref,Notes,Start\n="00123","=""0,4""",=1+1\n2,"=HYPERLINK(""x"")",y\n')
    assert rows(table) == [("00123", "0,4", "=1+1"), ("2", '=HYPERLINK("x")', "y")]
    assert (table.detected["texts_kept_by_formula"], table.detected["formula_cells"]) == (2, 2)


def test_json_under_the_name_of_csv_is_read_as_json_with_inner_objects_one_level_deep(tmp_path: Path) -> None:
    lines = '{"Ref": "1", "client": {"sex": "M", "flags": [1]}}\n{"Ref": 2, "client": null}\n'
    table = read(tmp_path, lines, ["Ref", "client.sex"])
    assert table.frame.select("Ref", "client.sex").rows() == [("1", "M"), ("2", None)]
    assert table.frame["client.flags"].to_list() == ["[1]", None]
    assert table.detected["format"] == "jsonl"


def test_a_list_of_json_objects_is_a_table(tmp_path: Path) -> None:
    table = read(tmp_path, '[\n {"Ref": "1"},\n {"Ref": "2", "Notes": "ü"}\n]', ["Ref", "Notes"])
    assert rows(table) == [("1", None), ("2", "ü")]


def test_json_of_no_bottom_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="not a line of JSON"):
        read(tmp_path, '{"Ref": 1}\n{"Ref": ' + "[" * 200_000 + "\n")


def test_many_irregular_rows_are_read_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.feeds.delimited.BATCH_ROWS", 7)
    lines = [f"{n},a,x" + ",extra,extra" * (n % 5 == 0) for n in range(50)]
    table = read(tmp_path, "Ref,Notes,Start\n" + "\n".join(lines))
    assert table.frame[FAULT].drop_nulls().len() == 10
    assert table.frame["Ref"].to_list() == [str(n) for n in range(50)]


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n1,2\n", f"at most {MOST_COLUMNS}"),
        (b"," * (100 << 20), "a cell is too long"),
        (b"Ref,Notes,Start\n" + b"x" * (100 << 20) + b"\n", "a cell is too long"),
        (b"x" * (100 << 20), "a cell is too long"),
        (b'Ref,Notes,Start\n1,"' + b"x,\n" * (5 << 20), "quotation mark"),
        (b"Ref,Notes,Start\n" + b"1,a,x\n" * 1000 + b"2,\x00,y\n", "line 1002: holds a zero byte"),
    ],
    ids=["10,000 columns", "100 MB of commas", "100 MB line", "100 MB first line", "unclosed quote", "zero byte"],
)
def test_what_would_take_for_ever_is_refused_soon_and_without_a_cell(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said) as caught:
        read(tmp_path, content)
    assert len(str(caught.value)) < 300


def test_the_csv_module_agrees_on_awkward_quotes(tmp_path: Path) -> None:
    text = 'Ref,Notes,Start\n"1","a ""b"" c",""\n2,x"y,"z\n\nz"\n3,"""",x\n4,\'a\',"x,y"\n'
    expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [[cell or "" for cell in cells] for cells in rows(read(tmp_path, text))] == expected
