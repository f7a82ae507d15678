"""The state of a feed as it was known on an earlier day, from the receipts of today.

A receipt remembers every day on which its delivery reached the area, and what it came to under rules that held before.
That is enough to say which rows stood on a day, until retention removes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from orchestration.area.contracts import Contract
from orchestration.errors import HomeError
from orchestration.feeds.history import judged
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.standing import competing
from orchestration.feeds.store import Store


@dataclass(frozen=True)
class Known:
    """The receipts of a feed as of one day, and the delivery mode in which they were read."""

    receipts: tuple[Receipt, ...]
    mode: str


def known_on(store: Store, contract: Contract, day: date) -> Known:
    """Return what was known of a feed when a day had ended.

    Raises HomeError when rows that stood on that day have been removed by retention since.
    """
    found = [then for receipt in store.receipts(contract.feed) if (then := as_of(receipt, day))]
    modes = {receipt.read_on: receipt.mode for receipt in sorted(found, key=lambda r: r.read_on or date.min)}
    mode = list(modes.values())[-1] if modes else contract.delivery.mode
    receipts = judged(found, contract, lambda receipt: store.rows(receipt, "person"))
    _need_rows(store, competing(receipts, mode), day)
    return Known(tuple(receipts), mode)


def as_of(receipt: Receipt, day: date) -> Receipt | None:
    """Return a delivery's receipt as of a day: when it was last sent until then, and what it had come to."""
    sightings = [sighting for sighting in receipt.sightings if sighting.received_on <= day]
    if not sightings:
        return None
    last = max(sightings, key=lambda sighting: (sighting.delivered_at, sighting.revision))
    facts: dict[str, object] = {
        "delivered_at": last.delivered_at,
        "revision": last.revision,
        "sightings": tuple(sightings),
        "overwritten_on": receipt.overwritten_on if receipt.overwritten_on and receipt.overwritten_on <= day else None,
    }
    if receipt.read_on is not None and receipt.read_on > day:
        reading = next((r for r in receipt.earlier if r.read_on <= day < r.until), None)
        if reading is None:
            raise _removed(receipt, day)
        facts |= reading.model_dump(include={"read_on", "mode", "outcome", "stored"}) | {"figures": None}
    return receipt.model_copy(update=facts)


def _need_rows(store: Store, receipts: Sequence[Receipt], day: date) -> None:
    for receipt in receipts:
        for entity in receipt.stored:
            path = store.rows_path(receipt, entity)
            if path is not None and not path.exists():
                raise _removed(receipt, day)


def _removed(receipt: Receipt, day: date) -> HomeError:
    return HomeError(
        f"The state of {day:%d %B %Y} cannot be rebuilt: rows of delivery {receipt.delivery_id} of {receipt.feed} that "
        "stood then have been removed by retention (area.yaml, key 'retention.history_days')."
    )
