"""Findings of the page 'Sharing'."""

from collections.abc import Sequence
from datetime import date

from dashboards.components.dates import day
from dashboards.figures.timeline import Span


def lede(total: int, in_force: int, missing: int) -> str:
    """Say how many agreements are in force and how many feeds have none."""
    gap = (
        "every feed is covered"
        if not missing
        else f"{missing} feed{'s are' if missing > 1 else ' is'} not in the figures for want of one"
    )
    return f"{in_force} of {total} agreements are in force today; {gap}."


def next_to_end(spans: Sequence[Span], today: date) -> str:
    """Say which agreement in force ends next."""
    coming = sorted((span for span in spans if span.is_current and span.end >= today), key=lambda span: span.end)
    if not coming:
        return "No agreement is in force"
    months = round((coming[0].end - today).days / 30.4)
    when = "within a month" if months < 1 else f"in about {months} month{'s' if months > 1 else ''}"
    return f"{coming[0].label} is the next agreement to end, {when}, on {day(coming[0].end)}"
