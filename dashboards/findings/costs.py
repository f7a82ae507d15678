"""Findings of the page 'Costs': what can be said of published sums, and that none of it is a saving."""

from collections.abc import Mapping, Sequence

from dashboards.costing import Range, pounds
from dashboards.figures.lorenz import Band
from dashboards.figures.numbers import in_sentence, share_text

NEAR = 0.05
"""Two sums nearer than this share of the larger are not told apart: noise of both may be as much."""


def lede(total: int | None, *, during: str) -> str:
    """Say what use cost altogether."""
    if total is None:
        return f"What use cost in {during} cannot be shown: too few people, or too few of them make most of it."
    return f"Use in {during} cost about {pounds(total)} at the area's unit costs. That is no saving to be had."


def by_payer(pairs: Sequence[tuple[str, int | None]]) -> str:
    """Say who bears the most, of ranked (payer, pounds)."""
    shown = [(label, value) for label, value in pairs if value is not None]
    if not shown:
        return "What each body pays cannot be shown"
    (first, most), whole = shown[0], sum(value for _, value in shown)
    if len(shown) > 1 and most - shown[1][1] <= NEAR * most:
        return f"{first} and {in_sentence(shown[1][0])} bear about as much: {pounds(most)} each"
    return f"{first} bears most of what can be shown: about {pounds(most)}, {share_text(most, whole)}"


def by_services_used(pairs: Sequence[tuple[str, float | None]]) -> str:
    """Say what a person costs at the ends, of (number of services in words, pounds a person) in their order."""
    shown = [(label, value) for label, value in pairs if value is not None]
    if len(shown) < 2:
        return "Too few figures can be shown to compare people by the number of their services"
    (few, low), (many, high) = shown[0], shown[-1]
    return (
        f"A person's use costs {pounds(low)} on average with {in_sentence(few)} service{'' if few == 'One' else 's'}, "
        f"{pounds(high)} with {in_sentence(many)}"
    )


def concentration(bands: Sequence[Band]) -> str:
    """Say what share of the cost the band with most services accounts for."""
    if len(bands) < 2:
        return "Too few figures can be shown to say how concentrated costs are"
    top, people = bands[-1], sum(band.people for band in bands)
    amount = sum(band.amount for band in bands)
    return (
        f"People using {in_sentence(top.label)} services are {share_text(top.people, people)} of those shown "
        f"and account for {share_text(top.amount, amount)} of the cost"
    )


def sensitivity(names: Mapping[str, str], ranges: Mapping[str, Range]) -> str:
    """Say which unit cost the total hangs on most."""
    widths = {code: high - low for code, (low, high) in ranges.items() if high > low}
    if not widths:
        return "No unit cost of the services shown has a range"
    code = max(widths, key=lambda one: (widths[one], one))
    return f"The unit cost of {in_sentence(names[code])} matters most: it moves the total by {pounds(widths[code])}"
