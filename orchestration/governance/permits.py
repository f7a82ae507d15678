"""What an agreement permits: the public address of the decision, and the decision for a feed of an area."""

from dataclasses import replace

from orchestration.area import Area
from orchestration.feeds.permission import Decision, permits

__all__ = ["Decision", "decide", "permits"]


def decide(area: Area, feed: str) -> Decision:
    """Decide for one feed of an area today: its agreement must exist, name its partner, and be in force."""
    contract = area.contracts[feed]
    agreement = area.agreements.get(contract.agreement)
    decision = permits(agreement, feed, today=area.today, agreement_id=contract.agreement)
    if agreement and contract.partner not in {party.organization_id for party in agreement.parties}:
        reason = f"{contract.partner} is not a party to agreement {agreement.id}"
        return replace(decision, allowed=False, may_keep=False, items=frozenset(), reason=reason)
    return decision
