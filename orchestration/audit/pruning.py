"""Letting old records go: whole months, once all of them are older than the log is kept, with a signed record each.

The signed record is written before the file goes, so that a kill in between leaves a chain that verifies either way.
"""

from datetime import UTC, datetime, timedelta

from orchestration.audit.log import AuditLog
from orchestration.audit.reading import as_object, segments


def prune(log: AuditLog, *, days: int, now: datetime | None = None) -> int:
    """Remove files whose newest record is older than `days`; return how many records went. The newest file stays."""
    ends = ((now or datetime.now(UTC)) - timedelta(days=days)).isoformat(timespec="milliseconds")
    gone = 0
    for path in segments(log.folder)[:-1]:
        lines = path.read_bytes().splitlines()
        first, last = as_object(lines[0]) if lines else None, as_object(lines[-1]) if lines else None
        if first is None or last is None or str(last["at"]) >= ends:
            break  # what cannot be read is evidence, and what stands after it stays with it
        log.prune(first, last)
        path.unlink()
        gone += len(lines)
    return gone
