"""Each row is accepted, superseded or quarantined with its reason; nothing is lost and nothing unagreed is kept."""

import json
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import AreaPackError
from orchestration.feeds.receipts import Receipt
from tests.support.deliveries import (
    HEADER,
    as_csv,
    check,
    found,
    ingest,
    make_agreement,
    make_contract,
    make_settings,
    receive,
    row,
    standing,
)


def one(tmp_path: Path, **cells: str) -> Receipt:
    return check(tmp_path, as_csv([row(1), row(2) | cells]))


@pytest.mark.parametrize(
    ("cells", "check_id", "entity"),
    [
        ({"Start": ""}, "required_missing", "episode"),
        ({"Start": "*"}, "required_missing", "episode"),
        ({"Case": "NULL"}, "required_missing", "episode"),
        ({"Start": "31/02/2025"}, "date_unreadable", "episode"),
        ({"Start": "01/01/1066"}, "date_impossible", "episode"),
        ({"Start": "03/02/2025", "End": "02/02/2025"}, "end_before_start", "episode"),
        ({"Token": "943 476 5919"[:5]}, "token_malformed", "person"),
        ({"Token": "e3266fcd05f035b1b2719e205fc1cb3"}, "token_malformed", "person"),
        ({"Born": "04/2031"}, "date_impossible", "person"),
    ],
)
def test_a_row_that_breaks_a_rule_is_quarantined_with_its_reason(
    tmp_path: Path, cells: dict[str, str], check_id: str, entity: str
) -> None:
    receipt = one(tmp_path, **cells)
    assert found(receipt)[check_id] == 1
    assert receipt.entities[entity].quarantined == 1
    assert receipt.entities[entity].accepted == 1
    assert receipt.outcome == "accepted_with_rejects"
    assert [r.example_rows for r in receipt.checks if r.id == check_id] == [(2,)]


def test_an_end_on_the_day_of_the_start_is_no_fault(tmp_path: Path) -> None:
    assert one(tmp_path, Start="03/02/2025", End="03/02/2025").outcome == "accepted"


def test_a_start_after_the_delivery_is_kept_with_a_warning(tmp_path: Path) -> None:
    receipt = one(tmp_path, Start="06/04/2025")
    assert found(receipt) == {"date_in_future": 1}
    assert receipt.outcome == "accepted"


