"""Segments: latent classes of yes-or-no answers, fitted on distinct response patterns and their counts.

What belongs here: the fit (StepMix), how many classes (BIC), how stable they are (bootstrap, Jaccard), their order,
their words and the file that keeps them. What does not: where patterns come from and who belongs where (dbt).

A million people have some thousands of patterns, so that a fit takes seconds whatever the number of people.
Hennig C, Cluster-wise assessment of cluster stability, Comput Stat Data Anal 2007;52:258-271: a mean Jaccard of 0.75 is
stable, below 0.6 is not to be trusted.
"""

import hashlib
import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SEED = 20_260_101
MOST_CLASSES = 6
MOST_PATTERNS = 20_000
STARTS = 4
RESAMPLES = 20
FEWEST_PEOPLE = 200
"""Below this many people a model is made for the day and not kept: it would freeze noise."""
LEAST_SHARE = 0.3
"""An answer that fewer of a class give does not describe it, however rare it is elsewhere."""
LEAST_LIFT = 1.25
MOST_WORDS = 4


@dataclass(frozen=True)
class SegmentModel:
    """Classes in order of size, each with its share and the chance of every answer; and how they were found."""

    features: tuple[str, ...]
    shares: tuple[float, ...]
    chances: tuple[tuple[float, ...], ...]
    """One row per class, one column per feature."""
    overall: tuple[float, ...]
    """Share of all people with each feature when the model was fitted."""
    stability: tuple[float, ...]
    bic: tuple[float, ...]
    """BIC of one class, two classes and so on, as far as was tried."""
    people: int
    fit_no: int
    fitted_on: str

    @property
    def classes(self) -> int:
        return len(self.shares)

    @property
    def version(self) -> str:
        """Return the number of the fit and a digest of the parameters: figures of two versions are not one trend."""
        body = json.dumps([self.features, self.shares, self.chances])
        return f"{self.fit_no}-{hashlib.sha256(body.encode()).hexdigest()[:10]}"


def fit_segments(
    answers: Integers,
    people: Integers,
    *,
    features: Sequence[str],
    fit_no: int = 1,
    fitted_on: str = "",
    most_classes: int = MOST_CLASSES,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> SegmentModel:
    """Return the model of fewest BIC. `answers`: one row per distinct pattern, 0 or 1; `people`: how many gave it."""
    if not len(answers) or people.sum() == 0:
        return SegmentModel(tuple(features), (), (), (), (), (), 0, fit_no, fitted_on)
    given, counts = _bounded(answers.astype(np.float64), people.astype(np.float64), seed)
    fits = []
    for classes in range(1, min(most_classes, len(given)) + 1):
        fits.append(_fit(given, counts, classes, seed))
        if classes > 2 and fits[-1][2] > fits[-2][2] > fits[-3][2]:
            break  # BIC has turned: twice worse in a row
    shares, chances, _ = min(fits, key=lambda fit: fit[2])
    order = np.lexsort((*chances.T[::-1], -shares))
    shares, chances = shares[order], chances[order]
    return SegmentModel(
        features=tuple(features),
        shares=_rounded(shares),
        chances=tuple(_rounded(row) for row in chances),
        overall=_rounded(counts @ given / counts.sum()),
        stability=_rounded(_stability(given, counts, shares, chances, resamples=resamples, seed=seed)),
        bic=_rounded(np.array([fit[2] for fit in fits])),
        people=int(counts.sum()),
        fit_no=fit_no,
        fitted_on=fitted_on,
    )


def likeliest(answers: Floats, shares: Floats, chances: Floats) -> Integers:
    """Return the likeliest class of each pattern; on a tie the first."""
    bounded = np.clip(chances, 1e-12, 1 - 1e-12)
    fit = np.log(shares) + answers @ np.log(bounded).T + (1 - answers) @ np.log(1 - bounded).T
    found: Integers = fit.argmax(axis=1)
    return found


def profiles(model: SegmentModel, names: Sequence[str]) -> list[str]:
    """Return one plain sentence a class, from the answers that stand out; `names` are those of the features."""
    return [_profile(row, model.overall, names) for row in model.chances]


def kept_or_fitted(
    path: Path,
    answers: Integers,
    people: Integers,
    *,
    features: Sequence[str],
    fit_no: int,
    fitted_on: str,
) -> SegmentModel:
    """Return the model that the file keeps, if it knows these features and this fit; else fit one and keep it.

    Trends compare like with like as long as one model assigns every year. A new feature or a raised `fit_no` begins
    another version.
    """
    kept = _read(path)
    if kept and kept.fit_no == fit_no and kept.features == tuple(features):
        return kept
    model = fit_segments(answers, people, features=features, fit_no=fit_no, fitted_on=fitted_on)
    if model.people >= FEWEST_PEOPLE:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(asdict(model), indent=1), encoding="utf-8")
        aside.replace(path)
    return model


