"""Sentences of the decisions page: how many there are, and which reviews are due."""

from collections.abc import Sequence
from datetime import date

from dashboards.components.notices import Tone
from orchestration.state import Decision


def lede(decisions: Sequence[Decision], today: date) -> str:
    """Say how many decisions were recorded and how many reviews are due."""
    if not decisions:
        return "No decision has been recorded yet. A decision rests on charts, and is looked at again on a day."
    count = len(decisions)
    due = sum(one.is_due(today) for one in decisions)
    start = "One decision is recorded" if count == 1 else f"{count} decisions are recorded"
    if not due:
        return f"{start}; no review is due."
    return f"{start}; {'one review is' if due == 1 else f'{due} reviews are'} due."


def state(decision: Decision, today: date) -> tuple[str, Tone]:
    """Return a decision's state in words and its tone."""
    if decision.review_found:
        return "Reviewed", "good"
    if decision.is_due(today):
        return "Review due", "warn"
    return "Review later" if decision.review_on else "No review planned", "plain"
