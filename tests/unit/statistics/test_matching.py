"""Propensities against a logistic regression on people, one row each; and what happens where nobody is comparable."""

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from orchestration.statistics.matching import CALIPER, propensities, supported

COVARIATES = ["sex", "age_band"]


def patterns_of(cells: dict[tuple[str, str], tuple[int, int]], comparison: str = "c") -> pl.DataFrame:
    rows = [(comparison, sex, age, focus, other) for (sex, age), (focus, other) in cells.items()]
    names = ["comparison_id", *COVARIATES, "focus_people", "other_people"]
    return pl.DataFrame(rows, schema=names, orient="row")


CELLS = {("F", "young"): (30, 10), ("F", "old"): (12, 20), ("M", "young"): (8, 9), ("M", "old"): (5, 40)}


def test_propensities_are_those_of_a_logistic_regression_on_people() -> None:
    found = propensities(patterns_of(CELLS))
    rows = [
        (sex == "M", age == "young", side)
        for (sex, age), counts in CELLS.items()
        for side, count in zip((1, 0), counts, strict=True)
        for _ in range(count)
    ]
    people = np.array(rows, dtype=float)
    fit = sm.Logit(people[:, 2], sm.add_constant(people[:, :2])).fit(disp=False)
    for row in found.iter_rows(named=True):
        expected = fit.predict(np.array([[1.0, row["sex"] == "M", row["age_band"] == "young"]]))[0]
        assert row["propensity"] == pytest.approx(expected, rel=1e-6)
        assert row["propensity_logit"] == pytest.approx(np.log(expected / (1 - expected)), rel=1e-6)


def test_a_band_is_a_fifth_of_a_standard_deviation_wide() -> None:
    found = propensities(patterns_of(CELLS))
    spread = np.sqrt(
        np.mean([np.var(np.repeat(found["propensity_logit"], found[side]), ddof=1) for side in found.columns[3:5]])
    )
    assert found["propensity_band"].to_list() == [
        int(np.floor(score / (CALIPER * spread))) for score in found["propensity_logit"]
    ]
    assert found["propensity_band"].n_unique() > 1


def test_people_with_a_level_that_one_cohort_alone_has_get_no_propensity() -> None:
    found = propensities(patterns_of(CELLS | {("U", "young"): (7, 0)}))
    without = propensities(patterns_of(CELLS))
    assert found.filter(pl.col("sex") == "U")["propensity_band"].to_list() == [None]
    assert found.filter(pl.col("sex") != "U").equals(without)


def test_a_level_that_loses_its_last_partner_goes_too() -> None:
    """The old others are all of unknown sex, which nobody in focus is: without them the old have nobody to compare."""
    cells = {("F", "young"): (5, 5), ("F", "old"): (5, 0), ("U", "old"): (0, 5)}
    assert supported(patterns_of(cells), COVARIATES).to_list() == [True, False, False]


def test_who_is_all_but_certain_to_be_in_one_cohort_gets_no_propensity() -> None:
    found = propensities(patterns_of({("F", "young"): (300, 1), ("F", "old"): (20, 20), ("M", "old"): (10, 30)}))
    assert found.filter(pl.col("age_band") == "young")["propensity_band"].to_list() == [None]
    assert found["propensity_band"].null_count() == 1


def test_cohorts_with_nothing_in_common_are_not_matched() -> None:
    found = propensities(patterns_of({("F", "young"): (5, 0), ("M", "young"): (0, 5)}))
    assert found["propensity"].null_count() == 2


def test_cohorts_that_do_not_differ_are_one_band() -> None:
    found = propensities(patterns_of({("F", "young"): (4, 8), ("M", "old"): (3, 6)}))
    assert found["propensity"].to_list() == pytest.approx([1 / 3, 1 / 3])
    assert found["propensity_band"].to_list() == [0, 0]


def test_two_covariates_that_say_the_same_do_no_harm() -> None:
    """Young women and old men only: either column alone tells them apart."""
    found = propensities(patterns_of({("F", "young"): (30, 10), ("M", "old"): (10, 30)}))
    assert found["propensity"].to_list() == pytest.approx([0.75, 0.25])


def test_each_comparison_has_its_own_model_and_none_gives_none() -> None:
    one, two = patterns_of(CELLS), patterns_of({("F", "young"): (1, 3), ("M", "old"): (3, 1)}, "d")
    together = propensities(pl.concat([one, two]))
    assert together.filter(pl.col("comparison_id") == "c").equals(propensities(one))
    assert propensities(one.clear()).schema == together.schema
