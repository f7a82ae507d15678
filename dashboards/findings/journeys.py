"""Findings of the page 'Journeys'."""

from collections.abc import Sequence

from dashboards.figures.numbers import in_sentence, listed, share_text
from dashboards.figures.sankey import Flow
from dashboards.findings.comparing import leaders, ranked, visible


def entries(pairs: Sequence[tuple[str, int | None]], total: int | None, *, noun: str) -> str:
    """Say where most people come in."""
    shown = visible(ranked(pairs))
    if not shown:
        return "Too few people at each first door to be shown"
    label, people = shown[0]
    part = f", {share_text(people, total)} of {total:,}" if total else ""
    return f"{label} is the commonest first {noun}: {people:,} people{part}"


def moves(cells: Sequence[tuple[str, str, int, int]]) -> str:
    """Say the commonest moves from visible cells: (from, to, people, all whose use of `from` ended or led on)."""
    if not cells:
        return "No move between two themes has enough people to be shown"
    order = sorted(cells, key=lambda cell: (-cell[2], cell[0], cell[1]))
    first = leaders([(f"from {in_sentence(a)} to {in_sentence(b)}", people) for a, b, people, _ in order])
    if len(first) > 2:
        return f"Many ways lead on and none is far ahead: {first[0][0]} is one of the commonest, {first[0][1]:,} people"
    if len(first) == 2:
        both = f"{first[0][0]} and {first[1][0]}"
        return f"The commonest moves to another theme are {both}, about {first[0][1]:,} people each"
    _, _, people, leaving = order[0]
    return (
        f"The commonest move to another theme is {first[0][0]}: {people:,} people, "
        f"{share_text(people, leaving)} of those whose use of the first ended or led on"
    )


def steps(flows: Sequence[Flow], names: dict[str, str], total: int | None) -> str:
    """Say how many journeys have one step so far ('at least': steps can be hidden), and the commonest second step."""
    first = [flow for flow in flows if flow.step == 1]
    if not first or not total:
        return "Too few journeys to be shown"
    ended = sum(flow.people for flow in first if flow.target == "none")
    onward: dict[str, int] = {}
    for flow in first:
        if flow.target not in ("none", "other"):
            onward[flow.target] = onward.get(flow.target, 0) + flow.people
    head = f"At least {share_text(ended, total)} of journeys have one theme so far"
    next_steps = leaders(visible(ranked(list(onward.items()))))
    if not next_steps:
        return head
    turned = listed([in_sentence(names.get(code, code)) for code, _ in next_steps[:2]])
    return f"{head}; of those that go on and can be shown, most turn to {turned}"


def lede(total: int | None, *, period: str, whom: str) -> str:
    """Say how many journeys began."""
    if total is None:
        return "Too few journeys begin in this selection to be shown."
    people = f"{total:,} people {whom}".strip()
    return f"{people} used their first service in the data in {period}. Here is where they came in, and what followed."


def left_out(every: Sequence[tuple[str, int | None]], drawn: int, noun: str) -> str | None:
    """Say how many rows the chart leaves to the table, and how many are hidden."""
    hidden = sum(value is None for _, value in every)
    more = len(every) - hidden - drawn
    parts = [f"{more} more {noun}s are in the table"] if more > 0 else []
    parts += [f"{hidden} {noun}{'s have' if hidden > 1 else ' has'} too few people to show, or none"] if hidden else []
    return "; ".join(parts) + "." if parts else None
