"""Claims of lasting keys: they survive refreshes, and merges and splits are recorded."""

import datetime as dt

import polars as pl
import pytest

from orchestration.linkage.keys import (
    MERGED,
    MERGED_BY_NEW,
    REGISTRY_SCHEMA,
    SPLIT_BY_LOSS,
    Keyed,
    assign_keys,
)

FIRST, SECOND = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
NOBODY = pl.DataFrame(schema=REGISTRY_SCHEMA)


def members(**clusters: str) -> pl.DataFrame:
    """Return records by cluster: one='ab' puts records a and b into cluster `one`."""
    rows = [("f", ref, number) for number, refs in enumerate(clusters.values()) for ref in refs]
    return pl.DataFrame(rows, schema=["feed", "source_ref", "cluster"], orient="row")


def keys(keyed: Keyed) -> dict[str, str]:
    return dict(keyed.keys.select("source_ref", "person_key").rows())


def events(keyed: Keyed, kind: str) -> list[dict[str, object]]:
    return keyed.events.filter(pl.col("event") == kind).to_dicts()


def test_keys_survive_a_refresh_with_new_records() -> None:
    first = assign_keys(members(one="ab", two="c"), NOBODY, today=FIRST)
    second = assign_keys(members(new="0", one="abx", two="c"), first.registry, today=SECOND)
    assert {ref: keys(second)[ref] for ref in "abc"} == keys(first)
    assert keys(second)["x"] == keys(first)["a"]
    assert [event["records"] for event in events(second, "new")] == [1]
    assert not events(second, "merge") and not events(second, "split")


def test_the_same_records_again_record_nothing() -> None:
    first = assign_keys(members(one="ab", two="c"), NOBODY, today=FIRST)
    again = assign_keys(members(one="ab", two="c"), first.registry, today=SECOND)
    assert again.keys.equals(first.keys) and again.registry.equals(first.registry) and again.events.is_empty()


def test_a_merge_keeps_the_key_of_most_records_and_is_recorded() -> None:
    first = assign_keys(members(one="a", two="bc"), NOBODY, today=FIRST)
    second = assign_keys(members(one="abc"), first.registry, today=SECOND)
    assert set(keys(second).values()) == {keys(first)["b"]}
    (event,) = events(second, "merge")
    assert event["person_key"] == keys(first)["b"] and event["other_key"] == keys(first)["a"]
    assert event["event_date"] == SECOND and event["reason"]


def test_a_split_keeps_the_key_with_most_records_and_is_recorded() -> None:
    first = assign_keys(members(one="abc"), NOBODY, today=FIRST)
    second = assign_keys(members(one="a", two="bc"), first.registry, today=SECOND)
    assert keys(second)["b"] == keys(second)["c"] == keys(first)["a"]
    assert keys(second)["a"] not in set(keys(first).values())
    (event,) = events(second, "split")
    assert event["person_key"] == keys(second)["a"] and event["other_key"] == keys(first)["a"]


def test_a_split_part_that_joins_somebody_else_is_a_split_too() -> None:
    first = assign_keys(members(one="abc", two="d"), NOBODY, today=FIRST)
    second = assign_keys(members(one="ab", two="cd"), first.registry, today=SECOND)
    assert keys(second)["c"] == keys(first)["d"]
    (event,) = events(second, "split")
    assert (event["person_key"], event["other_key"]) == (keys(first)["d"], keys(first)["a"])


def test_records_that_go_and_come_back_are_the_same_person() -> None:
    first = assign_keys(members(one="ab", two="c"), NOBODY, today=FIRST)
    gone = assign_keys(members(two="c"), first.registry, today=SECOND)
    back = assign_keys(members(one="ab", two="c"), gone.registry, today=SECOND)
    assert keys(back) == keys(first)


def test_a_record_that_is_gone_follows_the_merge_of_its_key() -> None:
    first = assign_keys(members(one="ab", two="cde"), NOBODY, today=FIRST)
    merged = assign_keys(members(one="acde"), first.registry, today=SECOND)
    back = assign_keys(members(one="abcde"), merged.registry, today=SECOND)
    assert set(keys(back).values()) == {keys(first)["c"]}
    assert back.events.is_empty()


def test_a_new_person_never_gets_a_key_that_somebody_had() -> None:
    first = assign_keys(members(one="abc"), NOBODY, today=FIRST)
    second = assign_keys(members(one="a", two="bc"), first.registry, today=SECOND)
    third = assign_keys(members(one="abc"), second.registry, today=SECOND)
    fourth = assign_keys(members(one="a", two="bc"), third.registry, today=SECOND)
    assert len({keys(fourth)["a"], keys(fourth)["b"]}) == 2


@pytest.mark.parametrize("registry", [NOBODY])
def test_no_records_give_no_keys(registry: pl.DataFrame) -> None:
    nobody = members().cast({"feed": pl.String, "source_ref": pl.String, "cluster": pl.Int64})
    assert assign_keys(nobody, registry, today=FIRST).keys.is_empty()


def test_a_merge_and_a_split_tell_whether_a_record_came_or_went() -> None:
    columns = {"feed": pl.String, "source_ref": pl.String, "cluster": pl.Int64}

    def placed(*rows: tuple[str, str, int]) -> pl.DataFrame:
        return pl.DataFrame(rows, schema=columns, orient="row")

    empty = pl.DataFrame(schema=REGISTRY_SCHEMA)
    day = dt.date(2026, 1, 1)
    apart = assign_keys(placed(("a", "1", 0), ("b", "1", 1)), empty, today=day)
    joined = assign_keys(placed(("a", "1", 0), ("b", "1", 0), ("c", "1", 0)), apart.registry, today=day)
    assert joined.events.filter(pl.col("event") == "merge")["reason"].to_list() == [MERGED_BY_NEW]
    parted = assign_keys(placed(("a", "1", 0), ("b", "1", 1)), joined.registry, today=day)
    assert parted.events.filter(pl.col("event") == "split")["reason"].to_list() == [SPLIT_BY_LOSS]
    again = assign_keys(placed(("a", "1", 0), ("b", "1", 0)), apart.registry, today=day)
    assert again.events.filter(pl.col("event") == "merge")["reason"].to_list() == [MERGED]
