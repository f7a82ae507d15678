"""Workbooks (.xlsx, .xlsm, .xlsb, .ods, .xls) as a grid of text: which sheet, which cell, which header.

Cells are what a spreadsheet program shows after its last save: dates as ISO, formulas as their saved results. What does
not belong here: the bounds of a workbook before it is opened (orchestration.feeds.workbook_bounds).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import fastexcel
import polars as pl

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.archive import UnreadableFileError
from orchestration.feeds.delimited import Detected, positions
from orchestration.feeds.headers import HEADER_SEARCH_ROWS, Header, find_header, first_full, join_rows
from orchestration.feeds.workbook_bounds import Bounds, Survey, is_locked, locked, weigh

Row = tuple[str | None, ...]
SHEET_ERRORS = (fastexcel.FastExcelError, IndexError, ValueError)


@dataclass(frozen=True)
class Sheet:
    """One sheet's cells from its first row on. Column 0 of `grid` is column `left` (from 0) of the sheet."""

    name: str
    grid: pl.DataFrame
    left: int
    survey: Survey


def read_workbook(
    content_name: str, data: bytes, declared: DeliveryFile, expected: Sequence[str]
) -> tuple[pl.DataFrame, Sequence[str], Detected]:
    """Return the rows below the header, the header, and what was detected.

    The declared sheet, else the first visible one whose header the contract knows, else the first visible one that
    holds anything. Merged cells of the header, and cells merged downwards, each have the value that they show.
    """
    bounds = weigh(content_name, data)
    try:
        workbook = fastexcel.read_excel(data)
    except SHEET_ERRORS:
        if is_locked(content_name, data):
            raise locked(content_name) from None
        raise UnreadableFileError(
            f"'{content_name}' is not a workbook that can be read. Save it again as .xlsx."
        ) from None
    chosen: tuple[Sheet, Header] | None = None
    for name in _candidates(content_name, workbook.sheet_names, declared.sheet):
        sheet = _load(bounds, workbook, name, is_declared=declared.sheet is not None)
        header = _header(sheet, declared, expected) if sheet else None
        if sheet is None or header is None:
            continue
        if chosen is None or header.is_recognised:
            chosen = (sheet, header)
        if header.is_recognised:
            break
    if chosen is None:
        which = f", sheet '{declared.sheet}'," if declared.sheet else ""
        raise UnreadableFileError(f"'{content_name}'{which} is empty. Export it again and check that it has rows.")
    return _table(content_name, *chosen, declared=declared)


def _candidates(content_name: str, sheets: list[str], wanted: str | None) -> list[str]:
    """Return the sheets to look at: the one of that name, or all that the expression fits."""
    if wanted is None or wanted in sheets:
        return sheets if wanted is None else [wanted]
    found = [name for name in sheets if re.fullmatch(wanted, name)]
    if len(found) != 1:
        said = f"{len(found)} sheets that fit" if found else "no sheet"
        raise UnreadableFileError(f"'{content_name}' has {said} '{wanted}' (it has {', '.join(sheets)}).")
    return found


def _load(bounds: Bounds, workbook: fastexcel.ExcelReader, name: str, *, is_declared: bool) -> Sheet | None:
    """Return one sheet, or None when it is hidden (unless it was asked for) or empty."""
    found = bounds.survey(name, workbook.sheet_names.index(name))
    try:
        loaded = workbook.load_sheet(name, header_row=None, dtypes="string", skip_rows=0)
    except SHEET_ERRORS:
        raise UnreadableFileError(f"'{bounds.name}', sheet '{name}' cannot be read. Save it again as .xlsx.") from None
    if not loaded.width or (loaded.visible != "visible" and not is_declared):
        return None
    left = loaded.available_columns()[0].absolute_index
    grid: pl.DataFrame = loaded.to_polars()
    return Sheet(name, grid.rename(dict(zip(grid.columns, positions(grid.width), strict=True))), left, found)


