"""Everyone in an area less everyone of the majority there: the two differ by the target or not at all."""

from orchestration.redteam.claims import Outcome, judge
from orchestration.redteam.field import Field
from orchestration.redteam.population import Population
from orchestration.redteam.trial import OURS, Attack, Trial, weak_engines
from orchestration.release.engine import Protection

PEOPLE = 12_000  # so many that most rows of a fine table have one hidden cell and not several


def ask_for_all_but_one(population: Population, protection: Protection) -> Outcome:
    """Claim each service whose figure of everyone differs from that of the majority."""
    everyone = population.published(protection, ("msoa", "service"))
    majority = population.published(protection, ("ethnic_group", "msoa", "service"))
    claims = set()
    for person, msoa in population.targets:
        for service in population.services:
            whole, rest = everyone.get((msoa, service)), majority.get(("white", msoa, service))
            if whole is not None and rest is not None and whole != rest:
                claims.add((person, service))
    return judge(population, claims)


def run(field: Field) -> list[Trial]:
    """Measure the precision of claims on weak engines, and the number of claims on ours."""
    population = field.population(people=PEOPLE, seed=3)
    trials = []
    for name, engine in weak_engines(population).items():
        outcome = ask_for_all_but_one(population, engine)
        trials.append(
            Trial(name, "share of claims that are right", outcome.precision, "at least", 1, outcome.claims, 5)
        )
    ours = ask_for_all_but_one(population, population.ours())
    trials.append(Trial(OURS, "claims that can be made", ours.claims, "at most", 0, ours.pairs, 100))
    return trials


ATTACK = Attack(
    "nested-cells",
    "Everyone less the majority",
    "The target is the only one of their ethnic group and sex in the neighbourhood. The attacker compares everyone "
    "who used a service there with everyone of the majority who did.",
    run,
)
