"""Claims about linkage keys at the door: another key is refused, two may overlap, and people stay who they are."""

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from orchestration.area import Contract
from orchestration.area.contracts import LinkageKeys
from orchestration.feeds.outgoing import PREVIOUS
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.feeds.token_bridges import put_bridge, read_bridge, translated
from orchestration.feeds.token_keys import BRIDGE
from orchestration.settings import Settings
from tests.support.deliveries import (
    HEADER,
    as_csv,
    deliver,
    found,
    ingest,
    make_agreement,
    make_contract,
    make_settings,
    row,
    token,
)

NOW, BEFORE, STRANGE = "aaaaaaaa", "bbbbbbbb", "cccccccc"
FILE = "debt_2025-03_20250405.csv"


def keyed(*, previous: str | None = None, **changes: Any) -> Contract:
    return make_contract(keys={"current": NOW, "previous": previous}, **changes)


def send(
    settings: Settings,
    content: str,
    contract: Contract,
    *,
    key: str | None,
    previous: str | None = None,
    name: str = FILE,
) -> Receipt:
    """Deliver a file with the manifest that would come with it, and return its receipt."""
    if key:
        said = {"sha256": hashlib.sha256(content.encode()).hexdigest(), "key_id": key, "previous_key_id": previous}
        deliver(settings, f"{name}.manifest.json", json.dumps(said))
    deliver(settings, name, content)
    ingest(settings, contract)
    return next(r for r in read_receipts(settings, "debt_advice") if r.files[0].name == name)


@pytest.mark.parametrize(("previous", "key"), [(None, STRANGE), (None, BEFORE), (BEFORE, STRANGE)])
def test_a_delivery_made_with_a_key_that_the_contract_does_not_name_is_refused(
    tmp_path: Path, previous: str | None, key: str
) -> None:
    """Even the first delivery of a feed, which could be compared with nothing."""
    settings = make_settings(tmp_path)
    receipt = send(settings, as_csv([row(1)]), keyed(previous=previous), key=key)
    assert receipt.outcome == "refused"
    assert set(found(receipt)) == {"key_not_accepted"}
    (result,) = receipt.checks
    assert key in result.detail and NOW in result.detail
    assert not list((settings.accepted / "deliveries").rglob("*.parquet"))


@pytest.mark.parametrize("key", [NOW, BEFORE])
def test_while_two_keys_overlap_a_delivery_may_be_made_with_either(tmp_path: Path, key: str) -> None:
    receipt = send(make_settings(tmp_path), as_csv([row(1)]), keyed(previous=BEFORE), key=key)
    assert (receipt.outcome, found(receipt)) == ("accepted", {})
    assert receipt.files[0].key_id == key


def test_a_delivery_without_a_manifest_is_told_and_can_be_refused(tmp_path: Path) -> None:
    receipt = send(make_settings(tmp_path / "told"), as_csv([row(1)]), keyed(), key=None)
    assert (receipt.outcome, found(receipt)) == ("accepted", {"key_untold": 1})
    strict = keyed(checks={"key_untold": "refuse_delivery"})
    assert send(make_settings(tmp_path / "refused"), as_csv([row(1)]), strict, key=None).outcome == "refused"


def test_where_no_contract_names_keys_a_feed_follows_the_key_of_the_others(tmp_path: Path) -> None:
    """The first delivery of a new partner, which would otherwise link with nobody and look like new people."""
    settings = make_settings(tmp_path)
    assert send(settings, as_csv([row(1)]), make_contract(), key=NOW).outcome == "accepted"
    items = make_agreement().feeds["debt_advice"]
    agreement = make_agreement(feeds={"other_advice": items})
    for name, key, outcome in ((FILE, STRANGE, "refused"), ("debt_2025-04_20250505.csv", NOW, "accepted")):
        content = as_csv([row(2)])
        said = {"sha256": hashlib.sha256(content.encode()).hexdigest(), "key_id": key}
        deliver(settings, f"{name}.manifest.json", json.dumps(said), folder="other_advice")
        deliver(settings, name, content, folder="other_advice")
        (receipt,) = ingest(settings, make_contract(feed="other_advice"), agreement).receipts
        assert receipt.outcome == outcome
        assert ("key_not_accepted" in found(receipt)) is (outcome == "refused")


def test_a_manifest_of_another_file_proves_nothing(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, f"{FILE}.manifest.json", json.dumps({"sha256": "0" * 64, "key_id": NOW}))
    deliver(settings, FILE, as_csv([row(1)]))
    ingest(settings, keyed())
    assert read_receipts(settings, "debt_advice") == []  # waits for the file that was promised


