"""What a workbook holds before it is opened: its size, its merged cells, and formulas without results.

A workbook is a zip of XML. A few kilobytes of it can unpack to gigabytes, or put one cell at the far corner of a
sheet so that a reader reserves room for seventeen thousand million. So it is first skimmed, in pieces, within limits.
What does not belong here: reading cells (orchestration.feeds.workbook).
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers import expat

from orchestration.feeds.archive import (
    CHUNK,
    MOST_RATIO,
    OLE,
    RATIO_COUNTS_FROM,
    ZIP,
    UnreadableFileError,
    open_zip,
)

MOST_WORKBOOK_BYTES = 2 * 1024**3
MOST_CELLS = 40_000_000
"""Rows times columns up to the last cell; a full sheet of 40 columns. More should come as CSV."""
MOST_SHEET_ROWS = 1 << 20
MOST_MERGES = 200_000
MOST_INDEX_BYTES = 16 << 20
COLUMN_OF_CELL = re.compile(rb'\br="([A-Z]{1,3})\d')
ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,8})"')
ROW_START = re.compile(rb"<(?:\w+:)?row\b")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
NO_RESULT = re.compile(
    rb'<(?:\w+:)?c\b(?![^>]*\bt="str")[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>|</(?:\w+:)?c>)"
)
"""A formula whose result nobody has worked out: a program wrote the workbook and no spreadsheet has saved it since. A
result that is an empty text has t="str"."""

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column, from 0."""


@dataclass
class Survey:
    """One sheet: rows and columns up to its last cell, merged areas, and formulas without a result."""

    rows: int = 0
    columns: int = 0
    merges: list[Merge] = field(default_factory=list)
    formulas_without_result: int = 0
    knows_merges: bool = True


@dataclass
class Bounds:
    """A workbook that has been weighed. An .xls is bounded by its own format, and its merged cells are not known."""

    name: str
    archive: zipfile.ZipFile | None = None
    tables: list[Survey] | None = None

    def survey(self, sheet: str, position: int) -> Survey:
        """Skim one sheet; raise UnreadableFileError when it is larger than any real one."""
        if self.archive is None:
            return Survey(knows_merges=False)
        if self.tables is not None:
            return self.tables[position] if position < len(self.tables) else Survey()
        part = _part_of(self.archive, sheet)
        if part is None or part not in self.archive.namelist() or not part.endswith(".xml"):
            return Survey(knows_merges=False)
        return _within(self.name, _survey_xlsx(_pieces(self.name, self.archive, part)))


def weigh(name: str, data: bytes) -> Bounds:
    """Weigh what a reader unpacks when it opens a workbook; raise UnreadableFileError when that is too much."""
    if not data.startswith(ZIP):
        return Bounds(name)
    archive = open_zip(name, data)
    _check_size(name, archive)
    names = set(archive.namelist())
    if "content.xml" in names and not any(part.startswith("xl/") for part in names):
        if is_locked(name, data):
            raise locked(name)
        return Bounds(name, archive, [_within(name, table) for table in _survey_ods(name, archive)])
    for part in sorted(names & {"xl/sharedStrings.xml", "xl/styles.xml", "xl/sharedStrings.bin"}):
        for _ in _pieces(name, archive, part):
            pass
    return Bounds(name, archive)


def _within(name: str, found: Survey) -> Survey:
    if found.rows * found.columns > MOST_CELLS:
        raise UnreadableFileError(
            f"'{name}' has a sheet that reaches to row {found.rows} and column {found.columns}: that is too large "
            "for a workbook. Delete what stands far out, or export it as CSV."
        )
    return found


def is_locked(name: str, data: bytes) -> bool:
    """Tell whether a workbook that would not open is encrypted: an .xlsx in an OLE envelope, an .xls or an .ods."""
    if data.startswith(OLE):
        return "EncryptedPackage".encode("utf-16-le") in data or _has_filepass(data)
    if not data.startswith(ZIP):
        return False
    archive = open_zip(name, data)
    manifest = "META-INF/manifest.xml"
    return manifest in archive.namelist() and any(
        b"encryption-data" in piece for piece in _pieces(name, archive, manifest)
    )


def locked(name: str) -> UnreadableFileError:
    """Return what to say of a workbook that needs a password."""
    return UnreadableFileError(f"'{name}' is locked with a password. Send it without one, by the agreed safe channel.")


