"""Ways to protect a cell that look reasonable and are not: attacks must succeed on them, or they prove nothing."""

# ruff: noqa: ARG002 - the signature is the engine's

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from orchestration.release.cells import Period
from orchestration.release.engine import Counted, EvidenceTable, Protection
from orchestration.release.noise import Noise
from orchestration.release.policy import Policy
from orchestration.release.vintages import Origin, Vintages


class ExactAboveNine(Protection):
    """True counts, hidden below the threshold: what a spreadsheet with suppression publishes."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        return counted[0] if counted[0] >= threshold else None


class RoundedAboveSeven(Protection):
    """The rule of NHS statistics: below 8 hidden, else rounded to the nearest 5; no noise, no guard."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        return (2 * counted[0] + 5) // 10 * 5 if counted[0] >= 8 else None


class NothingHidden(Protection):
    """True counts, all of them."""

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        return counted[0]


class NoiseWithoutGuard(Protection):
    """The textbook cell-key method with threshold, but without the complement guard and without rounding."""

    def __init__(self, secret: bytes, policy: Policy) -> None:
        self._noise = Noise(secret, policy)

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        noisy = self._noise.perturb(*counted)
        return noisy if noisy >= threshold else None


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


class FreshNoise(Protection):
    """Unbiased noise drawn anew for each question, hidden below the threshold."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        noisy = counted[0] + int(self._rng.integers(-5, 6))
        return noisy if noisy >= threshold else None
