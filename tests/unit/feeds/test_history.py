"""Deliveries beside those of the periods before: what is told, and that the order of arrival changes none of it."""

import hashlib
import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from orchestration.feeds.comparisons import index_by_chance, stability_index
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.settings import Settings
from tests.support.deliveries import (
    as_csv,
    check,
    deliver,
    found,
    ingest,
    make_contract,
    make_settings,
    row,
    standing,
    token,
)

MONTHS = ("2024-10", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03")
PEOPLE = 150


def month(
    period: str, *, people: int = PEOPLE, sex: str = "12", missing: float = 0.0, key: int = 0, first: int = 0
) -> str:
    """Return one month of a feed in which most people come again; `key` other than 0 makes other tokens."""
    chance = random.Random(period)
    year, number = period.split("-")
    rows = [
        row(
            n,
            start=f"{1 + n % 28:02}/{number}/{year}",
            Case=f"{period}-{n}",
            Sex="" if chance.random() < missing else sex[n % len(sex)],
            Token=token(n + 1 + 100_000 * key),
            Ref=f"{'K' if first else 'P'}{n + first}",
        )
        for n in range(people)
    ]
    return as_csv(rows)


def name(period: str, day: str = "05") -> str:
    year, number = int(period[:4]), int(period[5:])
    return f"debt_{period}_{year + number // 12}{number % 12 + 1:02}{day}.csv"


def told(tmp_path: Path, last: str, **more: Any) -> dict[str, int]:
    """Return what the newest month is told after five usual ones."""
    settings = make_settings(tmp_path)
    for period in MONTHS[:-1]:
        deliver(settings, name(period), month(period))
    deliver(settings, name(MONTHS[-1]), last)
    receipts = ingest(settings, more.pop("contract", None)).receipts
    assert [found(receipt) for receipt in receipts[:-1]] == [{}] * 5
    return found(receipts[-1])


def test_months_like_each_other_are_told_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, month("2025-03")) == {}


def test_a_month_of_chance_size_is_no_alarm(tmp_path: Path) -> None:
    assert told(tmp_path, month("2025-03", people=120)) == {}


@pytest.mark.parametrize("people", [40, 400])
def test_a_sudden_change_in_volume_is_told_for_each_entity(tmp_path: Path, people: int) -> None:
    assert told(tmp_path, month("2025-03", people=people)) == {"volume_changed": 2 * people}


def test_a_column_that_empties_is_told_with_both_shares(tmp_path: Path) -> None:
    counts = told(tmp_path, month("2025-03", missing=0.4))
    assert set(counts) == {"missing_share_changed"}
    (receipt,) = [r for r in read_receipts(make_settings(tmp_path), "debt_advice") if r.period == "2025-03"]
    (result,) = receipt.checks
    assert (result.entity, result.field, result.detail[:20]) == ("person", "sex", "sex: missing 35%, be")


def test_codes_that_are_shared_out_otherwise_are_told(tmp_path: Path) -> None:
    assert told(tmp_path, month("2025-03", sex="11111112")) == {"distribution_changed": PEOPLE}


def test_the_stability_index_allows_for_chance() -> None:
    chance = random.Random(7)
    draws = [
        {code: rows.count(code) for code in "abcd"}
        for rows in ([chance.choice("abcd") for _ in range(100)] for _ in range(400))
    ]
    above = sum(stability_index(now, usual) > index_by_chance(4, 100, 100) for now, usual in itertools.pairwise(draws))
    assert above <= 3  # 1 in 1,000 of 399 is expected
    assert stability_index({"a": 50, "b": 50}, {"a": 50, "b": 50}) == 0


def test_tokens_of_another_key_are_told_by_the_people_who_come_again(tmp_path: Path) -> None:
    assert told(tmp_path, month("2025-03", key=1)) == {"tokens_other_key": PEOPLE}


