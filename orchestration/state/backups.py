"""The register of backups: which were made of this home, where they were written and until when they are kept.

Erasure asks here which backups still hold what was removed from the home.
"""

import shutil
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from orchestration.settings import Settings
from orchestration.state import tables
from orchestration.state.store import Store, store_of

PUT_ASIDE = "before-"
"""How the ids of folders begin in which a restore left what was there before."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup that was made, or the folder in which a restore left what was there before."""

    backup_id: str
    made_at: datetime
    path: str
    sha256: str
    size_bytes: int
    is_sealed: bool
    keep_until: date

    @property
    def is_folder(self) -> bool:
        """Whether this is a home that a restore put aside."""
        return self.backup_id.startswith(PUT_ASIDE)

    @property
    def is_there(self) -> bool:
        """Whether the file still is where it was written; it may have been moved, which nobody here can know."""
        return Path(self.path).exists()

    def is_within_retention(self, on: date) -> bool:
        """Whether it is still to be kept on a day."""
        return on <= self.keep_until


def backups_made(settings: Settings, *, on: date | None = None) -> list[Backup]:
    """Return the backups of a home, newest first; with a day, only those that are still to be kept on it."""
    with store_of(settings).begin() as connection:
        asked = select(tables.backup).order_by(tables.backup.c.made_at.desc(), tables.backup.c.backup_id)
        rows: list[Any] = list(connection.execute(asked).mappings())
    return [found for row in rows for found in [Backup(**row)] if on is None or found.is_within_retention(on)]


def remove_expired_backups(settings: Settings, *, on: date) -> int:
    """Delete the files of backups that are not to be kept any longer, and their lines; return how many files went.

    A file that is not where it was written keeps its line: whoever moved it sees to it.
    """
    expired = [one for one in backups_made(settings) if not one.is_within_retention(on)]
    gone = []
    for one in expired:
        path = Path(one.path)
        if one.is_folder and path.is_dir() and f"-{PUT_ASIDE}" in path.name:
            shutil.rmtree(path)
        elif not one.is_folder and path.is_file() and path.stat().st_size == one.size_bytes:
            path.unlink()
        else:
            continue
        gone.append(one)
    with store_of(settings).begin() as connection:
        for one in gone:
            connection.execute(delete(tables.backup).where(tables.backup.c.backup_id == one.backup_id))
    return len(gone)


def note_backup(store: Store, made: Backup) -> None:
    """Write a backup into the register; one that overwrote another at the same place replaces it there."""
    with store.begin() as connection:
        connection.execute(delete(tables.backup).where(tables.backup.c.path == made.path))
        connection.execute(insert(tables.backup).values(**asdict(made)))
