"""Delivered files as tables of text: every cell a stripped string or null, every row with its number.

What belongs here: which reader reads a file, names, row numbers, Parquet, and the faults of single rows that only the
reading can see (totals). What does not: text (delimited), workbooks (workbook), JSON (jsonlines), what a column means
(mapping).
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.content import Content, UnreadableFileError, read_content
from orchestration.feeds.delimited import FAULT, MOST_COLUMNS, Detected, positions, read_delimited
from orchestration.feeds.headers import name_columns, normalise
from orchestration.feeds.jsonlines import read_json
from orchestration.feeds.workbook import read_workbook, typed_dates

__all__ = ["FAULT", "ROW", "RawTable", "read_table", "table_of", "table_of_frame"]
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
    detected: Detected = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    is_recognised: bool = True
    set_aside: dict[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        return [name for name in self.frame.columns if name not in (ROW, FAULT)]


def read_table(
    path: Path, declared: DeliveryFile, expected: Sequence[str], wide: re.Pattern[str] | None = None
) -> RawTable:
    """Read one delivered file as text.

    `expected` are the columns that the contract uses from it; they steer the detection of the header. `wide` matches
    the headers of columns that become rows. Raises UnreadableFileError, whose message never quotes a cell.
    """
    return table_of(read_content(path, member=declared.member), declared, expected, wide)


def table_of(
    content: Content, declared: DeliveryFile, expected: Sequence[str], wide: re.Pattern[str] | None = None
) -> RawTable:
    """Read a file's bytes, or a portion of them that begins with the header, as `read_table` does."""
    if not content.data.strip() and declared.format != "jsonl":
        raise UnreadableFileError(f"'{content.name}' is empty. Export it again and check that it has rows.")
    kind = content.kind
    if kind == "workbook":
        read = read_workbook(content.name, content.data, declared, expected)
    elif kind == "parquet":
        read = _parquet(content)
    elif kind == "json" or declared.format == "jsonl":
        read = read_json(content, declared, expected)
    else:
        body, header, detected = read_delimited(content, declared, expected)
        read = body, header, detected | ({"format": "text"} if declared.format != "csv" else {})
    return _finish(replace(content, data=b""), *read, declared=declared, expected=expected, wide=wide)


def table_of_frame(
    content: Content,
    frame: pl.DataFrame,
    declared: DeliveryFile,
    expected: Sequence[str],
    wide: re.Pattern[str] | None = None,
) -> RawTable:
    """Return some rows of a Parquet file as `read_table` would read them."""
    return _finish(content, *_as_text(frame), declared=declared, expected=expected, wide=wide)


def _finish(
    content: Content,
    body: pl.DataFrame,
    header: Sequence[str],
    detected: Detected,
    *,
    declared: DeliveryFile,
    expected: Sequence[str],
    wide: re.Pattern[str] | None,
) -> RawTable:
    """Name the columns, strip the cells, number the rows, and set blank rows and footers aside."""
    if not header:
        raise UnreadableFileError(f"'{content.name}' holds no columns. Export it again and check that it has rows.")
    if len(header) > MOST_COLUMNS:
        raise UnreadableFileError(f"'{content.name}' has {len(header)} columns; at most {MOST_COLUMNS} are read.")
    names, repeated, unknown = name_columns(header, expected, wide)
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
    missing = [name for name in expected if normalise(name) not in present]
    if wide and header and not any(wide.fullmatch(name) for name in names):
        missing.append(wide.pattern)
    recognised = bool(detected.pop("is_recognised", True))
    return RawTable(
        content=content,
        frame=body.filter(~(marks["blank"] | marks["footer"])).select(ROW, FAULT, *names),
        detected={**detected, **content.packing},
        missing=tuple(missing),
        repeated=repeated,
        unknown=unknown,
        is_recognised=recognised,
        set_aside=set_aside,
    )


def _stripped(name: str) -> pl.Expr:
    text = pl.col(name).cast(pl.String).str.strip_chars(" \t\r\n\u00a0\ufeff")
    return pl.when(text != "").then(text).alias(name)


def _parquet(content: Content) -> tuple[pl.DataFrame, Sequence[str], Detected]:
    try:
        frame = pl.read_parquet(io.BytesIO(content.data))
    except pl.exceptions.PolarsError:
        raise UnreadableFileError(f"'{content.name}' is a damaged Parquet file. Send it again.") from None
    return _as_text(frame)


def _as_text(frame: pl.DataFrame) -> tuple[pl.DataFrame, Sequence[str], Detected]:
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
    return frame.with_columns(typed_dates(frame.columns)), header, {"format": "parquet"}
