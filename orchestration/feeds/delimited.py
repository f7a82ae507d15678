"""Delimited text as columns of text: what the dialect says, and what irregular rows do to it.

What belongs here: cutting rows into cells. What does not: naming, stripping and numbering them (rawtables).
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import polars as pl

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.content import Content, UnreadableFileError, decode, utf8_letters
from orchestration.feeds.dialect import MOST_CELL_CHARACTERS, Dialect, detect_dialect, rows_of

FAULT = "\x1ffault"
SPARE = "\x1fspare"
SPARES = 32  # cells too many that the fast way puts up with
MOST_COLUMNS = 2_000
BATCH_ROWS = 50_000
RARELY_USED = "\x1f\x1e\x1d\x02"
PRIVATE_USE = range(0xE000, 0xF8FF)
KEPT_AS_TEXT = r'^\s*="([^"]*)"\s*$'
LINE_END = re.compile(r"\r\n|\r|\n")
LONE_RETURN = re.compile(r"\r(?!\n)")
LEAST_REGULAR = 0.98  # of rows, for a file with an unclosed quotation mark to be read as if quotes meant nothing

Detected = dict[str, str | int | bool]


def positions(width: int) -> list[str]:
    """Return names for columns that have not got their own yet."""
    return [f"\x1f{position}" for position in range(width)]


def read_delimited(
    content: Content, declared: DeliveryFile, expected: Sequence[str]
) -> tuple[pl.DataFrame, Sequence[str], Detected]:
    """Return a text file's cells with FAULT, its header, and what was detected.

    Raises UnreadableFileError when rows cannot be told apart; its message never quotes a cell.
    """
    text, encoding = decode(content, declared.encoding)
    line_end = _line_end(text)
    if line_end == "CR":
        text = text.replace("\r", "\n")
    delimiter = declared.delimiter
    masks: dict[str, str] = {}
    if delimiter and len(delimiter) > 1:
        mask = next((spare for spare in RARELY_USED if spare not in text), None) or next(_unused(text))
        text, masks = text.replace(delimiter, mask), {mask: delimiter}
        declared = declared.model_copy(update={"delimiter": mask})
    dialect = detect_dialect(text, expected, declared)
    detected = facts(dialect, encoding, line_end) | ({"delimiter": delimiter} if delimiter else {})
    if not declared.encoding and encoding in ("cp1252", "latin-1") and (letters := utf8_letters(content.data)):
        detected["letters_in_utf8"] = letters
    if not 0 < len(dialect.header) <= MOST_COLUMNS:
        return pl.DataFrame(), dialect.header, detected  # the caller says what is wrong with it
    body = text[dialect.data_offset :]
    del text
    if dialect.escape:
        body, hidden = _hide_escaped(body, dialect)
        masks |= hidden
    frame = None
    if not dialect.skips_blanks and line_end != "mixed":
        frame = _read_regular(body, dialect, spares=1)
        frame = _read_regular(body, dialect, spares=SPARES) if frame is None else frame
    if frame is None:
        frame, dialect = _read_irregular(content.name, body, replace(dialect, escape=""))
        if not dialect.quote:
            detected["quote"] = "none"
    frame = _checked(content.name, _unmask(frame, masks))
    if "=" in body:
        frame = _without_formulas(frame, detected)
    return frame, dialect.header, detected


def facts(dialect: Dialect, encoding: str, line_end: str) -> Detected:
    """Return what was found out, the unusual only where it is unusual."""
    facts: Detected = {
        "encoding": encoding,
        "delimiter": dialect.delimiter,
        "header_line": dialect.header_line,
        "is_recognised": dialect.is_recognised,
    }
    unusual: dict[str, tuple[bool, str | int | bool]] = {
        "quote": (dialect.quote != '"', dialect.quote or "none"),
        "escape": (bool(dialect.escape), dialect.escape),
        "header_rows": (dialect.header_rows != 1, dialect.header_rows),
        "blanks_after_delimiters": (dialect.skips_blanks, True),
        "line_ends": (line_end in ("CR", "mixed"), line_end),
    }
    if not dialect.header_rows:
        del facts["header_line"]
    return facts | {name: value for name, (is_unusual, value) in unusual.items() if is_unusual}


def _line_end(text: str) -> str:
    """Tell how lines end: 'CR' (old Macintosh), 'mixed' when some returns stand alone, else 'LF' (CR LF included)."""
    if "\r" not in text:
        return "LF"
    if "\n" not in text:
        return "CR"
    return "mixed" if LONE_RETURN.search(text) else "LF"


def _unused(text: str) -> Iterator[str]:
    """Return private-use characters that the text does not hold."""
    return (chr(code) for code in PRIVATE_USE if chr(code) not in text)


def _hide_escaped(text: str, dialect: Dialect) -> tuple[str, dict[str, str]]:
    """Put stand-ins for escaped characters, so that rows can be cut without regard to them."""
    unused = _unused(text)
    masks: dict[str, str] = {}
    for character in (dialect.escape, dialect.quote, dialect.delimiter, "\n"):
        if character and dialect.escape + character in text:
            mask = next(unused)
            text, masks[mask] = text.replace(dialect.escape + character, mask), character
    return text, masks


def _unmask(frame: pl.DataFrame, masks: dict[str, str]) -> pl.DataFrame:
    if not masks:
        return frame
    return frame.with_columns(pl.exclude(FAULT).str.replace_many(list(masks), list(masks.values())))


def _checked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame; refuse it when a cell is longer than any cell of a table."""
    longest = frame.select(pl.exclude(FAULT).str.len_bytes().max())
    if max((length or 0 for row in longest.rows() for length in row), default=0) > MOST_CELL_CHARACTERS:
        raise _unclosed(name)
    return frame


