"""What a refresh leaves in the audit log: changes of the pack, what agreements decided, and how it ended.

What belongs here: when to record. What does not: how (orchestration.audit).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from orchestration.area import Area
from orchestration.audit import audit_of
from orchestration.audit.log import account
from orchestration.audit.pack import note_pack
from orchestration.audit.pruning import prune
from orchestration.errors import BusyError
from orchestration.governance.permits import decide
from orchestration.settings import Settings


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
    found, outcome = Account(), "failed"
    try:
        yield found
        outcome = "done with failures" if found.failed else "done"
    except BusyError:
        outcome = ""
        raise
    finally:
        if outcome:
            log = audit_of(settings)
            log.record(
                "refresh", who=account(), refresh=refresh_id, outcome=outcome, feeds=found.feeds, failed=found.failed,
                published=found.published, snapshot=found.snapshot, decisions=list(decisions),
            )  # fmt: skip
            prune(log, days=settings.audit_days)
            log.checkpoint()


def note_rules(settings: Settings, area: Area) -> None:
    """Record the changed files of the pack, and what the agreements decide today for each feed."""
    log = audit_of(settings)
    note_pack(log, settings.area_dir, moment="refresh")
    for feed, contract in sorted(area.contracts.items()):
        decision = decide(area, feed)
        log.record(
            "agreement_decision", who=account(), feed=feed, agreement=contract.agreement, allowed=decision.allowed,
            may_keep=decision.may_keep, reason=decision.reason, items=sorted(decision.items),
        )  # fmt: skip
