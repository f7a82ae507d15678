"""Reconstruction: linear programming over all tables that share margins, averaging, and tracing one person.

The attacker collects every table of the lattice about a service, knows the rules and the largest noise, and lets a
solver find what the hidden cells can be.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from orchestration.release.engine import Counted, Protection
from orchestration.release.lattice import AGE_GROUP_OF
from tests.support.planted import POLICY, Population, plant_population
from tests.support.snapshot import AGE_BANDS
from tests.support.weak_engines import ExactAboveNine, FreshNoise, NoiseWithoutGuard

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
COLUMNS = {"msoa": "msoa_code", "lad": "lad_code"}


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Population]:
    planted = plant_population(tmp_path_factory.mktemp("linked"), people=6000, seed=7)
    yield planted
    planted.snapshot.connection.close()


@dataclass(frozen=True)
class Bounds:
    """What the solver says of hidden cells: presence certain, exactly determined, and how wide the rest is."""

    cells: int
    present: int
    determined: int
    median_width: float


def true_counts(population: Population) -> dict[tuple[str, ...], int]:
    people = population.tables["srv_person_year"].filter(year_code="all")
    uses = population.tables["srv_person_service"].join(people, on="person_no")
    return {row[:3]: row[3] for row in uses.group_by("age_band", "msoa_code", "service_id").len().rows()}


def solve(population: Population, protection: Protection, *, slack: float, most_hidden: float) -> Bounds:
    """Bound the hidden cells of neighbourhood, age and service that hold 1 to 9 people.

    `slack` is how far a figure may be from its count, `most_hidden` what a hidden cell can hold at most: 9 where
    an engine hides for no other reason.
    """
    directory = population.snapshot.directory
    lad_of = {area.code: area.parent or "" for area in directory.areas if area.level == "msoa"}
    atoms = list(product(AGE_BANDS, sorted(lad_of)))
    published = {attributes: population.published(protection, attributes) for attributes in LINKED}
    truth = true_counts(population)
    present = determined = 0
    widths: list[float] = []
    for service in population.services[:3]:
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
                low.append(0.0 if figure is None else figure - slack)
                high.append(most_hidden if figure is None else figure + slack)
        matrix = np.array(rows)
        limits = np.concatenate((np.array(high), -np.array(low)))
        both = np.concatenate((matrix, -matrix))
        finite = np.isfinite(limits)
        hidden = [
            index
            for index, (band, msoa) in enumerate(atoms)
            if (band, msoa, service) not in published[TARGET] and 0 < truth.get((band, msoa, service), 0) < 10
        ]
        for index in hidden[:: max(1, len(hidden) // 12)]:
            goal = np.zeros(len(atoms))
            goal[index] = 1
            ends = [
                linprog(sign * goal, A_ub=both[finite], b_ub=limits[finite], bounds=(0, None), method="highs")
                for sign in (1, -1)
            ]
            lower, upper = round(ends[0].fun, 6), round(-ends[1].fun, 6)
            present += lower >= 1
            determined += upper - lower < 1
            widths.append(upper - lower)
    return Bounds(len(widths), present, determined, float(np.median(widths)))


def test_linear_programming_finds_hidden_cells_of_an_exact_engine(population: Population) -> None:
    bounds = solve(population, ExactAboveNine(), slack=0.0, most_hidden=9.0)
    assert bounds.present > bounds.cells / 5
    assert bounds.median_width < 10


def test_linear_programming_finds_no_hidden_cell_of_ours(population: Population) -> None:
    slack = POLICY.largest_noise + POLICY.rounding_base / 2
    bounds = solve(population, population.ours(), slack=slack, most_hidden=np.inf)
    assert bounds.cells >= 20
    assert bounds.present == 0
    assert bounds.determined == 0
    assert bounds.median_width >= 10


def mean_of_repeated_questions(protection: Protection, counted: Counted, *, times: int) -> float:
    figures = [protection.publish(counted, (), POLICY.threshold) for _time in range(times)]
    return float(np.mean([figure for figure in figures if figure is not None]))


def exactly_found(protection: Protection, *, times: int) -> float:
    """Return the share of cells whose true count is the mean of many answers to one question."""
    rng = np.random.default_rng(4)
    cells = [(int(rng.integers(30, 300)), int(rng.integers(0, 2**63))) for _cell in range(60)]
    return float(
        np.mean([abs(mean_of_repeated_questions(protection, cell, times=times) - cell[0]) < 0.5 for cell in cells])
    )


def test_asking_again_averages_the_noise_of_a_forgetful_engine_away() -> None:
    assert exactly_found(FreshNoise(np.random.default_rng(1)), times=200) > 0.9


def test_asking_again_gives_the_same_figure_here(population: Population) -> None:
    ours = population.ours()
    assert exactly_found(ours, times=50) == exactly_found(ours, times=1) < 0.5


PARTITIONS = [(), ("sex",), ("lad",), ("age_group",), ("age_band",), ("deprivation",), ("msoa",), ("lad", "sex")]


def averaged_error(population: Population, protection: Protection) -> float:
    """Return the mean absolute error of a service's people, from all the wholly visible ways to add them up."""
    truth = dict(population.tables["srv_person_service"].group_by("service_id").agg(pl.len()).rows())
    people = population.tables["srv_person_year"].filter(year_code="all")
    errors = []
    for service in population.services:
        estimates, weights = [], []
        for partition in PARTITIONS:
            attributes = (*partition, "service")
            parts = {code: n for code, n in population.published(protection, attributes).items() if code[-1] == service}
            if len(parts) == math.prod(people[COLUMNS.get(name, name)].n_unique() for name in partition):
                estimates.append(sum(parts.values()))
                weights.append(1 / len(parts))
        if estimates:
            errors.append(abs(float(np.average(estimates, weights=weights)) - truth[service]))
    return float(np.mean(errors))


