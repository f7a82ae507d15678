"""Several files of one delivery are joined on a key; rows neither multiply nor vanish."""

from pathlib import Path

import pytest

from orchestration.area import Contract
from orchestration.errors import AreaPackError
from tests.support.deliveries import (
    TODAY,
    deliver,
    found,
    ingest,
    make_agreement,
    make_contract,
    make_settings,
    standing,
)

ENROLMENTS = "EnrolmentID,PersonID,ProjectID,Entry\nE1,P1,10,2025-03-01\nE2,P2,20,2025-03-02\nE3,P1,10,2025-03-03\n"
EXITS = "EnrolmentID,Exit\nE1,2025-03-09\nE9,2025-03-09\n"
PEOPLE = "PersonID,Sex\nP1,1\nP2,2\nP2,1\n"
PROJECTS = "ProjectID,Kind\n10,shelter\n20,advice\n"


def contract(where: dict[str, str] | None = None) -> Contract:
    return make_contract(
        mode="snapshot",
        files={
            "main": {"pattern": r"enrolment\.csv"},
            "exit": {"pattern": r"exit\.csv", "on": "EnrolmentID"},
            "people": {"pattern": r"people\.csv", "on": "PersonID"},
            "project": {"pattern": r"project\.csv", "on": "ProjectID"},
        },
        entities={
            "person": {
                "where": where or {},
                "columns": {
                    "source_ref": "PersonID",
                    "sex": {"from": "Sex", "file": "people", "type": "code", "codes": {"1": "M", "2": "F"}},
                },
            },
            "episode": {
                "where": where or {},
                "columns": {
                    "episode_ref": "EnrolmentID",
                    "source_ref": "PersonID",
                    "start_date": {"from": "Entry", "type": "date"},
                    "end_date": {"from": "Exit", "file": "exit", "type": "date"},
                },
            },
        },
    )


def deliver_all(tmp_path: Path, skip: str = ""):  # type: ignore[no-untyped-def]
    settings = make_settings(tmp_path)
    files = {"enrolment": ENROLMENTS, "exit": EXITS, "people": PEOPLE, "project": PROJECTS}
    for name, content in files.items():
        if name != skip:
            deliver(settings, f"2025-04-01/{name}.csv", content)
    return settings


def test_columns_of_a_joined_file_arrive_and_the_number_of_rows_stays(tmp_path: Path) -> None:
    settings = deliver_all(tmp_path)
    (receipt,) = ingest(settings, contract()).receipts
    assert receipt.entities["episode"].delivered == 3
    episodes = standing(settings, contract=contract())
    assert episodes.select("episode_ref", "end_date").rows()[1:] == [("E2", None), ("E3", None)]
    assert str(episodes["end_date"][0]) == "2025-03-09"
    assert standing(settings, "person", contract())["sex"].to_list() == ["M", "M"]
    assert receipt.entities["person"].superseded == 1


def test_repeated_and_orphaned_rows_of_a_joined_file_are_reported(tmp_path: Path) -> None:
    (receipt,) = ingest(deliver_all(tmp_path), contract()).receipts
    assert found(receipt)["join_not_unique"] == 1
    assert found(receipt)["join_orphan"] == 1


def test_where_may_name_a_column_of_a_joined_file(tmp_path: Path) -> None:
    chosen = contract({"project.Kind": "shelter"})
    (receipt,) = ingest(deliver_all(tmp_path), chosen).receipts
    assert receipt.entities["episode"].as_dict()["delivered"] == 2
    assert receipt.entities["episode"].not_selected == 1


def test_a_delivery_without_one_of_its_files_is_refused_and_says_which(tmp_path: Path) -> None:
    (receipt,) = ingest(deliver_all(tmp_path, skip="exit"), contract()).receipts
    assert receipt.outcome == "refused"
    assert "no file for: exit" in [r.detail for r in receipt.checks]


def test_files_that_cannot_be_joined_are_a_mistake_of_the_contract(tmp_path: Path) -> None:
    data = contract().model_dump(by_alias=True, exclude_none=True)
    data["files"]["exit"]["on"] = []
    with pytest.raises(AreaPackError, match=r"files\.exit\.on"):
        ingest(deliver_all(tmp_path), Contract.model_validate(data), make_agreement())
    assert TODAY.year == 2026
