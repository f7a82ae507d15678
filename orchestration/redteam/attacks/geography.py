"""Geography algebra: an area less another that it nearly is leaves a sliver of few people.

Where areas of two kinds overlap, subtraction finds the few who live in one and not in the other. Areas that nest or lie
apart leave nothing but whole areas. The gate is asked for two kinds of area together, and for one year's areas at the
time of another.
"""

from itertools import combinations

import polars as pl

from orchestration.redteam.field import Field
from orchestration.redteam.invented import make_snapshot
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.release import Gate, Refused, Request
from orchestration.release.lattice import MEASURES

FEW = 10
AREAS = ("msoa", "lad", "deprivation")
Members = dict[tuple[str, str], frozenset[int]]


def members(people: pl.DataFrame, columns: dict[str, str]) -> Members:
    """Return the people of each area of each kind; `columns` are those of the kinds."""
    return {
        (kind, row[0]): frozenset(row[1])
        for kind, column in columns.items()
        for row in people.group_by(column).agg("person_no").rows()
    }


def slivers(found: Members) -> tuple[int, int, int]:
    """Return the pairs of areas of two kinds that overlap in part, those that leave 1 to 9 people, and all pairs."""
    overlapping = few = pairs = 0
    for (one, its), (other, others) in combinations(found.items(), 2):
        if one[0] == other[0]:
            continue
        pairs += 1
        shared = its & others
        if shared and len(shared) < min(len(its), len(others)):
            overlapping += 1
            few += 0 < len(shared) < FEW or 0 < len(its - others) < FEW or 0 < len(others - its) < FEW
    return overlapping, few, pairs


def beside(population: Population) -> Members:
    """Return neighbourhoods and, as a weak geography, the same with one person in fifty across the border."""
    people = population.tables["srv_person_year"].filter(year_code="all").sort("person_no")
    moved = people.with_columns(
        ward=pl.when(pl.col("person_no") % 50 == 0).then(pl.col("msoa_code").shift(1)).otherwise("msoa_code")
    ).drop_nulls("ward")
    return members(moved, {"msoa": "msoa_code", "ward": "ward"})


def answered_together(gate: Gate, policy: str) -> tuple[int, int]:
    """Return how often the gate cuts one kind of area by another, and how often it was asked to.

    Deprivation is a property of areas smaller than neighbourhoods; a district's name is one of its own.
    """
    answered = asked = 0
    known = gate.catalogue().dimensions
    periods = [period.code for period in gate.catalogue().periods if period.level in ("year", "all")]
    for measure, rule in MEASURES.items():
        pairs = [pair for pair in combinations(AREAS, 2) if "msoa" in pair and set(pair) <= set(rule.dimensions)]
        for (one, other), period in ((pair, period) for pair in pairs for period in periods):
            values = known[other].values if other in known else ()
            forms = [((one, other), {}), ((other,), {one: ("E02000001",)})]
            forms += [((), {one: ("E02000001",), other: (value.code,)}) for value in values]
            for by, where in forms:
                asked += 1
                try:
                    gate.answer(Request(measure, by, where, period, policy))
                except Refused:
                    continue
                answered += 1
    return answered, asked


def run(field: Field) -> list[Trial]:
    """Measure slivers of overlapping kinds of areas, of ours in every year, and questions that cut areas."""
    population = field.population(people=4000, seed=5)
    _overlapping, few, pairs = slivers(beside(population))
    ours = [0, 0, 0]
    for year in ("all", *(year.code for year in population.snapshot.directory.years)):
        people = population.tables["srv_person_year"].filter(year_code=year)
        ours = [
            a + b for a, b in zip(ours, slivers(members(people, {"msoa": "msoa_code", "lad": "lad_code"})), strict=True)
        ]
    settings = field.under_rules(make_snapshot(field.folder("areas"), people=field.people(2500), seed=5))
    answered, asked = answered_together(Gate(settings), field.policy.name)
    return [
        Trial("wards beside neighbourhoods", "pairs of areas that leave 1 to 9 people", few, "at least", 10, pairs),
        Trial(OURS, "pairs of areas that overlap in part", ours[0], "at most", 0, ours[2], 50),
        Trial(OURS, "questions answered that cut one kind of area by another", answered, "at most", 0, asked, 100),
    ]


ATTACK = Attack(
    "geography",
    "One area less another that it nearly is",
    "The attacker looks for two areas that overlap in part, in any year, and asks for two kinds of area together.",
    run,
)
