"""What an agreement permits: the public address of the decision, and the decision for a feed of an area."""

from orchestration.area import Area
from orchestration.area.permission import Decision, decide_feed, permits

__all__ = ["Decision", "decide", "permits"]


def decide(area: Area, feed: str) -> Decision:
    """Decide for one feed of an area today: its agreement must exist, name its partner, and be in force."""
    return decide_feed(area.contracts[feed], area.agreements, today=area.today)
