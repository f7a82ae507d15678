"""Delimited text as columns of text: what the dialect says, and what irregular rows do to it.

What belongs here: cutting rows into cells. What does not: naming, stripping and numbering them (rawtables).
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.content import Content, UnreadableFileError, decode
from orchestration.feeds.dialect import Dialect, detect_dialect

FAULT = "\x1ffault"
SPARE = "\x1fspare"
MOST_COLUMNS = 2_000
MOST_CELL_CHARACTERS = 1 << 24
LINE_END = re.compile(r"\r\n|\n|\r")


def positions(width: int) -> list[str]:
    """Return names for columns that have not got their own yet."""
    return [f"\x1f{position}" for position in range(width)]


def read_delimited(
    content: Content, declared: DeliveryFile, expected: Sequence[str]
) -> tuple[pl.DataFrame, Sequence[str], dict[str, str | int | bool]]:
    """Return a text file's cells with FAULT, its header, and what was detected.

    Raises UnreadableFileError when rows cannot be told apart; its message never quotes a cell.
    """
    text, encoding = decode(content, declared.encoding)
    if "\n" not in text[: 1 << 20] and "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    dialect = detect_dialect(
        text, expected, delimiter=declared.delimiter, quote=declared.quote, header_row=declared.header_row
    )
    detected: dict[str, str | int | bool] = {
        "encoding": encoding,
        "delimiter": dialect.delimiter,
        "header_line": dialect.header_line,
        "is_recognised": dialect.is_recognised,
    }
    if not 0 < len(dialect.header) <= MOST_COLUMNS:
        return pl.DataFrame(), dialect.header, detected  # the caller says what is wrong with it
    if dialect.quote != '"':
        detected["quote"] = dialect.quote
    body = _from_line(text, dialect.header_line)
    frame = _read_regular(body, dialect)
    if frame is None:
        frame, dialect = _read_irregular(content.name, body, dialect)
        if not dialect.quote:
            detected["quote"] = "none"
    return frame, dialect.header, detected


def _from_line(text: str, line: int) -> str:
    """Return the text from a physical line on, lines being counted as the csv module counts them."""
    ends = LINE_END.finditer(text)
    return next((text[end.end() :] for count, end in enumerate(ends, start=2) if count == line), text)


def _read_regular(body: str, dialect: Dialect) -> pl.DataFrame | None:
    """Read with polars, allowing one cell too many; None when the rows are more irregular than that."""
    names = positions(len(dialect.header))
    try:
        frame = pl.scan_csv(
            body.encode(),
            separator=dialect.delimiter,
            quote_char=dialect.quote,
            has_header=False,
            skip_rows=1,
            schema=dict.fromkeys((*names, SPARE), pl.String()),
            missing_columns="insert",  # the spare one is missing from every file without a cell too many
            raise_if_empty=False,
        ).collect(engine="in-memory")
    except pl.exceptions.PolarsError:  # its message quotes cells, so it goes no further
        return None
    excess = pl.col(SPARE).str.strip_chars() != ""
    return frame.select(*names, pl.when(excess).then(pl.lit("ragged_row")).alias(FAULT))


def _read_irregular(name: str, body: str, dialect: Dialect) -> tuple[pl.DataFrame, Dialect]:
    """Read row by row what polars will not: rows with several cells too many, and stray quotes.

    When a quote is never closed the file is read again without quotes, and kept if nearly every row then has the
    header's width; otherwise the delivery cannot be read.
    """
    width = len(dialect.header)
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    try:
        rows = list(
            csv.reader(io.StringIO(body, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
        )
        rows = [cells or [""] * width for cells in rows]
    except csv.Error:
        rows = [line.split(dialect.delimiter) for line in body.splitlines()]
        regular = sum(len(cells) == width for cells in rows)
        if not rows or regular < 0.98 * len([cells for cells in rows if cells != [""]]):
            raise UnreadableFileError(
                f"'{name}': a quotation mark is opened and never closed, or a cell is too long, so rows cannot be told "
                "apart. Export the file again with every text quoted, and quotation marks inside a text doubled."
            ) from None
        dialect = replace(dialect, quote="")
    faults = ["ragged_row" if any(cell.strip() for cell in cells[width:]) else None for cells in rows[1:]]
    padded = [(cells + [""] * width)[:width] for cells in rows[1:]]
    frame = pl.DataFrame(padded, schema=dict.fromkeys(positions(width), pl.String()), orient="row")
    return frame.with_columns(pl.Series(FAULT, faults, dtype=pl.String)), dialect
