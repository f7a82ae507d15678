"""Findings of the page 'Services together'."""

from collections.abc import Sequence

from dashboards.figures.numbers import in_sentence, listed, share, share_text
from dashboards.figures.upset import Combination
from dashboards.findings.comparing import leaders


def combinations(found: Sequence[Combination], total: int | None) -> str:
    """Say which combination of two or more themes is commonest, or that several are too close to tell."""
    several = sorted((item for item in found if len(item.members) > 1), key=lambda item: -item.people)
    if not several:
        return "No combination of two or more themes has enough people to be shown"
    first = leaders([(listed(sorted(in_sentence(name) for name in item.members)), item.people) for item in several])
    if len(first) in (2, 3):
        return f"The commonest combinations are {'; '.join(f'{names} ({people:,})' for names, people in first)}"
    if len(first) > 3:
        return f"Many combinations, none far ahead: {first[0][0]} is one of the commonest, {first[0][1]:,} people"
    told = "" if share(first[0][1], total) is None else f", {share_text(first[0][1], total)} of those counted"
    return f"The commonest combination is {first[0][0]}: {first[0][1]:,} people use exactly these{told}"


def lede(counts: Sequence[tuple[str, int | None]], total: int | None, *, period: str) -> str:
    """Say how many people used more than one service; counts in order One..Four or more."""
    if total is None or counts[0][1] is None:
        return "Too few people are in this selection to say how they combine services."
    return (
        f"Of {total:,} people using services in {period}, {share_text(counts[0][1], total)} used just one"
        f"{_most(counts[-1][1], total)}."
    )


def _most(people: int | None, total: int) -> str:
    if people is None:
        return "; those with four or more are too few to publish"
    return f" and {share_text(people, total)}, {people:,} people, used four or more"


def how_many(counts: Sequence[tuple[str, int | None]], when: str) -> str:
    """Say what share has one service and what share four or more; counts in order One..Four or more."""
    known = [value for _, value in counts if value is not None]
    if not known:
        return "Every figure is hidden to protect small groups"
    if len(known) < len(counts):
        largest = max(known)
        label = next(name for name, value in counts if value == largest)
        return f"{largest:,} people have {in_sentence(label)} {when}; part of the rest is hidden"
    total, one, most = sum(known), counts[0][1], counts[-1][1]
    return (
        f"{share_text(one, total)} have one service {when}; "
        f"{share_text(most, total)}, {most:,} people, have four or more"
    )


def rare(other: int | None, total: int | None, found: int, drawn: int) -> str:
    """Say how much of the whole lies in combinations too rare to show, and how many are in the table only."""
    more = f"{found - drawn} rarer combinations are in the table. " if found > drawn else ""
    if other is None:
        return f"{more}Combinations too rare to publish are left out."
    return f"{more}{other:,} people ({share_text(other, total)}) have combinations too rare to show one by one."


def co_use(pairs: Sequence[tuple[str, str, int, int]]) -> str:
    """Say the strongest P(B given A): pairs are (A, B, people using both, people using A), visible ones only."""
    if not pairs:
        return "No two of them share enough people to be shown"
    a, b, both, users = max(pairs, key=lambda pair: pair[2] / pair[3])
    return f"{share_text(both, users)} of people using {in_sentence(a)} also use {in_sentence(b)}"


def asymmetry(pairs: Sequence[tuple[str, str, int, int]]) -> str | None:
    """Say how the strongest pair reads from the other side: overlap is not mutual."""
    if not pairs:
        return None
    a, b, both, _ = max(pairs, key=lambda pair: pair[2] / pair[3])
    back = next((pair for pair in pairs if pair[0] == b and pair[1] == a), None)
    if back is None:
        return None
    return (
        f"Read from the other side, {share_text(both, back[3])} of "
        f"people using {in_sentence(b)} also use {in_sentence(a)}."
    )
