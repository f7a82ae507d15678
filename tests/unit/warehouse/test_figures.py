"""Figures of four people that were worked out by hand (tests/support/warehouse_people.py tells their story)."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from orchestration.feeds.arrivals import due_by
from orchestration.feeds.deliveries import period_end
from tests.support.warehouse_build import Warehouse

TODAY = date(2026, 10, 20)
NUMBERS = """
    select person_key, person_no from intermediate.int_person_numbers
"""


def _of(warehouse: Warehouse, person: str, table: str, columns: str, rest: str = "") -> list[tuple[Any, ...]]:
    return warehouse.rows(
        f"select {columns} from serving.{table} as t join ({NUMBERS}) as n using (person_no) "
        f"where n.person_key = '{person}' {rest}"
    )


def test_every_model_and_test_of_the_project_passes(warehouse: Warehouse) -> None:
    failed = {node: status for node, status in warehouse.outcomes.items() if status not in ("success", "pass")}
    assert not failed
    assert sum(node.startswith("unit_test.") for node in warehouse.outcomes) >= 19


def test_people_who_used_a_service_or_were_referred_to_one_are_served(warehouse: Warehouse) -> None:
    served = warehouse.rows(
        f"select person_key from serving.srv_person join ({NUMBERS}) using (person_no) order by all"
    )
    assert served == [("ann",), ("bob",), ("cat",), ("dan",)], "dan waits for his first service"
    assert warehouse.rows("select person_key from marts.dim_person where not is_service_user") == [("dan",)]


def test_a_record_key_passes_through_in_all_its_64_bits(warehouse: Warehouse) -> None:
    assert _of(warehouse, "ann", "srv_person", "record_key") == [(2**63 + 11,)]


def test_months_of_use_are_those_that_a_spell_touches(warehouse: Warehouse) -> None:
    assert _of(warehouse, "ann", "srv_person_service", "service_id, theme, month_mask", "order by all") == [
        ("debt_advice", "money", 0b1111000),  # January to April 2024 are months 3 to 6 from October 2023
        ("mental_health", "health", 0b111100000),
    ]
    assert _of(warehouse, "bob", "srv_person_service", "month_mask") == [(2**36 - 2**7,)]


def test_episodes_five_days_apart_are_one_spell(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select start_date, end_date, episode_count from marts.fct_spell where person_key = 'ann' and theme = 'money'"
    ) == [(date(2024, 1, 10), date(2024, 4, 10), 2)]


@pytest.mark.parametrize(
    ("person", "period", "expected"),
    [
        ("ann", "2024-02", ("1", "1")),
        ("ann", "2024-03", ("2", "2")),
        ("ann", "2024-05", ("1", "1")),
        ("ann", "all", ("2", "2")),
        ("cat", "2025-02", ("4+", "4+")),
        ("cat", "2025-Q1", ("4+", "4+")),
        ("bob", "Y2025", ("1", "1")),
    ],
)
def test_services_ever_and_at_once_in_a_period(
    warehouse: Warehouse, person: str, period: str, expected: tuple[str, str]
) -> None:
    found = _of(
        warehouse, person, "srv_person_period", "services_used, services_at_once", f"and period_code = '{period}'"
    )
    assert found == [expected]


def test_themes_of_a_period_are_bits_of_the_theme_index(warehouse: Warehouse) -> None:
    index = dict(warehouse.rows("select theme, theme_index from serving.srv_theme"))
    assert index == {"health": 0, "housing": 1, "money": 2, "work": 3}
    assert _of(warehouse, "cat", "srv_person_period", "theme_mask", "and period_code = 'all'") == [(0b1110,)]


def test_a_person_has_a_row_for_each_year_of_use_and_one_for_all(warehouse: Warehouse) -> None:
    columns = "year_code, sex, age_band, age_group, ethnic_group, msoa_code, deprivation"
    assert _of(warehouse, "bob", "srv_person_year", columns, "order by all") == [
        (
            "Y2023",
            "M",
            "0-15",
            "0-15",
            "unknown",
            "E0200000B",
            "5",
        ),  # 15 on 1 October 2023
        ("Y2024", "M", "16-24", "16-24", "unknown", "E0200000B", "5"),
        ("Y2025", "M", "16-24", "16-24", "unknown", "E0200000B", "5"),
        ("all", "M", "16-24", "16-24", "unknown", "E0200000B", "5"),
    ]
    assert _of(warehouse, "cat", "srv_person_year", columns, "order by all") == [
        ("Y2024", "U", "unknown", "unknown", "unknown", "unknown", "unknown"),
        ("all", "U", "unknown", "unknown", "unknown", "unknown", "unknown"),
    ]


def test_a_refusal_is_no_ethnicity_so_another_feeds_answer_stands(warehouse: Warehouse) -> None:
    assert _of(warehouse, "ann", "srv_person_year", "distinct ethnic_group") == [("asian",)]
    assert warehouse.rows(
        "select has_ethnicity_conflict, has_birth_month_conflict from marts.dim_person where person_key = 'ann'"
    ) == [(False, True)]


def test_moves_between_services_start_and_end(warehouse: Warehouse) -> None:
    columns = "step_no, from_service, to_service, from_theme, to_theme, quarter_code"
    assert _of(warehouse, "ann", "srv_transition", columns, "order by step_no") == [
        (1, "START", "debt_advice", "START", "money", "2024-Q1"),
        (2, "debt_advice", "mental_health", "money", "health", "2024-Q1"),
        (3, "mental_health", "END", "health", "END", "2024-Q2"),
    ]
    assert _of(warehouse, "bob", "srv_transition", "from_service, to_service") == [("START", "housing_options")]


def test_a_journey_is_themes_in_sequence(warehouse: Warehouse) -> None:
    columns = "year_code, step_1, step_2, step_3, step_4, entry_service"
    assert _of(warehouse, "ann", "srv_journey", columns) == [
        ("Y2023", "money", "health", "none", "none", "debt_advice")
    ]
    # One day, one end: by service, and benefits help and debt advice are one theme.
    assert _of(warehouse, "cat", "srv_journey", columns) == [
        ("Y2024", "money", "housing", "work", "none", "benefits_help")
    ]


def test_a_household_holds_what_its_members_used(warehouse: Warehouse) -> None:
    assert warehouse.rows("select record_key, household_type, msoa_code from serving.srv_household") == [
        (55, "AC", "E0200000A")
    ]
    assert warehouse.rows("select service_id from serving.srv_household_service order by all") == [
        ("debt_advice",),
        ("housing_options",),
        ("mental_health",),
    ]


def test_no_row_of_use_is_lost_without_a_reason(warehouse: Warehouse) -> None:
    reasons = "select use_status, count(*) from marts.{} group by all order by all"
    assert warehouse.rows(reasons.format("fct_episode")) == [("no_person", 1), ("not_started", 1), ("used", 4)]
    assert warehouse.rows(reasons.format("fct_contact")) == [("not_attended", 1), ("used", 4)]


def test_flow_of_a_service_balances(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select month_code, active_at_start, inflow, outflow, active_at_end from marts.fct_flow "
        "where service_id = 'mental_health' and month_code between '2024-02' and '2024-07' order by all"
    ) == [
        ("2024-02", 0, 0, 0, 0),
        ("2024-03", 0, 1, 0, 1),
        ("2024-04", 1, 0, 0, 1),
        ("2024-05", 1, 0, 0, 1),
        ("2024-06", 1, 0, 1, 0),
        ("2024-07", 0, 0, 0, 0),
    ]


def test_a_need_is_met_only_by_a_matching_theme(warehouse: Warehouse) -> None:
    assert warehouse.rows("select need_key, is_met, days_to_met from marts.fct_need order by all") == [
        ("alpha/n1", True, 9),
        ("alpha/n2", False, None),
    ]


def test_lateness_is_judged_as_the_feeds_judge_it(warehouse: Warehouse) -> None:
    """The warehouse and orchestration.feeds.arrivals must never disagree about one feed."""
    found = warehouse.records(
        "select f.feed, f.cadence, f.late_after_days, d.period, d.delivered_at, s.is_late from staging.stg_feeds as f "
        "join serving.srv_feed as s using (feed) left join staging.stg_deliveries as d using (feed)"
    )
    assert len(found) > 40
    for row in found:
        delivery = SimpleNamespace(cadence=row["cadence"], late_after_days=row["late_after_days"])
        if row["delivered_at"] is None:
            expected = True
        else:
            newest = period_end(row["period"]) if row["period"] else row["delivered_at"].date()
            expected = due_by(SimpleNamespace(delivery=delivery), newest) < TODAY  # type: ignore[arg-type]
        assert row["is_late"] is expected, row


def test_a_check_is_as_grave_as_its_gravest_finding(warehouse: Warehouse) -> None:
    assert warehouse.rows("select * from serving.srv_check") == [("alpha", "date_in_future", "refuse_row", 5, 2)]


def test_the_history_of_a_check_is_that_of_the_newest_delivery_of_each_period(warehouse: Warehouse) -> None:
    found = warehouse.rows(
        "select period, period_end_date, severity, rows, rows_delivered from serving.srv_check_history"
    )
    assert found == [("2026-10", date(2026, 10, 31), "refuse_row", 2, 6)]
    assert warehouse.rows("select period, score, worst_place, worst_rows from serving.srv_quality") == [
        ("2026-10", 0.9, "person.sex", 3)
    ]


def test_lags_are_those_of_the_newest_delivery_of_each_period(warehouse: Warehouse) -> None:
    assert warehouse.rows("select period, lag, lag_index, rows from serving.srv_lag") == [("2026-10", "1-3", 2, 12)]


def test_residents_are_counted_once(warehouse: Warehouse) -> None:
    assert warehouse.rows("select sum(persons) from serving.srv_population") == [(3 * 2 * 19 * 50,)]
    assert warehouse.rows("select population from serving.srv_area where level = 'lad'") == [(3 * 2 * 19 * 50,)]
