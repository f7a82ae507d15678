"""What was planted in a crowd by construction is what the measures say (tests/support/warehouse_plants.py)."""

from collections.abc import Callable
from math import log
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import adjusted_rand_score

from tests.support.warehouse_build import Warehouse, build_warehouse
from tests.support.warehouse_journeys import PLANS, write_journeys
from tests.support.warehouse_plants import (
    CLASSES,
    COHORTS,
    FIRST_COURSE,
    LATE,
    MET,
    THREE_NEEDS,
    WAIT_DAYS,
    WORK,
    write_classes,
    write_cohorts,
    write_costs,
    write_needs,
    write_rates,
)

PEOPLE = 1_200
FOCUS, OTHER = COHORTS.values()


def _built(folder: Path, write: Callable[[Path], object], *marts: str) -> tuple[Warehouse, Any]:
    planted = write(folder)
    built = build_warehouse(folder, select=" ".join(f"+{mart}" for mart in marts), tested=False)
    assert {name: status for name, status in built.outcomes.items() if status != "success"} == {}
    return built, planted


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    marts = ("cohort", "balance", "comparison", "event_time", "pathway", "pathway_change", "sustained_work")
    folder = tmp_path_factory.mktemp("cohorts")
    return _built(folder, lambda home: write_cohorts(home, PEOPLE, seed=2), *(f"mart_{name}" for name in marts))[0]


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    names = ("by_payer", "by_services_used", "concentration", "coverage", "lorenz", "sensitivity")
    marts = [*(f"mart_cost_{name}" for name in names), "mart_reconciliation", "mart_co_use"]
    return _built(tmp_path_factory.mktemp("costs"), write_costs, *marts)[0]


