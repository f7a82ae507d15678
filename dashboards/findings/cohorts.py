"""Findings of the page 'Compare': two shares side by side, and what can be said of their difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from dashboards.figures.numbers import in_sentence, share_text

Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Pair:
    """One row: how many of each population have it, and how large the populations are (None: hidden)."""

    label: str
    one: int | None
    other: int | None
    size_one: int | None
    size_other: int | None

    @property
    def shares(self) -> tuple[float | None, float | None]:
        """Return both shares (0-1), never above 1."""
        return _share(self.one, self.size_one), _share(self.other, self.size_other)

    @property
    def risk_ratio(self) -> tuple[float, float, float] | None:
        """Return the ratio of the shares with its 95 % interval by Katz's logarithm (Katz et al., 1978)."""
        if not self.one or not self.other or not self.size_one or not self.size_other:
            return None
        ratio = (self.one / self.size_one) / (self.other / self.size_other)
        spread = Z * sqrt(max(0.0, 1 / self.one - 1 / self.size_one) + max(0.0, 1 / self.other - 1 / self.size_other))
        return ratio, exp(log(ratio) - spread), exp(log(ratio) + spread)

    @property
    def standardised_difference(self) -> float | None:
        """Return the difference of the shares in standard deviations (Austin, 2009); 0.1 is small."""
        one, other = self.shares
        if one is None or other is None:
            return None
        deviation = sqrt((one * (1 - one) + other * (1 - other)) / 2)
        return (one - other) / deviation if deviation else None

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the ratio leaves out 1, and the difference is not a small one."""
        ratio, difference = self.risk_ratio, self.standardised_difference
        return (
            ratio is not None and not ratio[1] <= 1 <= ratio[2] and difference is not None and abs(difference) >= SMALL
        )


SMALL = 0.1


def lede(names: tuple[str, str], sizes: tuple[int | None, int | None], during: str) -> str:
    """Say how large both are, and that this is description."""
    told = [
        f"{name} ({'hidden' if size is None else format(size, ',')} people)"
        for name, size in zip(names, sizes, strict=True)
    ]
    return (
        f"{told[0]} beside {told[1]} in {during}. Somebody may be in both. "
        "A difference describes the two groups; it does not say what made it."
    )


def differences(pairs: Sequence[Pair], names: tuple[str, str]) -> str:
    """Say the largest clear difference."""
    clear = [pair for pair in pairs if pair.is_clear]
    if not clear:
        return "No row differs clearly between the two"
    pair = max(clear, key=lambda one: abs(one.standardised_difference or 0.0))
    return (
        f"{pair.label}: {share_text(pair.one, pair.size_one)} of {in_sentence(names[0])}, "
        f"{share_text(pair.other, pair.size_other)} of {in_sentence(names[1])}"
    )


def ratio_text(pair: Pair) -> str:
    """Write the ratio with its interval."""
    ratio = pair.risk_ratio
    return "not shown" if ratio is None else f"{ratio[0]:.2f} ({ratio[1]:.2f} to {ratio[2]:.2f})"


def difference_text(pair: Pair) -> str:
    """Write the standardised difference."""
    value = pair.standardised_difference
    return "not shown" if value is None else f"{value:+.2f}"


def _share(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else min(1.0, part / whole)
