"""What an attack is, and what one trial of it measured: shared by all attacks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from orchestration.redteam.field import Field
from orchestration.redteam.population import Population
from orchestration.redteam.weak import ExactAboveNine, NoiseWithoutGuard, RoundedAboveSeven
from orchestration.release.engine import Protection

Wanted = Literal["at most", "at least"]
OURS = "ours"
TRUE_COUNTS = "true counts of 10 and more"
ROUNDED = "rounded to 5, from 8"
UNGUARDED = "noise without a guard"
UNHIDDEN = "nothing hidden"


@dataclass(frozen=True)
class Trial:
    """One number that an attack reached against one engine, beside what it must be.

    Against a weak engine the attack must succeed, or it proves nothing; against ours it must fail. `cases` is how many
    claims, cells or draws the number was made of: too few and the trial is not valid. Where ours misses the criterion
    that was set before anything was measured, that is the `aim`; the limit, set after, holds it where it is.
    """

    engine: str
    measured: str
    value: float
    wanted: Wanted
    limit: float
    cases: int = 1
    fewest_cases: int = 1
    aim: float | None = None

    @property
    def is_ours(self) -> bool:
        """Return whether the attack was on the product's engine."""
        return self.engine == OURS

    @property
    def is_met(self) -> bool:
        """Return whether the number is on the right side of its limit and made of enough cases."""
        return self.is_inside and not self.is_untried

    @property
    def is_inside(self) -> bool:
        """Return whether the number is on the right side of its limit, of however few cases."""
        return self._is_inside(self.limit)

    @property
    def is_untried(self) -> bool:
        """Return whether the number was made of too few cases to say anything."""
        return self.cases < self.fewest_cases

    @property
    def misses_its_aim(self) -> bool:
        """Return whether the number is on the wrong side of what was aimed at."""
        return self.aim is not None and not self._is_inside(self.aim)

    def _is_inside(self, limit: float) -> bool:
        return self.value <= limit if self.wanted == "at most" else self.value >= limit


@dataclass(frozen=True)
class Attack:
    """One way to learn of a person. `limits` says what the rules leave open."""

    key: str
    title: str
    story: str
    run: Callable[[Field], list[Trial]]
    limits: str = ""


def weak_engines(population: Population) -> dict[str, Protection]:
    """Return the engines that look reasonable, by name."""
    return {
        TRUE_COUNTS: ExactAboveNine(),
        ROUNDED: RoundedAboveSeven(),
        UNGUARDED: NoiseWithoutGuard(population.settings.release_secret(), population.policy),
    }
