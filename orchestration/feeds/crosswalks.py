"""Code lists by name: the canonical code of each partner's code.

Looked for in the area pack first (`crosswalks/<name>.csv`, then `crosswalks.csv`), then in `seeds/reference`. A file of
several lists has the columns list, source_code and code; a file of one list has source_code and code.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Column
from orchestration.area.reading import read_table
from orchestration.errors import AreaPackError
from orchestration.settings import repository_root

MANY = "crosswalks.csv"


def crosswalk_folders(area_dir: Path) -> tuple[Path, ...]:
    """Return where crosswalks are looked for, the area's own first."""
    return (area_dir, repository_root() / "seeds" / "reference")


def codes_of(column: Column, folders: Sequence[Path]) -> dict[str, str]:
    """Return a column's whole code list: its crosswalk, and over it the codes of the contract itself."""
    return {**(read_crosswalk(column.crosswalk, folders) if column.crosswalk else {}), **column.codes}


def read_crosswalk(name: str, folders: Sequence[Path]) -> dict[str, str]:
    """Read one code list; raise AreaPackError naming every place where it was looked for."""
    for folder in folders:
        own = folder / "crosswalks" / f"{name}.csv"
        if Path(name).name == name and own.is_file():
            return _codes(read_table(own, ("source_code", "code")))
        many = folder / MANY
        if many.is_file():
            frame = _many(many, many.stat().st_mtime_ns).filter(pl.col("list") == name)
            if frame.height:
                return _codes(frame)
    places = ", ".join(f"{folder / MANY} (list '{name}')" for folder in folders)
    raise AreaPackError(f"crosswalk '{name}' was not found: looked for it in {places}.")


@cache
def _many(path: Path, _changed: int) -> pl.DataFrame:
    return read_table(path, ("list", "source_code", "code"))


def _codes(frame: pl.DataFrame) -> dict[str, str]:
    return {str(a): str(b) for a, b in frame.select("source_code", "code").drop_nulls().rows()}
