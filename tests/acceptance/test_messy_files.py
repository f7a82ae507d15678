"""Real messy files read to what an independent reader sees, or are refused with a message that says why."""

import csv
import datetime as dt
import io
import math
import resource
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import openpyxl
import pytest

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.content import UnreadableFileError
from orchestration.feeds.rawtables import FAULT, ROW, RawTable, read_table
from tests.support.acceptance import acceptance_data

pytestmark = pytest.mark.acceptance

HORROR = "csv_messytables_horror"
ANNOTATED = "csv_ptype_annotated"
STRIPPED = " \t\r\n\u00a0\ufeff\f\x1a"
SECONDS = 20.0

# name, encoding, delimiter, line of the header, and csv's own options where its defaults are wrong
TEXTS: tuple[tuple[str, str, str, int, dict[str, bool]], ...] = (
    ("211.csv", "latin-1", ",", 1, {}),
    ("begrotingsanalyse-2011.csv", "utf-8", ",", 4, {}),
    ("complex.csv", "utf-8", ",", 1, {"skipinitialspace": True}),
    ("example.tsv", "utf-8", "\t", 1, {}),
    ("excel_pasting.csv", "utf-8", ",", 4, {}),
    ("long.csv", "utf-8", ",", 1, {}),
    ("mixedGLB.csv", "utf-8", ",", 4, {}),
    ("null.csv", "utf-8", ",", 1, {}),
    ("simple.csv", "utf-8", ",", 1, {}),
    ("simple.psv", "utf-8", "|", 1, {}),
    ("simple.ssv", "utf-8", ";", 1, {}),
    ("skip_initials.csv", "utf-8", ",", 1, {}),
    ("small.csv", "utf-8", ",", 1, {}),
    ("spanish_chars.csv", "cp1252", ",", 1, {}),
    ("sparse_with_column_errors.csv", "cp1252", ",", 1, {}),
    ("utf-16le_encoded.csv", "utf-16", ",", 1, {}),
    ("utf8bom.csv", "utf-8-sig", ",", 1, {}),
    ("weird_head_padding.csv", "utf-8", ";", 12, {}),
)
REFUSED = {
    "badcolspan.html": "web page",
    "complex.html": "web page",
    "encrypted_no_password.xls": "locked with a password",
    "html.html": "web page",
    "invisible_text.html": "web page",
    "libreoffice.xlsx": "is empty",
    "rowcolspan.html": "web page",
    "simple.unknown": "is empty",
}
WORKBOOKS = ("bian-anal-mca-2005-dols-eng-1011-0312-tab3.xlsm", "simple.xlsx", "sw_gen.xlsx")
OPEN_DOCUMENTS = ("blank_line.ods", "loffice-4.4.1.2.ods", "simple.ods", "multilineods.ods")
SAME_AS_SIMPLE = ("simple.xls", "simple.xlsx", "simple.ssv", "simple.zip")
OLD_WORKBOOKS = {"excel_properties.xls": (19, 1), "span_rich.xls": (6, 4), "unicode_sheet_name.xls": (1, 1)}
DECLARED = {"characters.csv": "big5hkscs"}
OTHERS = {"ods_formats.ods"}


def read(folder: str, name: str, **declared: object) -> RawTable:
    file = DeliveryFile.model_validate({"pattern": ".*", **declared})
    return read_table(acceptance_data(folder, name), file, [])


def stripped(cells: Sequence[str | None], width: int) -> tuple[str | None, ...]:
    padded = [*cells, *[None] * width][:width]
    return tuple((cell or "").strip(STRIPPED) or None for cell in padded)


def assert_same(table: RawTable, expected: Sequence[Sequence[str | None]]) -> None:
    """Compare all cells of all rows by row number; those left out have to be blank, or a footer of one cell."""
    width = len(table.columns)
    found = {row[0]: row[1:] for row in table.frame.drop(FAULT).select(ROW, *table.columns).iter_rows()}
    last, footers = max(found, default=0), 0
    for number, cells in enumerate(expected, start=1):
        wanted = stripped(cells, width)
        if number > last and sum(cell is not None for cell in wanted) == 1:
            footers += 1
            continue
        assert found.pop(number, (None,) * width) == wanted, f"row {number}"
    assert footers == table.set_aside.get("footer_rows", 0)
    assert not found


def test_every_file_of_the_collection_is_in_one_of_these_tests() -> None:
    known = {name for name, *_ in TEXTS} | set(REFUSED) | set(WORKBOOKS) | set(OPEN_DOCUMENTS) | set(SAME_AS_SIMPLE)
    known |= set(OLD_WORKBOOKS) | set(DECLARED) | OTHERS | {"README.md", "SOURCE.txt"}
    assert {path.name for path in acceptance_data(HORROR).iterdir()} == known


@pytest.mark.parametrize(("name", "encoding", "delimiter", "line", "options"), TEXTS)
def test_a_messy_text_reads_as_the_csv_module_reads_it(
    name: str, encoding: str, delimiter: str, line: int, options: dict[str, bool]
) -> None:
    table = read(HORROR, name)
    assert (table.detected["encoding"], table.detected["delimiter"]) == (encoding, delimiter)
    assert table.detected["header_line"] == line
    text = acceptance_data(HORROR, name).read_bytes().decode(encoding)
    lines = io.StringIO(text, newline="")
    for _ in range(line - 1):
        next(lines)
    header, *rows = csv.reader(lines, delimiter=delimiter, **options)  # type: ignore[arg-type]
    assert len(table.columns) == len(header)
    assert all(n.startswith(cell.strip() or "column_") for n, cell in zip(table.columns, header, strict=True))
    assert_same(table, rows)


