"""Perturbation tables of maximum entropy: for each true count, how likely each published deviation is.

The method is Giessing's (2016), as in R `ptable` 1.0.0 of Destatis: unbiased noise of at most D with a given variance,
no result in 1..js, nothing below zero, the probabilities not falling towards the diagonal from the left. What does not
belong here: keys, secrets and counts (noise.py) and what is hidden (engine.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from orchestration.errors import ReleaseError

Vector = NDArray[np.float64]
NEWTON_STEPS = 200
TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a perturbation table: for a true count, the possible changes and their probabilities (sum 1)."""

    count: int
    changes: tuple[int, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """The convex problem of one row: maximise entropy with equal (`free`) and at-most features."""

    features: Vector  # shape (multipliers, support)
    limits: Vector
    free: NDArray[np.bool_]

    def probabilities(self, multipliers: Vector) -> tuple[Vector, float]:
        exponent = -multipliers @ self.features
        peak = float(exponent.max())
        weights = np.exp(exponent - peak)
        total = float(weights.sum())
        return weights / total, peak + float(np.log(total))

    def dual(self, multipliers: Vector) -> tuple[float, Vector]:
        p, log_total = self.probabilities(multipliers)
        return log_total + float(multipliers @ self.limits), self.limits - self.features @ p


@lru_cache(maxsize=32)
def design_table(
    *,
    largest: int,
    variance: float,
    never_below: int = 0,
    stay: tuple[float, ...] = (),
    exact_variance: bool = False,
    monotone: tuple[bool, ...] = (True,),
) -> tuple[Row, ...]:
    """Return the rows from count 0 up; the last one serves every larger count.

    `largest` is D, `variance` V, `never_below` js. `stay` gives per row (the last repeats) the least probability of no
    change, `exact_variance` asks for V itself (R's optim=4) instead of at most V, `monotone` per row whether the left
    side must rise. Raises ReleaseError with the row when no such noise exists.
    """
    # Above D + js the support is symmetric and no longer changes; with js = 0 that is so from D on.
    last = largest + never_below + 1 if never_below else largest
    rows = (
        _design_row(
            count,
            largest=largest,
            variance=variance,
            never_below=never_below,
            stay=_repeat_last(stay, count, 0.0),
            exact_variance=exact_variance,
            monotone=bool(_repeat_last(monotone, count, True)),
        )
        for count in range(1, last + 1)
    )
    return (Row(0, (0,), (1.0,)), *rows)


def _repeat_last(values: Sequence[float] | Sequence[bool], count: int, default: float) -> float:
    return values[min(count, len(values)) - 1] if values else default


def _design_row(
    count: int,
    *,
    largest: int,
    variance: float,
    never_below: int,
    stay: float,
    exact_variance: bool,
    monotone: bool,
) -> Row:
    results = [
        result for result in range(max(0, count - largest), count + largest + 1) if result == 0 or result > never_below
    ]
    changes = np.array([result - count for result in results], dtype=np.float64)
    problem = _state_row(
        changes, scale=float(largest), variance=variance, stay=stay, exact_variance=exact_variance, monotone=monotone
    )
    p = _solve(problem)
    mean, spread = float(changes @ p), float(changes**2 @ p)
    if abs(mean) > 1e-7 or spread > variance + 1e-6:
        raise ReleaseError(
            f"No unbiased noise of at most {largest} has variance {variance:g} for a count of {count}: "
            "choose another variance."
        )
    return Row(count, tuple(int(change) for change in changes), tuple(float(value) for value in p))


def _state_row(
    changes: Vector, *, scale: float, variance: float, stay: float, exact_variance: bool, monotone: bool
) -> _Row:
    scaled = changes / scale
    features, limits, free = [scaled, scaled**2], [0.0, variance / scale**2], [True, exact_variance]
    diagonal = (changes == 0).astype(np.float64)
    if stay > 0 and diagonal.any():
        features.append(-diagonal)
        limits.append(-stay)
        free.append(False)
    if monotone:
        for left in range(len(changes) - 1):
            if changes[left + 1] <= 0:
                step = np.zeros(len(changes))
                step[left], step[left + 1] = 1.0, -1.0
                features.append(step)
                limits.append(0.0)
                free.append(False)
    return _Row(np.array(features), np.array(limits), np.array(free))


def _solve(problem: _Row) -> Vector:
    """Minimise the convex dual: L-BFGS-B finds which limits bind, damped Newton steps on those make it exact."""
    start = np.zeros(len(problem.limits))
    bounds = [(None, None) if free else (0.0, None) for free in problem.free]
    rough = minimize(
        problem.dual,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-10},
    )
    multipliers = np.asarray(rough.x, dtype=np.float64)
    binding = problem.free | (multipliers > 1e-7)
    for _ in range(NEWTON_STEPS):
        multipliers = _newton(problem, np.where(binding, multipliers, 0.0), binding)
        p, _log_total = problem.probabilities(multipliers)
        negative = binding & ~problem.free & (multipliers < 0)
        broken = ~binding & (problem.features @ p - problem.limits > 1e-10)
        if not negative.any() and not broken.any():
            break
        binding = (binding & ~negative) | broken
    p, _log_total = problem.probabilities(multipliers)
    return p


def _newton(problem: _Row, multipliers: Vector, binding: NDArray[np.bool_]) -> Vector:
    value, gradient = problem.dual(multipliers)
    features = problem.features[binding]
    for _ in range(NEWTON_STEPS):
        if float(np.abs(gradient[binding]).max()) < TOLERANCE:
            break
        p, _log_total = problem.probabilities(multipliers)
        centred = features - (features @ p)[:, None]
        hessian = (centred * p) @ centred.T + 1e-14 * np.eye(len(features))
        direction = np.linalg.lstsq(hessian, gradient[binding], rcond=None)[0]
        step = 1.0
        while step > 1e-10:
            trial = multipliers.copy()
            trial[binding] -= step * direction
            trial_value, trial_gradient = problem.dual(trial)
            if trial_value <= value + 1e-15:
                break
            step /= 2
        else:
            break
        multipliers, value, gradient = trial, trial_value, trial_gradient
    return multipliers
