"""Hidden cells from totals: where one cell of a row is hidden, the total less the others is its count."""

from collections import Counter

from orchestration.redteam.attacks.nested_cells import PEOPLE
from orchestration.redteam.field import Field
from orchestration.redteam.population import COLUMNS, Population, true_counts
from orchestration.redteam.trial import OURS, TRUE_COUNTS, Attack, Trial
from orchestration.redteam.weak import ExactAboveNine
from orchestration.release.engine import Protection


def find_by_subtraction(population: Population, protection: Protection) -> tuple[float, float, int]:
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
    commonest = Counter(hidden_counts).most_common(1)[0][1] if hidden_counts else 0
    cells_alone = max(len(hidden_counts), 1)
    return found / cells_alone, commonest / cells_alone, len(hidden_counts)


def run(field: Field) -> list[Trial]:
    """Measure how many hidden cells are found; on ours beside what the commonest guess finds."""
    population = field.population(people=PEOPLE, seed=3)
    found, guessed, cells = find_by_subtraction(population, ExactAboveNine())
    ours, best_guess, hidden = find_by_subtraction(population, population.ours())
    return [
        Trial(TRUE_COUNTS, "share of hidden cells found", found, "at least", 1, cells, 50),
        Trial(TRUE_COUNTS, "share that the commonest guess finds", guessed, "at most", 0.6, cells, 50),
        Trial(
            OURS, "share of hidden cells found, less the commonest guess", ours - best_guess, "at most", 0, hidden, 50
        ),
    ]


ATTACK = Attack(
    "hidden-cells",
    "Hidden cells from totals",
    "One cell of a row is hidden; the attacker takes all the others from the row's total.",
    run,
)
