"""Ways to protect a cell that look reasonable and are not: attacks must succeed on them, or they prove nothing.

For the red team and the tests only: no setting, policy or argument of a command reaches them.
"""

# ruff: noqa: ARG002 - the signature is the engine's

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from orchestration.release.cells import Period
from orchestration.release.engine import Counted, Evidence, EvidenceTable, Protection
from orchestration.release.noise import Noise
from orchestration.release.policy import Policy
from orchestration.release.vintages import Origin, Vintages

TEN = 10
"""Their threshold, whatever policy is attacked: a weak engine is as weak beside a strict policy."""


class Weak(Protection):
    """What all have in common: a sum is told as it is."""

    def publish_sum(self, evidence: Evidence) -> int | None:
        """Return the true sum."""
        return evidence.amounts[0]


class ExactAboveNine(Weak):
    """True counts, hidden below ten: what a spreadsheet with suppression publishes."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        """Return the published figure, or None for hidden."""
        return counted[0] if counted[0] >= TEN else None


class RoundedAboveSeven(Weak):
    """The rule of NHS statistics: below 8 hidden, else rounded to the nearest 5; no noise, no guard."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        """Return the published figure, or None for hidden."""
        return (2 * counted[0] + 5) // 10 * 5 if counted[0] >= 8 else None


class NothingHidden(Weak):
    """True counts, all of them."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        """Return the published figure, or None for hidden."""
        return counted[0]


class NoiseWithoutGuard(Weak):
    """The textbook cell-key method, hidden below ten, but without the complement guard and without rounding."""

    def __init__(self, secret: bytes, policy: Policy) -> None:
        self._noise = Noise(secret, policy)

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        """Return the published figure, or None for hidden."""
        noisy = self._noise.perturb(*counted)
        return noisy if noisy >= TEN else None


class Forgetful(Vintages):
    """No memory of what was released: every refresh is answered as it is."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))

    def recall(
        self, *, origin: Origin, measure: str, attributes: tuple[str, ...], period: Period
    ) -> EvidenceTable | None:
        return None

    def settle(
        self, gathered: EvidenceTable, *, origin: Origin, measure: str, attributes: tuple[str, ...], period: Period
    ) -> EvidenceTable:
        return gathered


class FreshNoise(Weak):
    """Unbiased noise drawn anew for each question, hidden below ten."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        """Return the published figure, or None for hidden."""
        noisy = counted[0] + int(self._rng.integers(-5, 6))
        return noisy if noisy >= TEN else None