@pytest.mark.parametrize(("name", "said"), REFUSED.items())
def test_what_is_no_table_is_refused_and_told_why(name: str, said: str) -> None:
    with pytest.raises(UnreadableFileError, match=said) as caught:
        read(HORROR, name)
    assert name in str(caught.value)


def test_an_encoding_that_nothing_tells_is_declared() -> None:
    (name, encoding) = next(iter(DECLARED.items()))
    table = read(HORROR, name, encoding=encoding)
    text = acceptance_data(HORROR, name).read_bytes().decode(encoding)
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    assert_same(table, rows)


@pytest.mark.parametrize("name", SAME_AS_SIMPLE)
def test_the_same_table_in_every_format_is_the_same_table(name: str) -> None:
    table = read(HORROR, name)
    assert table.columns == ["date", "temperature", "place"]
    assert table.frame.equals(read(HORROR, "simple.csv").frame)


@pytest.mark.filterwarnings("ignore:Unknown extension:UserWarning")
@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_reads_as_openpyxl_reads_it(name: str) -> None:
    table = read(HORROR, name)
    sheet = openpyxl.load_workbook(acceptance_data(HORROR, name), data_only=True)[str(table.detected["sheet"])]
    header = int(table.detected["header_row"])
    left = min(cell.column for row in sheet.iter_rows() for cell in row if cell.value is not None)
    merged = {
        (row, column)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row + 1, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }
    width = len(table.columns)
    found = {row[0]: row[1:] for row in table.frame.select(ROW, *table.columns).iter_rows()}
    for number, cells in enumerate(
        sheet.iter_rows(min_row=header + 1, min_col=left, max_col=left + width - 1), start=1
    ):
        for read_cell, cell in zip(found.get(number, (None,) * width), cells, strict=False):
            if (cell.row, cell.column) not in merged:
                assert same_cell(read_cell, cell.value), cell.coordinate


def same_cell(read_cell: str | None, value: object) -> bool:
    if isinstance(value, dt.datetime):
        text = value.isoformat(sep=" ")
        return read_cell == (text.removesuffix(" 00:00:00"))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return read_cell is not None and math.isclose(float(read_cell), value, rel_tol=1e-12)
    return (read_cell or "") == str(value if value is not None else "").strip(STRIPPED)


@pytest.mark.parametrize("name", OPEN_DOCUMENTS)
def test_an_open_document_reads_as_its_xml_says(name: str) -> None:
    table = read(HORROR, name)
    content = ElementTree.fromstring(zipfile.ZipFile(acceptance_data(HORROR, name)).read("content.xml"))
    space = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    dates = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}date-value"
    sheet = next(content.iter(f"{space}table"))
    rows = [
        [
            cell.get(dates) or "\n".join("".join(p.itertext()) for p in cell)
            for cell in row
            for _ in range(int(cell.get(f"{space}number-columns-repeated", "1")) if len(cell) else 1)
        ]
        for row in sheet.iter(f"{space}table-row")
        for _ in range(min(int(row.get(f"{space}number-rows-repeated", "1")), 2))
    ]
    while not any(rows[-1]):
        rows.pop()
    assert list(stripped(rows[0], len(table.columns))) == table.columns
    assert_same(table, rows[1:])


def test_an_open_document_of_every_format_keeps_dates_and_figures() -> None:
    table = read(HORROR, "ods_formats.ods")
    assert table.columns[:4] == ["Date", "Time", "Boolean", "Float"]
    assert table.frame["Date"].to_list()[:2] == ["2014-11-11", "2001-01-01"]
    assert table.frame["Float"].drop_nulls().to_list() == ["11.11"]


@pytest.mark.parametrize(("name", "shape"), OLD_WORKBOOKS.items())
def test_an_old_workbook_is_read_whole(name: str, shape: tuple[int, int]) -> None:
    table = read(HORROR, name)
    rows = 1 + table.frame.height + table.set_aside["blank_rows"]
    assert (rows, len(table.columns)) == shape


ANNOTATED_FILES = (
    "accident2016", "auto", "autos", "data_gov_10151_1", "data_gov_3397_1", "eucalyptus", "geoplaces2", "gov_323_1",
    "grub-damage", "housing_price", "inspection_outcomes", "mass_6", "survey", "usp05",
)  # fmt: skip


@pytest.mark.parametrize("name", ANNOTATED_FILES)
def test_a_real_file_reads_as_csv_and_duckdb_read_it(name: str, tmp_path: Path) -> None:
    path = acceptance_data(ANNOTATED, f"{name}.csv")
    table = read(ANNOTATED, path.name)
    text = path.read_bytes().decode(str(table.detected["encoding"]))
    _, *rows = csv.reader(io.StringIO(text, newline=""))
    assert_same(table, rows)
    as_utf8 = tmp_path / "utf8.csv"
    as_utf8.write_text(text, encoding="utf-8", newline="")
    seen = duckdb.read_csv(str(as_utf8), all_varchar=True, header=True).fetchall()
    assert [stripped(row, len(table.columns)) for row in seen] == list(table.frame.select(table.columns).iter_rows())


def test_the_whole_collection_is_read_in_bounded_time_and_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    for folder in (HORROR, ANNOTATED, "banes_environmental_requests"):
        for path in acceptance_data(folder).iterdir():
            if path.suffix not in (".txt", ".md", ".json"):
                try:
                    read(folder, path.name)
                except UnreadableFileError as error:
                    assert len(str(error)) < 400
    assert time.perf_counter() - started < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10 < 512
