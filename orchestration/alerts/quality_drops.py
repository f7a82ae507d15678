"""Drops in quality: a feed's newest delivery beside what is usual for that feed, on the six dimensions.

A dimension has dropped when its mean, or its worst field, lies clearly below the median of the deliveries before. A
delivery that has dropped is no part of what is usual, so that bad months never become the measure of the next ones.
What does not belong here: the scores themselves (orchestration.feeds.quality).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from statistics import median

from orchestration.alerts.causes import Cause
from orchestration.area.contracts import Entity
from orchestration.feeds.quality import Quality, assess
from orchestration.feeds.receipts import Receipt

HISTORY = 12
"""Deliveries that make up what is usual, at most; a year of a monthly feed."""
LEAST_HISTORY = 3
"""Fewer than these, and nothing is usual yet."""
LEAST_ROWS = 50
"""A share of fewer rows moves by itself, and could tell of single rows."""
FALL = 0.05
WORST_FALL = 0.20
SPREADS = 3
"""A fall counts from 5 (worst field: 20) points on, and from three median absolute deviations on where that is more."""


@dataclass
class Course:
    """One dimension over time: what is usual, the newest score, and since when it is a drop (None: it is none)."""

    means: list[float] = field(default_factory=list)
    worsts: list[float] = field(default_factory=list)
    newest: Quality | None = None
    since: datetime | None = None


def quality_drops(feed: str, receipts: Sequence[Receipt], places: Mapping[Entity, Collection[str]]) -> Iterator[Cause]:
    """Yield a cause for each dimension in which the newest of the deliveries (oldest first) has dropped."""
    courses: dict[str, Course] = {}
    newest = None
    for receipt in receipts:
        if receipt.outcome == "refused" or receipt.total.delivered < LEAST_ROWS:
            continue
        newest = receipt
        for found in assess(receipt, places):
            _follow(courses.setdefault(found.dimension, Course()), found, receipt)
    for dimension, course in courses.items():
        if newest is None or course.since is None or course.newest is None:
            continue
        quality = course.newest
        yield Cause(
            kind="quality_drop",
            place=feed,
            subject=dimension,
            what=(
                f"{dimension.capitalize()} has fallen to {quality.score:.0%} (usual: {median(course.means):.0%}). "
                f"Worst is {quality.worst} with {quality.worst_score:.0%} (usual for the worst: "
                f"{median(course.worsts):.0%})."
            ),
            where=f"receipts/{feed}/{newest.delivery_id}.html",
            mend=f"Send the receipt to {newest.partner}; a corrected delivery of the same period takes its place.",
            since=course.since,
        )


def _follow(course: Course, found: Quality, receipt: Receipt) -> None:
    course.newest = found
    if _fell(found.score, course.means, FALL) or _fell(found.worst_score, course.worsts, WORST_FALL):
        course.since = course.since or datetime.combine(receipt.received_on, time(), UTC)
        return
    course.since = None
    course.means.append(found.score)
    course.worsts.append(found.worst_score)
    del course.means[:-HISTORY], course.worsts[:-HISTORY]


def _fell(score: float, before: Sequence[float], least: float) -> bool:
    if len(before) < LEAST_HISTORY:
        return False
    usual = median(before)
    spread = median(abs(one - usual) for one in before)
    return score < usual - max(least, SPREADS * spread)
