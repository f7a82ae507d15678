"""Inputs at the edge: nobody at all, and a random crowd against a count day by day."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from orchestration.area.periods import periods
from orchestration.bench.warehouse_crowd import write_crowd
from orchestration.bench.warehouse_inputs import FIRST_MONTH, MONTHS, write_inputs
from tests.support.warehouse_build import Warehouse, build_warehouse

GAP_DAYS = 5
DATA_END = date(2026, 9, 30)


def test_an_area_without_people_or_geography_builds_and_passes(tmp_path: Path) -> None:
    write_inputs(tmp_path, geography=False)
    warehouse = build_warehouse(tmp_path)
    assert set(warehouse.outcomes.values()) == {"success", "pass"}
    assert warehouse.rows("select count(*) from serving.srv_person") == [(0,)]
    assert warehouse.rows("select count(*) from serving.srv_service") == [(5,)]
    assert warehouse.rows("select data_from, data_to from serving.srv_snapshot") == [(FIRST_MONTH, DATA_END)]


def test_use_at_once_equals_a_count_day_by_day(tmp_path: Path) -> None:
    """The set-based sweep against the definition: services open on each day, day after day."""
    write_crowd(tmp_path, 60, seed=7)
    warehouse = build_warehouse(tmp_path, command="run", select="+fct_person_period +fct_episode +fct_contact")
    days = _days_of_use(warehouse)
    found = {
        (person, period): (used, at_once)
        for person, period, used, at_once in warehouse.rows(
            "select person_key, period_code, services_used_count, services_at_once_count from marts.fct_person_period"
        )
    }
    expected = {}
    for person, services in days.items():
        for period in periods(FIRST_MONTH, MONTHS):
            span = [period.start + timedelta(days=n) for n in range((period.end - period.start).days + 1)]
            open_on = [sum(day in service for service in services.values()) for day in span]
            used = sum(any(period.start <= day <= period.end for day in service) for service in services.values())
            if used:
                expected[person, period.code] = (used, max(open_on))
    assert len(found) > 500
    assert found == expected


def _days_of_use(warehouse: Warehouse) -> dict[str, dict[str, set[date]]]:
    """Return the days on which each person's services were open, gaps of five days filled, by brute force."""
    days: dict[str, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    rows: list[tuple[Any, ...]] = warehouse.rows(
        "select person_key, service_id, start_date, coalesce(end_date, date '2026-09-30') from marts.fct_episode "
        "union all select person_key, service_id, contact_date, contact_date from marts.fct_contact "
        "where attendance = 'attended'"
    )
    for person, service, start, end in rows:
        for number in range((end - start).days + 1):
            days[person][service].add(start + timedelta(days=number))
    for services in days.values():
        for service, found in services.items():
            ordered = sorted(found)
            for before, after in pairwise(ordered):
                if (after - before).days <= GAP_DAYS:
                    services[service] |= {before + timedelta(days=n) for n in range(1, (after - before).days)}
    return days