@pytest.fixture(scope="module")
def rates(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return _built(tmp_path_factory.mktemp("rates"), write_rates, "mart_use_rate", "mart_disproportion")[0]


@pytest.fixture(scope="module")
def needs(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    marts = ("mart_recorded_need", "mart_need_service", "mart_household_need")
    return _built(tmp_path_factory.mktemp("needs"), write_needs, *marts)[0]


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, dict[str, str]]:
    names = (
        "persona",
        "persona_overlap",
        "persona_journey",
        "persona_wait",
        "persona_lack",
        "segment",
        "segment_feature",
    )
    folder = tmp_path_factory.mktemp("classes")
    return _built(folder, lambda home: write_classes(home, 2_000, seed=8), *(f"mart_{name}" for name in names))


@pytest.fixture(scope="module")
def journeys(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    marts = ("mart_variant", "mart_chronogram", "mart_entropy")
    folder = tmp_path_factory.mktemp("journeys")
    return _built(folder, lambda home: write_journeys(home, PEOPLE, seed=5), *marts)[0]


def test_everybody_planted_in_a_cohort_is_compared(cohorts: Warehouse) -> None:
    assert cohorts.rows("select side, members, compared from marts.mart_cohort order by side") == [
        ("focus", PEOPLE, PEOPLE),
        ("other", PEOPLE, PEOPLE),
    ]


def test_the_planted_difference_in_women_is_that_before_matching(cohorts: Warehouse) -> None:
    planted = (FOCUS[0] - OTHER[0]) / ((FOCUS[0] * (1 - FOCUS[0]) + OTHER[0] * (1 - OTHER[0])) / 2) ** 0.5
    found = dict(
        cohorts.rows(
            "select method, standardised_difference from marts.mart_balance where covariate = 'sex' and level = 'F'"
        )
    )
    assert found["crude"] == pytest.approx(planted, abs=0.1)
    assert abs(found["exact"]) < 1e-9
    assert abs(found["propensity"]) < 0.1


@pytest.mark.parametrize("method", ["crude", "exact", "propensity"])
def test_the_planted_ratio_and_change_lie_in_their_intervals(cohorts: Warehouse, method: str) -> None:
    (row,) = cohorts.records(f"select * from marts.mart_comparison where method = '{method}'")
    assert row["risk_ratio_low"] < FOCUS[3] / OTHER[3] < row["risk_ratio_high"]
    # People who are alike in services before are alike in use before: what is left is the difference after.
    planted = FOCUS[2] - OTHER[2] - (FOCUS[1] - OTHER[1] if method == "crude" else 0)
    low, high = row["difference_in_differences_low"], row["difference_in_differences_high"]
    assert low < planted < high < 0


def test_planted_use_is_seen_in_each_month_around_entry(cohorts: Warehouse) -> None:
    rows = cohorts.rows(
        "select side, month_offset, services_per_person from marts.mart_event_time where method = 'crude'"
    )
    assert len(rows) == 26
    for side, offset, mean in rows:
        _, before, after, _ = FOCUS if side == "focus" else OTHER
        assert mean == pytest.approx(0 if offset == 0 else before if offset < 0 else after, abs=0.045)


def test_use_before_and_after_a_move_into_work_is_what_was_planted(cohorts: Warehouse) -> None:
    here = "event = 'found_work' and level = 'service' and scope_code = 'mental_health'"
    (change,) = cohorts.records(f"select * from marts.mart_pathway_change where {here}")
    assert change["people_followed"] > 600
    assert change["before_share_low"] < WORK["before"] < change["before_share_high"]
    assert change["after_share_low"] < WORK["after"] < change["after_share_high"]
    monthly = cohorts.records(f"select * from marts.mart_pathway where {here}")
    told = {row["months_from_event"]: row for row in monthly}
    for offset in (-12, -1, 1, 12):
        planted = WORK["before"] if offset < 0 else WORK["after"]
        assert told[offset]["use_share"] == pytest.approx(planted, abs=0.05)


def test_who_comes_back_from_work_is_what_was_planted(cohorts: Warehouse) -> None:
    rows = cohorts.records("select * from marts.mart_sustained_work where service_id = 'all' and year_code = 'all'")
    assert {row["within_weeks"]: row["moves"] for row in rows} == {13: PEOPLE, 26: PEOPLE}
    for row in rows:
        planted = 1 - WORK[f"back_within_{row['within_weeks']}_weeks"]
        assert row["sustained_share_low"] < planted < row["sustained_share_high"]


def test_costs_are_those_laid_out_to_the_penny(costs: Warehouse) -> None:
    """900 people at 200 pounds and 100 at 1,800: half of 360,000 with a tenth of the people; Gini 0.4 by hand."""
    year = "where year_code = 'Y2024' and cost_type = 'fiscal'"
    (payer,) = costs.records(f"select * from marts.mart_cost_by_payer {year} and borne_by = 'charity'")
    assert float(payer["cost_gbp"]) == 360_000
    (spread,) = costs.records(f"select * from marts.mart_cost_concentration {year}")
    assert (spread["top_10_share"], spread["gini"]) == (pytest.approx(0.5), pytest.approx(0.4))
    curve = dict(costs.rows(f"select people_percent, cost_share from marts.mart_cost_lorenz {year}"))
    assert (curve[90], curve[95]) == (pytest.approx(0.5), pytest.approx(0.75))
    (swing,) = costs.records(f"select * from marts.mart_cost_sensitivity {year} and service_id = 'debt_advice'")
    assert (float(swing["total_low_gbp"]), float(swing["total_high_gbp"])) == (270_000, 540_000)
    (covered,) = costs.records(f"select * from marts.mart_cost_coverage {year}")
    assert covered["uses_costed_share"] == pytest.approx(1_000 / 1_200)
    used = costs.rows(f"select services_used, people, cost_gbp from marts.mart_cost_by_services_used {year} order by 1")
    assert [(name, people, float(cost)) for name, people, cost in used if people] == [
        ("1", 800, 320_000.0),
        ("2", 200, 40_000.0),
    ]


def test_services_of_which_one_has_all_the_users_of_the_other_are_told_so(costs: Warehouse) -> None:
    """All 200 users of one are among the 1,000 of the other; of 5,700 residents, so that the lift is 5.7."""
    (row,) = costs.records("select * from marts.mart_co_use where period_code = 'Y2024'")
    assert (row["service_a"], row["service_b"], row["users_of_both"]) == ("benefits_help", "debt_advice", 200)
    assert (row["b_given_a_share"], row["a_given_b_share"]) == (pytest.approx(1.0), pytest.approx(0.2))
    assert (row["lift"], row["jaccard"]) == (pytest.approx(5.7), pytest.approx(0.2))


def test_rates_are_those_planted_whatever_the_standard(rates: Warehouse) -> None:
    """300, 200 and 100 per 1,000 at every age: standardised they are the same; three times is twice the others'."""
    here = "where year_code = 'Y2024' and group_kind = 'deprivation'"
    rows = rates.records(f"select * from marts.mart_use_rate {here} order by group_value")
    assert [row["group_value"] for row in rows] == ["1", "3", "5"]
    assert [row["crude_rate"] for row in rows] == pytest.approx([300, 200, 100])
    assert [row["standardised_rate"] for row in rows] == pytest.approx([300, 200, 100])
    ratios = dict(rates.rows(f"select group_value, rate_ratio from marts.mart_disproportion {here}"))
    assert ratios == pytest.approx({"1": 2.0, "3": 1.0, "5": 0.4})


def test_a_total_that_is_too_high_is_told_so(costs: Warehouse) -> None:
    (row,) = costs.records("select * from marts.mart_reconciliation")
    assert (row["our_total"], row["ratio"], row["is_within"]) == (1_000, pytest.approx(0.8), False)


def test_the_planted_share_of_needs_is_met_in_time(needs: Warehouse) -> None:
    """The 200 of the households are of two people, whom no service of money ever saw."""
    (debt,) = needs.records("select * from marts.mart_recorded_need where year_code = 'all' and need_code = 'debt'")
    assert (debt["people"], debt["people_met"]) == (1_200, 1_000 * MET)
    (lonely,) = needs.records("select * from marts.mart_recorded_need where year_code = 'all' and need_code = 'lonely'")
    assert (lonely["people"], lonely["people_without_service"]) == (1_000, 1_000)
    (matrix,) = needs.records(
        "select * from marts.mart_need_service where year_code = 'all' and need_code = 'debt' and theme = 'money'"
    )
    assert (matrix["people_used"], matrix["is_matching"]) == (1_000 * (MET + LATE), True)


def test_the_planted_households_have_three_needs_between_them(needs: Warehouse) -> None:
    (row,) = needs.records("select * from marts.mart_household_need where year_code = 'all'")
    assert (row["household_type"], row["households"], row["with_3_share"]) == ("AO", 500, pytest.approx(THREE_NEEDS))


def test_the_planted_classes_are_the_segments(classes: tuple[Warehouse, dict[str, str]]) -> None:
    built, planted = classes
    found = dict(built.rows("select person_key, segment_no from marts.fct_person_segment where year_code = 'Y2025'"))
    assert adjusted_rand_score([planted[person] for person in found], list(found.values())) > 0.9
    rows = built.records("select * from marts.mart_segment where year_code = 'Y2025' order by segment_no")
    assert [row["segment_count"] for row in rows] == [3, 3, 3]
    assert [row["people_share"] for row in rows] == pytest.approx([share for share, _ in CLASSES.values()], abs=0.03)
    assert all(row["is_stable"] for row in rows)


def test_the_planted_chances_are_those_of_the_segments(classes: tuple[Warehouse, dict[str, str]]) -> None:
    rows = classes[0].rows(
        "select segment_no, feature_code, chance from marts.mart_segment_feature where feature_kind = 'theme'"
    )
    themes = {"skills_course": "work", "debt_advice": "money", "housing_options": "housing", "mental_health": "health"}
    found = {(number, code): chance for number, code, chance in rows}
    for number, (_, chances) in enumerate(CLASSES.values(), start=1):
        for service, chance in chances.items():
            assert found[number, themes[service]] == pytest.approx(chance, abs=0.05)


def test_a_planted_persona_has_its_size_overlap_steps_waits_and_lacks(
    classes: tuple[Warehouse, dict[str, str]],
) -> None:
    """Who has a course and debt advice: nine tenths of them with an age, seven in ten of whom began with the course."""
    built, _ = classes
    uses = "select person_key, list(distinct service_id) as services from intermediate.int_spells group by person_key"
    has = "list_contains(services, 'skills_course') and list_contains(services, 'debt_advice')"
    aged = "person_key in (select person_key from intermediate.int_people_resolved where age is not null)"
    ((people, unaged, both),) = built.rows(
        f"select count(*) filter (where {has} and {aged}), count(*) filter (where {has} and not {aged}), "
        f"count(*) filter (where {has} and {aged} and list_contains(services, 'housing_options')) from ({uses})"
    )
    (row,) = built.records(
        "select * from marts.mart_persona where persona_id = 'course_and_debt' and year_code = 'all'"
    )
    assert (row["people"], row["people_undecided"]) == (people, unaged)
    assert row["people"] == pytest.approx(2_000 * 0.5 * 0.9 * 0.85 * 0.9, rel=0.1)
    (shared,) = built.rows(
        "select people_both from marts.mart_persona_overlap "
        "where year_code = 'all' and persona_a = 'course_and_debt' and persona_b = 'housing'"
    )
    assert shared == (both,)
    assert both > 5
    (first,) = built.records(
        "select * from marts.mart_persona_journey where persona_id = 'course_and_debt' and variant_no = 1"
    )
    assert (first["step_1"], first["step_2"]) == ("work", "money")
    assert first["people_share"] == pytest.approx(FIRST_COURSE, abs=0.08)
    (wait,) = built.records(
        "select * from marts.mart_persona_wait where persona_id = 'course_and_debt' and service_id = 'skills_course'"
    )
    assert wait["median_days"] == WAIT_DAYS
    lacks = built.rows("select lack_kind, lack from marts.mart_persona_lack where persona_id = 'course_and_debt'")
    assert set(lacks) == {("stated", "Why"), ("service_never_seen", "benefits_help"), ("age_unknown", "age")}


def test_planted_journeys_are_the_most_common_variants(journeys: Warehouse) -> None:
    """A third of each plan, of whom three in four made no visit elsewhere."""
    rows = journeys.records("select * from marts.mart_variant where journeys = 'all' and level = 'service'")
    told = {row["variant"]: row["people"] / PEOPLE for row in rows if row["variant"]}
    for plan in PLANS.values():
        name = " > ".join(service for service, _, _ in plan)
        assert told[name] == pytest.approx(0.75 / 3, abs=0.04)


def test_planted_months_are_the_chronogram_and_its_entropy(journeys: Warehouse) -> None:
    """All three doors in the first month, so that its entropy is that of thirds; by the last, care or nothing."""
    shares = {
        (month, state): share
        for month, state, share in journeys.rows(
            "select months_since_entry, state, state_share from marts.mart_chronogram where entry_theme = 'all'"
        )
    }
    assert [shares[0, state] for state in ("money", "health", "housing")] == pytest.approx([1 / 3] * 3, abs=1e-9)
    assert shares[12, "health"] == pytest.approx(1 / 3, abs=0.05)
    assert shares[12, "work"] == pytest.approx(1 / 3, abs=0.05)
    (first,) = journeys.records("select * from marts.mart_entropy where kind = 'states_of_month' and group_value = '0'")
    assert first["entropy"] == pytest.approx(log(3), abs=1e-6)
