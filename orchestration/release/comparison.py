"""When two published figures differ enough to say so, and the plain words for shares and changes.

What belongs here: arithmetic on published values only, and its wording. What does not: asking for values.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

NOISE = 10  # two rounded figures with the release gate's noise can differ by this much with nothing behind it
CONFIDENCE = 1.96  # 95 in 100 of the swings that chance alone gives a count stay within this many standard deviations

Direction = Literal["up", "down", "level", "unknown"]


@dataclass(frozen=True)
class Change:
    """A figure beside the one before it; `share` is the change over the earlier one, None if it cannot be told."""

    before: int | None
    now: int | None
    direction: Direction
    share: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the figure moved further than noise or chance would move it."""
        return self.direction in ("up", "down")

    def words(self, earlier: str) -> str:
        """Say the change in a phrase; `earlier` tells when the figure before was, as in 'a year ago'."""
        if self.now is None:
            return "Hidden: too few people to show"
        if self.before is None:
            return f"No figure {earlier} to compare with"
        if self.direction == "level":
            return f"No clear change ({self.before:,} {earlier})"
        moved = "Up" if self.direction == "up" else "Down"
        return f"{moved} {percent(abs(self.share or 0.0))} ({self.before:,} {earlier})"


def compare(before: int | None, now: int | None) -> Change:
    """Compare two counts of the same thing; a difference that noise or chance could make is called level.

    Counts of people vary by chance about as their square root does (Poisson), so the difference of two varies as the
    root of their sum. This is a plain test for reading a page, not an inference about causes.
    """
    if before is None or now is None or before == 0:
        return Change(before, now, "unknown", None)
    difference = now - before
    if abs(difference) <= max(NOISE, CONFIDENCE * sqrt(before + now)):
        return Change(before, now, "level", difference / before)
    return Change(before, now, "up" if difference > 0 else "down", difference / before)


def percent(share: float) -> str:
    """Write a share as a whole percentage that never claims none or all of a group."""
    whole = round(share * 100)
    if whole < 1:
        return "under 1%"
    return f"{whole}%"


def share_of(part: int | None, whole: int | None) -> float | None:
    """Return part over whole from published values, or None when either is hidden or the whole is nothing."""
    if part is None or not whole:
        return None
    return part / whole


def out_of(share: float) -> str:
    """Say a share as a fraction that people picture ('about 1 in 3'), or as a percentage where none is close.

    A fraction is close when it is within a twelfth of the share; the one with the smallest base wins.
    """
    fractions = [(1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5), (4, 5), (1, 10), (1, 20), (1, 50)]
    for count, base in fractions:
        if abs(count / base - share) <= share / 12:
            return f"about {count} in {base}"
    return percent(share)


def listing(names: list[str], *, most: int = 4) -> str:
    """Join names as people do: 'a, b and c', with the rest counted."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
