"""Findings of the summary page: what changed since the year before, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.numbers import times_text
from dashboards.findings.comparing import Rate, clearly_higher
from orchestration.release.comparison import compare


@dataclass(frozen=True, slots=True)
class Change:
    """A theme's people this year and the year before (None: hidden)."""

    label: str
    latest: int | None
    before: int | None

    @property
    def share(self) -> float | None:
        """Return the relative change (0.1 = up 10 %), or None where either year is hidden."""
        if self.latest is None or not self.before:
            return None
        return (self.latest - self.before) / self.before

    @property
    def is_clear(self) -> bool:
        """Return whether the change is more than rounding, protection and chance explain."""
        return compare(self.before, self.latest).is_clear


def changes(found: Sequence[Change]) -> str:
    """Say which theme grew and which shrank most, clear changes only."""
    clear = [change for change in found if change.is_clear and change.share is not None]
    up = max(
        (change for change in clear if (change.share or 0) > 0), key=lambda change: change.share or 0, default=None
    )
    down = min(
        (change for change in clear if (change.share or 0) < 0), key=lambda change: change.share or 0, default=None
    )
    if up and down:
        return f"{up.label} grew most, by {up.share:.0%}; {down.label} fell most, by {-(down.share or 0):.0%}"
    if up:
        return f"{up.label} grew most, by {up.share:.0%}; no theme fell clearly"
    if down:
        return f"{down.label} fell most, by {-(down.share or 0):.0%}; no theme grew clearly"
    return "No theme changed clearly from the year before"


def gradient(rates: Sequence[Rate]) -> tuple[str, str]:
    """Return the value and the words of the deprivation tile; rates in order, most deprived first."""
    first, last = rates[0], rates[-1]
    if first.value is None or not last.value:
        return "Not known", "One of the fifths is hidden or has no population."
    if not clearly_higher(first, last):
        return "No clear gap", "Use in the most and least deprived fifths cannot be told apart."
    return times_text(first.value / last.value), (
        "as likely to use a service in the most deprived fifth: "
        f"{first.value:.0f} in every 1,000, against {last.value:.0f} in the least."
    )


def lede(total: int | None, before: int | None, *, during: str, area: str, is_withheld: bool = False) -> str:
    """Say in one sentence how many people services reached and whether that changed."""
    if total is None and is_withheld:
        return f"How many people used services in {area} in {during} may not be shown until the next refresh."
    if total is None:
        return f"Too few people used services in {area} in {during} to publish how many."
    head = f"In {during}, {total:,} different people in {area} used at least one service"
    if not before:
        return f"{head}."
    change = compare(before, total)
    if not change.is_clear:
        return f"{head}, no clear change on the year before."
    return f"{head}, {abs(change.share or 0):.0%} {'more' if total > before else 'fewer'} than the year before."
