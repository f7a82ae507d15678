"""A coalition: several accounts ask the same, and holders of several policies lay their figures side by side.

Two figures of one cell under two policies are two looks at one noisy count. They tell no more than the finer one as
long as the coarser is made from it; thresholds that differ tell on which side of them the count is.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import product

import numpy as np

from orchestration.redteam.field import Field
from orchestration.redteam.invented import make_snapshot
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.redteam.weak import FreshNoise
from orchestration.release import Gate, Refused, Request
from orchestration.release.policy import POLICIES, Policy

LARGEST = 400
ACCOUNTS, CELLS = 40, 60
Rounding = Callable[[Policy, int], int]
QUESTIONS = [(("service",), "all"), (("msoa", "theme"), "Y2025"), (("age_group", "sex", "theme"), "Y2024")]
ROLES = ("designer", "leader", "engineer", "program")


def told_apart(policies: Iterable[Policy], rounding: Rounding) -> tuple[int, int]:
    """Return the figures whose noisy counts all policies together tell apart, and those of the finest alone.

    Where one policy's threshold lies the others learn the side of it: that is not counted, as rounding cannot help it.
    """
    ordered = sorted(policies, key=lambda policy: policy.rounding_base)
    finest = ordered[0]
    lowest = max(policy.sensitive_threshold for policy in ordered) + max(policy.rounding_base for policy in ordered)
    counts = range(lowest, LARGEST)
    together: dict[int, set[tuple[int, ...]]] = {}
    for count in counts:
        looks = tuple(rounding(policy, count) for policy in ordered)
        together.setdefault(rounding(finest, count), set()).add(looks)
    return sum(len(looks) > 1 for looks in together.values()), len(together)


def rounded_apart(policy: Policy, count: int) -> int:
    """Return the count rounded to the policy's base, whatever other policies make of it."""
    return (2 * count + policy.rounding_base) // (2 * policy.rounding_base) * policy.rounding_base


def found_by_pooling(figures: Callable[[int, int], int | None]) -> float:
    """Return the share of cells whose true count is the mean of what all accounts are told."""
    rng = np.random.default_rng(17)
    found = 0
    for _cell in range(CELLS):
        count, key = int(rng.integers(30, 300)), int(rng.integers(0, 2**63))
        told = [figure for _account in range(ACCOUNTS) if (figure := figures(count, key)) is not None]
        found += abs(float(np.mean(told)) - count) < 0.5
    return found / CELLS


def answers_that_differ(gate: Gate, policies: Iterable[str]) -> tuple[int, int]:
    """Return the questions on which accounts in different roles are told different figures, and all questions."""
    seen: Counter[str] = Counter()
    different = 0
    for (by, period), policy in product(QUESTIONS, policies):
        question = Request("people", by, {}, period, policy)
        told = set()
        for number, role in enumerate(ROLES):
            try:
                told.add(gate.answer(question, who=f"account {number}", role=role, taken="downloaded").rows)
            except Refused as refusal:
                told.add(((refusal.reason,),))
        seen[question.canonical()] += 1
        different += len(told) > 1
    return different, len(seen)


def run(field: Field) -> list[Trial]:
    """Measure what pooled accounts find, what roles are told, and what several policies tell beyond the finest."""
    population = field.population(people=4000, seed=5)
    threshold, ours = population.policy.threshold, population.ours()
    fresh = FreshNoise(np.random.default_rng(2))
    alone = found_by_pooling(lambda count, key: ours.publish((count, key), (), threshold))
    pooled = found_by_pooling(lambda count, key: fresh.publish((count, key), (), threshold))
    apart, figures = told_apart(POLICIES.values(), rounded_apart)
    nested, ours_figures = told_apart(field.policies.values(), Policy.round_count)
    settings = field.under_rules(make_snapshot(field.folder("accounts"), people=field.people(2500), seed=5))
    different, questions = answers_that_differ(Gate(settings), field.policies)
    told, split = "counts found by pooling 40 accounts", "figures that another policy's figure narrows"
    return [
        Trial("noise drawn for each account", told, pooled, "at least", 0.5, CELLS),
        Trial("each policy rounds the noisy count itself", split, apart, "at least", 10, figures),
        Trial(OURS, told, alone, "at most", 0.4, CELLS),
        Trial(OURS, "questions that accounts are told different figures of", different, "at most", 0, questions, 9),
        Trial(OURS, split, nested, "at most", 0, ours_figures, 50),
    ]


ATTACK = Attack(
    "coalition",
    "Accounts and policies pooled",
    "Forty accounts in four roles ask the same; holders of the dashboard's, the public and the stricter figures of one "
    "cell lay them side by side.",
    run,
    limits="A documented limit: where a stricter policy has a higher threshold, a figure at that threshold tells on "
    "which side of it the noisy count is: one figure in each such policy, and never a true count.",
)
