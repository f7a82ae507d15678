"""The dialect of a text file: delimiter, quote, escape character, and the rows of its header.

What is declared is believed; what is not is detected, chiefly by looking for the header that the contract expects,
which is surer than any statistic of commas. What does not belong here: reading rows (orchestration.feeds.delimited),
what makes a header (orchestration.feeds.headers).
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from orchestration.area.layouts import DeliveryFile
from orchestration.feeds.headers import (
    HEADER_SEARCH_ROWS,
    LEAST_HEADER_SHARE,
    Header,
    find_header,
    first_full,
    header_score,
    normalise,
)

__all__ = ["LEAST_HEADER_SHARE", "Dialect", "detect_dialect", "header_score", "normalise", "rows_of"]
DELIMITERS = (",", ";", "\t", "|", "~", "^")
RARE_DELIMITERS = (":", "¬", "\x01", "\x1f", " ")
"""Found only where the expected header proves them: they are too common inside texts, or hardly seen."""
SAMPLE_CHARACTERS = 256 * 1024
JUDGED_ROWS = 2_000
MOST_CELL_CHARACTERS = 1 << 20
"""A longer cell is a quotation mark that was never closed, or no table at all; a spreadsheet's cell holds 32,767."""
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
csv.field_size_limit(MOST_CELL_CHARACTERS)


@dataclass(frozen=True)
class Dialect:
    """How a text file is laid out. `header_line` is the physical line, from 1, on which the header starts.

    `header_row` counts the rows that are not blank. `data_offset` is the character at which the rows after the header
    begin. `quote` is '' where quotation marks mean nothing.
    """

    delimiter: str
    quote: str
    header_line: int
    header_row: int
    header: tuple[str, ...]
    is_recognised: bool
    header_rows: int = 1
    data_offset: int = 0
    escape: str = ""
    skips_blanks: bool = False


@dataclass(frozen=True)
class _Row:
    line: int
    cells: list[str]
    end: int


def detect_dialect(text: str, expected: Sequence[str], declared: DeliveryFile) -> Dialect:
    """Return the dialect under which the file names most of the expected columns.

    When no row names half of them the most regular reading is returned with `is_recognised` false, so that the caller
    can say what is missing instead of failing to read.
    """
    sample = text[:SAMPLE_CHARACTERS]
    if declared.header and declared.header_row is None:
        return _refined(sample, _headless(sample, declared), declared, expected)
    best: tuple[float, Dialect] | None = None
    for quote in _quotes(declared):
        for delimiter in (declared.delimiter,) if declared.delimiter else (*DELIMITERS, *RARE_DELIMITERS):
            rows = _rows(sample, Dialect(delimiter, quote, 1, 1, (), False, escape=declared.escape or ""))
            header = find_header(
                [row.cells for row in rows], expected, row=declared.header_row, depth=declared.header_rows
            )
            if header is not None and (best is None or header.score > best[0]):
                dialect = _at(rows, header, delimiter, quote)
                best = (header.score, replace(dialect, is_recognised=header.is_recognised))
                if header.score == 1:
                    return _refined(sample, best[1], declared, expected)
        if best and best[1].is_recognised:
            break
    if best is None or not best[1].is_recognised:
        regular = _most_regular(sample, declared)
        best = best if best and declared.header_row and declared.delimiter else (0.0, regular)
    return _refined(sample, best[1], declared, expected)


def rows_of(lines: Iterator[str], dialect: Dialect, *, strict: bool = False) -> Iterator[list[str]]:
    """Return a reader of rows in a dialect; `strict` raises csv.Error at a stray quotation mark."""
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
        skipinitialspace=dialect.skips_blanks,
        strict=strict,
    )


def _quotes(declared: DeliveryFile) -> tuple[str, ...]:
    return ('"', "'") if declared.quote is None else (declared.quote,)


def _rows(sample: str, dialect: Dialect, most: int = HEADER_SEARCH_ROWS, *, strict: bool = False) -> list[_Row]:
    """Return the first rows that hold something, each with the line on which it starts and where it ends."""
    taken = lines_taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken, lines_taken
        for match in LINE.finditer(sample):
            taken = match.end()
            lines_taken += 1
            yield match[0]

    rows: list[_Row] = []
    reader = rows_of(lines(), dialect, strict=strict)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_Row(start, cells, taken))
            start = lines_taken + 1
            if len(rows) >= most:
                break
    except csv.Error:  # an over-long cell: what was read so far is enough to judge by
        return rows
    return rows


def _at(rows: list[_Row], header: Header, delimiter: str, quote: str) -> Dialect:
    first, depth = header.first, header.depth
    end = rows[first + depth - 1].end
    return Dialect(
        delimiter, quote, rows[first].line, first + 1, header.names, False, header_rows=depth, data_offset=end
    )


