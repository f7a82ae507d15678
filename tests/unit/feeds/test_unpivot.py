"""Columns become rows and ticks become codes; nothing that was ticked is lost, and nothing blank is counted."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestration.area import Contract
from orchestration.area.layouts import Unpivot
from orchestration.feeds.receipts import Receipt
from tests.support.deliveries import (
    ITEMS,
    check,
    found,
    make_agreement,
    make_contract,
    make_settings,
    receive,
    standing,
)

NEEDS = [*ITEMS, "needs"]
AGREEMENT = make_agreement(feeds={"debt_advice": {"items": NEEDS}})


def contract(unpivot: dict[str, Any], need_code: dict[str, Any], **person: Any) -> Contract:
    return make_contract(
        entities={
            "person": {"columns": {"source_ref": "Ref", **person}},
            "need": {"unpivot": unpivot, "columns": {"source_ref": "Ref", "need_code": need_code}},
        }
    )


NAMED = contract({"columns": ["Need 1", "Need 2"], "value": "need"}, {"from": "need", "type": "string"})
PATTERN = contract({"pattern": r"need (?P<name>\d+)"}, {"from": "value"})
TICKS = contract({"ticks": {"Housing": "housing", "Debt": "debt"}}, {"from": "value"})


def of(tmp_path: Path, text: str, by: Contract) -> Receipt:
    return check(tmp_path, text, by, agreement=AGREEMENT)


def test_every_filled_column_is_a_record_and_blank_ones_are_none(tmp_path: Path) -> None:
    receipt = of(tmp_path, "Ref,Need 1,Need 2\nA,housing,debt\nB,,n/a\nC,*,food\n", NAMED)
    assert receipt.entities["need"].delivered == 4
    assert receipt.entities["need"].missing == {"need_code": {"suppressed": 1}}
    assert receipt.entities["person"].delivered == 3


def test_columns_found_by_a_pattern_are_known_and_may_be_more_next_time(tmp_path: Path) -> None:
    for count in (1, 12):
        header = ",".join(f"Need {n}" for n in range(count))
        receipt = of(tmp_path, f"Ref,{header}\nA,{','.join('x' * count)}\n", PATTERN)
        assert (receipt.entities["need"].delivered, found(receipt)) == (
            count,
            {"duplicate_row": 11} if count > 1 else {},
        )


def test_a_pattern_that_no_column_fits_refuses_the_delivery(tmp_path: Path) -> None:
    receipt = of(tmp_path, "Ref,Other\nA,x\n", PATTERN)
    assert receipt.outcome == "refused"
    assert found(receipt)["missing_column"] == 1


def test_a_wide_column_that_is_named_and_missing_refuses_the_delivery(tmp_path: Path) -> None:
    assert found(of(tmp_path, "Ref,Need 1\nA,x\n", NAMED))["missing_column"] == 1


def test_ticks_are_codes_and_what_is_no_tick_is_counted(tmp_path: Path) -> None:
    by = contract(
        {"ticks": {"Housing": "housing", "Debt": "debt"}}, {"from": "value", "type": "code", "codes": {"housing": "h"}}
    )
    receipt = of(tmp_path, "Ref,Housing,Debt\nA,x,no\nB,TRUE,perhaps\nC,0,\n", by)
    assert receipt.entities["need"].delivered == 3
    assert found(receipt) == {"code_not_in_list": 1}


def test_rows_keep_their_number_and_their_order(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receive(settings, "Ref,Housing,Debt\nA,x,x\nB,,x\n", contract=TICKS, agreement=AGREEMENT)
    rows = standing(settings, "need", TICKS).sort("source_row", maintain_order=True)
    assert set(rows.select("source_ref", "need_code", "source_row").rows()) == {
        ("A", "housing", 1),
        ("A", "debt", 1),
        ("B", "debt", 2),
    }


def test_a_row_that_could_not_be_read_is_there_once_and_never_vanishes(tmp_path: Path) -> None:
    receipt = of(tmp_path, "Ref,Housing,Debt\nA,x,x,spilt\n", TICKS)
    assert (receipt.entities["need"].delivered, receipt.entities["need"].quarantined) == (1, 1)


def test_wide_columns_whose_item_is_not_agreed_are_not_needed_and_are_told_of(tmp_path: Path) -> None:
    assert found(check(tmp_path, "Ref\nA\n", NAMED)) == {}
    receipt = check(tmp_path, "Ref,Need 1,Need 2\nA,x,y\n", NAMED)
    assert receipt.items_not_agreed == ("needs",)


@pytest.mark.parametrize(
    ("row", "expected"), [("x,", "M"), (",x", "F"), ("x,x", "U"), (",", None), ("no,yes", "F"), ("x,?!", "U")]
)
def test_two_tick_boxes_tell_one_code(tmp_path: Path, row: str, expected: str | None) -> None:
    settings = make_settings(tmp_path)
    sex = {"ticks": {"Male": "M", "Female": "F"}, "several": "U"}
    by = make_contract(entities={"person": {"columns": {"source_ref": "Ref", "sex": sex}}})
    receive(settings, f"Ref,Male,Female\nA,{row}\n", contract=by)
    assert standing(settings, "person", by)["sex"].to_list() == [expected]


def test_several_ticks_without_a_code_for_that_are_not_in_the_list(tmp_path: Path) -> None:
    by = make_contract(
        entities={"person": {"columns": {"source_ref": "Ref", "sex": {"ticks": {"Male": "M", "Female": "F"}}}}}
    )
    assert found(check(tmp_path, "Ref,Male,Female\nA,x,x\nB,x,\n", by)) == {"code_not_in_list": 1}


@pytest.mark.parametrize(
    "wrong",
    [{}, {"columns": ["a"], "pattern": "b"}, {"pattern": "("}, {"columns": ["a"], "value": "x", "name": "x"}],
)
def test_an_unpivot_that_does_not_say_one_thing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Unpivot.model_validate(wrong)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"from": "Born", "type": "date", "formats": ["%d/%m/%y"]}, "needs `pivot`"),
        ({"from": "Sex", "ticks": {"Male": "M"}}, "give one of"),
        ({"from": "Sex", "several": "U"}, "needs `ticks`"),
    ],
)
def test_a_column_that_contradicts_itself_is_refused(column: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        make_contract(entities={"person": {"columns": {"source_ref": "Ref", "sex": column}}})
