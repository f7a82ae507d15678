"""A contract says which rows of a file count at all, and may choose rows by a blank cell."""

from pathlib import Path

import pytest

from orchestration.area import Contract
from orchestration.area.contracts import DeliveryFile, EntityMapping
from tests.support.deliveries import deliver, ingest, make_contract, make_settings, standing

ENROLMENTS = "EnrolmentID,PersonID,Entry,Deleted\nE1,P1,2025-03-01,\nE2,P2,2025-03-02,2025-03-05\nE3,P3,2025-03-03,\n"
EXITS = "EnrolmentID,Exit,Deleted\nE1,2025-03-09,\nE3,2025-03-09,2025-03-10\n"
PEOPLE = {"source_ref": "PersonID"}


def contract() -> Contract:
    return make_contract(
        mode="snapshot",
        files={
            "main": {"pattern": r"enrolment\.csv", "where": {"Deleted": None}},
            "exit": {"pattern": r"exit\.csv", "on": "EnrolmentID", "where": {"Deleted": ""}},
        },
        entities={
            "person": {"columns": PEOPLE},
            "episode": {
                "columns": {
                    "episode_ref": "EnrolmentID",
                    "source_ref": "PersonID",
                    "start_date": {"from": "Entry", "type": "date"},
                    "end_date": {"from": "Exit", "file": "exit", "type": "date"},
                }
            },
        },
    )


@pytest.fixture
def episodes(tmp_path: Path) -> dict[str, tuple[int, int]]:
    settings = make_settings(tmp_path)
    for name, content in {"enrolment": ENROLMENTS, "exit": EXITS}.items():
        deliver(settings, f"2025-04-01/{name}.csv", content)
    (receipt,) = ingest(settings, contract()).receipts
    assert receipt.entities["episode"].delivered == 2
    assert receipt.entities["episode"].not_selected == 1
    rows = standing(settings, contract=contract())
    return dict(rows.select("episode_ref", "end_date").rows())


def test_a_row_deleted_at_the_source_fills_no_entity(episodes: dict[str, object]) -> None:
    assert set(episodes) == {"E1", "E3"}


def test_a_deleted_row_of_a_joined_file_is_not_joined(episodes: dict[str, object]) -> None:
    assert str(episodes["E1"]) == "2025-03-09"
    assert episodes["E3"] is None


@pytest.mark.parametrize(("given", "read"), [(None, [""]), ("", [""]), (0, ["0"]), ([1, None], ["1", ""])])
def test_values_are_texts_and_nothing_is_a_blank_cell(given: object, read: list[str]) -> None:
    assert DeliveryFile.model_validate({"pattern": "x", "where": {"c": given}}).where == {"c": read}
    assert EntityMapping.model_validate({"columns": PEOPLE, "where": {"c": given}}).where == {"c": read}
