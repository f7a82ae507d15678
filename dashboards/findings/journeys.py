"""Findings of the page 'Journeys'."""

from collections.abc import Sequence

from dashboards.figures.numbers import in_sentence, share_text
from dashboards.figures.sankey import Flow
from dashboards.findings.comparing import ranked, visible


def entries(pairs: Sequence[tuple[str, int | None]], total: int | None, *, noun: str) -> str:
    """Say where most people come in."""
    shown = visible(ranked(pairs))
    if not shown:
        return "Too few people at each first door to be shown"
    label, people = shown[0]
    part = f", {share_text(people, total)} of {total:,}" if total else ""
    return f"{label} is the commonest first {noun}: {people:,} people{part}"


def moves(cells: Sequence[tuple[str, str, int, int]]) -> str:
    """Say the strongest move: cells are (from, to, people, all people moving on from there), visible ones only."""
    if not cells:
        return "No move between two of them has enough people to be shown"
    source, target, people, leaving = max(cells, key=lambda cell: (cell[2] / cell[3], cell[2]))
    return f"The likeliest next step after {in_sentence(source)} is {in_sentence(target)}: {share_text(people, leaving)} of moves that can be shown"


def steps(flows: Sequence[Flow], names: dict[str, str]) -> str:
    """Say what share of first steps leads nowhere further, and else the commonest second step."""
    first = [flow for flow in flows if flow.step == min(f.step for f in flows)] if flows else []
    total = sum(flow.people for flow in first)
    if not total:
        return "Too few journeys to be shown"
    ended = sum(flow.people for flow in first if flow.target == "none")
    onward: dict[str, int] = {}
    for flow in first:
        if flow.target not in ("none", "other"):
            onward[flow.target] = onward.get(flow.target, 0) + flow.people
    head = f"{share_text(ended, total)} of journeys end with the first service"
    if not onward:
        return head
    top = max(onward, key=lambda code: onward[code])
    return f"{head}; of those that go on, most turn to {in_sentence(names.get(top, top))}"


def lede(total: int | None, *, period: str, whom: str) -> str:
    """Say how many journeys began."""
    if total is None:
        return "Too few journeys begin in this selection to be shown."
    return f"{total:,} people {whom} used their first service in the data in {period}. Here is where they came in and what followed."


def left_out(every: Sequence[tuple[str, int | None]], drawn: int, noun: str) -> str | None:
    """Say how many rows the chart leaves to the table, and how many are hidden."""
    hidden = sum(value is None for _, value in every)
    more = len(every) - hidden - drawn
    parts = [f"{more} more {noun}s are in the table"] if more > 0 else []
    parts += [f"{hidden} {noun}{'s have' if hidden > 1 else ' has'} too few people to show, or none"] if hidden else []
    return "; ".join(parts) + "." if parts else None