def test_tokens_of_another_key_are_told_by_their_overlap_where_references_change(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    for number, period in enumerate(MONTHS):
        key = int(period == MONTHS[-1])
        deliver(settings, name(period), month(period, key=key, first=1000 * (number + 1)))
    receipts = ingest(settings).receipts
    assert [list(found(receipt)) for receipt in receipts] == [[]] * 5 + [["tokens_other_key"]]


def manifest(settings: Settings, file: str, content: str, key_id: str) -> None:
    said = {"sha256": hashlib.sha256(content.encode()).hexdigest(), "key_id": key_id}
    deliver(settings, f"{file}.manifest.json", json.dumps(said))


@pytest.mark.parametrize(("key_id", "expected"), [("bbbbbbbb", ["tokens_other_key"]), ("aaaaaaaa", [])])
def test_a_manifest_tells_which_key_made_the_tokens(tmp_path: Path, key_id: str, expected: list[str]) -> None:
    settings = make_settings(tmp_path)
    for period, key in (("2025-02", "aaaaaaaa"), ("2025-03", key_id)):
        content = month(period, people=3)
        manifest(settings, name(period), content, key)
        deliver(settings, name(period), content)
    first, second = ingest(settings).receipts
    assert (list(found(first)), list(found(second))) == ([], expected)
    assert second.files[0].key_id == key_id


def test_last_months_file_under_a_new_name_is_told(tmp_path: Path) -> None:
    counts = told(tmp_path, month("2025-02"))
    assert counts["content_repeated"] == PEOPLE
    assert counts["period_stale"] == 1


def test_a_delivery_before_its_period_is_over_is_told(tmp_path: Path) -> None:
    receipt = check(tmp_path, month("2025-03"), name="debt_2025-03_20250331.csv")
    assert found(receipt) == {"period_not_over": 1}


ODD = {
    "2024-12": {"people": 30},
    "2025-02": {"key": 1},
    "2025-03": {"key": 1, "sex": "1"},
}


def arrive(home: Path, order: tuple[str, ...], contract: Any = None) -> tuple[Settings, list[Receipt]]:
    settings = make_settings(home)
    for period in order:
        deliver(settings, name(period), month(period, **ODD.get(period, {})))  # type: ignore[arg-type]
        ingest(settings, contract)
    return settings, read_receipts(settings, "debt_advice")


def comparable(receipts: list[Receipt]) -> list[Any]:
    return [(r.period, r.outcome, r.total, r.checks, r.figures) for r in receipts]


@pytest.mark.parametrize("severity", ["warning", "refuse_delivery"])
def test_the_order_of_arrival_does_not_change_what_is_told_or_what_stands(tmp_path: Path, severity: str) -> None:
    contract = make_contract(checks=dict.fromkeys(("tokens_other_key", "volume_changed"), severity))
    settings, expected = arrive(tmp_path / "in_order", MONTHS, contract)
    assert [r.period for r in expected if "tokens_other_key" in found(r)] == ["2025-02"] + (
        ["2025-03"] if severity == "refuse_delivery" else []
    )
    for number in range(3):
        order = list(MONTHS)
        random.Random(number).shuffle(order)
        other, receipts = arrive(tmp_path / str(number), tuple(order), contract)
        assert comparable(receipts) == comparable(expected)
        assert standing(other, contract=contract).equals(standing(settings, contract=contract))


def test_a_delivery_that_a_comparison_refused_stands_when_an_earlier_one_explains_it(tmp_path: Path) -> None:
    contract = make_contract(checks={"tokens_other_key": "refuse_delivery"})
    settings = make_settings(tmp_path)
    deliver(settings, name("2025-01"), month("2025-01", key=1))
    deliver(settings, name("2025-02"), month("2025-02"))
    (_, refused) = ingest(settings, contract).receipts
    assert (refused.outcome, refused.total.quarantined) == ("refused", 2 * PEOPLE)
    assert standing(settings, contract=contract).height == PEOPLE
    deliver(settings, name("2025-01", "06"), month("2025-01"))
    ingest(settings, contract)
    last = read_receipts(settings, "debt_advice")[-1]
    assert (last.period, last.outcome, found(last)) == ("2025-02", "accepted", {})
    assert standing(settings, contract=contract).height == 2 * PEOPLE


def test_checking_before_sending_compares_with_what_this_installation_holds(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    for period in MONTHS[:-1]:
        deliver(settings, name(period), month(period))
    ingest(settings)
    assert found(check(tmp_path, month("2025-03", people=30), name=name("2025-03"))) == {"volume_changed": 60}
    assert len(read_receipts(settings, "debt_advice")) == 5


def test_the_first_load_of_a_feed_of_changes_is_no_yardstick(tmp_path: Path) -> None:
    contract = make_contract("append")
    settings = make_settings(tmp_path)
    for period in MONTHS:
        is_first = period == MONTHS[0]
        more = {"people": 600, "sex": "1"} if is_first else {"first": int(period[-2:]) * 1000}
        deliver(settings, name(period), month(period, **more))  # type: ignore[arg-type]
    assert [found(receipt) for receipt in ingest(settings, contract).receipts] == [{}] * 6
