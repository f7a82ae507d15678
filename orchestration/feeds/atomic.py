"""Writing files so that a crash leaves the old one or the new one, never half of one."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import move
from typing import Literal, TypedDict

import polars as pl

from orchestration.errors import HomeError


class ParquetLayout(TypedDict):
    """How Parquet files are written: as arguments of polars."""

    compression: Literal["zstd"]
    statistics: bool
    row_group_size: int


LAYOUT = ParquetLayout(compression="zstd", statistics=False, row_group_size=250_000)
"""The same rows give the same bytes however many came at a time. Nobody asks for a file's smallest and largest values,
which take time and would be values of persons."""
DIGEST_LENGTH = 16
"""Hexadecimal digits of a SHA-256 in a file's name: 64 bits tell the files of one delivery apart."""

FAILED = (OSError, pl.exceptions.ComputeError)
"""What writing raises when the disk is full or may not be written: polars has an error of its own for it."""

POLARS_SAYS = re.compile(r"IO error: (?P<why>.+?) \(os error \d+\)")


def write_bytes(path: Path, data: bytes) -> None:
    """Write aside and swap in."""
    _write(path, lambda aside: aside.write_bytes(data))


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame aside and swap it in. The same frame gives the same bytes."""
    _write(path, lambda aside: frame.write_parquet(aside, **LAYOUT))


def write_parquet_by_content(folder: Path, stem: str, frame: pl.DataFrame) -> str:
    """Write a frame as <stem>-<digest>.parquet and return the digest of its bytes: equal frames are one file."""
    aside = folder / f".{stem}.{os.getpid()}.aside"
    with writing(folder, aside):
        folder.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(aside, **LAYOUT)
        with aside.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:DIGEST_LENGTH]
        aside.replace(folder / f"{stem}-{digest}.parquet")
    return digest


def move_by_content(folder: Path, stem: str, written: Path) -> str:
    """Move a Parquet file that was written piece by piece to where `write_parquet_by_content` would have put it."""
    aside = folder / f".{stem}.{os.getpid()}.aside"
    with writing(folder, aside):
        folder.mkdir(parents=True, exist_ok=True)
        with written.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:DIGEST_LENGTH]
        move(written, aside)
        aside.replace(folder / f"{stem}-{digest}.parquet")
    return digest


def move_to(path: Path, written: Path) -> None:
    """Swap in a file that was written elsewhere."""
    _write(path, lambda aside: move(written, aside))


@contextmanager
def writing(path: Path, aside: Path | None = None) -> Iterator[None]:
    """Raise HomeError, naming `path`, where the disk is full or may not be written; leave nothing aside."""
    try:
        yield
    except FAILED as error:
        if aside:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: Exception) -> HomeError:
    """Return the error that says that a path cannot be written, why, and what to do."""
    why = str(error)
    if isinstance(error, OSError):
        why = error.strerror or why
    elif isinstance(error, pl.exceptions.ComputeError):
        found = POLARS_SAYS.search(why)
        why = found["why"] if found else "the file could not be written to its end"
    return HomeError(f"Cannot write {path} ({why}): free some space or check its rights, then refresh again.")


def _write(path: Path, write: Callable[[Path], object]) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}.aside")
    with writing(path, aside):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(aside)
        aside.replace(path)


def sweep(folder: Path) -> None:
    """Remove what a killed process left aside."""
    for left in folder.rglob(".*.aside"):
        left.unlink(missing_ok=True)
