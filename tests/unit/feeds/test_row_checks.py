"""Each check of a row by itself: what fails, and what must not."""

from pathlib import Path
from typing import Any

import pytest

from orchestration.errors import AreaPackError
from orchestration.feeds.canonical import FIELDS
from orchestration.feeds.checks import Findings, registry
from orchestration.feeds.rowrules import Days, row_rules
from tests.support.deliveries import TODAY, as_csv, check, found, make_contract, row

COLUMNS = {
    "referral_date": {"from": "Sex", "type": "date"},
    "status": {"from": "Ethnic", "item": "service"},
}


def contract(mode: str = "period", **more: Any) -> Any:
    """Return the usual contract with a referral date in column Sex and a status in column Ethnic."""
    data = make_contract(mode).model_dump(by_alias=True, exclude_none=True)
    data["entities"]["person"]["columns"] = {
        "source_ref": {"from": "Ref"},
        "birth_month": {"from": "Born", "formats": ["%m/%Y"]},
    }
    data["entities"]["episode"]["columns"] |= COLUMNS
    return make_contract(mode).model_validate(data | more)


def told(tmp_path: Path, mode: str = "period", **cells: str) -> dict[str, int]:
    given = {"Sex": "2025-01-20", "Ethnic": "open", **cells}
    counts = found(check(tmp_path, as_csv([row(1, **given)]), contract(mode)))
    return {name: count for name, count in counts.items() if name != "unknown_column"}


def test_a_row_without_fault_passes_every_check(tmp_path: Path) -> None:
    assert told(tmp_path) == {}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"Start": "10/03/2025", "End": "09/03/2025", "Ethnic": "x"}, {"end_before_start": 1}),
        ({"Sex": "2025-02-04"}, {"start_before_referral": 1}),
        ({"Sex": "2025-02-04", "End": "03/03/2025", "Ethnic": "x"}, {"start_before_referral": 1}),
        ({"Start": "01/01/1899", "Sex": ""}, {"date_impossible": 1}),
        ({"Start": "01/01/2205"}, {"date_impossible": 1, "date_in_future": 1}),
        ({"Start": "01/05/2025"}, {"date_in_future": 1}),
        ({"End": "01/05/2025"}, {"date_in_future": 1}),
        ({"Sex": "1900-01-01"}, {"date_placeholder": 1}),
        ({"Born": "01/1900"}, {"date_placeholder": 1}),
        ({"Born": "05/2025"}, {"date_impossible": 1, "person_unknown": 1}),
        ({"End": "05/03/2025"}, {"status_against_dates": 1}),
        ({"Ethnic": "completed"}, {"status_against_dates": 1}),
        ({"Start": "02/04/2025"}, {"out_of_period": 1}),
        ({"End": "27/02/2025", "Ethnic": "x"}, {"out_of_period": 1}),
    ],
)
def test_a_row_that_contradicts_itself_or_its_delivery_is_told(
    tmp_path: Path, cells: dict[str, str], expected: dict[str, int]
) -> None:
    assert told(tmp_path, **cells) == expected


def test_a_snapshot_may_hold_rows_of_earlier_periods(tmp_path: Path) -> None:
    assert told(tmp_path, "snapshot", End="27/02/2024", Start="03/02/2024", Sex="2024-01-01", Ethnic="x") == {}


def test_an_end_that_nobody_agreed_to_send_is_not_missed(tmp_path: Path) -> None:
    days = Days(TODAY)
    fields = ["status", "start_date"]
    assert "status_against_dates" not in {name for name, _, _ in row_rules("episode", fields, days)}
    assert "status_against_dates" in {name for name, _, _ in row_rules("episode", [*fields, "end_date"], days)}


def test_a_number_outside_the_contracts_range_is_told(tmp_path: Path) -> None:
    data = make_contract().model_dump(by_alias=True, exclude_none=True)
    data["entities"]["outcome"] = {
        "columns": {
            "outcome_ref": {"from": "Case"},
            "source_ref": {"from": "Ref"},
            "outcome_value": {"from": "Ethnic", "type": "decimal", "least": 0, "most": 10, "item": "service"},
        }
    }
    rows = [row(n, Ethnic=value) for n, value in enumerate(["0", "10", "-1", "10.5"])]
    receipt = check(tmp_path, as_csv(rows), make_contract().model_validate(data))
    (result,) = [c for c in receipt.checks if c.id == "out_of_range"]
    assert (result.entity, result.field, result.count, result.example_rows) == ("outcome", "outcome_value", 2, (3, 4))


def test_a_contract_cannot_refuse_rows_by_a_check_that_no_row_fails() -> None:
    with pytest.raises(AreaPackError, match="volume_changed cannot be refuse_row"):
        Findings({"volume_changed": "refuse_row"})
    Findings({"volume_changed": "refuse_delivery", "episodes_overlap": "refuse_row"})


def test_every_rule_of_the_registry_names_fields_that_exist_and_can_be_read() -> None:
    days = Days(TODAY, "2025-03")
    read = {f"{entity}.{name}" for entity, fields in FIELDS.items() for _, name, _ in row_rules(entity, fields, days)}
    named = {place for item in registry().values() for rule in item.fails for place in rule.fields}
    assert read == named
    assert all(bool(item.fails) <= (item.judges == "row") for item in registry().values())
