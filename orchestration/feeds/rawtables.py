"""Delivered files as tables of text: every cell a stripped string or null, every row with its number.

What belongs here: CSV in any dialect, workbooks, Parquet and JSON lines, and the faults of single rows that only the
reading can see (too many cells). What does not: what a column means (orchestration.feeds.mapping).
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.content import Content, UnreadableFileError, decode, read_content
from orchestration.feeds.delimited import FAULT, MOST_COLUMNS, positions, read_delimited
from orchestration.feeds.dialect import (
    HEADER_SEARCH_ROWS,
    LEAST_HEADER_SHARE,
    header_score,
    normalise,
)

__all__ = ["FAULT", "ROW", "RawTable", "read_table"]
ROW = "\x1frow"
TOTALS = (
    r"(?i)^\W*(?:(?:grand\s+)?(?:sub)?-?totals?\b|end of (?:report|file|extract|data)\b|no\.? of (?:rows|records)\b"
    r"|(?:row|record)\s*count\b|count of\b|\d+ (?:rows|records)\b)"
)
"""How a row that is not a record begins, when most of it is blank: a total, or the end of a report."""
TOTAL_ALONE = r"(?i)^\W*(?:grand\s+)?(?:sub)?-?totals?\W*$"


@dataclass(frozen=True)
class RawTable:
    """One file: its rows as text. `frame` has ROW (Int64), FAULT (check id or null) and the partner's columns.

    Columns that the contract names bear the contract's spelling; others keep their own, `column_7` when blank.
    Blank rows and declared footers are left out and counted.
    """

    content: Content
    frame: pl.DataFrame
    detected: dict[str, str | int | bool] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    is_recognised: bool = True
    set_aside: dict[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        return [name for name in self.frame.columns if name not in (ROW, FAULT)]


def read_table(path: Path, declared: DeliveryFile, expected: Sequence[str]) -> RawTable:
    """Read one delivered file as text.

    `expected` are the columns that the contract uses from it; they steer the detection of the header. Raises
    UnreadableFileError, whose message never quotes a cell.
    """
    content = read_content(path)
    if not content.data.strip() and declared.format != "jsonl":
        raise UnreadableFileError(f"'{content.name}' is empty. Export it again and check that it has rows.")
    if content.kind == "workbook":
        grid, detected = _workbook(content, declared)
    elif content.kind == "parquet":
        return _finish(content, *_parquet(content), declared=declared, expected=expected)
    elif declared.format == "jsonl":
        return _finish(content, *_json_lines(content, declared, expected), declared=declared, expected=expected)
    elif declared.format in ("xlsx", "parquet"):
        raise UnreadableFileError(
            f"'{content.name}' is not {'a workbook' if declared.format == 'xlsx' else 'a Parquet file'}, "
            "which the contract says it is."
        )
    else:
        return _finish(content, *read_delimited(content, declared, expected), declared=declared, expected=expected)
    header_row = _header_row(grid, expected, declared.header_row)
    header = tuple(str(cell or "") for cell in grid.row(header_row - 1))
    recognised = header_score(header, expected) >= LEAST_HEADER_SHARE
    body = grid.slice(header_row).rename(dict(zip(grid.columns, positions(len(header)), strict=True)))
    facts = detected | {"header_row": header_row, "is_recognised": recognised}
    return _finish(content, body, header, facts, declared=declared, expected=expected)


def _finish(
    content: Content,
    body: pl.DataFrame,
    header: Sequence[str],
    detected: dict[str, str | int | bool],
    *,
    declared: DeliveryFile,
    expected: Sequence[str],
) -> RawTable:
    """Name the columns, strip the cells, number the rows, and set blank rows and footers aside."""
    if not header:
        raise UnreadableFileError(f"'{content.name}' holds no columns. Export it again and check that it has rows.")
    if len(header) > MOST_COLUMNS:
        raise UnreadableFileError(f"'{content.name}' has {len(header)} columns; at most {MOST_COLUMNS} are read.")
    names, repeated, unknown = _column_names(header, expected)
    body = body.rename(dict(zip(positions(len(header)), names, strict=True)))
    if FAULT not in body.columns:
        body = body.with_columns(pl.lit(None, dtype=pl.String).alias(FAULT))
    body = body.with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW), *[_stripped(name) for name in names]
    )
    blank = pl.all_horizontal(pl.col(name).is_null() for name in names) & pl.col(FAULT).is_null()
    first = pl.coalesce(names)
    footer = first.str.contains(declared.footer_pattern) if declared.footer_pattern else pl.lit(False)
    few = pl.sum_horizontal(pl.col(name).is_not_null() for name in names) <= max(1, (len(names) + 1) // 2)
    totals = first.str.contains(TOTAL_ALONE) | (first.str.contains(TOTALS) & few)
    marks = body.select(blank=blank, footer=footer.fill_null(False) & ~blank, totals=totals)
    body = body.with_columns(pl.when(marks["totals"]).then(pl.lit("totals_row")).otherwise(pl.col(FAULT)).alias(FAULT))
    set_aside = {"blank_rows": int(marks["blank"].sum()), "footer_rows": int(marks["footer"].sum())}
    present = {normalise(name) for name in names}
    recognised = bool(detected.pop("is_recognised", True))
    return RawTable(
        content=content,
        frame=body.filter(~(marks["blank"] | marks["footer"])).select(ROW, FAULT, *names),
        detected=detected,
        missing=tuple(name for name in expected if normalise(name) not in present),
        repeated=repeated,
        unknown=unknown,
        is_recognised=recognised,
        set_aside=set_aside,
    )


def _stripped(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars(" \t\r\n\u00a0\ufeff")
    return pl.when(text != "").then(text).alias(name)


def _column_names(header: Sequence[str], expected: Sequence[str]) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """Return one unique name a column, the expected ones that occur twice, and the ones the contract does not name."""
    spelling = {normalise(name): name for name in expected}
    names: list[str] = []
    repeated: list[str] = []
    unknown: list[str] = []
    taken = set(expected)
    for position, cell in enumerate(header, start=1):
        wanted = spelling.get(normalise(cell)) if cell else None
        if wanted and wanted not in names:
            names.append(wanted)
            continue
        if wanted:
            repeated.append(wanted)
        name = cell.strip()
        if not name or name == "*" or (name.startswith("^") and name.endswith("$")):
            name = f"column_{position}"  # polars would read such a name as a pattern over all columns
        while name in taken:
            name = f"{name}_{position}"
        taken.add(name)
        names.append(name)
        if not wanted:
            unknown.append(name)
    return names, tuple(dict.fromkeys(repeated)), tuple(unknown)


def _workbook(content: Content, declared: DeliveryFile) -> tuple[pl.DataFrame, dict[str, str | int | bool]]:
    try:
        workbook = fastexcel.read_excel(content.data)
        sheets = workbook.sheet_names
        if declared.sheet and declared.sheet not in sheets:
            raise UnreadableFileError(f"'{content.name}' has no sheet '{declared.sheet}' (it has {', '.join(sheets)}).")
        sheet = declared.sheet or sheets[0]
        grid: pl.DataFrame = workbook.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
    except (fastexcel.FastExcelError, IndexError):
        raise UnreadableFileError(
            f"'{content.name}' is not a workbook that can be read. Save it again as .xlsx."
        ) from None
    if not grid.width:
        raise UnreadableFileError(f"'{content.name}', sheet '{sheet}' is empty.")
    return grid.with_columns(_typed_dates(grid.columns)), {"format": "workbook", "sheet": sheet}


def _typed_dates(names: Sequence[str]) -> list[pl.Expr]:
    """Shorten date cells, which arrive as '2025-03-01 00:00:00', to the day; other cells stay as they are."""
    return [pl.col(name).str.replace(r"^(\d{4}-\d\d-\d\d)[ T]00:00:00(?:\.0+)?$", "$1") for name in names]


def _header_row(grid: pl.DataFrame, expected: Sequence[str], declared: int | None) -> int:
    if declared:
        return min(declared, grid.height)
    scores = [header_score(row, expected) for row in grid.head(HEADER_SEARCH_ROWS).rows()]
    return scores.index(max(scores)) + 1 if scores else 1


def _parquet(content: Content) -> tuple[pl.DataFrame, Sequence[str], dict[str, str | int | bool]]:
    try:
        frame = pl.read_parquet(io.BytesIO(content.data))
    except pl.exceptions.PolarsError:
        raise UnreadableFileError(f"'{content.name}' is a damaged Parquet file. Send it again.") from None
    header = frame.columns
    frame = frame.rename(dict(zip(header, positions(len(header)), strict=True)))
    texts = [
        pl.col(name).struct.json_encode() if isinstance(kind, pl.Struct) else pl.col(name).cast(pl.String, strict=False)
        for name, kind in frame.schema.items()
        if not isinstance(kind, pl.List | pl.Array | pl.Binary)
    ]
    frame = frame.with_columns(
        *texts,
        *[
            pl.lit(None, pl.String).alias(n)
            for n, k in frame.schema.items()
            if isinstance(k, pl.List | pl.Array | pl.Binary)
        ],
    )
    return frame.with_columns(_typed_dates(frame.columns)), header, {"format": "parquet"}


def _json_lines(
    content: Content, declared: DeliveryFile, expected: Sequence[str]
) -> tuple[pl.DataFrame, Sequence[str], dict[str, str | int | bool]]:
    text, encoding = decode(content, declared.encoding)
    records: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            raise UnreadableFileError(f"'{content.name}', line {number}: this is not a line of JSON.") from None
        if not isinstance(record, dict):
            raise UnreadableFileError(f"'{content.name}', line {number}: expected one JSON object a line.")
        records.append(record)
    header = list(dict.fromkeys(key for record in records for key in record))
    if not records:  # without a header, a quiet month is an empty file
        header = list(expected)
    columns = {
        name: [_json_text(record.get(key)) for record in records]
        for name, key in zip(positions(len(header)), header, strict=True)
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(positions(len(header)), pl.String()))
    return frame, header, {"format": "jsonl", "encoding": encoding}


def _json_text(value: object) -> str | None:
    if value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value)
