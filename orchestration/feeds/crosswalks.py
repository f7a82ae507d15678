"""Code lists by name: the canonical code of each partner's code.

Looked for in the area pack first (`crosswalks/<name>.csv`, then `crosswalks.csv`), then in `seeds/reference`. A file of
several lists has the columns list, source_code and code; a file of one list has source_code and code.
"""

from collections.abc import Sequence
from functools import lru_cache
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
    """Return a column's whole code list: its crosswalk, over it the codes of the contract, and those of ticks."""
    listed = read_crosswalk(column.crosswalk, folders) if column.crosswalk else {}
    ticked = (*column.ticks.values(), *([column.several] if column.several else []))
    return {**listed, **column.codes, **{code: code for code in ticked}}


def read_crosswalk(name: str, folders: Sequence[Path]) -> dict[str, str]:
    """Read one code list; raise AreaPackError naming every place where it was looked for."""
    for folder in folders:
        own = folder / "crosswalks" / f"{name}.csv"
        if Path(name).name == name and own.is_file():
            return _lists(own, own.stat().st_mtime_ns)[""]
        many = folder / MANY
        if many.is_file() and name in (lists := _lists(many, many.stat().st_mtime_ns)):
            return lists[name]
    places = ", ".join(f"{folder / MANY} (list '{name}')" for folder in folders)
    raise AreaPackError(f"crosswalk '{name}' was not found: looked for it in {places}.")


def crosswalk_lists(folders: Sequence[Path]) -> dict[str, dict[str, str]]:
    """Return every code list by name; an area's own goes before the shared one of that name."""
    found: dict[str, dict[str, str]] = {}
    for folder in reversed(folders):
        if (many := folder / MANY).is_file():
            found |= _lists(many, many.stat().st_mtime_ns)
        for own in sorted((folder / "crosswalks").glob("*.csv")):
            found[own.stem] = _lists(own, own.stat().st_mtime_ns)[""]
    return found


@lru_cache(maxsize=64)
def _lists(path: Path, _changed: int) -> dict[str, dict[str, str]]:
    """Return every list of a file by name; a file of one list has it under ''."""
    is_many = path.name == MANY and path.parent.name != "crosswalks"
    frame = read_table(path, ("list", "source_code", "code") if is_many else ("source_code", "code"))
    rows = frame.select(pl.col("list") if is_many else pl.lit("").alias("list"), "source_code", "code").drop_nulls()
    found: dict[str, dict[str, str]] = {"": {}} if not is_many else {}
    for name, source, code in rows.iter_rows():
        found.setdefault(name, {})[source] = code
    return found
