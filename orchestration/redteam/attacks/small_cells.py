"""An audit of what is visible: how few people stand behind any figure, and how few beside it in its row."""

from orchestration.redteam.attacks.nested_cells import PEOPLE
from orchestration.redteam.field import Field
from orchestration.redteam.population import COLUMNS, Population, true_counts
from orchestration.redteam.trial import OURS, ROUNDED, UNGUARDED, UNHIDDEN, Attack, Trial, weak_engines
from orchestration.redteam.weak import NothingHidden
from orchestration.release.engine import Protection

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
PERSON, FIGURE, BESIDE = "fewest people behind a figure", "smallest figure", "fewest people beside a cell in its row"


def audit(population: Population, protection: Protection) -> tuple[int, int, int, int]:
    """Return over all tables the smallest true count, figure and true complement shown, and the cells looked at."""
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
    return min(smallest_true), min(smallest_figure), min(smallest_complement), len(smallest_true)


def run(field: Field) -> list[Trial]:
    """Measure the smallest of everything shown."""
    population = field.population(people=PEOPLE, seed=3)
    weak = weak_engines(population)
    person, figure, beside, cells = audit(population, population.ours())
    return [
        Trial(UNHIDDEN, PERSON, audit(population, NothingHidden())[0], "at most", 1),
        *(Trial(name, BESIDE, audit(population, weak[name])[2], "at most", 4) for name in (ROUNDED, UNGUARDED)),
        Trial(OURS, PERSON, person, "at least", 5, cells, 200),
        Trial(OURS, FIGURE, figure, "at least", population.policy.threshold, cells, 200),
        Trial(OURS, BESIDE, beside, "at least", 5, cells, 200),
    ]


ATTACK = Attack(
    "small-cells",
    "Small cells, and cells of nearly everyone",
    "The attacker looks for a figure that stands for a handful of people, or for all of a group but a handful.",
    run,
)
