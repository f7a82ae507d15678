"""What an agreement permits of a feed today.

Stands with the feeds because ingestion obeys it too; `orchestration.governance.permits` is its public address.
"""

from dataclasses import dataclass
from datetime import date

from orchestration.area import Agreement


@dataclass(frozen=True)
class Decision:
    """`allowed`: rows may be received and served. `may_keep`: rows already held may be served, new ones not received.

    `items` are the agreed data items of the feed; empty when nothing may be held. `reason` is a sentence's end.
    """

    allowed: bool
    reason: str
    items: frozenset[str] = frozenset()
    may_keep: bool = False


def permits(agreement: Agreement | None, feed: str, *, today: date, agreement_id: str | None = None) -> Decision:
    """Decide whether a feed may be received and served today, and which of its items.

    An agreement permits while it is signed, has started and has not expired. After its end `on_expiry: keep` lets rows
    already held stay; a suspended one never does, nor one that was never signed.
    """
    if agreement is None:
        return Decision(False, f"agreement {agreement_id or '(unnamed)'} not found in agreements/")
    name = f"agreement {agreement.id}"
    permission = agreement.feeds.get(feed)
    obstacle = (
        f"{name} does not cover feed {feed}"
        if permission is None
        else f"{name} is suspended"
        if agreement.status == "suspended"
        else f"{name} is not signed (it is {agreement.status.replace('_', ' ')})"
        if agreement.status in ("draft", "in_review")
        else f"{name} starts on {agreement.starts_on:%d %B %Y}"
        if today < agreement.starts_on
        else None
    )
    if permission is None or obstacle:
        return Decision(False, obstacle or "")
    items = frozenset(permission.items)
    is_past = today > agreement.expires_on
    if not is_past and agreement.status == "signed":
        return Decision(True, f"{name} is in force until {agreement.expires_on:%d %B %Y}", items, may_keep=True)
    end = f"{name} {'expired' if is_past or agreement.status == 'expired' else 'ended'}"
    end += f" on {agreement.expires_on:%d %B %Y}" if is_past else ""
    if agreement.on_expiry == "keep":
        return Decision(False, f"{end}; rows already held are kept, as it says", items, may_keep=True)
    return Decision(False, end)
