"""Pairs of services of a crowd against a count by sets and against scipy."""

from collections import defaultdict
from itertools import combinations
from math import exp, log, sqrt

import pytest
from scipy.stats import binomtest, false_discovery_control, norm

from tests.support.warehouse_build import Warehouse


def test_users_of_both_equal_a_count_by_sets(crowd: Warehouse) -> None:
    users = defaultdict(set)
    for person, service in crowd.rows("select person_key, service_id from intermediate.int_person_services"):
        users[service].add(person)
    found = crowd.rows(
        "select service_a, service_b, users_of_a, users_of_b, users_of_both from marts.fct_co_use "
        "where period_code = 'all' order by all"
    )
    assert found == [
        (a, b, len(users[a]), len(users[b]), len(users[a] & users[b])) for a, b in combinations(sorted(users), 2)
    ]
    assert len(found) == 10


def test_odds_ratios_and_their_limits_are_woolfs(crowd: Warehouse) -> None:
    rows = crowd.records("select * from marts.mart_co_use")
    assert len(rows) == 40
    for row in rows:
        both, a, b = row["users_of_both"], row["users_of_a"], row["users_of_b"]
        cells = [n + 0.5 for n in (both, a - both, b - both, row["population"] - a - b + both)]
        ratio = cells[0] * cells[3] / (cells[1] * cells[2])
        error = sqrt(sum(1 / cell for cell in cells))
        limits = [exp(log(ratio) + side * norm.ppf(0.975) * error) for side in (-1, 1)]
        assert (row["odds_ratio"], row["odds_ratio_low"], row["odds_ratio_high"]) == pytest.approx((ratio, *limits))
        assert row["p_value"] == pytest.approx(2 * norm.sf(abs(log(ratio)) / error), rel=1e-6)
        assert row["lift"] == pytest.approx(both * row["population"] / (a * b))
        share = binomtest(both, a).proportion_ci(method="wilson")
        assert (row["b_given_a_share_low"], row["b_given_a_share_high"]) == pytest.approx((share.low, share.high))


def test_false_discoveries_are_controlled_over_all_pairs_of_a_period(crowd: Warehouse) -> None:
    rows = crowd.rows("select period_code, p_value, q_value from marts.mart_co_use order by all")
    for period in {row[0] for row in rows}:
        told = [row[1:] for row in rows if row[0] == period]
        expected = false_discovery_control([p for p, _ in told], method="bh")
        assert [q for _, q in told] == pytest.approx(list(expected))
