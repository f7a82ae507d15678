"""Plain delimited text, read in pieces straight from its file: UTF-8, one line a row or quoted, one cell a column.

What belongs here: telling from the bytes whether a file is plain, and cutting it into pieces of cells. What is not
plain is read whole (delimited). Naming and stripping cells: tables.
"""

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.archive import EMPTY_ZIP, GZIP, ZIP, refuse_foreign
from orchestration.feeds.content import Content
from orchestration.feeds.delimited import (
    FAULT,
    KEPT_AS_TEXT,
    MOST_COLUMNS,
    Detected,
    facts,
    faulted,
    regular,
)
from orchestration.feeds.dialect import MOST_CELL_CHARACTERS, SAMPLE_CHARACTERS, Dialect, detect_dialect

BLOCK = 1 << 22
LONGEST_LINE = 1 << 22
"""Bytes; reading a file with a longer one in pieces would only cost memory before it is refused."""
HEAD_BYTES = 4 * SAMPLE_CHARACTERS
"""Enough for the characters by which a dialect is told, four bytes each at most."""
ASCII_ALIKE = ("cp1252", "iso8859-1", "ascii")
"""Encodings that read a file without accents as UTF-8 would."""


class NotPlainError(Exception):
    """The file turned out not to be plain text: it has to be read whole."""


@dataclass(frozen=True)
class _Survey:
    """What the bytes of a file tell: the encoding to be told on the receipt, and whether an equals sign occurs."""

    encoding: str
    has_equals: bool


@dataclass
class PlainText:
    """A plain text file: how it is laid out, and its rows in pieces."""

    path: Path
    dialect: Dialect
    detected: Detected
    skipped_lines: int
    has_equals: bool
    formulas: dict[str, int] = field(default_factory=dict)

    def pieces(self, rows: int, *, spares: int) -> Iterator[pl.DataFrame]:
        """Return the cells, so many rows at a time, with FAULT; `spares` cells too many in a row are put up with.

        Raises NotPlainError as soon as the rows turn out to be more irregular than that, or the file is cut short.
        """
        self.formulas = {}
        cells = regular(self.path, self.dialect, spares=spares, skip_lines=self.skipped_lines)
        try:
            for batch in cells.collect_batches(chunk_size=rows, maintain_order=True):
                for piece in batch.iter_slices(rows):
                    yield self._checked(faulted(piece))
        except (pl.exceptions.PolarsError, OSError):  # its message may quote cells, so it goes no further
            raise NotPlainError from None
        self._note_formulas()

    def _checked(self, piece: pl.DataFrame) -> pl.DataFrame:
        cells = pl.exclude(FAULT)
        longest = piece.select(cells.str.len_bytes().max()).row(0)
        if max((length or 0 for length in longest), default=0) > MOST_CELL_CHARACTERS:
            raise NotPlainError
        if not self.has_equals:
            return piece
        for name, pattern in (("kept", KEPT_AS_TEXT), ("formulas", r"^\s*=")):
            self.formulas[name] = self.formulas.get(name, 0) + sum(
                piece.select(cells.str.contains(pattern).sum()).row(0)
            )
        return piece.with_columns(cells.str.replace(KEPT_AS_TEXT, "$1")) if self.formulas["kept"] else piece

    def _note_formulas(self) -> None:
        kept, formulas = self.formulas.get("kept", 0), self.formulas.get("formulas", 0)
        if formulas > kept:
            self.detected["formula_cells"] = formulas - kept
        if kept:
            self.detected["texts_kept_by_formula"] = kept


def plain_text(path: Path, declared: DeliveryFile, expected: Sequence[str]) -> PlainText | None:
    """Return a file that can be read in pieces, or None for one that has to be read whole.

    Raises UnreadableFileError for what is no table at all.
    """
    if declared.format == "jsonl" or (declared.delimiter and len(declared.delimiter) > 1):
        return None
    head = _head(path)
    survey = _survey(path, declared.encoding) if head else None
    if survey is None:
        return None
    text = codecs.getincrementaldecoder("utf-8")().decode(head).removeprefix("\ufeff")
    dialect = detect_dialect(text, expected, declared)
    is_simple = not (dialect.escape or dialect.skips_blanks) and (dialect.delimiter + dialect.quote).isascii()
    if not is_simple or not 0 < len(dialect.header) <= MOST_COLUMNS:
        return None
    if not dialect.data_offset and head.startswith(codecs.BOM_UTF8):
        return None
    detected = facts(dialect, survey.encoding, "LF") | ({"delimiter": declared.delimiter} if declared.delimiter else {})
    lines = text.count("\n", 0, dialect.data_offset)
    return PlainText(path, dialect, detected, lines, survey.has_equals)


def _head(path: Path) -> bytes:
    """Return the beginning of a file that may be text; nothing of another."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return b""  # reading it whole says what is wrong
    if not head.strip() or head.startswith((GZIP, ZIP, EMPTY_ZIP)):
        return b""
    refuse_foreign(path.name, head)
    return head if Content(path.name, "", len(head), head).kind == "text" else b""


def _survey(path: Path, declared: str | None) -> _Survey | None:
    """Look at every byte once; None where the file is not UTF-8 text with LF or CR LF at the ends of its lines."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_ascii, has_mark, has_equals, first = True, False, False, True
    returns = pairs = length = 0
    last = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if first:
                first, has_mark = False, block.startswith(codecs.BOM_UTF8)
            length = 0 if b"\n" in block else length + len(block)
            if length >= LONGEST_LINE:
                return None
            if b"\0" in block:
                return None
            if b"\r" in block or last == b"\r":
                returns += block.count(b"\r")
                pairs += block.count(b"\r\n") + (last == b"\r" and block.startswith(b"\n"))
            if decoder.getstate()[0] or not block.isascii():
                is_ascii = False
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    return None
            has_equals = has_equals or b"=" in block
            last = block[-1:]
    if decoder.getstate()[0] or returns != pairs:
        return None
    encoding = _encoding(declared, is_ascii=is_ascii, has_mark=has_mark)
    return _Survey(encoding, has_equals) if encoding else None


def _encoding(declared: str | None, *, is_ascii: bool, has_mark: bool) -> str | None:
    """Return the encoding as the receipt tells it; None where the declared one would read the file otherwise."""
    if declared is None:
        return "utf-8-sig" if has_mark else "utf-8"
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return None
    reads_alike = name in ("utf-8", "utf-8-sig") or (is_ascii and name in ASCII_ALIKE)
    return declared if reads_alike else None
