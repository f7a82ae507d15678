"""What is kept no longer than agreed: rows by the day they tell of, values by their delivery, and no older version."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from orchestration.area import Area
from orchestration.rights import retaining
from orchestration.rights.overdue import overdue
from orchestration.rights.periods import fields_of, months_before
from orchestration.rights.retaining import retain
from orchestration.settings import Settings
from tests.support.deliveries import (
    TODAY,
    as_csv,
    deliver,
    ingest,
    make_agreement,
    make_contract,
    make_settings,
    row,
    standing,
)

OLD, NEW = "debt_2024-03_20240405.csv", "debt_2026-09_20261005.csv"


def area_of(contract: Any = None, **retention: Any) -> Area:
    """Return as much of an area as retention looks at: one contract, and an agreement with these times."""
    agreement = make_agreement(retention=retention)
    made = SimpleNamespace(
        contracts={"debt_advice": contract or make_contract("changes")},
        agreements={"isa_advice": agreement},
        today=TODAY,
    )
    return cast("Area", made)


def read(settings: Settings, name: str, rows: list[dict[str, str]], contract: Any = None) -> None:
    deliver(settings, name, as_csv(rows))
    ingest(settings, contract or make_contract("changes"))


def cases(settings: Settings) -> list[str]:
    return standing(settings, "episode", make_contract("changes"))["episode_ref"].to_list()


def test_a_corrected_record_goes_whole_or_an_older_version_would_stand_again(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    still_on = row(1, start="03/02/2023")
    read(settings, OLD, [still_on, row(2, start="03/02/2023")])
    read(settings, NEW, [still_on | {"End": "01/06/2023"}, row(3, start="01/09/2026")])  # it ended long ago, they say
    area = area_of(default_months=24)
    assert overdue(settings, area)["debt_advice"]["accepted rows"] == 1
    removed = retain(settings, area)
    assert removed.rows["accepted rows"] == 3  # two versions of the case, and its person in the old delivery
    assert cases(settings) == ["C2", "C3"]  # C2 goes on since 2023
    assert overdue(settings, area) == {}
    assert not retain(settings, area).rows


def test_it_would_stand_again_if_only_old_rows_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make_settings(tmp_path)
    read(settings, OLD, [row(1, start="03/02/2023")])
    read(settings, NEW, [row(1, start="03/02/2023", end="01/06/2023")])
    monkeypatch.setattr(retaining, "records_over", lambda *_args: pl.Series([], dtype=pl.String))
    retain(settings, area_of(default_months=24))
    assert cases(settings) == ["C1"]  # what the rule is there for


def test_what_is_said_of_a_person_is_kept_from_its_delivery_on(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    read(settings, OLD, [row(1), row(2)])
    read(settings, NEW, [row(2), row(3)])
    area = area_of(default_months=72, items={"ethnicity": 12})
    assert overdue(settings, area) == {"debt_advice": {"accepted rows": 2}}
    retain(settings, area)
    people = standing(settings, "person", make_contract("changes"))
    assert people["source_ref"].to_list() == ["P1", "P2", "P3"]
    assert people["ethnicity_code"].to_list() == [None, "white_british", "white_british"]
    assert people["sex"].to_list() == ["M"] * 3
    assert overdue(settings, area) == {}


def test_an_item_is_of_the_columns_that_the_contract_says(tmp_path: Path) -> None:
    entities = make_contract().model_dump(by_alias=True)["entities"]
    entities["person"]["columns"]["sex"]["item"] = "legal_sex"
    contract = make_contract("changes", entities=entities)
    assert fields_of(contract, "legal_sex") == {"person": ("sex",)}
    assert fields_of(contract, "sex") == {}
    assert fields_of(make_contract(), "sex") == {"person": ("sex",)}
    settings = make_settings(tmp_path)
    deliver(settings, OLD, as_csv([row(1)]))
    ingest(
        settings,
        contract,
        make_agreement(feeds={"debt_advice": {"items": [*make_agreement().feeds["debt_advice"].items, "legal_sex"]}}),
    )
    retain(settings, area_of(contract, default_months=72, items={"sex": 12}))
    assert standing(settings, "person", contract)["sex"].to_list() == ["M"]
    retain(settings, area_of(contract, default_months=72, items={"legal_sex": 12}))
    assert standing(settings, "person", contract)["sex"].to_list() == [None]


def test_a_row_goes_whole_with_an_item_on_which_it_rests(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    read(settings, OLD, [row(1, end="01/03/2025"), row(2, end="01/03/2026"), row(3)])
    area = area_of(default_months=72, items={"service_dates": 12})
    assert overdue(settings, area)["debt_advice"]["accepted rows"] == 1
    retain(settings, area)
    assert cases(settings) == ["C2", "C3"]
    assert overdue(settings, area) == {}


def test_a_row_without_a_date_counts_from_its_delivery_and_its_person_goes_with_it(tmp_path: Path) -> None:
    entities = make_contract().model_dump(by_alias=True)["entities"]
    entities["episode"]["columns"]["start_date"]["required"] = False
    contract = make_contract("changes", entities=entities)
    settings = make_settings(tmp_path)
    read(settings, OLD, [row(1, start=""), row(2)], contract)
    read(settings, NEW, [row(3, start="")], contract)
    area = area_of(contract, default_months=24)
    assert overdue(settings, area)["debt_advice"]["accepted rows"] == 1
    retain(settings, area)
    assert cases(settings) == ["C2", "C3"]
    assert standing(settings, "person", contract)["source_ref"].to_list() == ["P2", "P3"]
    assert overdue(settings, area) == {}


def test_months_are_whole() -> None:
    assert months_before(date(2026, 10, 20), 24) == date(2024, 10, 1)
    assert months_before(date(2026, 1, 1), 1) == date(2025, 12, 1)
