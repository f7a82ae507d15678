"""The dialect of a text file: its delimiter, its quote and the row of its header.

What is declared is believed; what is not is detected, chiefly by looking for the header that the contract expects,
which is surer than any statistic of commas. What does not belong here: reading rows (orchestration.feeds.rawtables).
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

DELIMITERS = (",", ";", "\t", "|", "~", "^")
SAMPLE_CHARACTERS = 256 * 1024
HEADER_SEARCH_ROWS = 60
LEAST_HEADER_SHARE = 0.5  # of the columns that the contract names, for a row to count as their header


@dataclass(frozen=True)
class Dialect:
    """How a text file is laid out. `header_line` is the physical line, from 1, on which the header starts."""

    delimiter: str
    quote: str
    header_line: int
    header_row: int
    header: tuple[str, ...]
    is_recognised: bool


@lru_cache(maxsize=4096)
def normalise(header: str) -> str:
    """Return a column header as it is compared: case, outer blanks and runs of blanks do not count."""
    return re.sub(r"[\s_]+", " ", header.replace("\ufeff", "").replace("\u00a0", " ")).strip().casefold()


def header_score(cells: Iterable[str | None], expected: Sequence[str]) -> float:
    """Return the share of the expected columns that a row names."""
    if not expected:
        return 0.0
    found = {normalise(cell) for cell in cells if cell}
    return sum(normalise(name) in found for name in expected) / len(expected)


def detect_dialect(
    text: str, expected: Sequence[str], *, delimiter: str | None, quote: str | None, header_row: int | None
) -> Dialect:
    """Return the dialect under which a row of the file names most of the expected columns.

    When no row names half of them the most regular reading is returned with `is_recognised` false, so that the caller
    can say what is missing instead of failing to read.
    """
    sample = text[:SAMPLE_CHARACTERS]
    best: tuple[float, Dialect] | None = None
    fallback: tuple[float, Dialect] | None = None
    for character in (quote,) if quote else ('"', "'"):
        for candidate in (delimiter,) if delimiter else DELIMITERS:
            rows = _rows(sample, candidate, character)
            if not rows:
                continue
            for number, (line, cells) in enumerate(rows, start=1):
                if header_row and number != header_row:
                    continue
                score = header_score(cells, expected)
                if best is None or score > best[0]:
                    found = Dialect(candidate, character, line, number, tuple(cells), score >= LEAST_HEADER_SHARE)
                    best = (score, found)
                    if score == 1:
                        return found
            if character == "'" and '"' in sample and not quote:
                continue  # an apostrophe in a text is no quotation mark; only the expected header could prove it one
            regular = _regular(rows, candidate, character, header_row)
            if fallback is None or regular[0] > fallback[0]:
                fallback = regular
        if best and best[1].is_recognised:
            break
    if best and (best[1].is_recognised or header_row):
        return best[1]
    return fallback[1] if fallback else Dialect(delimiter or ",", quote or '"', 1, 1, (), False)


def _rows(sample: str, delimiter: str, quote: str) -> list[tuple[int, list[str]]]:
    """Return the first rows that hold something, each with the line on which it starts."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, quotechar=quote)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((start, cells))
            start = reader.line_num + 1
            if len(rows) >= HEADER_SEARCH_ROWS:
                break
    except csv.Error:  # an over-long cell: what was read so far is enough to judge by
        return rows
    return rows


def _regular(
    rows: list[tuple[int, list[str]]], delimiter: str, quote: str, header_row: int | None
) -> tuple[float, Dialect]:
    """Judge a reading by how many rows share the commonest width above one; its header is the first of those rows."""
    widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
    width, count = widths.most_common(1)[0] if widths else (1, 0)
    number = header_row or next((n for n, (_, cells) in enumerate(rows, start=1) if len(cells) == width), 1)
    line, cells = rows[min(number, len(rows)) - 1]
    return count * width / len(rows), Dialect(delimiter, quote, line, number, tuple(cells), False)
