"""Differencing by period: a month from its quarter, a quarter from its year.

What is audited is what subtraction leaves: by how few people a visible cell and the one around it in time differ.
"""

import polars as pl

from orchestration.redteam.field import Field
from orchestration.redteam.population import COLUMNS, Population
from orchestration.redteam.trial import OURS, Attack, Trial, weak_engines
from orchestration.release.engine import Protection

NESTED = [("2026-03", "2026-Q1"), ("2026-02", "2026-Q1"), ("2026-Q1", "Y2025"), ("2025-Q4", "Y2025")]
TABLES = [("service",), ("msoa", "theme"), ("age_group", "service"), ("lad", "service", "sex")]
LEFT = "fewest people that subtraction leaves"


def counts_of_period(population: Population, attributes: tuple[str, ...], period: str) -> dict[tuple[str, ...], int]:
    """Return the different people of each cell of a period."""
    known = population.snapshot.directory.periods[period]
    people = population.tables["srv_person_year"].filter(year_code=known.year_code)
    uses = population.tables["srv_person_service"].filter((pl.col("month_mask") & known.month_mask) != 0)
    columns = [COLUMNS.get(name, name) for name in attributes]
    counted = uses.join(people, on="person_no").group_by(columns).agg(pl.col("person_no").n_unique().alias("people"))
    return {tuple(row[:-1]): row[-1] for row in counted.rows()}


def left_over(population: Population, protection: Protection) -> list[int]:
    """Return for every visible pair of nested cells the true number of people that subtraction singles out."""
    rest = []
    for inner, outer in NESTED:
        for attributes in TABLES:
            shown = [population.published(protection, attributes, period) for period in (inner, outer)]
            truth = [counts_of_period(population, attributes, period) for period in (inner, outer)]
            rest += [truth[1][code] - truth[0][code] for code in shown[0].keys() & shown[1].keys()]
    return rest


def run(field: Field) -> list[Trial]:
    """Measure the smallest remainder on each engine."""
    population = field.population(people=4000, seed=5)
    trials = []
    for name, engine in weak_engines(population).items():
        rest = left_over(population, engine)
        trials.append(Trial(name, LEFT, min(rest), "at most", 4, len(rest), 50))
    rest = left_over(population, population.ours())
    return [*trials, Trial(OURS, LEFT, min(rest), "at least", 5, len(rest), 50)]


ATTACK = Attack(
    "periods",
    "A month taken from its quarter",
    "The attacker takes the figure of a month from that of its quarter, and of a quarter from its year: what is left "
    "are the people of the other months.",
    run,
)
