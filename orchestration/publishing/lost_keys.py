"""When the snapshot key is lost for good, and a new baseline is decided: what nothing opens any more is set aside.

Only with that decision: otherwise what cannot be read stops publishing and reading. What is set aside is kept, in case
the key is found after all.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from orchestration.sealed_bytes import NoKeyFitsError, context_of, unseal
from orchestration.settings import Settings

SWAPS = "area_swaps.parquet"
SWAPS_CONTEXT = context_of("area swaps")
VINTAGES = "vintages.sqlite"
BESIDE = ("", "-wal", "-shm")
ASIDE = ".no-key-opens-it"


def set_aside_what_no_key_opens(settings: Settings) -> list[Path]:
    """Rename the pairs of swapped people and the memory of what was released where no key opens them; return both."""
    keys, swaps, vintages = settings.snapshot_keys(), settings.state / SWAPS, settings.state / VINTAGES
    lost: list[Path] = []
    if swaps.exists() and not _opens(swaps.read_bytes(), keys, SWAPS_CONTEXT):
        lost.append(swaps)
    if vintages.exists() and not _all_open(vintages, keys):
        lost += [path for end in BESIDE if (path := vintages.with_name(VINTAGES + end)).exists()]
    for path in lost:
        path.replace(path.with_name(path.name + ASIDE))
    return lost


def _all_open(path: Path, keys: tuple[str, ...]) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("select origin, quantity, period, cells from vintage")
        return all(_opens(cells, keys, context_of(*names)) for *names, cells in rows)


def _opens(value: bytes, keys: tuple[str, ...], context: str) -> bool:
    try:
        unseal(value, keys, context=context)
    except NoKeyFitsError:
        return False
    return True
