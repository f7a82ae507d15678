"""Rates of a crowd against scipy: Byar's limits, standardisation and the limits of Dobson and others."""

from collections import defaultdict
from math import exp, log, sqrt
from typing import Any

import pytest
from scipy.stats import chi2, norm

from tests.support.warehouse_build import Warehouse

STANDARD = (
    *(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000),
    *(7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 800, 200),
)
"""European Standard Population 2013, five-year groups from 0-4 to 95 and over."""


def test_the_standard_population_is_eurostats(crowd: Warehouse) -> None:
    assert sum(STANDARD) == 100_000
    for first, last, persons in crowd.rows(
        "select band_from, band_to, standard_persons from intermediate.int_age_bands"
    ):
        ages = [STANDARD[age // 5] / 5 for age in range(first, min(last, 99) + 1)]
        assert persons == pytest.approx(sum(ages))


def test_limits_of_counts_are_byars_and_near_the_exact_ones(crowd: Warehouse) -> None:
    rows = crowd.records("select * from marts.mart_use_rate where users > 0")
    assert len(rows) > 8
    for row in rows:
        users, base = row["users"], row["residents"] / 1000
        low, high = _byar(users)
        assert (row["crude_rate_low"] * base, row["crude_rate_high"] * base) == pytest.approx((low, high))
        exact = (chi2.ppf(0.025, 2 * users) / 2, chi2.ppf(0.975, 2 * users + 2) / 2)
        assert (low, high) == pytest.approx(exact, rel=0.01)


def test_standardised_rates_and_their_limits_are_dobsons(crowd: Warehouse) -> None:
    weights = dict(crowd.rows("select age_band, standard_persons from intermediate.int_age_bands"))
    strata: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in crowd.records(
        "select msoa_code, age_band, sex, sum(users) as users, sum(residents) as residents "
        "from marts.fct_use_rate where year_code = 'all' group by all"
    ):
        strata[row["msoa_code"]].append(row)
    found = crowd.records("select * from marts.mart_use_rate where group_kind = 'msoa' and year_code = 'all'")
    assert len(found) == len(strata) == 2
    for row in found:
        told = [(weights[s["age_band"]] / 2, int(s["users"]), s["residents"]) for s in strata[row["group_value"]]]
        whole = sum(weight for weight, _, _ in told)
        rate = sum(weight * users / residents for weight, users, residents in told) / whole
        variance = sum(weight**2 * users / residents**2 for weight, users, residents in told) / whole**2
        count = sum(users for _, users, _ in told)
        stretch = sqrt(variance / count)
        low, high = _byar(count)
        expected = (rate, rate + stretch * (low - count), rate + stretch * (high - count))
        names = ("standardised_rate", "standardised_rate_low", "standardised_rate_high")
        assert [row[name] for name in names] == pytest.approx([1000 * figure for figure in expected])


def test_a_ratio_has_the_interval_of_its_logarithm(crowd: Warehouse) -> None:
    rows = crowd.records("select * from marts.mart_disproportion where users > 0 and other_users > 0")
    assert len(rows) > 40
    for row in rows:
        ratio = row["users"] / row["residents"] / (row["other_users"] / row["other_residents"])
        error = norm.ppf(0.975) * sqrt(1 / row["users"] + 1 / row["other_users"])
        expected = (ratio, exp(log(ratio) - error), exp(log(ratio) + error))
        assert (row["rate_ratio"], row["rate_ratio_low"], row["rate_ratio_high"]) == pytest.approx(expected)


def _byar(count: int) -> tuple[float, float]:
    z, more = norm.ppf(0.975), count + 1
    low = count * (1 - 1 / (9 * count) - z / (3 * sqrt(count))) ** 3
    return low, more * (1 - 1 / (9 * more) + z / (3 * sqrt(more))) ** 3
