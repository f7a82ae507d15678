"""How published numbers are written, in charts and in sentences alike: one wording for what is hidden.

What belongs here: text of counts, rates and shares, and the interval of a rate. What does not: sentences (findings).
"""

from collections.abc import Sequence
from math import sqrt

HIDDEN = "fewer than 10 or protected"
HIDDEN_SHORT = "hidden"
Z = 1.959964  # 95 %


def count_text(value: int | None) -> str:
    """Write a published count with thousands separators, or say that it is hidden: never zero."""
    return HIDDEN if value is None else f"{value:,}"


def rate_text(value: float | None) -> str:
    """Write a rate with three significant figures at most."""
    if value is None:
        return HIDDEN
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def share_text(part: float | None, whole: float | None) -> str:
    """Write a share as a whole percentage: rounding to 5 does not carry more."""
    value = share(part, whole)
    if value is None:
        return HIDDEN
    return "under 1%" if 0 < value < 0.005 else f"{value:.0%}"


def share(part: float | None, whole: float | None) -> float | None:
    """Return part / whole (0-1), or None where either is hidden or the whole is nothing."""
    return None if part is None or not whole else min(part / whole, 1.0)


def per_thousand(count: float | None, population: float | None) -> float | None:
    """Return a rate per 1,000 residents, or None where either is hidden or nobody lives there."""
    return None if count is None or not population else 1000 * count / population


def byar_interval(count: int, population: float) -> tuple[float, float]:
    """Return the 95 % interval of a rate per 1,000 by Byar's method (PHE, 'Commonly used methods', 2018).

    It tells chance variation from year to year; the rounding of the published count is smaller for any count shown.
    """
    low = count * (1 - 1 / (9 * count) - Z / (3 * sqrt(count))) ** 3 if count else 0.0
    above = count + 1
    high = above * (1 - 1 / (9 * above) + Z / (3 * sqrt(above))) ** 3
    return 1000 * low / population, 1000 * high / population


def times_text(ratio: float) -> str:
    """Write a ratio in words: 'about the same', 'twice', '2.8 times'."""
    if ratio < 1.1:
        return "about the same"
    if 1.9 <= ratio <= 2.1:
        return "twice"
    return f"{ratio:.1f} times"


def listed(words: Sequence[str]) -> str:
    """Join words as in a sentence: 'a', 'a and b', 'a, b and c'."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def in_sentence(label: str) -> str:
    """Lower the first letter of a label for use inside a sentence, unless it is an abbreviation."""
    return label if len(label) < 2 or label[1].isupper() else label[0].lower() + label[1:]


def listed_values(found: Sequence[tuple[str, int | None]], most: int = 8) -> str:
    """Write the first labels with their counts, for a chart's text alternative."""
    return (
        ", ".join(f"{label} {'hidden' if value is None else format(value, ',')}" for label, value in found[:most]) + "."
    )
