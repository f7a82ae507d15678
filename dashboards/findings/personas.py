"""Findings of the page 'Personas'."""

from collections.abc import Sequence

from dashboards.figures.numbers import HIDDEN, in_sentence, listed, share_text
from dashboards.findings.comparing import ranked, visible

READERS = {
    "any": "everyone",
    "adviser": "a debt adviser",
    "practitioner": "a mental-health practitioner",
    "officer": "a skills officer",
    "commissioner": "a commissioner",
}
THEME_OF = {"adviser": "money", "practitioner": "mental_health", "officer": "work"}
"""The theme that a reader works in; who commissions looks at all of them."""


def lede(names: Sequence[str]) -> str:
    """Say what the page is for."""
    if not names:
        return "The area pack describes no persona yet. A persona is one small file: a situation, and a rule."
    return (
        f"{len(names)} situations of people who struggle to find sustainable work: "
        f"{listed([f'“{name}”' for name in names])}. "
        "Each is a story, measured: a rule over ages, services and needs says how many people are like that."
    )


def size(people: int | None, everyone: int | None, during: str) -> str:
    """Say how many people fit."""
    if people is None:
        return f"In {during} too few people fit this situation to say how many."
    return f"{people:,} people fit this situation in {during}, {share_text(people, everyone)} of all who used services."


def doors(pairs: Sequence[tuple[str, int | None]], people: int | None) -> str:
    """Say which services (themes) these people use most."""
    shown = visible(ranked(pairs))
    if not shown:
        return "What they use is too rare to show"
    told = [f"{in_sentence(label)} ({share_text(value, people)})" for label, value in shown[:3]]
    return f"Beside what defines them they use most {listed(told)}"


def at_once(pairs: Sequence[tuple[str, int | None]], people: int | None) -> str:
    """Say how many use four or more services; pairs in order One..Four or more."""
    most = pairs[-1][1] if pairs else None
    if most is None or not people:
        return f"How many use four or more services: {HIDDEN}"
    return f"{share_text(most, people)} use four or more services in the period, {most:,} people"


def reader(code: str, theme: str | None, people: int | None, of: int | None) -> str:
    """Say what share of these people a reader's own services see."""
    if code == "any":
        return ""
    if theme is None:
        return "A commissioner sees all of them, and none of the doors alone."
    if people is None:
        met = f"How many of them {READERS[code]} meets in {in_sentence(theme)} is not shown"
        return f"{met}: {HIDDEN}, or by definition all."
    return (
        f"{READERS[code].capitalize()} meets {share_text(people, of)} of them in {in_sentence(theme)}; "
        "the others are met elsewhere, or nowhere."
    )


def most_often(first: Sequence[tuple[str, int]]) -> str:
    """Say what is commonest, or that several are too near to tell apart."""
    if not first:
        return "too few people to show"
    if len(first) > 3:
        return "many about as often"
    each = " each" if len(first) > 1 else ""
    return f"most often {listed([in_sentence(label) for label, _ in first])}, {first[0][1]:,} people{each}"
