"""Release policies: the numbers of disclosure control, named. What they mean is in docs/explanation/disclosure.md.

Loosening a policy must be a recorded decision, so an area pack cannot do it silently: `dashboard` is the loosest.
"""

from dataclasses import dataclass

from orchestration.errors import ReleaseError


@dataclass(frozen=True, slots=True)
class Policy:
    """One set of rules. Counts are people (or households); shares are 0-1.

    `largest_noise`, `noise_variance` and `never_below` are D, V and js of the perturbation table (Giessing 2016). They
    are not printed on any page (SDC Handbook 5.7: publishing D is risky), although the attacks assume they are known.
    """

    name: str
    threshold: int = 10
    sensitive_threshold: int = 20
    rounding_base: int = 5
    largest_noise: int = 5
    noise_variance: float = 3.0
    never_below: int = 2
    most_attributes: int = 3
    largest_hidden_share: float = 0.5
    smallest_base: int = 100

    def __post_init__(self) -> None:
        """Refuse a policy under which a visible cell could hold fewer than 5 real people."""
        if self.threshold < 2 * self.largest_noise or self.sensitive_threshold < self.threshold:
            raise ReleaseError(f"Policy '{self.name}': the threshold must be at least twice the largest noise.")
        if self.threshold % self.rounding_base:
            raise ReleaseError(f"Policy '{self.name}': the threshold must be a multiple of the rounding base.")

    @property
    def fingerprint(self) -> str:
        """Return a text that differs whenever any number differs: part of every cache key."""
        return (
            f"{self.name}:{self.threshold}:{self.sensitive_threshold}:{self.rounding_base}:{self.largest_noise}:"
            f"{self.noise_variance}:{self.never_below}:{self.most_attributes}:{self.largest_hidden_share}:{self.smallest_base}"
        )

    def round_count(self, count: int) -> int:
        """Round a perturbed count to the policy's base, halves upwards (floor((c + b/2) / b) x b)."""
        base = self.rounding_base
        return (2 * count + base) // (2 * base) * base


POLICIES = {
    policy.name: policy
    for policy in (
        Policy("dashboard"),
        Policy("public", threshold=20, sensitive_threshold=30, rounding_base=10),
    )
}
