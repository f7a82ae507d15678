"""Funnel, returns and control limits of a crowd against scipy and against a count by hand."""

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest
from scipy.stats import binomtest

from tests.support.warehouse_build import Warehouse
from tests.support.warehouse_referrals import DATA_END, STOPPED


@pytest.mark.parametrize(
    ("table", "part", "whole"),
    [
        ("mart_funnel", "reached", "settled"),
        ("mart_funnel", "dropped_out", "settled"),
        ("mart_return", "returned", "exits"),
    ],
)
def test_intervals_of_shares_are_wilsons(crowd: Warehouse, table: str, part: str, whole: str) -> None:
    rows = crowd.rows(
        f"select {part}, {whole}, {part}_share_low, {part}_share_high from marts.{table} where {whole} > 0"
    )
    assert len(rows) > 10
    for cases, total, low, high in rows:
        expected = binomtest(cases, total).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_service_is_outside_the_limits_exactly_where_its_interval_leaves_the_target_out(crowd: Warehouse) -> None:
    rows = crowd.records("select * from marts.mart_funnel_plot where compared_services > 1")
    assert len(rows) > 3
    for row in rows:
        outside = {"95": "within", "998": "within"}
        for level, name in ((0.95, "95"), (0.998, "998")):
            interval = binomtest(row["cases"], row["total"]).proportion_ci(level, method="wilson")
            if not interval.low <= row["target_share"] <= interval.high:
                outside[name] = "above" if row["observed_share"] > row["target_share"] else "below"
        expected = next((f"{side}_{name}" for name, side in reversed(outside.items()) if side != "within"), "within")
        assert row["position"] == expected


def test_returns_equal_a_count_person_by_person(crowd: Warehouse) -> None:
    spells: dict[tuple[str, str], list[tuple[date, date, bool]]] = defaultdict(list)
    for person, service, start, end, is_open in crowd.rows(
        "select person_key, service_id, start_date, end_date, is_open from marts.fct_spell order by start_date"
    ):
        spells[person, service].append((start, end, is_open))
    exits: Counter[int] = Counter()
    returned: Counter[int] = Counter()
    for told in spells.values():
        for number, (_, end, is_open) in enumerate(told):
            if is_open or end < date(2023, 10, 1):
                continue
            gap = (told[number + 1][0] - end).days if number + 1 < len(told) else 10_000
            for days in (30, 60, 90, 180, 365, 730):
                if (STOPPED - end).days >= days:  # every service is in both feeds, so seen until the first one stops
                    exits[days] += 1
                    returned[days] += gap <= days
    found = crowd.rows(
        "select within_days, exits, returned from marts.mart_return "
        "where return_to = 'same_service' and service_id = 'all' and exit_kind = 'all'"
    )
    assert {days: (total, back) for days, total, back in found} == {d: (exits[d], returned[d]) for d in exits}
    assert sum(returned.values()) > 20


def test_nobody_is_in_service_after_the_last_day_of_a_feed_that_stopped(crowd: Warehouse) -> None:
    shown_to: dict[str, Any] = dict(crowd.rows("select feed, observed_to_date from intermediate.int_feed_windows"))
    assert (shown_to["alpha"], shown_to["beta"]) == (DATA_END, STOPPED)
    last = dict(crowd.rows("select feed, max(observed_end_date) from marts.fct_episode where is_open group by feed"))
    assert last == {"alpha": DATA_END, "beta": STOPPED}
    seen = crowd.rows(
        "select count(*) from marts.fct_flow where active_at_start + inflow - outflow <> active_at_end and is_observed"
    )
    assert seen == [(0,)]
