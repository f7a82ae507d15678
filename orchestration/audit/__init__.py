"""The audit log: what was decided, changed, seen and downloaded, by whom, in a chain that shows any change to it.

`audit_of(settings).record(kind, who=..., **fields)` writes; verifying, searching and letting go are modules of their
own. What does not belong here: anything about a person whom a service knows; staff stand in it by account, by need.
"""

from orchestration.audit.kinds import KINDS, Kind
from orchestration.audit.log import AuditLog, audit_of
from orchestration.audit.reading import Entry

__all__ = ["KINDS", "AuditLog", "Entry", "Kind", "audit_of"]
