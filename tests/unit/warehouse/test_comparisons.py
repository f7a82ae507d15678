"""Comparisons of a crowd against scipy and statsmodels, and their words against claims of cause."""

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats.contingency import relative_risk

from tests.support.measure_pages import measures
from tests.support.warehouse_build import Warehouse

METHODS = ("crude", "exact", "propensity")
PEOPLE = """
    select matched.side = 'focus' as in_focus, matched.weight, people.has_outcome,
        people.monthly_after - people.monthly_before as change
    from intermediate.int_people_matched as matched
    inner join intermediate.int_compared_people as people
        on matched.comparison_id = people.comparison_id and matched.person_key = people.person_key
    where matched.method = '{}'
"""


@pytest.fixture(scope="module")
def compared(crowd: Warehouse) -> dict[str, dict[str, Any]]:
    """Return the comparison by method."""
    return {row["method"]: row for row in crowd.records("select * from marts.mart_comparison")}


def columns(crowd: Warehouse, method: str) -> tuple[np.ndarray, ...]:
    rows = crowd.rows(PEOPLE.format(method))
    return tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))


@pytest.mark.parametrize("method", ["crude", "propensity"])
def test_the_risk_ratio_and_its_limits_are_katzs(compared: dict[str, dict[str, Any]], method: str) -> None:
    row = compared[method]
    assert row["focus_with_outcome"] > 0
    assert row["other_with_outcome"] > 0
    expected = relative_risk(
        row["focus_with_outcome"], row["focus_people"], row["other_with_outcome"], row["other_people"]
    )
    limits = expected.confidence_interval(0.95)
    assert (row["risk_ratio"], row["risk_ratio_low"], row["risk_ratio_high"]) == pytest.approx(
        (expected.relative_risk, limits.low, limits.high)
    )


@pytest.mark.parametrize("method", METHODS)
def test_weighted_risk_ratios_are_those_of_a_modified_poisson_regression(
    crowd: Warehouse, compared: dict[str, dict[str, Any]], method: str
) -> None:
    """Zou G, Am J Epidemiol 2004;159:702-706: a Poisson regression with the sandwich variance."""
    focus, weight, outcome, _ = columns(crowd, method)
    model = sm.GLM(outcome, sm.add_constant(focus), family=sm.families.Poisson(), var_weights=weight)
    fit = model.fit(cov_type="HC0", tol=1e-12)
    row = compared[method]
    assert row["risk_ratio"] == pytest.approx(np.exp(fit.params[1]))
    assert (row["risk_ratio_low"], row["risk_ratio_high"]) == pytest.approx(tuple(np.exp(fit.conf_int()[1])), rel=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_differences_in_differences_are_those_of_a_weighted_regression_of_change(
    crowd: Warehouse, compared: dict[str, dict[str, Any]], method: str
) -> None:
    focus, weight, _, change = columns(crowd, method)
    fit = sm.WLS(change, sm.add_constant(focus), weights=weight).fit(cov_type="HC0")
    row = compared[method]
    assert row["difference_in_differences"] == pytest.approx(fit.params[1])
    limits = (row["difference_in_differences_low"], row["difference_in_differences_high"])
    assert limits == pytest.approx(tuple(fit.conf_int()[1]))


def test_use_before_and_after_is_the_mean_of_the_months_of_the_event_view(
    crowd: Warehouse, compared: dict[str, dict[str, Any]]
) -> None:
    rows = crowd.rows("select method, side, month_offset, services_per_person from marts.mart_event_time")
    assert {offset for _, _, offset, _ in rows} == set(range(-6, 7))
    for method in METHODS:
        for side in ("focus", "other"):
            for name, sign in (("before", -1), ("after", 1)):
                months = [mean for m, s, offset, mean in rows if (m, s) == (method, side) and offset * sign > 0]
                assert compared[method][f"{side}_monthly_{name}"] == pytest.approx(np.mean(months))


def test_exact_matching_leaves_no_difference_in_what_it_matches(crowd: Warehouse) -> None:
    rows = crowd.rows("select method, covariate, standardised_difference from marts.mart_balance")
    largest = {
        method: max(abs(d) for m, c, d in rows if m == method and c in ("sex", "age_band", "services_before"))
        for method in METHODS
    }
    assert largest["crude"] > 0.1
    assert largest["exact"] == pytest.approx(0, abs=1e-12)


def test_pairs_are_of_one_band_and_nobody_is_in_two(crowd: Warehouse) -> None:
    pairs = crowd.rows(
        "select stratum, count(*) filter (where side = 'focus'), count(*) filter (where side = 'other') "
        "from intermediate.int_people_matched where method = 'propensity' group by stratum"
    )
    assert len(pairs) > 3
    assert all(focus == other for _, focus, other in pairs)


@pytest.mark.parametrize("name", ["mart_comparison", "mart_event_time"])
def test_the_words_of_a_comparison_claim_no_cause(name: str) -> None:
    words = measures()[name]
    told = f"{words['label']} {words['definition']}".lower()
    assert not any(word in told for word in ("cause", "effect", "impact", "because", "leads to", "due to"))
    assert any("association" in caveat for caveat in words["caveats"])
