"""What a refresh leaves in the audit log: changes of the pack, what agreements decided, and how it ended.

What belongs here: when to record. What does not: how (orchestration.audit).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import dagster as dg

from orchestration.area import Area
from orchestration.audit import audit_of
from orchestration.audit.log import account
from orchestration.audit.pack import note_pack
from orchestration.audit.pruning import prune
from orchestration.defs.feeds import REFRESH_TAG
from orchestration.errors import BusyError, JoinedUpError
from orchestration.governance.permits import Decision
from orchestration.settings import Settings

SNAPSHOT_TAG = "joinedup/snapshot"
"""Of a run: the snapshot that it published."""


@dataclass
class Account:
    """What a refresh came to, filled in as it goes."""

    feeds: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    published: bool = False
    snapshot: str | None = None


@contextmanager
def accounted(settings: Settings, refresh_id: str, decisions: Sequence[str] = ()) -> Iterator[Account]:
    """Record how the block ended, let old records go, and sign the log. A refresh beside another leaves no record."""
    found = Account()
    try:
        yield found
    except BusyError:
        raise
    except BaseException:
        if settings.state.exists():
            with suppress(JoinedUpError):  # why it failed matters more than that this could not be recorded either
                _end(settings, refresh_id, found, "failed", decisions)
        raise
    _end(settings, refresh_id, found, "done with failures" if found.failed else "done", decisions)


def _end(settings: Settings, refresh_id: str, found: Account, outcome: str, decisions: Sequence[str]) -> None:
    log = audit_of(settings)
    log.record(
        "refresh", who=account(), refresh=refresh_id, outcome=outcome, feeds=found.feeds, failed=found.failed,
        published=found.published, snapshot=found.snapshot, decisions=list(decisions),
    )  # fmt: skip
    prune(log, days=settings.audit_days)
    log.checkpoint()


def note_configuration(settings: Settings) -> None:
    """Record the changed files of the pack, also of one that cannot be loaded."""
    note_pack(audit_of(settings), settings.area_dir, moment="refresh")


def note_run(settings: Settings, run: dg.DagsterRun) -> None:
    """Record a run that the daemon or a person in Dagster started; one of `joinedup refresh` is recorded as a whole."""
    if REFRESH_TAG in run.tags:
        return
    outcome = "done" if run.status == dg.DagsterRunStatus.SUCCESS else "failed"
    log = audit_of(settings)
    log.record("refresh", who="Dagster", refresh=run.run_id, outcome=outcome, snapshot=run.tags.get(SNAPSHOT_TAG))
    log.checkpoint()


def note_decisions(settings: Settings, area: Area, decisions: Mapping[str, Decision]) -> None:
    """Record what the agreements decided for each feed, as the rows in force were written by it."""
    log = audit_of(settings)
    for feed, decision in sorted(decisions.items()):
        contract = area.contracts[feed]
        log.record(
            "agreement_decision", who=account(), feed=feed, agreement=contract.agreement, allowed=decision.allowed,
            may_keep=decision.may_keep, reason=decision.reason, items=sorted(decision.items),
        )  # fmt: skip