def test_adding_up_every_way_leaves_the_count_uncertain(population: Population) -> None:
    assert averaged_error(population, ExactAboveNine()) < 1e-9
    assert averaged_error(population, population.ours()) > 0.5


def trace(population: Population, protection: Protection) -> tuple[float, float]:
    """Return true and false positive rates of claims that combine every difference that a target alone makes.

    Nobody else in the target's neighbourhood has the target's ethnic group or sex: everyone less the others, over two
    groupings, services and themes, and all years together.
    """
    right = wrong = users = others = 0
    tables = {}
    for period, use in product(("all", "Y2025", "Y2024", "Y2023"), ("service", "theme")):
        for attributes in (("msoa", use), ("ethnic_group", "msoa", use), ("msoa", use, "sex")):
            tables[period, attributes] = population.published(protection, attributes, period)
    theme_of = {service.code: service.theme for service in population.snapshot.directory.services}
    for (person, msoa), service in product(population.targets, population.services):
        differences = []
        for period, (use, value) in product(
            ("all", "Y2025", "Y2024", "Y2023"), (("service", service), ("theme", theme_of[service]))
        ):
            whole = tables[period, ("msoa", use)].get((msoa, value))
            white = tables[period, ("ethnic_group", "msoa", use)].get(("white", msoa, value))
            sexes = [tables[period, ("msoa", use, "sex")].get((msoa, value, sex)) for sex in "FM"]
            if whole is not None and white is not None:
                differences.append(whole - white)
            if whole is not None and None not in sexes:
                differences.append(whole - sum(sex or 0 for sex in sexes))
        claim = bool(differences) and float(np.mean(differences)) > 0.5
        if (person, service) in population.uses:
            users += 1
            right += claim
        else:
            others += 1
            wrong += claim
    return right / users, wrong / others


def test_tracing_one_person_through_many_tables_works_on_weak_engines(population: Population) -> None:
    weak: Iterable[Protection] = (
        ExactAboveNine(),
        NoiseWithoutGuard(population.settings.release_secret(), POLICY),
    )
    for engine in weak:
        found, false = trace(population, engine)
        assert found - false > 0.3


def test_tracing_one_person_through_many_tables_is_little_better_than_guessing_with_ours(
    population: Population,
) -> None:
    """Over several secrets, because a handful of targets is a handful of throws."""
    traced = [trace(population, population.ours(secret=bytes([number]) * 32)) for number in range(12)]
    assert float(np.mean([found - false for found, false in traced])) <= 0.15


def share_visible(protection: Protection, complement: int) -> float:
    """Return how often a cell is visible whose row holds this many others, all of them the attacker's friends."""
    rng = np.random.default_rng(9)
    shown = 0
    for _draw in range(1000):
        keys = [int(key) for key in rng.integers(0, 2**63, 2)]
        shown += protection.publish((200, keys[0]), [(complement, keys[1])], POLICY.threshold) is not None
    return shown / 1000


class ExactGuard(Protection):
    """A guard on the true complement: it opens exactly when the tenth person is there."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        return counted[0] if all(complement[0] >= threshold for complement in complements) else None


def test_nine_confederates_find_the_tenth_where_the_guard_is_exact() -> None:
    assert share_visible(ExactGuard(), 10) - share_visible(ExactGuard(), 9) == 1.0


def test_nine_confederates_learn_little_where_the_guard_is_noisy(population: Population) -> None:
    ours = population.ours()
    assert share_visible(ours, 10) - share_visible(ours, 9) < 0.3