def _has_filepass(data: bytes) -> bool:
    """Walk the first records of the workbook stream of an .xls for FILEPASS (MS-XLS 2.4.117)."""
    place = data.find(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    while 0 <= place < len(data) - 4:
        kind, size = (
            int.from_bytes(data[place : place + 2], "little"),
            int.from_bytes(data[place + 2 : place + 4], "little"),
        )
        if kind == 0x2F:
            return True
        if kind in (0x85, 0x0A, 0):  # the sheets, the end: FILEPASS would have come before
            return False
        place += 4 + size
    return False


def _check_size(name: str, archive: zipfile.ZipFile) -> None:
    total = packed = 0
    for info in archive.infolist():
        total, packed = total + info.file_size, packed + info.compress_size
    if total > MOST_WORKBOOK_BYTES or (total > RATIO_COUNTS_FROM and total > MOST_RATIO * max(packed, 1)):
        raise UnreadableFileError(
            f"'{name}' unpacks to {total >> 20} MiB, as no real workbook of its size does: it is not read."
        )


def _pieces(name: str, archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Return a member in pieces; one that unpacks to more than it says is damaged or meant to harm."""
    try:
        info = copy(archive.getinfo(part))
        said, info.file_size = info.file_size, 1 << 62  # so that it is read to its real end
        with archive.open(info) as file:
            while piece := file.read(CHUNK):
                said -= len(piece)
                if said < 0:
                    raise UnreadableFileError(f"'{name}' unpacks to more than it says: it is not read.")
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError):
        raise UnreadableFileError(f"'{name}' is a damaged workbook, or locked. Save it again and send it.") from None


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the path of a sheet's XML inside the workbook."""
    book, links = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    try:
        if any(archive.getinfo(part).file_size > MOST_INDEX_BYTES for part in (book, links)):
            return None
        sheets, relations = (ElementTree.fromstring(archive.read(part)) for part in (book, links))  # noqa: S314
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
        return None
    wanted = next(
        (
            value
            for element in sheets.iter()
            if element.tag.endswith("}sheet") and element.get("name") == sheet
            for key, value in element.attrib.items()
            if key.endswith("}id")
        ),
        None,
    )
    target = next((element.get("Target") for element in relations if element.get("Id") == wanted), None)
    if target is None:
        return None
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _survey_xlsx(pieces: Iterator[bytes]) -> Survey:
    found = Survey()
    columns: set[bytes] = set()
    rest = b""
    for piece in pieces:
        rest += piece
        cut = max((match.start() for match in ROW_START.finditer(rest, max(len(rest) - CHUNK, 0))), default=0)
        if cut or len(rest) > 16 * CHUNK:
            _skim(rest[: cut or len(rest)], found, columns)
            rest = rest[cut:] if cut else b""
    _skim(rest, found, columns)
    found.columns = max((_column(letters) + 1 for letters in columns), default=0)
    return found


def _skim(xml: bytes, found: Survey, columns: set[bytes]) -> None:
    columns.update(COLUMN_OF_CELL.findall(xml))
    found.rows = max(found.rows, max(map(int, ROW.findall(xml)), default=0))
    if b"<f" in xml or b":f" in xml:
        found.formulas_without_result += len(NO_RESULT.findall(xml))
    for left, top, right, bottom in MERGED.findall(xml):
        if len(found.merges) < MOST_MERGES:
            found.merges.append((int(top) - 1, _column(left), int(bottom) - 1, _column(right)))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


@dataclass
class _OdsTables:
    """Follows the tables of an .ods through their elements."""

    name: str
    tables: list[Survey] = field(default_factory=list)
    depth: int = 0
    row: int = 0
    row_repeats: int = 1
    column: int = 0
    cell_repeats: int = 1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "table:table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append(Survey())
                self.row = 0
        if self.depth != 1:
            return
        if tag == "table:table-row":
            self.row_repeats = _repeats(attributes.get("table:number-rows-repeated"))
            self.column = 0
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self.cell_repeats = _repeats(attributes.get("table:number-columns-repeated"))
            if any(
                key.startswith(("office:value", "office:date", "office:boolean", "office:string")) for key in attributes
            ):
                self._holds(self.column + self.cell_repeats)
            across = _repeats(attributes.get("table:number-columns-spanned"))
            down = _repeats(attributes.get("table:number-rows-spanned"))
            if (across > 1 or down > 1) and len(self.tables[-1].merges) < MOST_MERGES:
                self.tables[-1].merges.append((self.row, self.column, self.row + down - 1, self.column + across - 1))
        elif tag == "text:p":
            self._holds(self.column + self.cell_repeats)

    def end(self, tag: str) -> None:
        if tag == "table:table":
            self.depth -= 1
        if self.depth != 1:
            return
        if tag in ("table:table-cell", "table:covered-table-cell"):
            self.column += self.cell_repeats
        elif tag == "table:table-row":
            self.row += self.row_repeats

    def _holds(self, column: int) -> None:
        self.tables[-1].rows = max(self.tables[-1].rows, self.row + self.row_repeats)
        self.tables[-1].columns = max(self.tables[-1].columns, column)

    def refuse_entities(self, *_: object) -> None:
        raise UnreadableFileError(f"'{self.name}' defines words of its own in its XML, as no spreadsheet program does.")


def _repeats(text: str | None) -> int:
    return min(int(text), MOST_SHEET_ROWS) if text and text.isdigit() else 1


def _survey_ods(name: str, archive: zipfile.ZipFile) -> list[Survey]:
    sheet = _OdsTables(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.EntityDeclHandler = sheet.refuse_entities
    try:
        for piece in _pieces(name, archive, "content.xml"):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise UnreadableFileError(f"'{name}' is a damaged workbook. Save it again and send it.") from None
    return sheet.tables
