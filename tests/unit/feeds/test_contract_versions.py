"""A delivery is read with the version of the contract that is in force for its period, and its receipt names it."""

import os
from datetime import date
from pathlib import Path

import pytest

from orchestration.area import Contract
from orchestration.feeds.deliveries import delivery_of
from orchestration.feeds.pseudonymise import pseudonymise_file
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, check, deliver, ingest, make_contract, make_settings, row, standing

NEW_HEADER = ("Ref", "Token", "Gender", "Born", "Ethnic", "Case", "Opened", "End")


def versioned(**changes: object) -> Contract:
    """Return a contract whose partner renamed two columns and wrote dates otherwise from April 2025 on."""
    first = make_contract()
    data = first.model_dump(by_alias=True, exclude={"effective_from"})
    person, episode = data["entities"]["person"]["columns"], data["entities"]["episode"]["columns"]
    person["sex"]["from"] = "Gender"
    episode["start_date"] |= {"from": "Opened", "formats": ["%Y-%m-%d"]}
    second = Contract.model_validate(data | {"effective_from": date(2025, 4, 1)} | changes)
    return first.with_versions((first, second))


def new_row(number: int) -> dict[str, str]:
    old = row(number, start="2025-04-03")
    return old | {"Gender": old["Sex"], "Opened": old["Start"]}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def test_each_period_is_read_with_its_version_and_its_receipt_names_it(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250505.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-04_20250505.csv", as_csv([new_row(2)], header=NEW_HEADER))
    receipts = {r.period: r for r in ingest(settings, versioned()).receipts}
    assert {p: r.contract_version for p, r in receipts.items()} == {"2025-03": "first", "2025-04": "2025-04-01"}
    assert {r.outcome for r in receipts.values()} == {"accepted"}
    assert standing(settings, contract=versioned())["start_date"].to_list() == [date(2025, 2, 3), date(2025, 4, 3)]
    page = (settings.receipts / "debt_advice" / f"{receipts['2025-04'].delivery_id}.html").read_text(encoding="utf-8")
    assert "version of 2025-04-01" in page


def test_a_new_version_leaves_deliveries_of_older_periods_as_they_were_read(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    assert len(ingest(settings).receipts) == 1
    again = ingest(settings, versioned())
    assert (len(again.receipts), again.unchanged) == (0, 1)


def test_a_period_that_a_change_falls_into_is_read_in_the_new_form(tmp_path: Path) -> None:
    contract = versioned(effective_from=date(2025, 4, 17))
    receipt = check(tmp_path, as_csv([new_row(1)], header=NEW_HEADER), contract, name="debt_2025-04_20250505.csv")
    assert (receipt.contract_version, receipt.outcome) == ("2025-04-17", "accepted")


def test_without_a_period_the_day_of_delivery_decides(tmp_path: Path) -> None:
    named = {"main": {"pattern": r"debt_(?P<delivered>\d{8})\.csv"}}
    first = make_contract("snapshot", files=named)
    contract = first.with_versions((first, first.model_copy(update={"effective_from": date(2025, 4, 1)})))
    for name, expected in (("debt_20250331.csv", "first"), ("debt_20250401.csv", "2025-04-01")):
        (tmp_path / name).write_text(as_csv([row(1)]), encoding="utf-8")
        assert delivery_of(contract, [tmp_path / name]).contract.version == expected


def test_without_any_date_in_the_name_the_file_s_own_day_decides(tmp_path: Path) -> None:
    first = make_contract("snapshot", files={"main": {"pattern": r"debt\.csv"}})
    contract = first.with_versions((first, first.model_copy(update={"effective_from": date(2025, 4, 1)})))
    path = tmp_path / "debt.csv"
    path.write_text(as_csv([row(1)]), encoding="utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert delivery_of(contract, [path]).contract.version == "first"


def test_a_pattern_that_changed_finds_files_of_every_version(settings: Settings) -> None:
    contract = versioned(files={"main": {"pattern": r"advice (?P<period>\d{4}-\d{2})\.csv"}})
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, "advice 2025-04.csv", as_csv([new_row(2)], header=NEW_HEADER))
    result = ingest(settings, contract)
    assert sorted(r.contract_version for r in result.receipts) == ["2025-04-01", "first"]
    assert result.unmatched == []


def test_rows_of_an_entity_that_a_version_no_longer_has_still_stand(settings: Settings) -> None:
    first = make_contract()
    people_only = {"person": first.model_dump(by_alias=True)["entities"]["person"]}
    contract = versioned(entities=people_only)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-04_20250505.csv", as_csv([row(2)]))
    ingest(settings, contract)
    current = contract.in_force_on(date(2026, 1, 1)).with_versions(contract.versions)
    assert standing(settings, contract=current)["episode_ref"].to_list() == ["C1"]


def test_a_file_that_the_version_in_force_does_not_know_is_told(settings: Settings) -> None:
    first = make_contract(files={"main": {"pattern": r"debt_(?P<period>\d{4}-\d{2})\.csv"}})
    more = {**first.model_dump()["files"], "extra": {"pattern": r"extra_(?P<period>\d{4}-\d{2})\.csv", "on": ["Ref"]}}
    second = first.model_validate(first.model_dump(by_alias=True) | {"files": more, "effective_from": "2025-04-01"})
    deliver(settings, "debt_2025-03.csv", as_csv([row(1)]))
    deliver(settings, "extra_2025-03.csv", as_csv([row(1)]))
    result = ingest(settings, first.with_versions((first, second)))
    assert [r.outcome for r in result.receipts] == ["accepted"]
    assert result.unmatched == ["extra_2025-03.csv"]


def test_the_partner_s_side_writes_the_layout_of_the_period_that_the_file_is_named_after(tmp_path: Path) -> None:
    clear = tmp_path / "clear.csv"
    clear.write_text(
        "Ref,Forename,Surname,Date of birth,Sex,Gender,Case,Opened,Start\nP1,Ann,Lee,1980-04-01,1,1,C1,a,b\n", "utf-8"
    )
    for name, expected in (("debt_2025-03.csv", "Start"), ("debt_2025-04.csv", "Opened")):
        made = pseudonymise_file(clear, contract=versioned(), key=bytes(range(32)), out=tmp_path / name)
        assert expected in made.columns
        assert len({"Start", "Opened"} & set(made.columns)) == 1
