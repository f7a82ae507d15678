"""What a record of an increment names must have come at some time: told on the receipt of the delivery naming it."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from orchestration.area import Contract
from orchestration.feeds.receipts import read_receipts
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, found, ingest, make_contract, make_settings, row

# January brings person 1; February the episodes of 1 and 2, of whom 2 never came; March brings person 3.
FILES = {
    "debt_2025-01_20250205.csv": as_csv([row(1)]),
    "debt_2025-02_20250305.csv": as_csv([row(1, Case="C9", Ethnic=""), row(2, Ethnic=""), row(3, Ethnic="")]),
    "debt_2025-03_20250405.csv": as_csv([row(3, Case="C8")]),
}


def people_apart(mode: str) -> Contract:
    """Return a contract in which only rows with an ethnic code bring a person; all bring an episode."""
    contract = make_contract(mode)
    values: dict[str, Any] = contract.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    values["entities"]["person"]["where"] = {"Ethnic": ["A"]}
    return Contract.model_validate(values)


def told(settings: Settings, check: str) -> dict[str, int]:
    return {r.period: found(r).get(check, 0) for r in read_receipts(settings, "debt_advice") if r.period}


@pytest.mark.parametrize("mode", ["append", "changes"])
@pytest.mark.parametrize("order", list(permutations(FILES)))
def test_a_person_of_an_earlier_or_later_delivery_is_known_and_one_of_none_is_told(
    tmp_path: Path, mode: str, order: tuple[str, ...]
) -> None:
    settings = make_settings(tmp_path)
    for name in order:
        deliver(settings, name, FILES[name])
        ingest(settings, people_apart(mode))
    assert told(settings, "person_never_sent") == {"2025-01": 0, "2025-02": 1, "2025-03": 0}
    (check,) = [
        check
        for receipt in read_receipts(settings, "debt_advice")
        for check in receipt.checks
        if check.id == "person_never_sent"
    ]
    assert (check.entity, check.example_rows, check.severity) == ("episode", (2,), "warning")


def test_the_warning_goes_when_the_person_comes(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    for name, content in FILES.items():
        deliver(settings, name, content)
    ingest(settings, people_apart("changes"))
    deliver(settings, "debt_2025-04_20250505.csv", as_csv([row(2, Case="C7")]))
    ingest(settings, people_apart("changes"))
    assert set(told(settings, "person_never_sent").values()) == {0}


def test_whole_deliveries_answer_for_themselves(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-02_20250305.csv", FILES["debt_2025-02_20250305.csv"])
    ingest(settings, people_apart("snapshot"))
    assert told(settings, "person_never_sent") == {"2025-02": 0}
    assert told(settings, "person_unknown") == {"2025-02": 3}