def _without_formulas(frame: pl.DataFrame, detected: Detected) -> pl.DataFrame:
    """Take ="0123", by which exports keep a spreadsheet from changing a text, for the text; count other formulas.

    A formula is never worked out: it stays the text that it is, and what follows finds that it is no date or code.
    """
    cells = pl.exclude(FAULT)
    kept, formulas = (
        sum(frame.select(cells.str.contains(pattern).sum()).row(0)) for pattern in (KEPT_AS_TEXT, r"^\s*=")
    )
    if formulas > kept:
        detected["formula_cells"] = formulas - kept
    if not kept:
        return frame
    detected["texts_kept_by_formula"] = kept
    return frame.with_columns(cells.str.replace(KEPT_AS_TEXT, "$1"))


def _unclosed(name: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"'{name}': a quotation mark is opened and never closed, or a cell is too long, so rows cannot be told "
        "apart. Export the file again with every text quoted, and quotation marks inside a text doubled."
    )


def regular(source: bytes | Path, dialect: Dialect, *, spares: int, skip_lines: int = 0) -> pl.LazyFrame:
    """Return the cells of regular rows as polars reads them, allowing so many cells too many, which are in SPARE."""
    spare = [f"{SPARE}{number}" for number in range(spares)]
    return pl.scan_csv(
        source,
        separator=dialect.delimiter,
        quote_char=dialect.quote or None,
        has_header=False,
        schema=dict.fromkeys((*positions(len(dialect.header)), *spare), pl.String()),
        missing_columns="insert",  # a spare one is missing from every file without a cell too many
        raise_if_empty=False,
        skip_lines=skip_lines,
        glob=False,
    )


def faulted(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with FAULT, by what stands in SPARE, instead of those."""
    names = [name for name in cells.columns if not name.startswith(SPARE)]
    spare = [name for name in cells.columns if name.startswith(SPARE) and cells[name].null_count() < cells.height]
    excess = pl.any_horizontal(pl.col(name).str.strip_chars() != "" for name in spare) if spare else pl.lit(False)
    return cells.select(*names, pl.when(excess).then(pl.lit("ragged_row")).alias(FAULT))


def _read_regular(body: str, dialect: Dialect, *, spares: int) -> pl.DataFrame | None:
    """Read with polars, allowing so many cells too many; None when the rows are more irregular than that."""
    if not (dialect.delimiter + dialect.quote).isascii():
        return None  # polars wants one byte
    try:
        return faulted(regular(body.encode(), dialect, spares=spares).collect(engine="in-memory"))
    except pl.exceptions.PolarsError:  # its message quotes cells, so it goes no further
        return None


def _read_irregular(name: str, body: str, dialect: Dialect) -> tuple[pl.DataFrame, Dialect]:
    """Read row by row what polars will not: rows with several cells too many, and stray quotes.

    When a quote is never closed the file is read again without quotes, and kept if nearly every row then has the
    header's width; otherwise the delivery cannot be read.
    """
    try:
        frame, _ = _in_batches(
            len(dialect.header), lambda: rows_of(io.StringIO(body, newline=""), dialect, strict=True)
        )
    except csv.Error:
        dialect = replace(dialect, quote="")
        frame, regular = _in_batches(
            len(dialect.header),
            lambda: (line.split(dialect.delimiter) for line in LINE_END.split(body)),
            least=LEAST_REGULAR / 2,
        )
        if not frame.height or regular < LEAST_REGULAR:
            raise _unclosed(name) from None
    return frame, dialect


def _in_batches(
    width: int, read: Callable[[], Iterable[list[str]]], *, least: float = 0.0
) -> tuple[pl.DataFrame, float]:
    """Return rows as a frame with FAULT, and the share of them, blank ones apart, that are as wide as the header."""
    names = positions(width)
    schema = dict.fromkeys((*names, FAULT), pl.String())
    frames = [pl.DataFrame(schema=schema)]
    rows = iter(read())
    blanks = [""] * width
    regular = filled = 0
    while batch := list(islice(rows, BATCH_ROWS)):
        regular += sum(len(cells) == width for cells in batch)
        filled += sum(cells not in ([], [""]) for cells in batch)
        faults = ["ragged_row" if any(map(str.strip, cells[width:])) else None for cells in batch]
        columns = zip(*((cells + blanks)[:width] for cells in batch), strict=True)
        frames.append(pl.DataFrame([*map(list, columns), faults], schema=schema, orient="col"))
        if regular < least * filled:
            break  # the caller will not have it, so the rest need not be read
    return pl.concat(frames), regular / max(filled, 1)
