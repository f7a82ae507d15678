"""Whatever is sent, again, late, corrected or refused, in any order: the same rows stand, and receipts say the same."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.feeds.known import known_on
from orchestration.feeds.standing import rows_standing
from tests.support.memory import MemoryStore, Sent, episodes_only, expected_standing, read

TODAY = date(2026, 10, 20)
MODES = ("snapshot", "period", "append", "changes")
ROW = st.tuples(st.integers(0, 3), st.sampled_from([1, 2, 9]), st.booleans())
SENDING = st.builds(
    Sent,
    period=st.sampled_from(["2025-01", "2025-02", "2025-03"]),
    day=st.integers(0, 2),
    rows=st.lists(ROW, max_size=4).map(tuple),
    is_refused=st.sampled_from([False, False, False, True]),
)
HISTORY = st.lists(SENDING, min_size=1, max_size=5)


def without_deletions(history: Sequence[Sent], mode: str) -> list[Sent]:
    """Return a history in which only mode `changes` deletes anything."""
    if mode == "changes":
        return list(history)
    return [
        Sent(sent.period, sent.day, tuple((n, value, False) for n, value, _ in sent.rows), sent.is_refused)
        for sent in history
    ]


def standing(store: MemoryStore, mode: str) -> list[tuple[object, ...]]:
    contract = episodes_only(mode)
    rows = rows_standing(store, contract, store.receipts(contract.feed), mode)["episode"].collect()
    return sorted(rows.select("episode_ref", "outcome", "delivery_id").rows())


@settings(max_examples=7_000, deadline=None)
@given(mode=st.sampled_from(MODES), history=HISTORY, data=st.data())
def test_any_order_of_arrival_ends_in_the_same_rows_and_receipts_and_reading_again_changes_nothing(
    mode: str, history: list[Sent], data: st.DataObject
) -> None:
    history = without_deletions(history, mode)
    together, apart = MemoryStore(), MemoryStore()
    read(together, mode, history, today=TODAY)
    order = data.draw(st.permutations(history))
    stops = data.draw(st.sets(st.integers(1, len(order)))) | {len(order)}
    for stop in sorted(stops):
        read(apart, mode, order[:stop], today=TODAY)
    receipts = together.receipts("debt_advice")
    assert apart.receipts("debt_advice") == receipts
    rows = standing(together, mode)
    assert standing(apart, mode) == rows
    assert {record: value for record, value, _ in rows} == expected_standing(history, mode)
    writes = apart.writes
    assert read(apart, mode, order, today=TODAY).receipts == []
    assert apart.writes == writes
    accounts_balance(history, receipts, len(rows), mode)


def accounts_balance(history: Sequence[Sent], receipts: Sequence[object], standing_rows: int, mode: str) -> None:
    """Every row of every distinct content is counted once, and what is accepted stands (or is a deletion)."""
    content = {sent.delivery_id: len(sent.rows) for sent in history}
    assert {r.delivery_id: r.total.delivered for r in receipts} == content  # type: ignore[attr-defined]
    accepted = sum(receipt.total.accepted for receipt in receipts)  # type: ignore[attr-defined]
    assert accepted == standing_rows or (mode == "changes" and accepted > standing_rows)


DAY = st.tuples(st.lists(SENDING, max_size=2), st.sampled_from(["", "", "new rules"]))
DAYS = st.lists(DAY, min_size=1, max_size=4)


@settings(max_examples=1_500, deadline=None)
@given(mode=st.sampled_from(MODES), days=DAYS)
def test_the_state_kept_on_a_day_can_be_rebuilt_on_any_later_day(mode: str, days: list[tuple[list[Sent], str]]) -> None:
    store, landing, kept = MemoryStore(), list[Sent](), list[list[tuple[object, ...]]]()
    marks = ""
    for number, (arrived, change) in enumerate(days):
        landing += without_deletions(arrived, mode)
        marks += change
        read(store, mode, landing, today=TODAY + timedelta(days=number), marks=marks, offset=10 * bool(marks))
        kept.append(standing(store, mode))
    contract = episodes_only(mode)
    for number, before in enumerate(kept):
        known = known_on(store, contract, TODAY + timedelta(days=number))
        rows = rows_standing(store, contract, known.receipts, known.mode)["episode"].collect()
        assert sorted(rows.select("episode_ref", "outcome", "delivery_id").rows()) == before


@settings(max_examples=500, deadline=None)
@given(mode=st.sampled_from(MODES), history=HISTORY)
def test_what_changed_adds_up_to_the_records_that_were_sent(mode: str, history: list[Sent]) -> None:
    history = without_deletions(history, mode)
    store = MemoryStore()
    read(store, mode, history, today=TODAY)
    for receipt in store.receipts("debt_advice"):
        if receipt.changes and (records := receipt.changes.records.get("episode")):
            frame = store.frames[receipt.stored["episode"]]
            sent = frame.filter(~pl.col("is_deleted")).height
            assert records.new + records.changed + records.same == (sent if mode == "changes" else frame.height)
            assert receipt.changes.since != receipt.delivery_id
