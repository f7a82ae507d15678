"""Group disclosure: a member of a group sees that all the others, or nearly all, have something in common."""

from orchestration.redteam.attacks.nested_cells import PEOPLE
from orchestration.redteam.attacks.small_cells import TABLES
from orchestration.redteam.field import Field
from orchestration.redteam.population import COLUMNS, Population, true_counts
from orchestration.redteam.trial import OURS, ROUNDED, UNGUARDED, Attack, Trial, weak_engines
from orchestration.release.engine import Protection

SMALL_GROUP = 50
ALL_OTHERS, LIKELIEST = (
    "visible cells of all of a group but the attacker",
    f"surest claim in a group below {SMALL_GROUP}",
)


def claims(population: Population, protection: Protection) -> tuple[int, float, int]:
    """Return visible cells with at most one outside, the largest true share of a small group, and the cells seen.

    The one outside is the attacker, who then knows of every other member.
    """
    alone, surest, cells = 0, 0.0, 0
    for attributes in TABLES:
        if len(attributes) == 1:
            continue
        columns = tuple(COLUMNS.get(name, name) for name in attributes)
        truth = true_counts(population, columns)
        shown = population.published(protection, attributes)
        for index in range(len(columns)):
            groups = true_counts(population, columns[:index] + columns[index + 1 :])
            for code in shown:
                group = groups[code[:index] + code[index + 1 :]]
                cells += 1
                alone += group - truth[code] <= 1
                if group < SMALL_GROUP:
                    surest = max(surest, truth[code] / group)
    return alone, surest, cells


def run(field: Field) -> list[Trial]:
    """Measure certain claims, and the surest about a small group."""
    population = field.population(people=PEOPLE, seed=3)
    weak = weak_engines(population)
    trials = []
    for name in (ROUNDED, UNGUARDED):
        alone, surest, cells = claims(population, weak[name])
        trials.append(Trial(name, ALL_OTHERS, alone, "at least", 1, cells))
        trials.append(Trial(name, LIKELIEST, surest, "at least", 0.95, cells))
    alone, surest, cells = claims(population, population.ours())
    return [
        *trials,
        Trial(OURS, ALL_OTHERS, alone, "at most", 0, cells, 200),
        Trial(OURS, LIKELIEST, surest, "at most", 0.9, cells, 200),
    ]


ATTACK = Attack(
    "group-disclosure",
    "What all of a group have in common",
    "The attacker belongs to a group, sees a figure of nearly all of it, and claims of each other member that they are "
    "in it.",
    run,
)
