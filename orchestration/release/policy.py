"""Release policies: the numbers of disclosure control, named. What they mean is in docs/explanation/disclosure.md.

An area pack sets the numbers of the three names (`release_policies` in area.yaml); noise is the product's own and in no
pack. A number looser than what was measured needs a recorded decision there, which travels with the policy from here
on: onto birth certificates and the trust page.
"""

from dataclasses import dataclass
from fractions import Fraction

from orchestration.area.policies import Decision, ReleasePolicies, ReleasePolicy
from orchestration.errors import ReleaseError

MOST_ATTRIBUTES = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """One set of rules. Counts are people (or households); shares are 0-1.

    `largest_noise`, `noise_variance` and `never_below` are D, V and js of the perturbation table (Giessing 2016). They
    are not printed on any page (SDC Handbook 5.7: publishing D is risky), although the attacks assume they are known.
    `finest_base` is the smallest rounding base of the area's policies: every figure is made from that one, so that
    figures of two policies laid side by side tell no more than the finer of them (decision 0022).
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
    loosened: tuple[str, ...] = ()
    decision: str | None = None
    finest_base: int = 5

    def __post_init__(self) -> None:
        """Refuse a policy under which a visible cell could hold fewer than 5 real people."""
        if self.threshold < 2 * self.largest_noise or self.sensitive_threshold < self.threshold:
            raise ReleaseError(f"Policy '{self.name}': the threshold must be at least twice the largest noise.")
        if self.threshold % self.rounding_base or self.sensitive_threshold % self.rounding_base:
            raise ReleaseError(f"Policy '{self.name}': thresholds must be multiples of the rounding base.")
        if not 1 <= self.most_attributes <= MOST_ATTRIBUTES:
            raise ReleaseError(f"Policy '{self.name}': a question has one to {MOST_ATTRIBUTES} attributes.")
        if self.loosened and not self.decision:
            raise ReleaseError(
                f"Policy '{self.name}' is looser than what was measured ({', '.join(self.loosened)}), and no recorded "
                "decision allows it: see docs/how-to/set-release-policies.md."
            )

    @property
    def fingerprint(self) -> str:
        """Return a text that differs whenever any number differs: part of every cache key."""
        return (
            f"{self.name}:{self.threshold}:{self.sensitive_threshold}:{self.rounding_base}:{self.largest_noise}:"
            f"{self.noise_variance}:{self.never_below}:{self.most_attributes}:{self.largest_hidden_share}:"
            f"{self.smallest_base}:{self.finest_base}"
        )

    def round_count(self, count: int) -> int:
        """Round a perturbed count to the finest base of the area, halves upwards, and that to the policy's own.

        Of the second rounding halves go to the even multiple, so that no figure is too large on average.
        """
        finest, base = self.finest_base, self.rounding_base
        figure = (2 * count + finest) // (2 * finest) * finest
        return figure if base == finest else round(Fraction(figure, base)) * base


def policies_of(pack: ReleasePolicies) -> dict[str, Policy]:
    """Return the policies of an area by name. No policy has a smaller threshold for sensitive topics than `sensitive`.

    The pack is taken as checked (orchestration/area/policies.py): here only what no decision can lift is refused.
    """
    least, finest = pack.sensitive.threshold, pack.finest_base
    return {name: _policy(name, numbers, least, finest, pack.decisions) for name, numbers in pack.named().items()}


def _policy(name: str, numbers: ReleasePolicy, least: int, finest: int, decisions: dict[str, Decision]) -> Policy:
    decision = decisions.get(numbers.decision or "")
    base = numbers.rounding_base
    return Policy(
        name,
        threshold=numbers.threshold,
        sensitive_threshold=-(-max(numbers.sensitive_threshold, least) // base) * base,
        rounding_base=base,
        most_attributes=numbers.most_attributes,
        largest_hidden_share=numbers.largest_hidden_share,
        smallest_base=numbers.smallest_base,
        loosened=numbers.loosened(),
        finest_base=finest,
        decision=f"{numbers.decision} of {decision.taken_on}, {decision.taken_by}: {decision.reason}"
        if decision
        else None,
    )


POLICIES = policies_of(ReleasePolicies())
"""The policies as measured: what an area has that sets no numbers."""
