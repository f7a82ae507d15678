"""Rare journeys (attack 11): every edge shown, and every "other" that rare ones are merged into, holds enough."""

from collections import Counter
from collections.abc import Iterator

import pytest

from orchestration.release.engine import OTHER, Engine, Protection, Published
from tests.support.planted import POLICY, Population, plant_population
from tests.support.weak_engines import ExactAboveNine, NothingHidden

EDGES = ("from_theme", "step", "to_theme")
Code = tuple[str, ...]


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Population]:
    planted = plant_population(tmp_path_factory.mktemp("journeys"), people=3000, seed=13)
    yield planted
    planted.snapshot.connection.close()


def published(population: Population, protection: Protection) -> Published:
    engine = Engine(population.snapshot.directory, POLICY, protection)
    period = population.snapshot.directory.periods["Y2024"]
    with population.snapshot.cursor() as cursor:
        return engine.protect(cursor, measure="journey_steps", attributes=EDGES, period=period)


def true_edges(population: Population) -> Counter[Code]:
    """Return the people of each edge of journeys that began in the year: nobody takes one twice in the same step."""
    counted: Counter[Code] = Counter()
    for row in population.tables["srv_journey"].filter(year_code="Y2024").rows(named=True):
        for step in (1, 2, 3):
            if row[f"step_{step}"] != "none":
                counted[row[f"step_{step}"], str(step), row[f"step_{step + 1}"]] += 1
    return counted


def people_behind(population: Population, shown: Published) -> dict[Code, int]:
    """Return the true people of every visible edge; of an "other" those of the edges from there that are not shown."""
    truth = true_edges(population)
    rest: Counter[Code] = Counter()
    for (start, step, end), people in truth.items():
        if (start, step, end) not in shown:
            rest[start, step, OTHER] += people
    return {code: rest[code] if code[2] == OTHER else truth[code] for code in shown}


def test_journeys_of_one_person_are_seen_where_nothing_is_hidden(population: Population) -> None:
    assert min(people_behind(population, published(population, NothingHidden())).values()) == 1


def test_what_an_exact_engine_merges_or_hides_is_left_by_subtraction(population: Population) -> None:
    shown = published(population, ExactAboveNine())
    left: Counter[Code] = Counter()
    for (start, step, _end), people in true_edges(population).items():
        left[start, step] += people
    for (start, step, _end), figure in shown.items():
        left[start, step] -= figure
    assert any(0 < people < 10 for people in left.values())


def test_every_edge_and_every_other_of_ours_holds_enough_people(population: Population) -> None:
    shown = published(population, population.ours())
    assert any(code[2] == OTHER for code in shown)
    assert min(people_behind(population, shown).values()) >= 5
    assert min(shown.values()) >= POLICY.threshold
