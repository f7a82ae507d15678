"""The query ledger: who asked the gate what, when, under which policy, of which snapshot, and whether it was answered.

One JSON object a line in `state/queries/YYYY-MM.jsonl`, appended whole, for its owner's eyes only. It holds questions
and no figure. What does not belong here: judging them, signing them, or letting them go (the audit log).
"""

import errno
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from orchestration.errors import ReleaseError
from orchestration.release.grammar import Request

Outcome = Literal["answered", "refused"]
OWNER_ONLY = 0o600
Entry = dict[str, str]


class Ledger:
    """The ledger of one home. Threads and processes may write at once: every line is one append."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: tuple[Path, int] | None = None

    def note(self, *, who: str, request: Request, snapshot_id: str, outcome: Outcome) -> None:
        """Append a question; raise ReleaseError when it cannot be, since no figure leaves without an account of it."""
        now = datetime.now(UTC)
        entry = {
            "at": now.isoformat(timespec="milliseconds"),
            "who": who,
            "asked": request.canonical(),
            "policy": request.policy,
            "snapshot": snapshot_id,
            "outcome": outcome,
        }
        line = b"\n" + json.dumps(entry, ensure_ascii=True).encode()  # ends what a full disk may have cut off before
        path = self._folder / f"{now:%Y-%m}.jsonl"
        try:
            with self._lock:
                self._append(path, line)
        except OSError as error:
            raise ReleaseError(
                f"The question cannot be recorded in {path} ({error.strerror}), so it is not answered: free some space "
                "or check its rights, then ask again."
            ) from error

    def entries(self) -> Iterator[Entry]:
        """Yield what was recorded, oldest first; a line that a full disk cut off is left out."""
        for path in sorted(self._folder.glob("*.jsonl")):
            with path.open(encoding="ascii") as file:
                for line in file:
                    if line.startswith("{") and line.rstrip().endswith("}"):
                        yield json.loads(line)

    def close(self) -> None:
        """Close the file; the next note opens it again."""
        with self._lock:
            if self._open is not None:
                os.close(self._open[1])
                self._open = None

    def _append(self, path: Path, line: bytes) -> None:
        if os.write(self._file(path), line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _file(self, path: Path) -> int:
        if self._open is None or self._open[0] != path or not path.exists():
            if self._open is not None:
                os.close(self._open[1])
                self._open = None
            self._folder.mkdir(parents=True, exist_ok=True)
            self._open = (path, os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, OWNER_ONLY))
        return self._open[1]
