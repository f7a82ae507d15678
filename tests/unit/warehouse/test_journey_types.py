"""Types of journeys that were planted in episodes come out of the warehouse, by number, by size and by month."""

from pathlib import Path

import pytest
from sklearn.metrics import adjusted_rand_score

from tests.support.warehouse_build import Warehouse, build_warehouse
from tests.support.warehouse_journeys import write_journeys

PEOPLE = 450


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Warehouse, dict[str, str]]:
    """Return the warehouse of the planted journeys, and what was planted."""
    home: Path = tmp_path_factory.mktemp("journeys")
    types = write_journeys(home, PEOPLE, seed=5)
    built = build_warehouse(home, select="+mart_journey_type_month +mart_journey_type", tested=False)
    assert {name: status for name, status in built.outcomes.items() if status != "success"} == {}
    return built, types


def test_the_planted_types_are_found_and_hold(planted: tuple[Warehouse, dict[str, str]]) -> None:
    built, types = planted
    found = dict(
        built.rows(
            "select person_key, type_no from intermediate.int_person_sequences "
            "inner join intermediate.int_sequence_types using (sequence)"
        )
    )
    assert len(found) == PEOPLE
    assert adjusted_rand_score([types[person] for person in found], list(found.values())) > 0.95
    rows = built.records("select * from marts.mart_journey_type")
    assert [row["type_count"] for row in rows] == [3, 3, 3]
    assert min(row["type_stability"] for row in rows) > 0.9
    assert all(row["people"] == pytest.approx(PEOPLE / 3, rel=0.05) for row in rows)


def test_a_type_is_told_by_where_its_people_are(planted: tuple[Warehouse, dict[str, str]]) -> None:
    """In months 1, 12 and 23: short help is soon over, long care goes on, housing gives way to work."""
    built, _ = planted
    told = built.rows(
        "select type_no, months_since_entry, state from marts.mart_journey_type_month "
        "where is_medoid_state and months_since_entry in (1, 12, 23) order by type_no, months_since_entry"
    )
    journeys = {tuple(state for number, _, state in told if number == one) for one in (1, 2, 3)}
    assert journeys == {("money", "none", "none"), ("health", "health", "health"), ("housing", "work", "none")}
