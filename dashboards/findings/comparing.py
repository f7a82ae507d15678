"""Comparing published numbers: who is highest, whether a difference can be told from chance, and how to say it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.numbers import byar_interval, per_thousand
from orchestration.release.comparison import compare

# Two published counts nearer than this are not told apart in a sentence: each is rounded to 5 and lightly changed.
NEAR = 20


@dataclass(frozen=True, slots=True)
class Rate:
    """A group's published count against its population: rate per 1,000 with its 95 % interval (None: hidden)."""

    label: str
    people: int | None
    population: float | None

    @property
    def value(self) -> float | None:
        """Return the rate per 1,000 residents."""
        return per_thousand(self.people, self.population)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 95 % interval of the rate, by Byar's method."""
        if self.people is None or not self.population:
            return None
        return byar_interval(self.people, self.population)


def ranked(pairs: Sequence[tuple[str, int | None]]) -> list[tuple[str, int | None]]:
    """Return label and count, largest first, hidden ones last, ties in alphabetical order."""
    return sorted(pairs, key=lambda pair: (pair[1] is None, -(pair[1] or 0), pair[0]))


def visible(pairs: Sequence[tuple[str, int | None]]) -> list[tuple[str, int]]:
    """Return the pairs whose count is not hidden, in order."""
    return [(label, value) for label, value in pairs if value is not None]


def leaders(shown: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the largest of ranked counts and those too close to it to be told apart after rounding and protection."""
    return [(label, value) for label, value in shown if shown[0][1] - value < NEAR]


def clearly_higher(one: Rate, other: Rate) -> bool:
    """Return whether one rate's interval lies wholly above the other's: the only case that a sentence calls higher."""
    if one.interval is None or other.interval is None:
        return False
    return one.interval[0] > other.interval[1]


def hidden_words(values: Sequence[float | None], noun: str) -> str:
    """Return a clause on how many of some figures are hidden, empty when none is."""
    count = sum(value is None for value in values)
    if not count:
        return ""
    return f" {count} {noun}{' is' if count == 1 else 's are'} hidden to protect small groups."


def change_words(latest: int | None, before: int | None, *, before_label: str) -> str:
    """Say how a count moved since an earlier period; a move that noise or chance could make is none."""
    if latest is None or not before:
        return f"No comparable figure for {before_label}."
    change = compare(before, latest)
    if not change.is_clear:
        return f"No clear change from {before:,} in {before_label}."
    return f"{'Up' if latest > before else 'Down'} {abs(change.share or 0):.0%} from {before:,} in {before_label}."
