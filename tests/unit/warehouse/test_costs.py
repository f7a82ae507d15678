"""Costs of a crowd against a count person by person and against numpy."""

from collections import defaultdict
from datetime import date

import numpy as np
import pytest

from orchestration.bench.warehouse_inputs import UNIT_COSTS
from tests.support.warehouse_build import Warehouse

DAYS = {"day": 1, "week": 7, "month": 365.25 / 12, "year": 365.25}
YEARS = {f"Y{year}": (date(year, 10, 1), date(year + 1, 9, 30)) for year in (2023, 2024, 2025)}


def test_costs_equal_a_count_spell_by_spell(crowd: Warehouse) -> None:
    spells = crowd.rows("select person_key, service_id, start_date, end_date from intermediate.int_spells")
    contacts = crowd.rows(
        "select person_key, service_id, start_date from intermediate.int_service_uses where use_kind = 'contact'"
    )
    expected: dict[tuple[str, str, str, str], float] = defaultdict(float)
    for service, payer, per, _, cost, _, _, deflator in UNIT_COSTS:
        for year, (first, last) in YEARS.items():
            if per == "contact":
                units = [(p, 1.0) for p, s, day in contacts if s == service and first <= day <= last]
            elif per == "episode":
                units = [(p, 1.0) for p, s, start, _ in spells if s == service and first <= start <= last]
            else:
                units = [
                    (p, ((min(end, last) - max(start, first)).days + 1) / DAYS[per])
                    for p, s, start, end in spells
                    if s == service and start <= last and end >= first
                ]
            for person, count in units:
                expected[person, service, year, payer] += count * cost * deflator
    found = crowd.rows("select person_key, service_id, year_code, borne_by, cost_gbp from marts.fct_cost")
    assert {row[:4] for row in found} == {key for key, cost in expected.items() if cost > 0}
    assert {row[:4]: float(row[4]) for row in found} == pytest.approx(expected, abs=0.0051)


def test_concentration_is_that_of_numpy(crowd: Warehouse) -> None:
    rows = crowd.records("select * from marts.mart_cost_concentration")
    assert {row["year_code"] for row in rows} == set(YEARS)
    for row in rows:
        query = f"select cost_gbp from marts.fct_person_cost where cost_gbp > 0 and year_code = '{row['year_code']}'"
        costs = np.sort([float(cost) for (cost,) in crowd.rows(query)])
        differences = np.abs(costs[:, None] - costs[None, :])
        assert row["people"] == costs.size
        assert row["gini"] == pytest.approx(differences.mean() / (2 * costs.mean()))
        curve = np.concatenate([[0], np.cumsum(costs)]) / costs.sum()
        people = np.arange(costs.size + 1) / costs.size
        for percent in (1, 5, 10):
            top = 1 - np.interp(1 - percent / 100, people, curve)
            assert row[f"top_{percent}_share"] == pytest.approx(top)
        points = crowd.rows(
            f"select people_percent, cost_share from marts.mart_cost_lorenz where year_code = '{row['year_code']}'"
        )
        assert len(points) == 15
        for percent, share in points:
            assert share == pytest.approx(np.interp(percent / 100, people, curve), abs=1e-9)


def test_the_tornado_turns_one_unit_cost_at_a_time(crowd: Warehouse) -> None:
    rows = crowd.records("select * from marts.mart_cost_sensitivity where year_code = 'Y2024' order by swing_rank")
    assert len(rows) == len(UNIT_COSTS)
    ranges = {(service, payer): (low * by, high * by) for service, payer, _, _, _, low, high, by in UNIT_COSTS}
    for row in rows:
        low, high = ranges[row["service_id"], row["borne_by"]]
        others = row["total_gbp"] - row["cost_gbp"]
        for found, unit in ((row["total_low_gbp"], low), (row["total_high_gbp"], high)):
            assert float(found - others) == pytest.approx(row["units"] * unit, abs=0.005 * row["people"])
    swings = [row["swing_gbp"] for row in rows]
    assert swings == sorted(swings, reverse=True)
    assert swings[0] > 0
    assert swings[-1] == 0
