"""A file of any size as tables of a bounded number of rows, one after the other, the same each time they are read.

What belongs here: cutting text between records, JSON between lines, Parquet between rows. What does not: reading what
was cut (`rawtables`). A workbook, a list of JSON objects and whatever is small come whole: the first is bounded by its
kind (1,048,576 rows), the second cannot be cut without reading it.
"""

import codecs
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

import polars as pl

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.archive import GZIP, ZIP, UnreadableFileError, chosen_member, refuse_foreign
from orchestration.feeds.content import Content, detect_encoding
from orchestration.feeds.delimited import LONE_RETURN
from orchestration.feeds.dialect import Dialect, detect_dialect
from orchestration.feeds.footers import holds_lone_cells
from orchestration.feeds.rawtables import RawTable, read_table, table_of, table_of_frame

PORTION_BYTES = 6 << 20
PORTION_ROWS = 60_000
MOST_PENDING = 8
"""Portions of text without the end of a record: after so many a quotation mark was never closed."""
PIECE_BYTES = 1 << 20
DAMAGED = (OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error, zipfile.BadZipFile)


@dataclass(frozen=True)
class PortionedFile:
    """A source file, read in portions. `expected` and `wide` steer the detection of its header, as for `read_table`."""

    path: Path
    declared: DeliveryFile
    expected: Sequence[str]
    wide: re.Pattern[str] | None = None
    portion_bytes: int = PORTION_BYTES
    portion_rows: int = PORTION_ROWS

    def portions(self) -> Iterator[RawTable]:
        """Yield the file's tables. Raises UnreadableFileError, whose message never quotes a cell."""
        head = self._head()
        content = Content(self.path.name, "", 0, head)
        if content.kind == "parquet" and not self._is_packed:
            yield from self._parquet_portions(content)
        elif len(head) < self.portion_bytes or not self._can_be_cut(content):
            yield read_table(self.path, self.declared, self.expected, self.wide)
        else:
            refuse_foreign(self.path.name, head)
            yield from self._text_portions(content)

    def _can_be_cut(self, content: Content) -> bool:
        is_list = content.data[:PIECE_BYTES].removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"[")
        has_long_delimiter = len(self.declared.delimiter or "") > 1
        return content.kind in ("text", "json") and not (content.kind == "json" and is_list) and not has_long_delimiter

    def _head(self) -> bytes:
        try:
            with self._opened() as file:
                return file.read(self.portion_bytes)
        except (*DAMAGED, UnreadableFileError):
            return b""  # read_table says what is wrong with it

    @property
    def _magic(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(4)

    @property
    def _is_packed(self) -> bool:
        return self._magic.startswith((GZIP, ZIP))

    def _opened(self) -> AbstractContextManager[IO[bytes]]:
        """Open what is inside the file; a workbook is a zip too, and left as it is."""
        if self._magic.startswith(GZIP):
            return cast("IO[bytes]", gzip.open(self.path, "rb"))
        if self._magic.startswith(ZIP):
            archive = zipfile.ZipFile(self.path)
            names = archive.namelist()
            if not ({"mimetype", "content.xml"} <= set(names) or any(name.startswith("xl/") for name in names)):
                return archive.open(chosen_member(self.path.name, archive, self.declared.member))
        return self.path.open("rb")

    def _parquet_portions(self, content: Content) -> Iterator[RawTable]:
        named = replace(content, data=b"")
        try:
            rows = pl.scan_parquet(self.path)
            total = int(rows.select(pl.len()).collect().item())
            for start in range(0, max(total, 1), self.portion_rows):
                frame = rows.slice(start, self.portion_rows).collect()
                yield table_of_frame(named, frame, self.declared, self.expected, self.wide)
        except pl.exceptions.PolarsError:
            raise UnreadableFileError(f"'{self.path.name}' is a damaged Parquet file. Send it again.") from None

    def _text_portions(self, content: Content) -> Iterator[RawTable]:
        encoding = self.declared.encoding or self._encoding(content.data)
        if content.kind == "json" or self.declared.format == "jsonl":
            opening, dialect = "", Dialect(",", "", 1, 1, (), True)
            declared = self.declared.model_copy(update={"encoding": "utf-8"})
            end = "\n"
        else:
            opening, dialect, end = self._opening(content.data, encoding)
            declared = _settled(self.declared, dialect)
        cuts = self._cut(encoding, dialect, end)
        number, text, has_lone = 0, next(cuts, None), False
        while text is not None:
            following = next(cuts, None)
            data = (text if number == 0 else opening + text).encode()
            portion = replace(content, data=data, size=len(data))
            is_end = following is None and not has_lone
            table = table_of(portion, declared, self.expected, self.wide, is_end=is_end)
            yield table
            has_lone = has_lone or holds_lone_cells(table.frame, table.columns)
            number, text = number + 1, following

    def _opening(self, head: bytes, encoding: str) -> tuple[str, Dialect, str]:
        """Return the text up to the first record, how it is to be read, and what ends a line."""
        text = codecs.getincrementaldecoder(encoding)().decode(head).removeprefix("\ufeff")
        end = "\n" if "\n" in text else "\r"
        if end == "\n" and "\r" in text and LONE_RETURN.search(text[:-1]):
            end = "\n"  # mixed: a portion that ends between lines is read like the whole
        dialect = detect_dialect(text.replace("\r", "\n") if end == "\r" else text, self.expected, self.declared)
        return text[: dialect.data_offset], dialect, end

    def _encoding(self, head: bytes) -> str:
        """Return the encoding of the whole file; UTF-8 is only known at the end."""
        found = detect_encoding(head)
        if found not in ("utf-8", "cp1252", "latin-1"):
            return found
        for candidate in ("utf-8-sig", "cp1252"):
            decoder = codecs.getincrementaldecoder(candidate)()
            try:
                with self._opened() as file:
                    while piece := file.read(PIECE_BYTES):
                        decoder.decode(piece)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return candidate
        return "latin-1"

    def _cut(self, encoding: str, dialect: Dialect, end: str) -> Iterator[str]:
        """Yield the text in pieces that end where a record does."""
        try:
            decoder = codecs.getincrementaldecoder(encoding)()
        except LookupError:
            raise UnreadableFileError(f"'{self.path.name}': the encoding '{encoding}' is not known.") from None
        pending = ""
        try:
            with self._opened() as file:
                while piece := file.read(self.portion_bytes):
                    pending += decoder.decode(piece)
                    cut = record_end(pending, dialect, end)
                    if cut:
                        yield pending[:cut].removeprefix("\ufeff")
                        pending = pending[cut:]
                    elif len(pending) > MOST_PENDING * self.portion_bytes:
                        raise UnreadableFileError(
                            f"'{self.path.name}': a quotation mark is opened and never closed, so rows cannot be told "
                            "apart. Export the file again with quotation marks inside a text doubled."
                        )
            pending += decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise UnreadableFileError(
                f"'{self.path.name}' is not {encoding} text. Save it as UTF-8, or change the declared encoding."
            ) from None
        if pending.strip():
            yield pending


def record_end(text: str, dialect: Dialect, end: str = "\n") -> int:
    """Return where the last whole record of a text ends: after a line's end outside quotation marks; 0 where none does.

    A quotation mark inside a quoted text is doubled or escaped, so that outside one their number is even.
    """
    quote, escaped = dialect.quote, dialect.escape + dialect.quote if dialect.escape and dialect.quote else ""
    marks = _marks(text, quote, escaped)
    upto = len(text)
    while (place := text.rfind(end, 0, upto)) >= 0:
        marks -= _marks(text[place:upto], quote, escaped)
        if marks % 2 == 0:
            return place + 1
        upto = place
    return 0


def _marks(text: str, quote: str, escaped: str) -> int:
    return text.count(quote) - (text.count(escaped) if escaped else 0) if quote else 0


def _settled(declared: DeliveryFile, dialect: Dialect) -> DeliveryFile:
    """Return the declaration with what was detected in the first portion, so that all are read alike."""
    found: dict[str, object] = {"encoding": "utf-8", "delimiter": dialect.delimiter, "quote": dialect.quote}
    if not dialect.skips_blanks:
        found["escape"] = dialect.escape
    if dialect.header_rows:
        found |= {"header_row": dialect.header_row, "header_rows": dialect.header_rows}
    return declared.model_copy(update=found)
