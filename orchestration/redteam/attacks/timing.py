"""Timing: does the time of an answer tell an empty cell from one of few people, or a refusal from an answer?"""

import random
import time
from collections.abc import Callable
from itertools import product

from scipy.stats import rankdata

from orchestration.redteam.attacks.periods import counts_of_period
from orchestration.redteam.field import Field
from orchestration.redteam.invented import AGE_BANDS
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.release import Gate, Request

FLOOR_SECONDS = 0.02
A_PERSON_SECONDS = 0.0005
EACH = 150
YEAR = "Y2025"
Code = tuple[str, ...]


def auc(ones: list[float], others: list[float]) -> float:
    """Return how often a time of one kind is told from one of the other (a half by guessing)."""
    ranks = rankdata([*ones, *others])
    above = ranks[: len(ones)].sum() - len(ones) * (len(ones) + 1) / 2
    share = float(above / (len(ones) * len(others)))
    return max(share, 1 - share)


def kinds_of_cells(population: Population, rng: random.Random) -> tuple[list[Code], list[Code]]:
    """Return cells of nobody and cells of 1 to 9 people, as many of each: all of them hidden."""
    truth = counts_of_period(population, ("age_band", "msoa", "service"), YEAR)
    areas = sorted(area.code for area in population.snapshot.directory.areas if area.level == "msoa")
    everything = list(product(AGE_BANDS, areas, population.services))
    empty = [code for code in everything if code not in truth]
    few = [code for code in everything if 0 < truth.get(code, 0) < 10]
    return rng.sample(empty, min(EACH, len(empty))), rng.sample(few, min(EACH, len(few)))


def question(code: Code, policy: str) -> Request:
    """Return the question about one cell."""
    age_band, msoa, service = code
    where = {"age_band": (age_band,), "msoa": (msoa,), "service": (service,)}
    return Request("people", (), where, YEAR, policy)


def times(ask: Callable[[Code], None], kinds: tuple[list[Code], list[Code]]) -> float:
    """Return how well the time of an answer tells the two kinds apart, asked in one random order."""
    order = [(kind, code) for kind, codes in enumerate(kinds) for code in codes]
    random.Random(3).shuffle(order)  # noqa: S311 - the same order in every run
    taken: tuple[list[float], list[float]] = ([], [])
    for kind, code in order:
        start = time.perf_counter()
        ask(code)
        taken[kind].append(time.perf_counter() - start)
    return auc(*taken)


def run(field: Field) -> list[Trial]:
    """Measure how well the time tells empty from few, on a gate that works per person and on ours."""
    population = field.population(people=4000, seed=5)
    kinds = kinds_of_cells(population, random.Random(5))  # noqa: S311 - the same cells in every run
    truth = counts_of_period(population, ("age_band", "msoa", "service"), YEAR)
    policy = field.policy.name
    gate = Gate(population.settings, floor_seconds=FLOOR_SECONDS)
    gate.answer(question(("16-24", kinds[0][0][1], "jobcentre"), policy))  # the table itself, which all cells share

    def per_person(code: Code) -> None:
        time.sleep(A_PERSON_SECONDS * truth.get(code, 0))

    def ours(code: Code) -> None:
        gate.answer(question(code, policy))

    told, cases = "telling nobody from 1 to 9 people by time", sum(map(len, kinds))
    return [
        Trial("work for each person, without a floor", told, times(per_person, kinds), "at least", 0.9, cases, 200),
        Trial(OURS, f"{told}, asked for the first time", times(ours, kinds), "at most", 0.6, cases, 200, 0.55),
        Trial(OURS, f"{told}, asked again", times(ours, kinds), "at most", 0.6, cases, 200, 0.55),
    ]


ATTACK = Attack(
    "timing",
    "The time of an answer",
    "The attacker times answers about cells that are all hidden: of nobody, and of a few people.",
    run,
    limits="What was asked before comes at once, and so tells that somebody asked it; it tells nothing of people. A "
    "time is noise too: measured on the machine that ran this, it differs a little from run to run.",
)
