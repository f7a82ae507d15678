"""Rows that wait for the rest of their delivery: in memory while they are few, else in a Parquet file aside.

What belongs here: writing rows piece by piece, and finding them again. What does not: which rows (acceptance), where
they are kept in the end (store).
"""

import os
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from queue import Queue

import polars as pl
from polars.io.plugins import register_io_source

from orchestration.feeds.atomic import FAILED, LAYOUT, cannot_write

WAITING_PIECES = 2
_NUMBERS = count()


@dataclass(frozen=True)
class Rows:
    """Rows of one schema, in order: a frame, or a file that goes when nobody needs it any more.

    `nulls` counts the rows that lack a value, by column; `trues` the rows of which a column is true.
    """

    frame: pl.DataFrame | None
    path: Path | None
    height: int
    nulls: Mapping[str, int] = field(default_factory=dict)
    trues: Mapping[str, int] = field(default_factory=dict)
    few: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "Rows":
        """Return rows that are in memory."""
        spool = Spool(None, dict(frame.schema))
        spool.add(frame)
        return spool.close()

    def scan(self) -> pl.LazyFrame:
        """Return the rows to be looked at without loading all of them, texts of which there are few as they lie."""
        return pl.scan_parquet(self.path or "", glob=False) if self.frame is None else self.frame.lazy()

    def lazy(self) -> pl.LazyFrame:
        """Return the rows to be looked at without loading all of them."""
        return self.scan().cast(dict.fromkeys(self.few, pl.String())) if self.frame is None else self.scan()

    def collect(self) -> pl.DataFrame:
        """Load the rows."""
        return self.lazy().collect() if self.frame is None else self.frame

    def as_written(self) -> pl.DataFrame:
        """Load the rows as a file of them holds them: texts of which there are few as an enumeration."""
        return self.collect().cast(enumerations(self.few))

    def pieces(self, rows: int) -> Iterator[pl.DataFrame]:
        """Return the rows, so many at a time."""
        if self.frame is not None:
            yield from self.frame.iter_slices(rows)
            return
        for batch in self.lazy().collect_batches(chunk_size=rows):
            yield from batch.iter_slices(rows)


class Spool:
    """Takes pieces of rows; from the second on they are written to a file in `folder` (the system's, without one).

    `few` are columns in which only these texts occur: an enumeration is written in a fifth of the time.
    """

    def __init__(
        self,
        folder: Path | None,
        schema: dict[str, pl.DataType],
        few: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._folder = folder
        self._schema = schema
        self._few = few or {}
        self._enumerated = enumerations(self._few)
        self._first: pl.DataFrame | None = None
        self._writer: _Writer | None = None
        self._height = 0
        self._nulls = dict.fromkeys(schema, 0)
        self._trues = {name: 0 for name, kind in schema.items() if kind == pl.Boolean}

    def add(self, frame: pl.DataFrame) -> None:
        """Take a piece; raises HomeError when it cannot be written."""
        if not frame.height:
            return
        self._height += frame.height
        enumerated = frame.cast(
            self._enumerated
        )  # a constant becomes one at no cost as long as nobody has looked at it
        self._nulls = {name: found + enumerated[name].null_count() for name, found in self._nulls.items()}
        self._trues = {name: found + int(enumerated[name].sum()) for name, found in self._trues.items()}
        if self._writer is None:
            if self._first is None:
                self._first = frame
                return
            self._writer = _Writer(self._folder, self._schema | self._enumerated)
            self._writer.put(self._first.cast(self._enumerated))
            self._first = None
        self._writer.put(enumerated)

    def close(self) -> Rows:
        """Return everything that was taken."""
        if self._writer is None:
            frame = pl.DataFrame(schema=self._schema) if self._first is None else self._first
            return Rows(frame, None, self._height, self._nulls, self._trues, self._few)
        rows = Rows(None, self._writer.finish(), self._height, self._nulls, self._trues, self._few)
        weakref.finalize(rows, _remove, self._writer.path)
        return rows

    def drop(self) -> None:
        """Give up what was taken."""
        if self._writer is not None:
            self._writer.stop()
            _remove(self._writer.path)


def enumerations(few: Mapping[str, Sequence[str]]) -> pl.Schema:
    """Return the types as which columns are written in which only these texts occur."""
    return pl.Schema({name: pl.Enum(values) for name, values in few.items()})


class _Writer:
    """Writes pieces to one file in a thread of its own, so that reading goes on meanwhile."""

    def __init__(self, folder: Path | None, schema: dict[str, pl.DataType]) -> None:
        folder = folder or Path(tempfile.gettempdir())
        name = f".rows.{os.getpid()}.{next(_NUMBERS)}.aside"
        self.path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path.unlink(missing_ok=True)
            self.path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise cannot_write(folder, error) from error
        self._pieces: Queue[pl.DataFrame | None] = Queue(WAITING_PIECES)
        self._error: Exception | None = None
        self._schema = schema
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def put(self, frame: pl.DataFrame) -> None:
        self._pieces.put(frame)
        self._raise()

    def finish(self) -> Path:
        self.stop()
        self._raise()
        return self.path

    def stop(self) -> None:
        self._pieces.put(None)
        self._thread.join()

    def _raise(self) -> None:
        if isinstance(self._error, FAILED):
            raise cannot_write(self.path.parent, self._error) from self._error
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        ended = threading.Event()

        def source(
            with_columns: list[str] | None, _predicate: pl.Expr | None, _n_rows: int | None, _batch_size: int | None
        ) -> Iterator[pl.DataFrame]:
            while (frame := self._pieces.get()) is not None:
                yield frame if with_columns is None else frame.select(with_columns)
            ended.set()

        try:
            register_io_source(source, schema=self._schema).sink_parquet(self.path, **LAYOUT, maintain_order=True)
        except (OSError, pl.exceptions.PolarsError) as error:
            self._error = error
            while not ended.is_set() and self._pieces.get() is not None:
                pass  # whoever puts is told at the next piece; the disk may also fill up after the last one


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
