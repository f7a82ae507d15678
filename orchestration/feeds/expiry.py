"""Retention of what does not stand: quarantined rows, rows of deliveries replaced whole, and former readings.

What belongs here: the day on which each of them goes. What does not: rows that stand, which their agreement governs.
A receipt is never removed: counts, checks and row numbers stay as evidence.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.area.contracts import Contract
from orchestration.area.profile import Retention
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.settlement import superseded_since
from orchestration.feeds.store import Store


@dataclass
class Expired:
    """How many deliveries lost their quarantined rows, their replaced rows, or former readings."""

    quarantines: int = 0
    deliveries: int = 0
    readings: int = 0


def expire(store: Store, contract: Contract, *, today: date, retention: Retention) -> Expired:
    """Remove what is older than the area keeps it. Files go first, then the receipt says so: both may be repeated."""
    receipts = store.receipts(contract.feed)
    replaced = superseded_since(receipts, contract)
    history = timedelta(days=retention.history_days)
    done = Expired()
    for receipt in receipts:
        if today > quarantine_kept_until(receipt, retention):
            done.quarantines += store.remove_quarantine(receipt)
        facts: dict[str, object] = {}
        since = replaced.get(receipt.delivery_id)
        if since and today > since + history and receipt.stored and not receipt.rows_removed_on:
            store.remove_rows(receipt)
            facts["rows_removed_on"] = today
            done.deliveries += 1
        kept = tuple(reading for reading in receipt.earlier if today <= reading.until + history)
        if kept != receipt.earlier:
            facts["earlier"] = kept
            done.readings += len(receipt.earlier) - len(kept)
        if facts:
            store.commit(receipt.model_copy(update=facts))
    if done.readings:
        store.prepare(contract.feed)
    return done


def quarantine_kept_until(receipt: Receipt, retention: Retention) -> date:
    """Return the last day on which a delivery's quarantined rows can be looked at."""
    return receipt.received_on + timedelta(days=retention.quarantine_days)
