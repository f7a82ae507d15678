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
from orchestration.feeds.distinct import PLACES, Encoded, encode, look_for_references
from orchestration.feeds.footers import without_footer
from orchestration.feeds.headers import name_columns, normalise
from orchestration.feeds.jsonlines import read_json
from orchestration.feeds.workbook import read_workbook, typed_dates

__all__ = ["FAULT", "ROW", "RawTable", "read_table", "table_of", "table_of_frame"]
ROW = "\x1frow"
TOTALS = (
    r"(?i)^\W*(?:(?:grand\s+)?(?:sub)?-?totals?\b|end of (?:report|file|extract|data)\b|no\.? of (?:rows|records)\b"
    r"|(?:row|record)\s*count\b|count of\b|\d+ (?:rows|records)\b"
    r"|(?:sum|mean|average|median|minimum|maximum|count)\W*$)"
)
"""How a row that is not a record begins, when most of it is blank: a total, or the end of a report."""
TOTAL_ALONE = r"(?i)^\W*(?:grand\s+)?(?:sub)?-?totals?\W*$"

BLANKS = " \t\r\n\u00a0\ufeff\f\x1a"
"""What counts for nothing around a text; form feeds and Ctrl-Z are how printers and old systems end a file."""
RECORDS_ONLY = ("json", "jsonl", "parquet")
"""Formats in which nobody writes a footer."""


