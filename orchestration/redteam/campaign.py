"""A campaign: every attack in turn, timed, on populations of fixed seeds, with a verdict."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.redteam.attacks import (
    adding_up,
    amounts,
    asking_again,
    channels,
    coalition,
    confederates,
    costs,
    dominance,
    geography,
    group_disclosure,
    hidden_cells,
    journeys,
    least_squares,
    leavers,
    linear_programming,
    lone_person,
    month_pattern,
    nested_cells,
    next_month,
    periods,
    refreshes,
    small_cells,
    subtraction,
    tampering,
    timing,
    tracing,
    weak_keys,
)
from orchestration.redteam.field import DEMO_AREA, Field
from orchestration.redteam.trial import Attack, Trial

ATTACKS: tuple[Attack, ...] = tuple(
    module.ATTACK
    for module in (
        nested_cells, subtraction, hidden_cells, small_cells, group_disclosure, geography, periods, month_pattern,
        next_month, refreshes, leavers, linear_programming, least_squares, asking_again, adding_up, tracing, coalition,
        confederates, weak_keys, amounts, costs, dominance, lone_person, journeys, channels, tampering, timing,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What one attack measured, and how long it took."""

    attack: Attack
    trials: tuple[Trial, ...]
    seconds: float

    @property
    def has_teeth(self) -> bool:
        """Return whether the attack succeeded wherever it must."""
        return all(trial.is_met for trial in self.trials if not trial.is_ours)

    @property
    def shows_too_little(self) -> bool:
        """Return whether nothing of ours missed its limit, but too little is shown to try it on."""
        ours = [trial for trial in self.trials if trial.is_ours]
        return any(trial.is_untried for trial in ours) and all(trial.is_inside for trial in ours)

    @property
    def is_held_off(self) -> bool:
        """Return whether ours met every criterion."""
        ours = [trial for trial in self.trials if trial.is_ours]
        return bool(ours) and all(trial.is_met for trial in ours)


def run_campaign(
    *,
    scale: int = 1,
    area_dir: Path = DEMO_AREA,
    policy: str = "dashboard",
    only: Sequence[str] = (),
    tell: Callable[[str], None] = lambda _title: None,
) -> list[Result]:
    """Run the attacks (all, or those named by key) on one policy, in a folder that is removed afterwards."""
    results = []
    with (
        tempfile.TemporaryDirectory(prefix="joinedup-red-team-") as home,
        Field(Path(home), scale=scale, area_dir=area_dir, policy=policy) as field,
    ):
        for attack in ATTACKS:
            if only and attack.key not in only:
                continue
            tell(attack.title)
            results.append(run_attack(attack, field))
    return results


def run_attack(attack: Attack, field: Field) -> Result:
    """Run one attack."""
    start = time.perf_counter()
    trials = tuple(attack.run(field))
    return Result(attack, trials, time.perf_counter() - start)
