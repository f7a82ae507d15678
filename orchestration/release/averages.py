"""Averages and percentiles, made of published figures only: whoever has the figures could work them out as well.

No minimum, maximum or mode: each is one person's value. A percentile is a band, never a value.
"""

from collections.abc import Sequence

from orchestration.release.grammar import Refused
from orchestration.release.table import ProtectedTable

FEWEST_BESIDE = 10  # people shown on each side of a percentile


def averages(sums: ProtectedTable, people: ProtectedTable) -> dict[tuple[str, ...], float | None]:
    """Return {codes: the published sum over the published people}, to one decimal; None where either is hidden.

    Raises Refused when the two tables do not answer the same question about amounts and about people.
    """
    one, other = sums.request, people.request
    same = (one.by, one.where, one.period, one.policy) == (other.by, other.where, other.period, other.policy)
    if not one.rule.sums or other.measure not in ("people", one.rule.contributors) or not same:
        raise Refused("An average needs a sum and the people of the same rows, filters, period and policy.")
    counted = {row[:-1]: row[-1] for row in people.rows}
    found: dict[tuple[str, ...], float | None] = {}
    for row in sums.rows:
        amount, count = row[-1], counted.get(row[:-1])
        known = isinstance(amount, int) and isinstance(count, int)
        found[tuple(map(str, row[:-1]))] = round(int(amount or 0) / int(count or 1), 1) if known else None
    return found


def percentile_band(figures: Sequence[int | None], total: int | None, *, share: float = 0.5) -> int | None:
    """Return the index of the band (in rising order) in which a share of the people is reached.

    None when it cannot be told from what is published: the hidden bands could move it, or fewer than ten people are
    shown from the band on to either side.
    """
    shown = sum(figure or 0 for figure in figures)
    hidden = [index for index, figure in enumerate(figures) if figure is None]
    missing = max(0, (total or 0) - shown) if hidden else 0
    if not shown:
        return None
    found = set()
    for place in {hidden[0], hidden[-1]} if hidden else {0}:
        filled = [(figure or 0) + (missing if hidden and index == place else 0) for index, figure in enumerate(figures)]
        found.add(_reached(filled, share))
    band = found.pop()
    below = sum(figure or 0 for figure in figures[: band + 1])
    above = sum(figure or 0 for figure in figures[band:])
    return None if found or figures[band] is None or min(below, above) < FEWEST_BESIDE else band


def _reached(figures: Sequence[int], share: float) -> int:
    reached = 0
    for index, figure in enumerate(figures):
        reached += figure
        if reached >= share * sum(figures):
            return index
    return len(figures) - 1
