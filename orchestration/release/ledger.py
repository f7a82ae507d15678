"""The query ledger: who asked the gate what, when, under which policy, of which snapshot, and whether it was answered.

A view of the audit log (orchestration.audit), which holds the records. It holds questions and no figure. What does
not belong here: judging them, signing them, or letting them go.
"""

from collections.abc import Iterator
from typing import Literal

from orchestration.audit import AuditLog, Kind
from orchestration.audit.chain import Record
from orchestration.audit.reading import search
from orchestration.errors import HomeError, ReleaseError
from orchestration.release.grammar import Request

Outcome = Literal["answered", "refused"]
Taken = Literal["seen", "downloaded"]
KIND: dict[Taken, Kind] = {"seen": "release_seen", "downloaded": "release_downloaded"}


class Ledger:
    """The questions of one home. Threads and processes may write at once."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def note(
        self, *, who: str, request: Request, snapshot_id: str, outcome: Outcome, role: str = "", taken: Taken = "seen"
    ) -> None:
        """Append a question; raise ReleaseError when it cannot be, since no figure leaves without an account of it."""
        try:
            self._log.record(
                KIND[taken], who=who, role=role, asked=request.canonical(), policy=request.policy, snapshot=snapshot_id,
                outcome=outcome,
            )  # fmt: skip
        except HomeError as error:
            raise ReleaseError(f"The question cannot be recorded, so it is not answered. {error}") from error

    def entries(self) -> Iterator[Record]:
        """Yield what was asked, oldest first."""
        return search(self._log.folder, kinds=KIND.values())