def _header(sheet: Sheet, declared: DeliveryFile, expected: Sequence[str]) -> Header | None:
    """Return the header within the sheet's grid, with merged cells filled."""
    top, left = _start(sheet, declared)
    if declared.header and declared.header_row is None:
        return Header(0, 0, tuple(declared.header), 1.0)
    shown = [row[left:] for row in sheet.grid.slice(top, HEADER_SEARCH_ROWS).rows()]
    rows = _filled(shown, sheet, top, left)
    header = find_header(
        rows,
        expected,
        row=declared.header_row,
        depth=declared.header_rows,
        is_merged=not sheet.survey.knows_merges,
    )
    if header is None and rows:
        header = Header(len(rows) - 1, 1, join_rows(rows[-1:]), 0.0)
    if header is not None and not header.is_recognised and declared.header_row is None:
        first = first_full(shown, sheet.grid.width - left)
        header = Header(first, 1, join_rows(rows[first : first + 1]), header.score)
    if header is not None and declared.header:
        return Header(header.first, header.depth, tuple(declared.header), 1.0)
    return header


def _filled(rows: list[Row], sheet: Sheet, top: int, left: int) -> list[Row]:
    """Return the first rows with merged cells filled, as far as the workbook tells which are."""
    filled = [list(row) for row in rows]
    for first, from_column, last, to_column in sheet.survey.merges:
        row, column = first - top, from_column - sheet.left - left
        if not (0 <= row < len(filled) and 0 <= column < len(filled[row])):
            continue
        for below in filled[row : last - top + 1]:
            below[column : to_column - sheet.left - left + 1] = [filled[row][column]] * len(
                below[column : to_column - sheet.left - left + 1]
            )
    return [tuple(row) for row in filled]


def _table(
    content_name: str, sheet: Sheet, header: Header, *, declared: DeliveryFile
) -> tuple[pl.DataFrame, Sequence[str], Detected]:
    """Return the rows below the header."""
    if unsolved := sheet.survey.formulas_without_result:
        raise UnreadableFileError(
            f"'{content_name}', sheet '{sheet.name}' holds {unsolved} formula{'' if unsolved == 1 else 's'} "
            "never worked out. Open it in a spreadsheet program, save it, and send it again."
        )
    top, left = _start(sheet, declared)
    first = top + header.first + header.depth
    names = sheet.grid.columns[left:]
    body = _merged_downwards(sheet, first).slice(first).select(names)
    if header.depth == 0:  # the names are declared and may be more or fewer than the sheet has columns
        names = names[: len(header.names)]
        body = body.select(names)
    header_names = (*header.names, *[""] * len(names))[: len(names)]
    body = body.rename(dict(zip(names, positions(len(names)), strict=True)))
    facts: Detected = {
        "format": "workbook",
        "sheet": sheet.name,
        "header_row": top + header.first + 1,
        "is_recognised": header.is_recognised,
    }
    if header.depth != 1:
        facts["header_rows"] = header.depth
    if declared.start_cell:
        facts["start_cell"] = declared.start_cell.upper()
    return body.with_columns(typed_dates(body.columns)), header_names, facts


def _merged_downwards(sheet: Sheet, first: int) -> pl.DataFrame:
    """Return the grid in which cells merged over several rows of the body have their value in each of them."""
    below: dict[int, list[tuple[int, int]]] = {}
    for row, column, last, _ in sheet.survey.merges:
        if first <= row < last and 0 <= column - sheet.left < sheet.grid.width:
            below.setdefault(column - sheet.left, []).append((row, last))
    filled = []
    for column, spans in below.items():
        cells = sheet.grid.get_column(sheet.grid.columns[column])
        for row, last in spans:
            end = min(last, sheet.grid.height - 1)
            cells = cells.scatter(range(row, end + 1), cells[row]) if row <= end else cells
        filled.append(cells)
    return sheet.grid.with_columns(filled)


def typed_dates(names: Sequence[str]) -> list[pl.Expr]:
    """Shorten date cells, which arrive as '2025-03-01 00:00:00', to the day; other cells stay as they are."""
    return [pl.col(name).str.replace(r"^(\d{4}-\d\d-\d\d)[ T]00:00:00(?:\.0+)?$", "$1") for name in names]


def _start(sheet: Sheet, declared: DeliveryFile) -> tuple[int, int]:
    """Return row and column of the grid where the table begins."""
    if declared.start_cell is None:
        return 0, 0
    letters = declared.start_cell.rstrip("0123456789")
    row = int(declared.start_cell.removeprefix(letters)) - 1
    return row, max(column_number(letters) - sheet.left, 0)


def column_number(letters: str) -> int:
    """Return a column's number from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1