def _most_regular(sample: str, declared: DeliveryFile) -> Dialect:
    """Judge readings by how many rows share the commonest width above one.

    The header is the first of those rows that is about as full as they are: a title is padded to the table's width.
    """
    found: tuple[float, Dialect] | None = None
    for quote in _quotes(declared):
        if quote == "'" and '"' in sample and declared.quote is None:
            continue  # an apostrophe in a text is no quotation mark; only the expected header could prove it one
        for delimiter in (declared.delimiter,) if declared.delimiter else DELIMITERS:
            rows = _rows(sample, Dialect(delimiter, quote, 1, 1, (), False), JUDGED_ROWS)
            if not rows:
                continue
            widths = Counter(len(row.cells) for row in rows if len(row.cells) > 1)
            width, count = widths.most_common(1)[0] if widths else (1, 0)
            score = count * width / len(rows)
            if found is None or score > found[0]:
                first = (
                    declared.header_row - 1 if declared.header_row else first_full([row.cells for row in rows], width)
                )
                first = min(first, len(rows) - 1)
                depth = min(declared.header_rows or 1, len(rows) - first)
                header = find_header([row.cells for row in rows], (), row=first + 1, depth=depth)
                if header is not None:
                    found = (score, _at(rows, header, delimiter, quote))
    return found[1] if found else Dialect(declared.delimiter or ",", _quotes(declared)[0], 1, 1, (), False)


def _headless(sample: str, declared: DeliveryFile) -> Dialect:
    """Return the dialect in which most rows are as wide as the declared names are many; the rows start at once."""
    found: tuple[float, Dialect] | None = None
    for quote in _quotes(declared):
        for delimiter in (declared.delimiter,) if declared.delimiter else (*DELIMITERS, *RARE_DELIMITERS):
            dialect = Dialect(
                delimiter, quote, 1, 0, tuple(declared.header), True, header_rows=0, escape=declared.escape or ""
            )
            share = _regularity(sample, dialect)
            if found is None or share > found[0]:
                found = (share, dialect)
    return found[1] if found else Dialect(",", '"', 1, 0, tuple(declared.header), True, header_rows=0)


def _refined(sample: str, dialect: Dialect, declared: DeliveryFile, expected: Sequence[str]) -> Dialect:
    """Find out whether backslashes escape and whether blanks after delimiters count, if rows are more regular so.

    Blanks before quotation marks that open a cell never count, where rows are no less regular so.
    """
    if declared.header and dialect.header_rows:
        dialect = replace(dialect, header=tuple(declared.header), is_recognised=True)
    if declared.escape is not None or not dialect.quote or len(dialect.delimiter) > 1:
        return replace(dialect, escape=declared.escape or "")
    tried = [dialect]
    body = sample[dialect.data_offset :]
    if f"\\{dialect.quote}" in body:
        tried.append(replace(dialect, escape="\\"))
    if re.search(f"{re.escape(dialect.delimiter)} +{dialect.quote}", sample):
        tried += [replace(option, skips_blanks=True) for option in tried]
    if len(tried) == 1:
        return dialect
    tried = [dialect, *(_reread(sample, option, expected) for option in tried[1:])]
    opens = re.compile(f" +{dialect.quote}")
    is_blank_first = any(opens.match(cell) for row in _rows(sample, dialect, JUDGED_ROWS) for cell in row.cells)
    judged = [(_regularity(sample, option), is_blank_first and option.skips_blanks) for option in tried]
    return tried[judged.index(max(judged))]


def _reread(sample: str, dialect: Dialect, expected: Sequence[str]) -> Dialect:
    """Return the dialect with its header cut as it says itself, recognised if it names the expected columns so."""
    if dialect.header_rows != 1:
        return dialect
    row = next((row for row in _rows(sample, dialect) if row.line == dialect.header_line), None)
    if row is None:
        return dialect
    recognised = dialect.is_recognised or header_score(row.cells, expected) >= LEAST_HEADER_SHARE
    return replace(dialect, header=tuple(row.cells), data_offset=row.end, is_recognised=recognised)


def _regularity(sample: str, dialect: Dialect) -> float:
    """Return the share of rows after the header that are as wide as it; half as good when quotation marks are stray."""
    body = sample[dialect.data_offset :]
    rows = _rows(body, dialect, JUDGED_ROWS)
    strict = _rows(body, dialect, JUDGED_ROWS, strict=True)
    share = sum(len(row.cells) == len(dialect.header) for row in rows) / max(len(rows), 1)
    return share if len(strict) >= len(rows) - 1 else share / 2