def test_refused_not_obtained_and_not_in_list_are_kept_apart(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    cells = ["A", "Z", "Prefer not to say", "", "*", "Q"]
    receipt = receive(settings, as_csv([row(n, Ethnic=cell) for n, cell in enumerate(cells)]))
    people = standing(settings, "person")["ethnicity_code"].to_list()
    assert people == ["white_british", "refused", "refused", "not_obtained", "not_obtained", "not_in_list"]
    assert receipt.entities["person"].missing["ethnicity_code"] == {
        "refused": 1,
        "blank": 1,
        "suppressed": 1,
        "not_in_list": 1,
    }
    assert found(receipt) == {"code_not_in_list": 1}


def test_a_code_outside_its_list_is_null_and_never_the_partners_own(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receive(settings, as_csv([row(1, Sex="m"), row(2, Sex="9")]))
    assert standing(settings, "person")["sex"].to_list() == ["M", None]


def test_an_exact_repeat_is_superseded_and_a_changed_one_gives_way_to_the_last(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receipt = receive(settings, as_csv([row(1), row(1), row(1, End="09/03/2025")]))
    assert receipt.entities["episode"].as_dict() == {"delivered": 3, "accepted": 1, "quarantined": 0, "superseded": 2}
    assert found(receipt) == {"duplicate_row": 3, "reference_repeated": 1}
    assert standing(settings)["source_row"].to_list() == [3]


def test_a_contract_may_refuse_records_that_contradict_each_other(tmp_path: Path) -> None:
    contract = make_contract(checks={"reference_repeated": "refuse_row"})
    receipt = check(tmp_path, as_csv([row(1), row(1, End="09/03/2025"), row(2)]), contract)
    assert receipt.entities["episode"].quarantined == 2


def test_a_contract_may_switch_a_check_off_but_not_an_unknown_one(tmp_path: Path) -> None:
    assert found(check(tmp_path, as_csv([row(1, Sex="9")]), make_contract(checks={"code_not_in_list": "off"}))) == {}
    with pytest.raises(AreaPackError, match="no_such_check is not a check"):
        check(tmp_path, as_csv([row(1)]), make_contract(checks={"no_such_check": "off"}))


def test_unknown_columns_are_named_and_never_stored(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receipt = receive(settings, as_csv([row(1) | {"Mood": "zzsecret"}], header=(*HEADER, "Mood")))
    assert [r.detail for r in receipt.checks] == ["'Mood'"]
    stored = b"".join(p.read_bytes() for p in settings.home.rglob("*") if p.is_file() and "landing" not in p.parts)
    assert b"zzsecret" not in stored


def test_an_item_that_is_not_agreed_is_listed_and_never_stored(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    agreement = make_agreement(feeds={"debt_advice": {"items": ["linkage_tokens", "service", "service_dates"]}})
    receipt = receive(settings, as_csv([row(1, Ethnic="Z")]), agreement=agreement)
    assert receipt.items_not_agreed == ("birth_month", "ethnicity", "sex")
    assert receipt.items_received == ("linkage_tokens", "service_dates")
    assert standing(settings, "person").select("sex", "birth_month", "ethnicity_code").row(0) == (None, None, None)


def test_a_column_that_is_not_agreed_need_not_be_sent(tmp_path: Path) -> None:
    agreement = make_agreement(feeds={"debt_advice": {"items": ["service_dates", "service"]}})
    receipt = check(tmp_path, as_csv([row(1)], header=("Ref", "Case", "Start", "End")), agreement=agreement)
    assert receipt.outcome == "accepted"


def test_a_quarantined_row_keeps_its_reason_and_no_identifying_cell(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receipt = receive(settings, as_csv([row(1), row(2, Token="not a token", Start="")]))
    quarantined = pl.read_parquet(settings.quarantine / "debt_advice" / f"{receipt.delivery_id}.parquet")
    assert quarantined.select("entity", "source_row", "checks").rows() == [
        ("person", 2, "token_malformed:tok_nhs"),
        ("episode", 2, "required_missing:start_date"),
    ]
    assert quarantined.height == receipt.total.quarantined
    assert set(json.loads(quarantined["cells"][0])) == {"sex", "birth_month", "ethnicity_code"}
    assert "not a token" not in str(quarantined.rows())


def test_a_row_under_the_wrong_headings_is_quarantined_without_its_cells(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receipt = receive(settings, as_csv([row(1), row(2)]) + "P3,extra,1,1,1,1,1,1,1\nTotal,3\n")
    quarantined = pl.read_parquet(settings.quarantine / "debt_advice" / f"{receipt.delivery_id}.parquet")
    assert found(receipt) == {"ragged_row": 2, "totals_row": 2}
    assert quarantined["cells"].to_list() == [None] * 4


@pytest.mark.parametrize(
    ("content", "check_id"),
    [
        (b"", "unreadable_file"),
        (b"\x00\x01\x02,\n", "unreadable_file"),
        (b"a,b,c\n1,2,3\n", "not_this_feed"),
        (as_csv([row(1)], header=HEADER[:-1]).encode(), "missing_column"),
        (as_csv([row(1)], header=(*HEADER, "Ref")).encode(), "repeated_column"),
    ],
)
def test_a_delivery_that_is_not_what_its_contract_says_is_refused_whole(
    tmp_path: Path, content: bytes, check_id: str
) -> None:
    receipt = check(tmp_path, content)
    assert receipt.outcome == "refused"
    assert receipt.exit_code == 2
    assert check_id in found(receipt)
    assert receipt.total.accepted == 0


def test_an_undecided_column_of_dates_refuses_the_delivery_and_says_which(tmp_path: Path) -> None:
    contract = make_contract()
    data = contract.model_dump(by_alias=True, exclude_none=True)
    data["entities"]["episode"]["columns"]["start_date"]["formats"] = ["%d/%m/%Y", "%m/%d/%Y"]
    receipt = check(tmp_path, as_csv([row(1, start="03/02/2025")]), type(contract).model_validate(data))
    assert receipt.outcome == "refused"
    assert [r.detail for r in receipt.checks if r.id == "date_format_undecided"] == [
        "column 'Start', formats %d/%m/%Y, %m/%d/%Y"
    ]


def test_a_refused_delivery_stores_no_row_and_counts_them_all(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receipt = receive(settings, as_csv([row(1), row(2)], header=HEADER[:-1]))
    assert receipt.total.as_dict() == {"delivered": 4, "accepted": 0, "quarantined": 4, "superseded": 0}
    assert list(settings.accepted.rglob("*.parquet")) == []
    assert list(settings.quarantine.rglob("*.parquet")) == []


def test_a_header_without_rows_is_accepted_with_a_warning(tmp_path: Path) -> None:
    assert found(check(tmp_path, as_csv([]))) == {"no_rows": 1}


def test_a_file_that_fills_two_entities_counts_once_for_each_and_what_where_leaves_out_is_not_delivered(
    tmp_path: Path,
) -> None:
    data = make_contract().model_dump(by_alias=True, exclude_none=True)
    data["entities"]["episode"]["where"] = {"Sex": ["1"]}
    receipt = check(tmp_path, as_csv([row(1), row(2, Sex="2")]), make_contract().model_validate(data))
    assert receipt.entities["person"].delivered == 2
    assert (receipt.entities["episode"].delivered, receipt.entities["episode"].not_selected) == (1, 1)
    assert receipt.total.delivered == 3


def test_a_contract_that_maps_an_unknown_field_is_an_error_that_names_it(tmp_path: Path) -> None:
    data = make_contract().model_dump(by_alias=True, exclude_none=True)
    data["entities"]["person"]["columns"]["sexx"] = {"from": "Sex"}
    with pytest.raises(AreaPackError, match="sexx is not a field of person"):
        check(tmp_path, as_csv([row(1)]), make_contract().model_validate(data))


def test_an_episode_without_its_person_is_kept_with_a_warning(tmp_path: Path) -> None:
    data = make_contract().model_dump(by_alias=True, exclude_none=True)
    data["entities"]["person"]["where"] = {"Sex": ["1"]}
    receipt = check(tmp_path, as_csv([row(1), row(2, Sex="2")]), make_contract().model_validate(data))
    assert found(receipt) == {"person_unknown": 1}
    assert receipt.entities["episode"].accepted == 2


def test_records_without_a_reference_get_one_from_their_content(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    data = make_contract().model_dump(by_alias=True, exclude_none=True)
    del data["entities"]["episode"]["columns"]["episode_ref"]
    contract = make_contract().model_validate(data)
    receipt = receive(settings, as_csv([row(1), row(1), row(1, start="04/02/2025")]), contract=contract)
    assert receipt.entities["episode"].accepted == 2
    assert standing(settings, contract=contract)["episode_ref"].n_unique() == 2
    assert ingest(settings, contract).unchanged == 1
