"""Removing the rows of marked people from every store of the home; may be repeated, and stopped at any moment.

Everything is decided by marks that were written down first, so that a process killed half-way leaves a list by which
the next one, or the next refresh, goes on. A file is written anew beside the old one and swapped in. What does not
belong here: whom it is about (`records`), and the proof (`searching`).
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from orchestration.feeds.atomic import sweep, write_bytes, write_parquet, write_parquet_by_content
from orchestration.feeds.reading_lock import reading
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.feeds.store import Store
from orchestration.rights.bridges import follow_bridges
from orchestration.rights.marks import FORGOTTEN, add_to_list, read_list, record_marks, rights_folder, token_marks
from orchestration.rights.pending import is_pending
from orchestration.rights.records import IDENTITY
from orchestration.settings import Settings

WAREHOUSE_FILES = ("build.duckdb", "build.duckdb.wal", "build.json", "person_links.parquet")
INDEX_FILES = ("index_records.parquet", "index_pairs.parquet", "index.json")
Step = Callable[[str], None]


@dataclass
class Removed:
    """What one removal did: rows and files by store."""

    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    def note(self, store: str, *, rows: int = 0, files: int = 1) -> None:
        """Add rows and files of one store."""
        self.rows[store] = self.rows.get(store, 0) + rows
        self.files[store] = self.files.get(store, 0) + files

    def __bool__(self) -> bool:
        return bool(self.files)


def remove_marked(settings: Settings, *, today: date, at_step: Step = lambda _step: None) -> Removed:
    """Remove everybody on the list of forgotten people from every store; return what went.

    Nothing is done where the list is empty. `at_step` is called before each store; tests end the process there.
    """
    removed = Removed()
    if read_list(settings, FORGOTTEN).is_empty():
        return removed
    follow_bridges(settings, FORGOTTEN, since=today)
    for feed in sorted(path.name for path in (settings.accepted / "deliveries").glob("*")):
        with reading(settings, feed):
            _of_feed(settings, feed, today, removed, at_step)
    marks = _marks(settings, "record")
    at_step("bridges")
    _bridges(settings, removed)
    for store, folder in (("quarantine", settings.quarantine), ("in force", settings.accepted / "in_force")):
        at_step(store)
        for path, feed in _by_feed(folder, store):
            count = _filter_file(settings, path, feed, marks)
            if count:
                removed.note(store, rows=count)
    at_step("linkage")
    _linkage(settings, marks, removed)
    at_step("warehouse")
    if removed or is_pending(settings):
        drop_warehouse(settings, removed)
    return removed


def is_marked(settings: Settings, feed: str, references: pl.Series, marks: frozenset[str]) -> pl.Series:
    """Return for each reference of a feed whether it is on the list."""
    return record_marks(settings, feed, references).is_in(list(marks)).fill_null(value=False)


def _marks(settings: Settings, kind: str) -> frozenset[str]:
    return frozenset(read_list(settings, FORGOTTEN).filter(pl.col("kind") == kind)["mark"])


def _of_feed(settings: Settings, feed: str, today: date, removed: Removed, at_step: Step) -> None:
    """Remove them from the deliveries of one feed; those that were searched under the same list are left alone."""
    sweep(settings.accepted / "deliveries" / feed)
    note = rights_folder(settings) / "searched" / f"{feed}.json"
    searched: dict[str, str] = json.loads(note.read_bytes()) if note.exists() else {}
    folders = _unsearched(settings, feed, searched)
    if not folders:
        return
    at_step(f"recognise {feed}")
    _recognise(settings, feed, folders, today)
    marks = _marks(settings, "record")
    folders = _unsearched(settings, feed, searched)  # more of them, where somebody was recognised
    at_step(f"landing {feed}")
    _landing(settings, feed, folders, marks, removed)
    at_step(f"accepted {feed}")
    _accepted(settings, feed, folders, marks, removed)
    searched |= {folder.name: _state(settings, feed, folder) for folder in folders if folder.is_dir()}
    write_bytes(note, json.dumps(searched).encode())


def _unsearched(settings: Settings, feed: str, searched: dict[str, str]) -> list[Path]:
    """Return the folders of deliveries that hold something not searched under the list as it is."""
    folders = sorted(path for path in (settings.accepted / "deliveries" / feed).glob("*") if path.is_dir())
    return [folder for folder in folders if searched.get(folder.name) != _state(settings, feed, folder)]


def _state(settings: Settings, feed: str, folder: Path) -> str:
    """Return what recognises the files of a delivery and the list under which they were searched."""
    names = sorted(path.name for path in folder.glob("*.parquet"))
    quarantine = Store(settings).quarantine_path(feed, folder.name)
    held = [str(quarantine.stat().st_mtime_ns)] if quarantine.exists() else []
    listed = sorted(read_list(settings, FORGOTTEN)["mark"])
    return hashlib.sha256("\n".join([*names, *held, *listed]).encode()).hexdigest()[:16]


def _recognise(settings: Settings, feed: str, folders: Sequence[Path], today: date) -> None:
    """Add the references of this feed under which somebody who was forgotten has come again, known by a token."""
    known = _marks(settings, "token")
    for path in [path for folder in folders for path in sorted(folder.glob("person-*.parquet"))]:
        schema = pl.read_parquet_schema(path)
        names = [name for name in IDENTITY if name in schema]
        rows = pl.read_parquet(path, columns=["source_ref", *names]).cast(pl.String)
        hit = pl.Series([False]).new_from_index(0, rows.height)
        for name in names:
            hit |= token_marks(settings, rows[name]).is_in(list(known)).fill_null(value=False)
        if hit.any():
            again = record_marks(settings, feed, rows.filter(hit)["source_ref"].unique())
            add_to_list(settings, FORGOTTEN, records=again.to_list(), request="recognised", since=today)


def _accepted(settings: Settings, feed: str, folders: Sequence[Path], marks: frozenset[str], removed: Removed) -> None:
    """Write the files that hold them anew; a receipt names the new file before the old one goes."""
    store = Store(settings)
    receipts = {receipt.delivery_id: receipt for receipt in store.receipts(feed)}
    for path in [path for folder in folders for path in sorted(folder.glob("*.parquet"))]:
        references = pl.read_parquet(path, columns=["source_ref"])["source_ref"]
        gone = is_marked(settings, feed, references, marks)
        if not gone.any():
            continue
        entity, _, digest = path.stem.partition("-")
        new = write_parquet_by_content(path.parent, entity, pl.read_parquet(path).filter(~gone))
        receipt = receipts.get(path.parent.name)
        if receipt:
            receipts[path.parent.name] = naming(receipt, entity, digest, new)
            store.commit(receipts[path.parent.name])
        path.unlink()
        removed.note("accepted rows", rows=int(gone.sum()))


def naming(receipt: Receipt, entity: str, old: str, new: str) -> Receipt:
    """Return a receipt, its former readings among it, in which a file of rows has its new digest."""

    def renamed(stored: dict[str, str]) -> dict[str, str]:
        return {name: new if (name, digest) == (entity, old) else digest for name, digest in stored.items()}

    earlier = tuple(one.model_copy(update={"stored": renamed(one.stored)}) for one in receipt.earlier)
    return receipt.model_copy(update={"stored": renamed(receipt.stored), "earlier": earlier})


def _landing(settings: Settings, feed: str, folders: Sequence[Path], marks: frozenset[str], removed: Removed) -> None:
    """Remove each delivered file that holds one of them: its accepted rows stay, and its partner has the original.

    A delivery that has files of several kinds loses all of them, since one without another would be read as faulty.
    """
    receipts = {receipt.delivery_id: receipt for receipt in read_receipts(settings, feed)}
    for folder in folders:
        quarantine = Store(settings).quarantine_path(feed, folder.name)
        paths = [*folder.glob("*.parquet"), *([quarantine] if quarantine.exists() else [])]
        if folder.name in receipts and any(_holds(settings, path, feed, marks) for path in paths):
            remove_delivered(settings, receipts[folder.name], removed)


def remove_delivered(settings: Settings, receipt: Receipt, removed: Removed) -> None:
    """Remove the files of a delivery from the landing folder, under whatever name the same content lies there."""
    named = {file.sha256 for file in receipt.files}
    sizes = {file.bytes for file in receipt.files}
    for path in delivered_files(settings):
        if path.stat().st_size in sizes and sha256_of(path) in named:
            path.unlink()
            removed.note("delivered files")


def delivered_files(settings: Settings) -> Iterator[Path]:
    """Yield the files of the landing folder, without links."""
    yield from (path for path in sorted(settings.landing.rglob("*")) if path.is_file() and not path.is_symlink())


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _holds(settings: Settings, path: Path, feed: str, marks: frozenset[str]) -> bool:
    references = pl.read_parquet(path, columns=["source_ref"])["source_ref"].unique()
    return bool(is_marked(settings, feed, references, marks).any())


def _bridges(settings: Settings, removed: Removed) -> None:
    known = list(_marks(settings, "token"))
    for path in sorted((settings.accepted / "token_bridges").glob("*/*.parquet")):
        rows = pl.read_parquet(path)
        previous, current = (token_marks(settings, rows[name]).is_in(known) for name in ("previous", "current"))
        gone = previous | current
        if gone.any():
            write_parquet(path, rows.filter(~gone))
            removed.note("bridges of keys", rows=int(gone.sum()))


def _by_feed(folder: Path, store: str) -> Iterator[tuple[Path, str]]:
    """Yield the files of a store with the feed each belongs to: the folder's name, or in force the file's."""
    for path in sorted(folder.glob("*/*.parquet")):
        if not path.name.startswith("_"):
            yield path, path.stem if store == "in force" else path.parent.name


def _filter_file(settings: Settings, path: Path, feed: str, marks: frozenset[str]) -> int:
    references = pl.read_parquet(path, columns=["source_ref"])["source_ref"]
    gone = is_marked(settings, feed, references, marks)
    if gone.any():
        write_parquet(path, pl.read_parquet(path).filter(~gone))
    return int(gone.sum())


def _linkage(settings: Settings, marks: frozenset[str], removed: Removed) -> None:
    """Take their records and keys out of what linking keeps; its index is made anew, since it counts on all of them."""
    folder = settings.linkage
    if not (folder / "key_registry.parquet").exists():
        return
    registry = pl.read_parquet(folder / "key_registry.parquet")
    gone = _marked_rows(settings, registry, marks)
    keys = set(registry.filter(gone)["person_key"]) - set(registry.filter(~gone)["person_key"])
    touched = False
    for path in sorted(folder.glob("*.parquet")):
        rows = pl.read_parquet(path)
        out = _out_of_linkage(settings, rows, marks, keys)
        if out.any() and path.name not in INDEX_FILES and path.name != "key_registry.parquet":
            write_parquet(path, rows.filter(~out))
            removed.note("linkage", rows=int(out.sum()))
        touched |= bool(out.any())
    if touched:
        for name in INDEX_FILES:
            (folder / name).unlink(missing_ok=True)
    if gone.any():  # last: by the registry a killed process knows which keys were theirs
        write_parquet(folder / "key_registry.parquet", registry.filter(~gone))
        removed.note("linkage", rows=int(gone.sum()))


def _out_of_linkage(settings: Settings, rows: pl.DataFrame, marks: frozenset[str], keys: set[str]) -> pl.Series:
    out = pl.Series([False]).new_from_index(0, rows.height)
    if {"feed", "source_ref"} <= set(rows.columns):
        out |= _marked_rows(settings, rows, marks)
    for name in ("person_key", "other_key", "unit_key"):
        if name in rows.columns:
            out |= rows[name].is_in(list(keys)).fill_null(value=False)
    return out


def _marked_rows(settings: Settings, rows: pl.DataFrame, marks: frozenset[str]) -> pl.Series:
    numbered = rows.select("feed", "source_ref").with_row_index("place")
    frames: Sequence[pl.DataFrame] = [
        of_feed.select("place", gone=is_marked(settings, str(feed), of_feed["source_ref"], marks))
        for (feed,), of_feed in numbered.group_by("feed")
    ]
    if not frames:
        return pl.Series([], dtype=pl.Boolean)
    return pl.concat(frames).sort("place")["gone"]


def drop_warehouse(settings: Settings, removed: Removed) -> None:
    """Remove the build file whole: a deleted row stays in the bytes of a database. The next refresh makes it anew."""
    for name in WAREHOUSE_FILES:
        path = settings.warehouse / name
        if path.exists():
            path.unlink()
            removed.note("warehouse")
    for path in (settings.warehouse / "temporary").glob("*"):
        path.unlink(missing_ok=True)
