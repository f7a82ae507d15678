"""What a restore may not undo: notes whose words were withdrawn since, and the register of backups that exist.

What belongs here: reading them from the state that is replaced, and putting them into the one that is put back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from orchestration.state import tables
from orchestration.state.store import Store


@dataclass(frozen=True)
class Carried:
    """Rows of the register, rows of withdrawn notes, and ids of notes that are withdrawn without a row being known."""

    backups: tuple[Mapping[str, Any], ...] = ()
    withdrawn: tuple[Mapping[str, Any], ...] = ()
    ids_withdrawn: Mapping[str, date] | None = None


def read_carried(store: Store) -> Carried:
    """Return what of this state outlives being replaced."""
    gone = select(tables.voice).where(tables.voice.c.withdrawn_on.is_not(None))
    with store.begin() as connection:
        backups = connection.execute(select(tables.backup)).mappings().all()
        withdrawn = connection.execute(gone).mappings().all()
    return Carried(tuple(dict(row) for row in backups), tuple(dict(row) for row in withdrawn))


def carry(connection: Connection, carried: Carried) -> None:
    """Put it into a state at its newest revision: words go, lines that are missing come."""
    ids = {row["voice_id"]: row["withdrawn_on"] for row in carried.withdrawn} | dict(carried.ids_withdrawn or {})
    voice, backup = tables.voice, tables.backup
    for voice_id, day in ids.items():
        own = update(voice).where(voice.c.voice_id == voice_id, voice.c.withdrawn_on.is_(None))
        connection.execute(own.values(words=None, source=None, withdrawn_on=day))
    known: Collection[Any] = connection.execute(select(voice.c.voice_id)).scalars().all()
    missing = [dict(row) for row in carried.withdrawn if row["voice_id"] not in known]
    if missing:
        connection.execute(insert(voice), missing)
    for row in carried.backups:
        connection.execute(delete(backup).where(backup.c.backup_id == row["backup_id"]))
        connection.execute(insert(backup), [dict(row)])
