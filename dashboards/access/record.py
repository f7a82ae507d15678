"""What is recorded of the door: each sign-in, sign-out and refusal goes into the audit log, by role and place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from orchestration.audit import audit_of
from orchestration.settings import Settings


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """What happened at the door. `where` is a route, page or callback of this app, never what somebody typed."""

    kind: Literal["sign-in", "sign-out", "refused"]
    subject: str
    roles: tuple[str, ...]
    where: str


Recorder = Callable[[AccessEvent], None]


def audit_recorder(settings: Settings) -> Recorder:
    """Return the recorder that writes into the home's audit log; it raises HomeError when that cannot be written.

    Nobody is let in without an account of it: who calls this before an answer passes the error on.
    """
    log = audit_of(settings)

    def record(event: AccessEvent) -> None:
        who, role = event.subject or "nobody", ", ".join(event.roles)
        if event.kind == "sign-in":
            log.record("sign_in", who=who, role=role, outcome="admitted", method="oidc")
        elif event.kind == "sign-out":
            log.record("sign_out", who=who, role=role)
        else:
            log.record("access_refused", who=who, role=role, where=event.where)

    return record
