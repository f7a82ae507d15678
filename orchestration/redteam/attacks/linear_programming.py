"""Linear programming: a solver bounds every hidden cell from nine tables that share margins."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from orchestration.redteam.field import Field
from orchestration.redteam.invented import AGE_BANDS
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, TRUE_COUNTS, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine
from orchestration.release.engine import Protection, Published
from orchestration.release.lattice import AGE_GROUP_OF

PEOPLE, SEED = 6000, 7
LINKED = [
    ("service",),
    ("msoa", "service"),
    ("lad", "service"),
    ("age_band", "service"),
    ("age_group", "service"),
    ("age_group", "msoa", "service"),
    ("age_band", "msoa", "service"),
    ("age_group", "lad", "service"),
    ("age_band", "lad", "service"),
]
TARGET = ("age_band", "msoa", "service")
SERVICES = 3
CELLS_OF_A_SERVICE = 12


@dataclass(frozen=True)
class Bounds:
    """What the solver says of hidden cells: presence certain, exactly determined, and how wide the rest is."""

    cells: int
    present: int
    determined: int
    median_width: float


@dataclass(frozen=True)
class Known:
    """What an attacker makes of figures: how far one may be from its count, and what a hidden cell holds at most."""

    slack: float
    most_hidden: float


def solve(population: Population, protection: Protection, known: Known) -> Bounds:
    """Bound the hidden cells of neighbourhood, age and service that hold 1 to 9 people."""
    directory = population.snapshot.directory
    lad_of = {area.code: area.parent or "" for area in directory.areas if area.level == "msoa"}
    atoms = list(product(AGE_BANDS, sorted(lad_of)))
    published = {attributes: population.published(protection, attributes) for attributes in LINKED}
    people = population.tables["srv_person_year"].filter(year_code="all")
    uses = population.tables["srv_person_service"].join(people, on="person_no")
    truth = {row[:3]: row[3] for row in uses.group_by("age_band", "msoa_code", "service_id").len().rows()}
    lowers: list[float] = []
    widths: list[float] = []
    for service in population.services[:SERVICES]:
        matrix, limits = constraints(published, atoms, lad_of, service, known)
        hidden = [
            index
            for index, (band, msoa) in enumerate(atoms)
            if (band, msoa, service) not in published[TARGET] and 0 < truth.get((band, msoa, service), 0) < 10
        ]
        for index in hidden[:: max(1, len(hidden) // CELLS_OF_A_SERVICE)]:
            goal = np.zeros(len(atoms))
            goal[index] = 1
            ends = [end_of(sign * goal, matrix, limits) for sign in (1, -1)]
            lowers.append(round(ends[0], 6))
            widths.append(round(-ends[1], 6) - lowers[-1])
    present = sum(lower >= 1 for lower in lowers)
    return Bounds(len(widths), present, sum(width < 1 for width in widths), float(np.median(widths)))


def end_of(goal: NDArray[np.float64], matrix: NDArray[np.float64], limits: NDArray[np.float64]) -> float:
    """Return the smallest value of a goal; no figures of ours contradict one another."""
    found = linprog(goal, A_ub=matrix, b_ub=limits, bounds=(0, None), method="highs").fun
    if found is None:
        raise ArithmeticError("the published tables contradict one another beyond the largest noise")
    return float(found)


def constraints(
    published: dict[tuple[str, ...], Published],
    atoms: list[tuple[str, str]],
    lad_of: dict[str, str],
    service: str,
    known: Known,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows and limits of "at most" that the tables put on the atoms of one service."""
    rows, low, high = [], [], []
    for attributes in LINKED:
        groups: dict[tuple[str, ...], list[int]] = {}
        for index, (band, msoa) in enumerate(atoms):
            values = {
                "age_band": band, "age_group": AGE_GROUP_OF[band], "msoa": msoa, "lad": lad_of[msoa],
                "service": service,
            }  # fmt: skip
            groups.setdefault(tuple(values[name] for name in attributes), []).append(index)
        for code, members in groups.items():
            figure = published[attributes].get(code)
            row = np.zeros(len(atoms))
            row[members] = 1
            rows.append(row)
            low.append(0.0 if figure is None else figure - known.slack)
            high.append(known.most_hidden if figure is None else figure + known.slack)
    matrix = np.array(rows)
    limits = np.concatenate((np.array(high), -np.array(low)))
    finite = np.isfinite(limits)
    return np.concatenate((matrix, -matrix))[finite], limits[finite]


def run(field: Field) -> list[Trial]:
    """Measure presence told with certainty, cells determined and the width of bounds."""
    population = field.population(people=PEOPLE, seed=SEED)
    policy = population.policy
    exact = solve(population, ExactAboveNine(), Known(slack=0.0, most_hidden=9.0))
    twice = policy.finest_base / 2 if policy.rounding_base != policy.finest_base else 0  # rounded to both
    slack = policy.largest_noise + policy.rounding_base / 2 + twice
    ours = solve(population, population.ours(), Known(slack=slack, most_hidden=float("inf")))
    return [
        Trial(TRUE_COUNTS, "share of hidden cells certainly not empty", exact.present / exact.cells, "at least", 0.2,
              exact.cells, 20),
        Trial(TRUE_COUNTS, "median width of bounds", exact.median_width, "at most", 9.9, exact.cells, 20),
        Trial(OURS, "hidden cells certainly not empty", ours.present, "at most", 0, ours.cells, 20),
        Trial(OURS, "hidden cells determined", ours.determined, "at most", 0, ours.cells, 20),
        Trial(OURS, "median width of bounds", ours.median_width, "at least", 10, ours.cells, 20),
    ]  # fmt: skip


ATTACK = Attack(
    "linear-programming",
    "A solver over nine linked tables",
    "The attacker collects every table about a service, knows the rules and the largest noise, and lets a solver find "
    "what each hidden cell can be.",
    run,
)
