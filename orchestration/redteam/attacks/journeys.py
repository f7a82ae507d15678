"""Rare journeys: edges of one person, and what is left when the visible edges are taken from a node."""

from collections import Counter

from orchestration.redteam.field import Field
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, TRUE_COUNTS, UNHIDDEN, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine, NothingHidden
from orchestration.release.engine import OTHER, Engine, Protection, Published

EDGES = ("from_theme", "step", "to_theme")
Code = tuple[str, ...]


def published_edges(population: Population, protection: Protection) -> Published:
    """Return the visible edges of journeys that began in a year."""
    engine = Engine(population.snapshot.directory, population.policy, protection)
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


def left_of_nodes(population: Population, shown: Published) -> list[int]:
    """Return what is left of the people of each node when its visible edges are taken from it."""
    left: Counter[Code] = Counter()
    for (start, step, _end), people in true_edges(population).items():
        left[start, step] += people
    for (start, step, _end), figure in shown.items():
        left[start, step] -= figure
    return list(left.values())


def run(field: Field) -> list[Trial]:
    """Measure the fewest people behind an edge, and how many nodes leave a few by subtraction."""
    population = field.population(people=3000, seed=13)
    fewest = "fewest people behind an edge or an 'other'"
    unhidden = people_behind(population, published_edges(population, NothingHidden()))
    left = left_of_nodes(population, published_edges(population, ExactAboveNine()))
    shown = published_edges(population, population.ours())
    pooled = sum(code[2] == OTHER for code in shown)
    ours = people_behind(population, shown)
    return [
        Trial(UNHIDDEN, fewest, min(unhidden.values()), "at most", 1, len(unhidden), 20),
        Trial(TRUE_COUNTS, "nodes that leave 1 to 9 people", sum(0 < rest < 10 for rest in left), "at least", 1),
        Trial(OURS, fewest, min(ours.values()), "at least", 5, len(ours), 20),
        Trial(OURS, "smallest figure of an edge", min(shown.values()), "at least", population.policy.threshold, pooled),
    ]


ATTACK = Attack(
    "journeys",
    "Rare journeys",
    "The attacker looks for a step that one person took, and takes the visible steps from everybody at a point.",
    run,
)
