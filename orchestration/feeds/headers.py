"""Headers: which rows of a table they are, how several rows make one, and what the columns are called.

What belongs here: names of columns. What does not: cutting text into cells (dialect, delimited) or sheets into rows
(workbook).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

HEADER_SEARCH_ROWS = 60
LEAST_HEADER_SHARE = 0.5  # of the columns that the contract names, for a row to count as their header
DETECTED_HEADER_ROWS = 3
FULL_ROW = 0.7  # of the cells that are usual in the table's rows, for one to be taken as the header unrecognised
NTH = re.compile(r"^(?P<name>.*)#(?P<nth>[1-9]\d?)$")
"""`Notes#2` in a contract is the second column called Notes; a header that is really written so comes first."""

Cells = Sequence[str | None]


@dataclass(frozen=True)
class Header:
    """Rows `first` to `first + depth - 1` (from 0) of a table, as one name a column; `score` as header_score."""

    first: int
    depth: int
    names: tuple[str, ...]
    score: float

    @property
    def is_recognised(self) -> bool:
        return self.score >= LEAST_HEADER_SHARE


@lru_cache(maxsize=65536)
def normalise(header: str) -> str:
    """Return a column header as it is compared: case, outer blanks and runs of blanks do not count."""
    return re.sub(r"[\s_]+", " ", header.replace("\ufeff", "").replace("\u00a0", " ")).strip().casefold()


def header_score(cells: Iterable[str | None], expected: Sequence[str]) -> float:
    """Return the share of the expected columns that a row names."""
    if not expected:
        return 0.0
    found = {normalise(cell) for cell in cells if cell}
    return sum(normalise(_plain(name, found)) in found for name in expected) / len(expected)


def find_header(
    rows: Sequence[Cells],
    expected: Sequence[str],
    *,
    row: int | None = None,
    depth: int | None = None,
    is_merged: bool = True,
) -> Header | None:
    """Return the rows that name most of the expected columns, the fewest and first of those that name equally many.

    `row` (from 1) and `depth` are what the contract declares. Headers of several rows are tried only where one row
    does not name everything. Returns None when there is no such row.
    """
    best: Header | None = None
    for height in (depth,) if depth else range(1, DETECTED_HEADER_ROWS + 1):
        for first in (row - 1,) if row else range(len(rows)):
            if first + height > len(rows):
                continue
            names = join_rows(rows[first : first + height], is_merged=is_merged)
            found = Header(first, height, names, header_score(names, expected))
            if best is None or found.score > best.score:
                best = found
                if found.score == 1:
                    return found
        if not expected:
            break
    return best


def join_rows(rows: Sequence[Cells], *, is_merged: bool = True) -> tuple[str, ...]:
    """Return header rows as one: the texts above each column, from top to bottom, with a blank between them.

    In all rows but the last a blank cell belongs to the text on its left, as merged cells are written (`is_merged`);
    a text that repeats the one above it is not said twice.
    """
    width = max((len(cells) for cells in rows), default=0)
    parts: list[list[str]] = [[] for _ in range(width)]
    for number, cells in enumerate(rows):
        left = ""
        for column in range(width):
            text = (cells[column] or "").strip() if column < len(cells) else ""
            if is_merged and number < len(rows) - 1:
                left = text or left
                text = left
            if text and (not parts[column] or parts[column][-1] != text):
                parts[column].append(text)
    if len(rows) == 1:
        return tuple((cell or "") for cell in rows[0])
    return tuple(" ".join(found) for found in parts)


def name_columns(
    header: Sequence[str], expected: Sequence[str], wide: re.Pattern[str] | None = None
) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """Return one unique name a column, the expected ones that occur twice, and the ones the contract does not name.

    Columns that the contract names bear its spelling. Blank headers become `column_7`, by which a contract may name
    them too. `wide` matches the headers of columns that the contract turns into rows: they are used, so not unknown.
    """
    plain = [normalise(cell) for cell in header]
    keys = list(plain)
    spelling = {normalise(name): name for name in expected}
    for name in expected:
        if (match := NTH.match(name)) and normalise(name) not in plain:
            places = [place for place, key in enumerate(plain) if key == normalise(match["name"])]
            if len(places) >= int(match["nth"]):
                keys[places[int(match["nth"]) - 1]] = normalise(name)
    names: list[str] = []
    repeated: list[str] = []
    unknown: list[str] = []
    taken = set(expected)
    for position, (cell, key) in enumerate(zip(header, keys, strict=True), start=1):
        wanted = spelling.get(key or f"column {position}")
        if wanted and wanted not in names:
            names.append(wanted)
            continue
        if wanted:
            repeated.append(wanted)
        name = cell.strip() or f"column_{position}"
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            name = f"{name}_{position}"  # polars takes such a name for a pattern of names
        while name in taken:
            name = f"{name}_{position}"
        taken.add(name)
        names.append(name)
        if not wanted and not (wide and wide.fullmatch(name)):
            unknown.append(name)
    return names, tuple(dict.fromkeys(repeated)), tuple(unknown)


def first_full(rows: Sequence[Cells], width: int) -> int:
    """Return the first row of a width that is about as full as such rows are: a title is padded to the table's."""
    alike = [
        (place, sum(bool(cell and cell.strip()) for cell in cells))
        for place, cells in enumerate(rows)
        if len(cells) == width
    ]
    if not alike:
        return 0
    usual = sorted(filled for _, filled in alike)[len(alike) // 2]
    return next((place for place, filled in alike if filled >= FULL_ROW * usual), alike[0][0])


def _plain(name: str, found: set[str]) -> str:
    match = NTH.match(name)
    return match["name"] if match and normalise(name) not in found else name
