"""First attacks on the release engine (DISCLOSURE section 6): each must succeed on weak engines and fail on ours.

The attacker knows the code, the rules and the background of every target, may collect every table of the lattice, and
lacks only the secret.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import pytest

from orchestration.release.engine import Protection
from tests.support.planted import POLICY, Population, plant_population
from tests.support.weak_engines import ExactAboveNine, NoiseWithoutGuard, NothingHidden, RoundedAboveSeven

PEOPLE = 12_000  # so many that most rows of a fine table have one hidden cell and not several
COLUMNS = {"msoa": "msoa_code", "lad": "lad_code", "service": "service_id"}


@dataclass(frozen=True)
class Outcome:
    """What an attacker achieved: claims made, those that were right, and all pairs of target and service."""

    claims: int
    right: int
    pairs: int
    positives: int
    false: int

    @property
    def precision(self) -> float:
        return self.right / self.claims if self.claims else 0.0

    @property
    def advantage(self) -> float:
        """Return how much better than guessing the claims are: true-positive rate less false-positive rate."""
        return self.right / self.positives - self.false / (self.pairs - self.positives)


def judge(population: Population, claims: set[tuple[int, str]]) -> Outcome:
    pairs = {(person, service) for person, _msoa in population.targets for service in population.services}
    right = len(claims & population.uses)
    return Outcome(len(claims), right, len(pairs), len(pairs & population.uses), len(claims) - right)


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Population]:
    planted = plant_population(tmp_path_factory.mktemp("planted"), people=PEOPLE, seed=3)
    yield planted
    planted.snapshot.connection.close()


def ask_for_all_but_one(population: Population, protection: Protection) -> Outcome:
    """Compare everyone in an msoa with everyone of the majority there: they differ by the target or not at all."""
    everyone = population.published(protection, ("msoa", "service"))
    majority = population.published(protection, ("ethnic_group", "msoa", "service"))
    claims = set()
    for person, msoa in population.targets:
        for service in population.services:
            whole, rest = everyone.get((msoa, service)), majority.get(("white", msoa, service))
            if whole is not None and rest is not None and whole != rest:
                claims.add((person, service))
    return judge(population, claims)


@pytest.mark.parametrize("weak", ["exact", "rounded", "noise"])
def test_nested_cells_reveal_members_to_weak_engines(population: Population, weak: str) -> None:
    engines: dict[str, Protection] = {
        "exact": ExactAboveNine(),
        "rounded": RoundedAboveSeven(),
        "noise": NoiseWithoutGuard(population.settings.release_secret(), POLICY),
    }
    outcome = ask_for_all_but_one(population, engines[weak])
    assert outcome.claims >= 5
    assert outcome.precision == 1.0


def test_nested_cells_reveal_nobody_through_our_engine(population: Population) -> None:
    outcome = ask_for_all_but_one(population, population.ours())
    assert outcome.claims == 0


def subtract_the_others(population: Population, protection: Protection) -> Outcome:
    """Take men and women from everyone in an msoa: what is left is the one person whose sex is not recorded."""
    everyone = population.published(protection, ("msoa", "service"))
    by_sex = population.published(protection, ("msoa", "service", "sex"))
    claims = set()
    for person, msoa in population.targets:
        for service in population.services:
            parts = [everyone.get((msoa, service)), *(by_sex.get((msoa, service, sex)) for sex in "FM")]
            if None not in parts and parts[0] - parts[1] - parts[2] >= 1:  # type: ignore[operator]
                claims.add((person, service))
    return judge(population, claims)


def test_subtraction_reveals_members_to_an_exact_engine(population: Population) -> None:
    outcome = subtract_the_others(population, ExactAboveNine())
    assert outcome.precision == 1.0
    assert outcome.advantage > 0.7


def test_subtraction_is_little_better_than_guessing_with_our_engine(population: Population) -> None:
    outcome = subtract_the_others(population, population.ours())
    prior = outcome.positives / outcome.pairs
    assert outcome.precision <= prior + 0.15
    assert outcome.advantage <= 0.2


def find_hidden_by_subtraction(population: Population, protection: Protection) -> tuple[float, float]:
    """Return of the cells hidden alone in their row the shares that subtraction and a fixed guess get right."""
    found, hidden_counts = 0, []
    for split in ("age_group", "age_band"):
        for area in ("msoa", "lad"):
            for use in ("service", "theme"):
                everyone = population.published(protection, (area, use))
                cells = population.published(protection, (split, area, use))
                truth = true_counts(population, (split, COLUMNS[area], COLUMNS.get(use, use)))
                codes = sorted({code[0] for code in truth})
                for around, total in everyone.items():
                    hidden = [code for code in codes if (code, *around) not in cells]
                    if len(hidden) == 1:
                        rest = sum(cells[code, *around] for code in codes if code != hidden[0])
                        hidden_counts.append(truth.get((hidden[0], *around), 0))
                        found += total - rest == hidden_counts[-1]
    assert len(hidden_counts) >= 50
    commonest = Counter(hidden_counts).most_common(1)[0][1]
    return found / len(hidden_counts), commonest / len(hidden_counts)


def test_subtraction_determines_hidden_cells_of_an_exact_engine(population: Population) -> None:
    found, guessed = find_hidden_by_subtraction(population, ExactAboveNine())
    assert found == 1.0
    assert guessed < 0.6


def test_subtraction_does_not_determine_hidden_cells_of_our_engine(population: Population) -> None:
    found, guessed = find_hidden_by_subtraction(population, population.ours())
    assert found <= guessed


def true_counts(population: Population, columns: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    attributes = population.tables["srv_person_year"].filter(pl.col("year_code") == "all")
    uses = population.tables["srv_person_service"]
    frame = uses.join(attributes, on="person_no") if {"service_id", "theme"} & set(columns) else attributes
    counted = frame.group_by(columns).agg(pl.col("person_no").n_unique().alias("people"))
    return {tuple(row[:-1]): row[-1] for row in counted.rows()}


TABLES = [
    ("service",),
    ("age_band", "msoa"),
    ("msoa", "service"),
    ("ethnic_group", "service"),
    ("age_band", "service", "sex"),
    ("age_group", "msoa", "service"),
    ("age_band", "msoa", "sex"),
    ("ethnic_group", "msoa", "theme"),
    ("age_band", "deprivation", "ethnic_group"),
]


def audit(population: Population, protection: Protection) -> tuple[int, int, int]:
    """Return over all tables the smallest true count, the smallest figure and the smallest true complement shown."""
    smallest_true, smallest_figure, smallest_complement = [], [], []
    for attributes in TABLES:
        published = population.published(protection, attributes)
        columns = tuple(COLUMNS.get(name, name) for name in attributes)
        truth = true_counts(population, columns)
        around = {
            index: true_counts(population, columns[:index] + columns[index + 1 :])
            for index in range(len(columns))
            if len(columns) > 1
        }
        for code, figure in published.items():
            smallest_figure.append(figure)
            smallest_true.append(truth[code])
            smallest_complement += [around[index][code[:index] + code[index + 1 :]] - truth[code] for index in around]
    return min(smallest_true), min(smallest_figure), min(smallest_complement)


def test_no_visible_cell_of_ours_is_small_or_nearly_everyone(population: Population) -> None:
    smallest_true, smallest_figure, smallest_complement = audit(population, population.ours())
    assert smallest_true >= 5
    assert smallest_figure >= 10
    assert smallest_complement >= 5


def test_the_audit_finds_small_cells_where_nothing_is_hidden(population: Population) -> None:
    assert audit(population, NothingHidden())[0] == 1


def test_the_audit_finds_cells_of_nearly_everyone_where_only_small_cells_are_hidden(population: Population) -> None:
    assert audit(population, RoundedAboveSeven())[2] < 5
    assert audit(population, NoiseWithoutGuard(population.settings.release_secret(), POLICY))[2] < 5
