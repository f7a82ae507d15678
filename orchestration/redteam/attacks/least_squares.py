"""Least squares: all tables about a service at once, to rebuild the finest table that nobody may ask for.

The attacker weighs every visible figure by its noise, starts from what independence would say, and claims that a cell
of the rebuilt table holds one person. The same sums, without any start, estimate small cells of a table that is
published with holes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from orchestration.redteam.attacks.linear_programming import PEOPLE, SEED
from orchestration.redteam.field import Field
from orchestration.redteam.invented import AGE_BANDS
from orchestration.redteam.population import COLUMNS, Population
from orchestration.redteam.trial import OURS, TRUE_COUNTS, UNHIDDEN, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine, NothingHidden
from orchestration.release.engine import Protection

SERVICES = 5
SECRETS = 3
JOINT = ("age_band", "ethnic_group", "msoa")
ETHNIC_GROUPS = ("white", "asian", "black", "mixed", "other", "unknown")
Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Rebuilt:
    """Claims that a cell holds one person, those that are right, and the same of the independence model."""

    claims: int
    right: int
    blind_claims: int
    blind_right: int

    @property
    def precision(self) -> float:
        """Return the share of claims that are right."""
        return self.right / max(self.claims, 1)

    @property
    def baseline(self) -> float:
        """Return the share of claims that are right without any figure about two attributes together."""
        return self.blind_right / max(self.blind_claims, 1)


def system(
    population: Population,
    protection: Protection,
    service: str,
    dimensions: tuple[str, ...],
    atoms: Sequence[tuple[str, ...]],
) -> tuple[Rows, Rows]:
    """Return a row for each visible cell of every table of a service over some of the dimensions, and the figures.

    With the service itself a question holds three attributes, so two of the dimensions at most.
    """
    rows, figures = [], []
    for width in (0, 1, 2):
        for names in combinations(dimensions, width):
            attributes = tuple(sorted((*names, "service")))
            places = [dimensions.index(name) for name in attributes if name != "service"]
            members: dict[tuple[str, ...], list[int]] = {}
            for index, atom in enumerate(atoms):
                values = iter(atom[place] for place in places)
                code = tuple(service if name == "service" else next(values) for name in attributes)
                members.setdefault(code, []).append(index)
            published = population.published(protection, attributes)
            for code, inside in members.items():
                if code in published:
                    row = np.zeros(len(atoms))
                    row[inside] = 1
                    rows.append(row)
                    figures.append(float(published[code]))
    return np.array(rows).reshape(-1, len(atoms)), np.array(figures)


def true_cells(population: Population, service: str, dimensions: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    """Return the people of each cell of a service."""
    people = population.tables["srv_person_year"].filter(year_code="all")
    uses = population.tables["srv_person_service"].filter(service_id=service).join(people, on="person_no")
    counted = uses.group_by([COLUMNS.get(name, name) for name in dimensions]).len()
    return {tuple(row[:-1]): row[-1] for row in counted.rows()}


def rebuild(population: Population, protection: Protection, *, noise: float, joint: bool = False) -> Rebuilt:
    """Claim the cells of one person of the table that nobody may ask for; `noise` is the variance of a figure.

    With `joint` that table is published too, as a lattice of four attributes would.
    """
    areas = sorted(area.code for area in population.snapshot.directory.areas if area.level == "msoa")
    atoms: list[tuple[str, ...]] = list(product(AGE_BANDS, ETHNIC_GROUPS, areas))
    totals = [0, 0, 0, 0]
    for service in population.services[:SERVICES]:
        truth = true_cells(population, service, JOINT)
        counts = np.array([truth.get(atom, 0) for atom in atoms], dtype=float)
        counts = counts.reshape(len(AGE_BANDS), len(ETHNIC_GROUPS), len(areas))
        whole = max(counts.sum(), 1.0)
        ages, groups, places = counts.sum(axis=(1, 2)), counts.sum(axis=(0, 2)), counts.sum(axis=(0, 1))
        blind = (ages[:, None, None] * groups[None, :, None] * places[None, None, :] / whole**2).ravel()
        matrix, figures = system(population, protection, service, JOINT, atoms)
        if joint:
            matrix, figures = np.vstack((matrix, np.eye(len(atoms)))), np.concatenate((figures, counts.ravel()))
        doubt = np.sqrt(np.maximum(blind, 0.05))
        stacked = np.vstack((matrix / np.sqrt(noise), np.diag(1 / doubt)))
        found, _rest = nnls(stacked, np.concatenate((figures / np.sqrt(noise), blind / doubt)))
        is_one = counts.ravel() == 1
        for place, guess in ((0, found), (2, blind)):
            claimed = (guess >= 0.5) & (guess < 1.5)
            totals[place] += int(claimed.sum())
            totals[place + 1] += int((claimed & is_one).sum())
    return Rebuilt(*totals)


def errors_of_small_cells(population: Population, protection: Protection) -> list[float]:
    """Return the errors of all cells of 1 to 9 people, by age and area, that the visible figures determine."""
    areas = sorted(area.code for area in population.snapshot.directory.areas if area.level == "msoa")
    atoms: list[tuple[str, ...]] = list(product(AGE_BANDS, areas))
    errors: list[float] = []
    for service in population.services[:SERVICES]:
        truth = true_cells(population, service, ("age_band", "msoa"))
        matrix, figures = system(population, protection, service, ("age_band", "msoa"), atoms)
        if not len(figures):
            continue
        inverse = np.linalg.pinv(matrix)
        told = np.abs(np.diag(inverse @ matrix) - 1) < 1e-9
        estimates = inverse @ figures
        errors += [
            float(estimates[index]) - truth[atom]
            for index, atom in enumerate(atoms)
            if told[index] and 0 < truth.get(atom, 0) < 10
        ]
    return errors


def run(field: Field) -> list[Trial]:
    """Measure claims against the independence model, and the error of small cells, ours over several secrets."""
    population = field.population(people=PEOPLE, seed=SEED, is_planted=False)
    policy = population.policy
    claimed, small = "claims of one person that are right, less by independence", "error of cells of 1 to 9, in people"
    open_book = rebuild(population, NothingHidden(), noise=0.01)
    four = rebuild(population, NothingHidden(), noise=0.01, joint=True)
    exact = errors_of_small_cells(population, ExactAboveNine())
    secrets = [bytes([number]) * 32 for number in range(1, SECRETS + 1)]
    noise = policy.noise_variance + policy.rounding_base**2 / 12
    found = [rebuild(population, population.ours(secret=secret), noise=noise) for secret in secrets]
    claims, right = sum(one.claims for one in found), sum(one.right for one in found)
    ours = [error for secret in secrets for error in errors_of_small_cells(population, population.ours(secret=secret))]
    spread = float(np.sqrt(np.mean(np.square(ours)))) if ours else float("inf")
    return [
        Trial(UNHIDDEN, claimed, open_book.precision - open_book.baseline, "at least", 0.04, open_book.claims, 500),
        Trial(
            "nothing hidden, four attributes", claimed, four.precision - four.baseline, "at least", 0.5, four.claims, 50
        ),
        Trial(TRUE_COUNTS, small, float(np.sqrt(np.mean(np.square(exact or [0.0])))), "at most", 1e-6, len(exact), 5),
        Trial(OURS, claimed, right / max(claims, 1) - open_book.baseline, "at most", 0.05, claims, 200),
        Trial(OURS, "claims of one person that are right", right / max(claims, 1), "at most", 0.4, claims, 200, 1 / 3),
        Trial(OURS, small, spread, "at least", 1.0, max(len(ours), 1)),
    ]


ATTACK = Attack(
    "least-squares",
    "All tables about a service at once",
    "The attacker rebuilds age by ethnic group by neighbourhood of each service, which nobody may ask for, from "
    "every table that may be asked for, weighed by its noise, and claims the cells of one person.",
    run,
    limits="A documented limit: one claim in three is the aim, and who knows nothing but the sizes of ages, groups and "
    "areas is right about more than that among these invented people. What counts is how much the tables add.",
)