def _fit(
    answers: Floats, people: Floats, classes: int, seed: int, starts: int = STARTS
) -> tuple[Floats, Floats, float]:
    """Return shares, chances and BIC. StepMix's own `bic` knows no weights, so that people are counted here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its docstrings hold escapes that Python 3.12 will refuse
        from stepmix.stepmix import StepMix  # noqa: PLC0415 - takes seconds to load, and a kept model needs it not

    estimator = StepMix(
        n_components=classes,
        measurement="bernoulli",
        n_init=1 if classes == 1 else starts,
        max_iter=400,
        abs_tol=1e-7,
        random_state=seed,
        progress_bar=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one start in several may not converge; the likeliest is kept
        estimator.fit(answers, sample_weight=people)
    parameters: dict[str, Any] = estimator.get_parameters()
    log_likelihood = float(estimator.score(answers, sample_weight=people)) * people.sum()
    free = classes - 1 + classes * answers.shape[1]
    bic = -2 * log_likelihood + free * float(np.log(people.sum()))
    return np.asarray(parameters["weights"]), np.asarray(parameters["measurement"]["pis"]), bic


def _stability(
    answers: Floats, people: Floats, shares: Floats, chances: Floats, *, resamples: int, seed: int
) -> Floats:
    """Return, for each class, the mean over bootstrap samples of its best Jaccard with a class fitted to the sample."""
    if len(shares) == 1 or resamples == 0:
        return np.ones(len(shares))
    random = np.random.default_rng(seed)
    own = likeliest(answers, shares, chances)
    best = np.zeros((resamples, len(shares)))
    for number in range(resamples):
        drawn = random.multinomial(int(people.sum()), people / people.sum()).astype(np.float64)
        seen = drawn > 0
        found = _fit(answers[seen], drawn[seen], len(shares), seed + number + 1, starts=2)
        theirs = likeliest(answers, found[0], found[1])
        best[number] = _best_jaccard(own, theirs, people, len(shares))
    mean: Floats = best.mean(axis=0)
    return mean


def _best_jaccard(own: Integers, theirs: Integers, people: Floats, classes: int) -> Floats:
    both = np.zeros((classes, classes))
    np.add.at(both, (own, theirs), people)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    found: Floats = np.divide(both, either, out=np.zeros_like(both), where=either > 0).max(axis=1)
    return found


def _bounded(answers: Floats, people: Floats, seed: int) -> tuple[Floats, Floats]:
    """Return the patterns, or, of more than are fitted, a sample of people with their patterns."""
    if len(answers) <= MOST_PATTERNS:
        return answers, people
    drawn = np.random.default_rng(seed).choice(len(answers), MOST_PATTERNS, p=people / people.sum())
    chosen, counts = np.unique(drawn, return_counts=True)
    return answers[chosen], counts.astype(np.float64)


def _profile(row: tuple[float, ...], overall: tuple[float, ...], names: Sequence[str]) -> str:
    standing_out = sorted(
        (
            (chance, name)
            for chance, usual, name in zip(row, overall, names, strict=True)
            if chance >= LEAST_SHARE and chance >= LEAST_LIFT * usual
        ),
        reverse=True,
    )[:MOST_WORDS]
    if standing_out:
        parts = [
            f"{name} ({chance:.0%}{' of them' if first else ''})" for first, chance, name in _numbered(standing_out)
        ]
        return f"More often than others: {'; '.join(parts)}."
    usual = sorted(((chance, name) for chance, name in zip(row, names, strict=True)), reverse=True)[:2]
    return f"Nothing stands out; most often {' and '.join(f'{name} ({chance:.0%})' for chance, name in usual)}."


def _numbered(pairs: list[tuple[float, str]]) -> list[tuple[bool, float, str]]:
    return [(number == 0, chance, name) for number, (chance, name) in enumerate(pairs)]


def _rounded(values: Floats) -> tuple[float, ...]:
    """Return values to nine digits, so that another machine's last bit makes no other version."""
    return tuple(round(float(value), 9) for value in values)


def _read(path: Path) -> SegmentModel | None:
    if not path.exists():
        return None
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    values["chances"] = tuple(tuple(row) for row in kept["chances"])
    return SegmentModel(**values)
