"""Journeys of a crowd against counts by plain Python, numpy and scipy, from the same steps and spells."""

from collections import Counter, defaultdict
from datetime import date
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest, entropy

from tests.support.warehouse_build import Warehouse

Journeys = dict[str, list[dict[str, Any]]]
DATA_START = date(2023, 10, 1)


@pytest.fixture(scope="module")
def journeys(crowd: Warehouse) -> Journeys:
    """Return the steps of each person whose first one began within the window."""
    found: Journeys = defaultdict(list)
    for row in crowd.records("select * from intermediate.int_steps order by person_key, step_no"):
        found[row["person_key"]].append(row)
    return {person: steps for person, steps in found.items() if steps[0]["start_date"] >= DATA_START}


def test_doors_are_the_first_steps(crowd: Warehouse, journeys: Journeys) -> None:
    doors = Counter(steps[0]["service_id"] for steps in journeys.values())
    rows = crowd.records("select * from marts.mart_entry_door where level = 'service' and year_code = 'all'")
    assert {row["door"]: row["people"] for row in rows} == doors
    for row in rows:
        limits = binomtest(row["people"], len(journeys)).proportion_ci(method="wilson")
        assert (row["door_share_low"], row["door_share_high"]) == pytest.approx((limits.low, limits.high))


def test_moves_from_a_state_add_up_to_one_and_are_those_of_the_steps(crowd: Warehouse) -> None:
    rows = crowd.records("select * from marts.mart_transition where level = 'service' and year_code = 'all'")
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        sums[row["from_state"]] += row["probability"] or 0
    assert list(sums.values()) == pytest.approx([1.0] * len(sums))
    expected: Counter[tuple[str, str]] = Counter()
    steps = crowd.rows("select person_key, service_id, start_date from intermediate.int_steps order by 1, step_no")
    for one, other in pairwise(steps):
        if one[0] == other[0] and other[2] >= DATA_START:
            expected[one[1], other[1]] += 1
    found = {(row["from_state"], row["to_state"]): row["moves"] for row in rows}
    inner = {pair: moves for pair, moves in found.items() if pair[0] != "START" and pair[1] not in ("END", "OPEN")}
    assert inner == expected
    assert sum(row["overlapping_moves"] for row in rows) > 20


def test_variants_are_whole_sequences_and_cover_all(crowd: Warehouse, journeys: Journeys) -> None:
    sequences = Counter(" > ".join(step["service_id"] for step in steps) for steps in journeys.values())
    rows = crowd.records(
        "select * from marts.mart_variant where journeys = 'all' and level = 'service' order by variant_rank"
    )
    told = {row["variant"]: row["people"] for row in rows if row["variant"] != "other"}
    assert told == {variant: sequences[variant] for variant in told}
    assert list(told.values()) == sorted(sequences.values(), reverse=True)[: len(told)]
    assert [row["coverage_share"] for row in rows] == pytest.approx(
        np.cumsum([row["people"] for row in rows]) / len(journeys)
    )
    assert rows[-1]["coverage_share"] == 1


