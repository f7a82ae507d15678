"""Writing files so that a crash leaves the old one or the new one, never half of one."""

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl

from orchestration.errors import HomeError


def write_bytes(path: Path, data: bytes) -> None:
    """Write aside and swap in."""
    _write(path, lambda aside: aside.write_bytes(data))


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Write a frame aside and swap it in. The same frame gives the same bytes."""
    _write(path, lambda aside: frame.write_parquet(aside, compression="zstd", statistics=True))


def _write(path: Path, write: Callable[[Path], object]) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}.aside")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(aside)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise HomeError(
            f"Cannot write {path} ({error.strerror or error}): free some space or check its rights."
        ) from error


def sweep(folder: Path) -> None:
    """Remove what a killed process left aside."""
    for left in folder.rglob(".*.aside"):
        left.unlink(missing_ok=True)