@dataclass(frozen=True)
class RawTable:
    """One file: its rows as text. `frame` has ROW (Int64), FAULT (check id or null) and the partner's columns.

    Columns that the contract names bear the contract's spelling; others keep their own, `column_7` when blank.
    Blank rows and footers are left out and counted.
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
    content: Content,
    declared: DeliveryFile,
    expected: Sequence[str],
    wide: re.Pattern[str] | None = None,
    *,
    is_end: bool = True,
) -> RawTable:
    """Read a file's bytes, or a portion of them that begins with the header, as `read_table` does.

    `is_end`: whether the file ends with them; only there can a footer be.
    """
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
        read = body, header, detected | text_for(declared)
    content = replace(content, data=b"")
    return _finish(content, *read, declared=declared, expected=expected, wide=wide, is_end=is_end)


def table_of_frame(
    content: Content,
    frame: pl.DataFrame,
    declared: DeliveryFile,
    expected: Sequence[str],
    wide: re.Pattern[str] | None = None,
) -> RawTable:
    """Return some rows of a Parquet file as `read_table` would read them."""
    return _finish(content, *_as_text(frame), declared=declared, expected=expected, wide=wide, is_end=True)


def _finish(
    content: Content,
    body: pl.DataFrame,
    header: Sequence[str],
    detected: Detected,
    *,
    declared: DeliveryFile,
    expected: Sequence[str],
    wide: re.Pattern[str] | None,
    is_end: bool,
) -> RawTable:
    layout = lay_out(content.name, header, declared, expected, wide)
    pieces = [layout.finished(body)]
    if is_end and detected.get("format") not in RECORDS_ONLY:
        pieces = list(without_footer(pieces, layout.names))
    frame = pl.concat([piece.frame for piece in pieces])
    set_aside = {name: sum(piece.set_aside[name] for piece in pieces) for name in pieces[0].set_aside}
    recognised = bool(detected.pop("is_recognised", True))
    return RawTable(
        content=content,
        frame=frame.select(ROW, FAULT, *layout.names),
        detected={**detected, **content.packing},
        missing=layout.missing,
        repeated=layout.repeated,
        unknown=layout.unknown,
        is_recognised=recognised,
        set_aside=set_aside,
    )


def text_for(declared: DeliveryFile) -> Detected:
    """Return what the receipt says of a text file that came instead of another format."""
    return {"format": "text"} if declared.format != "csv" else {}


@dataclass(frozen=True)
class Layout:
    """What a file's columns are called, which the contract's names among them, and how its rows are finished."""

    names: list[str]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    unknown: tuple[str, ...]
    footer_pattern: str | None
    varied: set[str] = field(default_factory=set)
    """Columns found not worth taking apart, by their positions."""

    def finished(self, body: pl.DataFrame, *, first_row: int = 1) -> "Finished":
        """Name the columns, strip the cells, number the rows, and set blank rows and footers aside."""
        names = self.names
        raw = {name: body[place] for place, name in zip(positions(len(names)), names, strict=True)}
        columns = {name: _stripped(encode(cells, self.varied)) for name, cells in raw.items()}
        fault = (
            body[FAULT] if FAULT in body.columns else pl.Series([None], dtype=pl.String).new_from_index(0, body.height)
        )
        rows = pl.int_range(first_row, first_row + body.height, dtype=pl.Int64, eager=True).alias(ROW)
        cells = [
            (raw[name] if column.is_as_delivered else column.spread(column.values)).alias(name)
            for name, column in columns.items()
        ]
        places = [
            column.places.alias(f"{PLACES}{name}") for name, column in columns.items() if column.places is not None
        ]
        frame = pl.DataFrame([rows, fault.alias(FAULT), *cells, *places])
        blank = footer = 0
        referential = frozenset(name for name, column in columns.items() if column.is_referential)
        if self.footer_pattern or self._has_unusual(frame, referential):
            marks = self._marks(frame)
            blank, footer = int(marks["blank"].sum()), int(marks["footer"].sum())
            is_total = pl.when(marks["totals"]).then(pl.lit("totals_row")).otherwise(pl.col(FAULT))
            frame = frame.with_columns(is_total.alias(FAULT)).filter(~(marks["blank"] | marks["footer"]))
        values = {name: column.values if column.places is not None else None for name, column in columns.items()}
        return Finished(frame, values, {"blank_rows": blank, "footer_rows": footer}, referential)

    def _has_unusual(self, frame: pl.DataFrame, referential: frozenset[str]) -> bool:
        """Tell whether some row may be blank or a total: what most pieces do not have is looked for quickly first."""
        if all(frame[name].has_nulls() for name in self.names):
            return True
        if self.names[0] in referential and not frame[self.names[0]].has_nulls():
            return False  # a total begins with a word
        first = pl.coalesce(self.names).str
        return bool(frame.select((first.contains(TOTAL_ALONE) | first.contains(TOTALS)).any()).item())

    def _marks(self, frame: pl.DataFrame) -> pl.DataFrame:
        names = self.names
        blank = pl.all_horizontal(pl.col(name).is_null() for name in names) & pl.col(FAULT).is_null()
        first = pl.coalesce(names)
        footer = first.str.contains(self.footer_pattern) if self.footer_pattern else pl.lit(False)
        few = pl.sum_horizontal(pl.col(name).is_not_null() for name in names) <= max(1, (len(names) + 1) // 2)
        totals = first.str.contains(TOTAL_ALONE) | (first.str.contains(TOTALS) & few)
        marks = frame.select(blank=blank, footer=footer.fill_null(False), totals=totals)
        return marks.with_columns(footer=pl.col("footer") & ~pl.col("blank"))


@dataclass(frozen=True)
class Finished:
    """Rows as RawTable has them. `values`: the distinct values of a column that has few; PLACES + its name says which
    of them each row holds. None stands for a column that is not worth taking apart. `referential` columns hold
    references (distinct.REFERENCE) and nothing else."""

    frame: pl.DataFrame
    values: dict[str, pl.Series | None]
    set_aside: dict[str, int]
    referential: frozenset[str] = frozenset()


def lay_out(
    name: str,
    header: Sequence[str],
    declared: DeliveryFile,
    expected: Sequence[str],
    wide: re.Pattern[str] | None,
) -> Layout:
    """Return what the columns under a header are called; raise UnreadableFileError when it is none."""
    if not header:
        raise UnreadableFileError(f"'{name}' holds no columns. Export it again and check that it has rows.")
    if len(header) > MOST_COLUMNS:
        raise UnreadableFileError(f"'{name}' has {len(header)} columns; at most {MOST_COLUMNS} are read.")
    names, repeated, unknown = name_columns(header, expected, wide)
    present = {normalise(column) for column in names}
    missing = [column for column in expected if normalise(column) not in present]
    if wide and not any(wide.fullmatch(column) for column in names):
        missing.append(wide.pattern)
    return Layout(names, tuple(missing), repeated, unknown, declared.footer_pattern)


def _stripped(column: Encoded) -> Encoded:
    """Return the cells without BLANKS around them, null where nothing is left."""
    text = column.values.cast(pl.String)
    column = look_for_references(column.having(text, is_as_delivered=column.values.dtype == pl.String))
    if column.is_referential:
        return column
    stripped = text.str.strip_chars(BLANKS)
    stripped = stripped.set((stripped == "").fill_null(False), None) if (stripped == "").any() else stripped
    return column.having(stripped, is_as_delivered=column.is_as_delivered and not stripped.ne_missing(text).any())


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
