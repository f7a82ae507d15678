"""Propensities of two cohorts: how likely people with these covariates are to be in the one and not in the other.

What belongs here: fitting the model and laying its scores into bands. What does not: who is compared, pairing and the
figures of the pairs (the warehouse). It works on patterns of covariates with counts, never on people, so its cost does
not grow with the area and nothing about one person is read.
"""

import warnings

import numpy as np
import polars as pl
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning, SingularMatrixWarning

CALIPER = 0.2
"""Width of a band in standard deviations of the logit: Austin PC, Pharm Stat 2011;10:150-161."""
LEAST = 0.01
"""Below this propensity, or above one less it, hardly anybody alike is in the other cohort: they are left out."""
SAME = 1e-9
"""Scores that differ by no more than this are one score: rounding, not people."""
KEYS = ("comparison_id", "focus_people", "other_people")


def propensities(patterns: pl.DataFrame) -> pl.DataFrame:
    """Return the patterns with `propensity`, `propensity_logit` and `propensity_band`, comparison by comparison.

    Columns in: comparison_id, one text column per covariate, focus_people and other_people. A pattern with a level that
    only one cohort has (and every pattern where nobody is comparable) has none of the three: such people have nobody to
    be compared with, and the likelihood would have no maximum. Nor has one whose propensity is all but certain.
    """
    covariates = [name for name in patterns.columns if name not in KEYS]
    typed = patterns.with_columns(
        propensity=pl.lit(None, pl.Float64),
        propensity_logit=pl.lit(None, pl.Float64),
        propensity_band=pl.lit(None, pl.Int64),
    )
    scored = [_scored(part, covariates) for part in patterns.partition_by("comparison_id", maintain_order=True)]
    return pl.concat([typed.clear(), *scored]).sort("comparison_id", *covariates)


def supported(patterns: pl.DataFrame, covariates: list[str]) -> pl.Series:
    """Return which patterns have only levels that people of both cohorts have, once all others are gone."""
    kept = patterns.with_row_index("row")
    while True:
        both = [
            ((pl.col("focus_people").sum() > 0) & (pl.col("other_people").sum() > 0)).over(name) for name in covariates
        ]
        left = kept.filter(pl.all_horizontal(both)) if both else kept
        if left.height == kept.height:
            return patterns.with_row_index("row")["row"].is_in(left["row"].implode())
        kept = left


def _scored(patterns: pl.DataFrame, covariates: list[str]) -> pl.DataFrame:
    known = patterns.filter(supported(patterns, covariates))
    if known.height:
        logit = _logits(known, covariates)
        known = known.with_columns(propensity=pl.Series(1 / (1 + np.exp(-logit))), propensity_logit=pl.Series(logit))
        known = known.filter(pl.col("propensity").is_between(LEAST, 1 - LEAST))
    else:
        known = known.with_columns(propensity=pl.lit(None, pl.Float64), propensity_logit=pl.lit(None, pl.Float64))
    width = _width(known)
    band = (pl.col("propensity_logit") / width).floor() if width else pl.lit(0)
    scores = known.select(*covariates, "propensity", "propensity_logit", propensity_band=band.cast(pl.Int64))
    return patterns.join(scores, on=covariates, how="left", maintain_order="left")


def _logits(patterns: pl.DataFrame, covariates: list[str]) -> np.ndarray:
    """Fit a logistic regression on the counts; each level but the first of a covariate is a column."""
    columns = [
        (patterns[name] == level).cast(pl.Float64).to_numpy()
        for name in covariates
        for level in patterns[name].unique().sort().to_list()[1:]
    ]
    design = np.column_stack([np.ones(patterns.height), *columns])
    counts = patterns.select("focus_people", "other_people").to_numpy().astype(float)
    # Iterated least squares by the pseudo-inverse: it bears columns that say the same, which a Newton step does not.
    model = sm.GLM(counts, design, family=sm.families.Binomial())
    # A model with as many coefficients as patterns has no dispersion, which nobody reads.
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # The one is said also of a model that fits every pattern's count, which separates nobody; the other of columns
        # that say the same, whose coefficients have many solutions but whose scores have one.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        warnings.simplefilter("ignore", SingularMatrixWarning)
        return np.asarray(design @ model.fit(maxiter=100).params)


def _width(scored: pl.DataFrame) -> float:
    """Return the width of a band: so many standard deviations, pooled over the two cohorts; 0 where all are alike."""
    scores = scored["propensity_logit"].to_numpy()
    variances = [_variance(scores, scored[side].to_numpy()) for side in ("focus_people", "other_people")]
    width = CALIPER * float(np.sqrt(sum(variances) / 2))
    return width if width > SAME else 0.0


def _variance(scores: np.ndarray, people: np.ndarray) -> float:
    return float(np.cov(scores, fweights=people)) if people.sum() > 1 else 0.0
