"""Findings of the page 'Needs'."""

from collections.abc import Sequence

from dashboards.figures.numbers import in_sentence, share_text
from dashboards.findings.comparing import leaders, ranked, visible


def lede(total: int | None, *, during: str) -> str:
    """Say how many people had a need written down."""
    if total is None:
        return f"Needs were recorded for too few people in {during} to be shown."
    return f"{total:,} people had a need recorded in {during}. What is not asked about is not recorded."


def recorded(pairs: Sequence[tuple[str, int | None]], total: int | None) -> str:
    """Say the commonest recorded need."""
    first = leaders(visible(ranked(pairs)))
    if not first:
        return "No need was recorded for enough people to be shown"
    if len(first) > 2:
        return (
            f"Several needs are recorded about as often, {in_sentence(first[0][0])} among them: {first[0][1]:,} people"
        )
    share = f", {share_text(first[0][1], total)} of those with any" if total else ""
    return f"{first[0][0]} is the need recorded most: {first[0][1]:,} people{share}"


def use(cells: Sequence[tuple[str, str, int, int]]) -> str:
    """Say the strongest pair of need and theme: (need, theme, people using it, people with the need)."""
    if not cells:
        return "No need and theme share enough people to be shown"
    need, theme, people, of = max(cells, key=lambda cell: cell[2] / cell[3])
    return f"{share_text(people, of)} of people with the need “{in_sentence(need)}” use {in_sentence(theme)}"


def met(rows: Sequence[tuple[str, int | None, int | None]]) -> str:
    """Say which need is met least, of (need, met, not met) where both can be shown."""
    known = [(need, one, other) for need, one, other in rows if one is not None and other is not None]
    if not known:
        return "Too much is hidden to compare how often needs are met"
    need, one, other = max(known, key=lambda row: row[2] / (row[1] + row[2]))
    return (
        f"{share_text(other, one + other)} of people with the need “{in_sentence(need)}” used no service that meets it"
    )
