"""The seam to the audit log: one function is called on each sign-in, sign-out and refusal."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """What happened at the door. `where` is a route, page or callback of this app, never what somebody typed."""

    kind: Literal["sign-in", "sign-out", "refused"]
    subject: str
    roles: tuple[str, ...]
    where: str


Recorder = Callable[[AccessEvent], None]


def write_log(event: AccessEvent) -> None:
    """Log what happened by role and place; who it was belongs in the audit log, not in a process's output."""
    LOG.info("%s: roles %s at %s", event.kind, ", ".join(event.roles) or "none", event.where)