def test_the_chronogram_is_that_of_a_count_month_by_month(crowd: Warehouse, journeys: Journeys) -> None:
    """By hand from steps: a step of several spells may have months without any, so its spells are looked at."""
    themes = dict(crowd.rows("select service_id, theme from intermediate.int_services"))
    spells: dict[str, list[tuple[date, date, str]]] = defaultdict(list)
    for person, *rest in crowd.rows("select person_key, start_date, end_date, service_id from intermediate.int_spells"):
        spells[person].append(tuple(rest))
    followed = dict(
        crowd.rows("select person_key, months_followed from intermediate.int_followups where months_followed > 0")
    )
    expected: Counter[tuple[int, str]] = Counter()
    for person, months in followed.items():
        entry = journeys[person][0]["start_date"]
        for month in range(months):
            number = entry.year * 12 + entry.month - 1 + month
            first = date(number // 12, number % 12 + 1, 1)
            last = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
            here = [spell for spell in spells[person] if spell[0] < last and spell[1] >= first]
            expected[month, themes[max(here)[2]] if here else "none"] += 1
    rows = crowd.rows(
        "select months_since_entry, state, people from marts.mart_chronogram where entry_theme = 'all' and people > 0"
    )
    assert {(month, state): people for month, state, people in rows} == expected


def test_entropies_are_scipys(crowd: Warehouse) -> None:
    found = {
        (row["kind"], row["group_value"]): row["entropy"] for row in crowd.records("select * from marts.mart_entropy")
    }
    for level in ("service", "theme"):
        moves: dict[str, list[int]] = defaultdict(list)
        for origin, count in crowd.rows(
            f"select from_state, moves from marts.mart_transition "
            f"where level = '{level}' and year_code = 'all' and to_state <> 'OPEN'"
        ):
            moves[origin].append(count)
        for origin, counts in moves.items():
            assert found[f"{level}_moves", origin] == pytest.approx(entropy(counts), abs=1e-12)
    months: dict[int, list[int]] = defaultdict(list)
    for month, people in crowd.rows(
        "select months_since_entry, people from marts.mart_chronogram where entry_theme = 'all'"
    ):
        months[month].append(people)
    for month, counts in months.items():
        assert found["states_of_month", str(month)] == pytest.approx(entropy(counts), abs=1e-12)
    sequences = [row[0] for row in crowd.rows("select sequence from intermediate.int_person_sequences")]
    each = [entropy(list(Counter(sequence).values())) for sequence in sequences]
    assert len(each) > 50
    assert found["within_journey", "all"] == pytest.approx(np.mean(each))


def test_sets_of_themes_equal_a_count_by_sets(crowd: Warehouse) -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for person, theme in crowd.rows("select person_key, theme from intermediate.int_person_services"):
        users[person].add(theme)
    used = Counter(frozenset(themes) for themes in users.values())
    rows = crowd.records("select * from marts.mart_combination where period_code = 'all'")
    found = {frozenset(row["themes"].split(" + ")): (row["people_at_least"], row["people_exactly"]) for row in rows}
    every = [frozenset(one) for size in range(1, 5) for one in combinations(sorted(set().union(*used)), size)]
    expected = {one: (sum(count for themes, count in used.items() if one <= themes), used[one]) for one in every}
    assert found == {one: counts for one, counts in expected.items() if counts[0]}
    assert {row["theme_count"] for row in rows} == {len(one) for one in found}


def test_types_are_worked_out_once_more_alike(crowd: Warehouse) -> None:
    """The table holds what the pure function gives for the same sequences, and every person has one type."""
    from orchestration.statistics import find_types

    rows = crowd.rows("select sequence, people from intermediate.int_sequences order by people, sequence desc")
    found = find_types([row[0] for row in rows], [row[1] for row in rows])
    told = dict(crowd.rows("select sequence, type_no from intermediate.int_sequence_types"))
    assert [told[row[0]] for row in rows] == (found.types + 1).tolist()
    stored = crowd.records("select * from marts.mart_journey_type order by type_no")
    assert [row["medoid_sequence"] for row in stored] == found.medoids
    assert [row["type_stability"] for row in stored] == pytest.approx(found.stabilities)
    assert stored[0]["silhouette"] == pytest.approx(max(found.silhouette_by_count.values()))


def test_before_and_after_equal_a_count_by_months(crowd: Warehouse) -> None:
    months = dict(crowd.rows("select month_number, month_mask from intermediate.int_months"))
    masks: dict[str, int] = defaultdict(int)
    for person, mask in crowd.rows("select person_key, month_mask from intermediate.int_person_services"):
        masks[person] |= mask
    followed = dict(crowd.rows("select person_key, last_month_number from intermediate.int_followups"))
    expected = Counter({"people_followed": 0})
    for person, day in crowd.rows(
        "select person_key, event_date from intermediate.int_events where event = 'found_work'"
    ):
        here = day.year * 12 + day.month - 1
        before, after = range(here - 12, here), range(here + 1, here + 13)
        if before[0] not in months or after[-1] > followed[person]:
            continue
        was, still = (any(masks[person] & months[month] for month in side) for side in (before, after))
        expected.update(people_followed=1, people_before=was, people_after=still, people_both=was and still)
    (row,) = crowd.records("select * from marts.mart_pathway_change where event = 'found_work' and level = 'any'")
    assert {name: row[name] for name in expected} == expected
    assert 0 < expected["people_after"] < expected["people_followed"]
