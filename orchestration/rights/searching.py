"""The proof: a search of every file of the home for somebody's tokens and references, however a file is packed.

Parquet and databases compress what they hold, so that looking at their bytes alone would find nothing and prove
nothing: they are read as well. What does not belong here: removing anything.
"""

import gzip
import sqlite3
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl
import polars.selectors as cs

from orchestration.published_files import attach_published
from orchestration.rights.marks import FORGOTTEN, read_list, record_marks, token_marks
from orchestration.rights.records import IDENTITY
from orchestration.settings import Settings

CHUNK = 1 << 22
UNREADABLE = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, RuntimeError, pl.exceptions.PolarsError)
SIMULATED = "truth"
"""The demo's own record of the people it invented; a real area has none."""
TEXT = """
    select columns.schema_name, columns.table_name, columns.column_name
    from duckdb_columns() as columns
    semi join duckdb_tables() as tables using (database_name, schema_name, table_name)
    where columns.database_name = 'searched' and columns.data_type = 'VARCHAR'
"""


@dataclass
class Searched:
    """What was looked at, and where somebody was found: paths below the home."""

    files: int = 0
    bytes: int = 0
    found: list[str] = field(default_factory=list)


def search_home(settings: Settings, tokens: Collection[str], pairs: pl.DataFrame) -> Searched:
    """Look for tokens in every file, and for each feed's references in the tables that name feed and reference.

    Whoever is on the list of forgotten people is looked for as well, by marks: after a kill their other tokens and
    references are known by these alone.
    """
    marks = frozenset(read_list(settings, FORGOTTEN)["mark"])
    needles = [token.encode() for token in sorted(tokens) if token]
    told = Searched()
    for path in sorted(settings.home.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.relative_to(settings.home).parts[0] == SIMULATED:
            continue
        told.files += 1
        told.bytes += path.stat().st_size
        if holds_any(settings, path, needles) or _has_reference(path, pairs) or _has_marked(settings, path, marks):
            told.found.append(path.relative_to(settings.home).as_posix())
    return told


def holds_any(settings: Settings, path: Path, needles: Collection[bytes]) -> bool:
    """Whether a file holds one of these texts: in its bytes, in what is packed in it, or in the texts of its tables."""
    if not needles:
        return False
    written = [*needles, *(needle.decode().encode(code) for needle in needles for code in ("utf-16-le", "utf-16-be"))]
    try:
        if path.suffix == ".parquet":
            return _in_parquet(path, needles)
        if path.suffix == ".duckdb":
            return _in_duckdb(settings, path, needles)
        if path.suffix in (".sqlite", ".db") and _in_sqlite(path, needles):
            return True
        return any(_in_chunks(stream, written) for stream in _streams(path))
    except UNREADABLE:  # half of a file, or a locked one: what can be seen of it is looked at
        return _in_chunks(_chunks(path.open("rb")), written)


def _streams(path: Path) -> Iterator[Iterator[bytes]]:
    """Yield a file's bytes, then those of whatever it packs."""
    yield _chunks(path.open("rb"))
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] == b"\x1f\x8b":
        with gzip.open(path, "rb") as packed:
            yield _chunks(packed)
    elif start == b"PK\x03\x04" and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                yield _chunks(archive.open(info))


def _chunks(file: object) -> Iterator[bytes]:
    with file as opened:  # type: ignore[attr-defined]
        while piece := opened.read(CHUNK):
            yield piece


def _in_chunks(pieces: Iterator[bytes], needles: Collection[bytes]) -> bool:
    longest, before = max(map(len, needles)), b""
    for piece in pieces:
        looked = before + piece
        if any(needle in looked for needle in needles):
            return True
        before = looked[-longest:]
    return False


def _in_parquet(path: Path, needles: Collection[bytes]) -> bool:
    texts = [needle.decode() for needle in needles]
    columns = pl.scan_parquet(path).select(cs.string() | cs.categorical() | cs.enum())
    if not columns.collect_schema():
        return False
    has = pl.any_horizontal(pl.all().cast(pl.String).str.contains_any(texts).any())
    return bool(columns.select(has.fill_null(value=False)).collect().item())


def _in_duckdb(settings: Settings, path: Path, needles: Collection[bytes]) -> bool:
    with duckdb.connect() as connection:
        attach_published(connection, path, "searched", settings)
        wanted = pl.DataFrame({"needle": [needle.decode() for needle in needles]})
        connection.register("wanted", wanted.to_arrow())
        for schema, table, column in connection.execute(TEXT).fetchall():
            name = f'searched."{schema}"."{table}"'
            asked = f'select 1 from {name} where exists (from wanted where contains("{column}", needle)) limit 1'
            if connection.execute(asked).fetchone():
                return True
    return False


def _in_sqlite(path: Path, needles: Collection[bytes]) -> bool:
    """Look into a database through its own reader, which knows of pages that are still in its log."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return any(needle.decode() in line for line in connection.iterdump() for needle in needles)
    except sqlite3.DatabaseError:
        return False


def _has_reference(path: Path, pairs: pl.DataFrame) -> bool:
    if path.suffix != ".parquet" or pairs.is_empty():
        return False
    try:
        schema = pl.read_parquet_schema(path)
        if not {"feed", "source_ref"} <= set(schema):
            return False
        rows = pl.scan_parquet(path).select(pl.col("feed", "source_ref").cast(pl.String))
        return rows.join(pairs.lazy(), on=["feed", "source_ref"], how="semi").limit(1).collect().height > 0
    except UNREADABLE:
        return False  # its bytes were looked at


def _has_marked(settings: Settings, path: Path, marks: frozenset[str]) -> bool:
    """Whether a table holds a record, or a token of one person alone, of somebody who was forgotten."""
    if path.suffix != ".parquet" or not marks:
        return False
    try:
        schema = pl.read_parquet_schema(path)
        names = [name for name in ("feed", "source_ref", *IDENTITY) if name in schema]
        rows = pl.read_parquet(path, columns=names).cast(pl.String)
    except UNREADABLE:
        return False  # its bytes were looked at
    held = [token_marks(settings, rows[name].unique()) for name in IDENTITY if name in schema]
    if {"feed", "source_ref"} <= set(names):
        records = rows.select("feed", "source_ref").unique()
        held += [record_marks(settings, str(feed), own["source_ref"]) for (feed,), own in records.group_by("feed")]
    return any(column.is_in(list(marks)).any() for column in held)
