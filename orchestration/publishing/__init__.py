"""Snapshots: build aside, verify, swap in with one atomic rename, keep the last few, roll back.

What belongs here: everything that writes under `published/`. What does not: reading a snapshot (release).
"""

from orchestration.publishing.provenance import Provenance, current_sources, note_readings, trace
from orchestration.publishing.snapshot import Snapshot, publish, rollback, snapshots

__all__ = [
    "Provenance",
    "Snapshot",
    "current_sources",
    "note_readings",
    "publish",
    "rollback",
    "snapshots",
    "trace",
]