def test_a_change_of_keys_that_the_contract_announces_is_no_other_key(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    before = as_csv([row(n, Token=token(n + 1)) for n in range(40)])
    after = as_csv([row(n, Token=token(n + 1001), Case=f"D{n}") for n in range(40)])
    send(settings, before, keyed(previous=BEFORE), key=BEFORE)
    receipt = send(settings, after, keyed(previous=BEFORE), key=NOW, name="debt_2025-04_20250505.csv")
    assert (receipt.outcome, "tokens_other_key" in found(receipt)) == ("accepted", False)


def test_tokens_of_another_key_are_refused_where_nothing_tells_but_the_people(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    for name, first in ((FILE, 1), ("debt_2025-04_20250505.csv", 1001)):
        deliver(settings, name, as_csv([row(n, Token=token(n + first)) for n in range(40)]))
    first, second = ingest(settings).receipts
    assert (first.outcome, second.outcome) == ("accepted", "refused")
    assert "tokens_other_key" in found(second)


def test_references_given_out_anew_are_not_another_key(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    for name, first in ((FILE, 0), ("debt_2025-04_20250505.csv", 7)):
        deliver(settings, name, as_csv([row(n, Ref=f"P{(n + first) % 40}") for n in range(40)]))
    assert ["tokens_other_key" in found(receipt) for receipt in ingest(settings).receipts] == [False, False]


def twice(number: int, *, new: int, old: str | None = None, **cells: str) -> dict[str, str]:
    """Return a row with a token of both keys."""
    return row(number, Token=token(new), **{"Token" + PREVIOUS: token(number + 1) if old is None else old}, **cells)


BOTH = (*HEADER, "Token" + PREVIOUS)


def test_tokens_of_both_keys_make_a_bridge_and_nothing_else_of_the_former_is_stored(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    content = as_csv([twice(1, new=1001), twice(2, new=1002), twice(2, new=1002, Case="C9")], header=BOTH)
    receipt = send(settings, content, keyed(previous=BEFORE), key=NOW, previous=BEFORE)
    assert receipt.outcome == "accepted"
    assert "unknown_column" not in found(receipt) and "previous_tokens_unusable" not in found(receipt)
    assert receipt.files[0].previous_key_id == BEFORE
    assert read_bridge(settings).rows() == [("tok_nhs", token(2), token(1001)), ("tok_nhs", token(3), token(1002))]
    stored = pl.concat([pl.read_parquet(p) for p in (settings.accepted / "deliveries").rglob("person-*.parquet")])
    assert not set(stored["tok_nhs"]) & {token(2), token(3)}


def test_the_second_column_is_an_unknown_one_where_no_keys_overlap(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receipt = send(settings, as_csv([twice(1, new=1001)], header=BOTH), keyed(), key=NOW, previous=BEFORE)
    assert "unknown_column" in found(receipt)
    assert read_bridge(settings).height == 0


@pytest.mark.parametrize(
    ("rows", "previous", "count", "kept"),
    [
        ([twice(1, new=1001, old="nonsense"), twice(2, new=1002)], BEFORE, 1, 1),
        ([twice(1, new=1001, old=token(7)), twice(2, new=1002, old=token(7)), twice(3, new=1003)], BEFORE, 2, 1),
        ([twice(1, new=1001), twice(2, new=1002)], STRANGE, 2, 0),
    ],
    ids=["malformed", "contradicting", "of a third key"],
)
def test_former_tokens_that_cannot_be_trusted_are_told_and_not_used(
    tmp_path: Path, rows: list[dict[str, str]], previous: str, count: int, kept: int
) -> None:
    settings = make_settings(tmp_path)
    content = as_csv(rows, header=BOTH)
    receipt = send(settings, content, keyed(previous=BEFORE), key=NOW, previous=previous)
    assert receipt.outcome == "accepted"
    assert found(receipt)["previous_tokens_unusable"] == count
    assert read_bridge(settings).height == kept


def bridge(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame([("tok_nhs", *pair) for pair in pairs], schema=BRIDGE, orient="row")


def test_bridges_of_several_changes_lead_to_the_newest_key(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    put_bridge(settings, "one", "d1", bridge(("a", "b"), ("x", "y")))
    put_bridge(settings, "two", "d2", bridge(("b", "c"), ("c", "d")))
    people = pl.DataFrame({"tok_nhs": ["a", "b", "c", "d", "x", None], "tok_ni": ["a"] * 6})
    newest = translated(people, read_bridge(settings))
    assert newest["tok_nhs"].to_list() == ["d", "d", "d", "d", "y", None]
    assert newest["tok_ni"].to_list() == ["a"] * 6


def test_a_former_token_with_two_successors_is_left_as_it_is(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    put_bridge(settings, "one", "d1", bridge(("a", "b")))
    put_bridge(settings, "two", "d2", bridge(("a", "z")))
    assert read_bridge(settings).height == 0


def test_a_ring_of_tokens_ends(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    put_bridge(settings, "one", "d1", bridge(("a", "b"), ("b", "a")))
    assert read_bridge(settings).height == 2


def test_the_bridge_of_a_refused_delivery_is_not_used(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    contract = keyed(previous=BEFORE)
    receipt = send(settings, as_csv([twice(1, new=1001)], header=BOTH), contract, key=STRANGE, previous=BEFORE)
    assert receipt.outcome == "refused"
    assert read_bridge(settings).height == 0


def test_two_keys_are_two() -> None:
    with pytest.raises(ValidationError, match="the same key"):
        LinkageKeys(current=NOW, previous=NOW)
    with pytest.raises(ValidationError):
        LinkageKeys(current="not an id")


def test_a_token_that_too_many_share_is_told_with_its_rows(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    rows = [row(n, Token=token(1) if n < 25 else token(n + 1)) for n in range(40)]
    receipt = send(settings, as_csv(rows), keyed(checks={"person_repeated": "off"}), key=NOW)
    assert (receipt.outcome, found(receipt)["token_shared"]) == ("accepted", 25)


@pytest.mark.parametrize("bad", ["abc", "g" * 32, token(1)[:31], token(1) + "0", "Smith"])
def test_a_malformed_token_sets_its_row_aside(tmp_path: Path, bad: str) -> None:
    receipt = send(make_settings(tmp_path), as_csv([row(1, Token=bad), row(2)]), keyed(), key=NOW)
    assert receipt.entities["person"].quarantined == 1
    assert found(receipt)["token_malformed"] == 1
