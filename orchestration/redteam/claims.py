"""Claims that targets used services, and how they are judged."""

from dataclasses import dataclass

from orchestration.redteam.population import Population


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
        """Return the share of claims that are right."""
        return self.right / self.claims if self.claims else 0.0

    @property
    def prior(self) -> float:
        """Return the share of pairs that are true: what a claim made blindly is worth."""
        return self.positives / self.pairs

    @property
    def advantage(self) -> float:
        """Return how much better than guessing the claims are: true-positive rate less false-positive rate."""
        return self.right / self.positives - self.false / (self.pairs - self.positives)


def judge(population: Population, claims: set[tuple[int, str]]) -> Outcome:
    """Return how many claims (person_no, service_id) about targets are true."""
    pairs = {(person, service) for person, _msoa in population.targets for service in population.services}
    right = len(claims & population.uses)
    return Outcome(len(claims), right, len(pairs), len(pairs & population.uses), len(claims) - right)
