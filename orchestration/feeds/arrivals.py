"""How recent a feed is: the end of the newest period it has delivered, and whether the next one is overdue."""

from datetime import date, timedelta

from orchestration.area import Contract
from orchestration.area.periods import add_months, last_day
from orchestration.feeds.cadence import DAYS, MONTHS
from orchestration.feeds.deliveries import period_end
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.settings import Settings


def newest_period_end(contract: Contract, *, settings: Settings) -> date | None:
    """Return the last day that the feed's accepted deliveries report on, or None when there are none."""
    return newest_of(read_receipts(settings, contract.feed))


def newest_of(receipts: list[Receipt]) -> date | None:
    """Return the last day that receipts report on: the period's end, or the day of a delivery without a period."""
    ends = [
        period_end(receipt.period) if receipt.period else receipt.delivered_at.date()
        for receipt in receipts
        if receipt.outcome != "refused"
    ]
    return max(ends, default=None)


def is_late(contract: Contract, *, settings: Settings, today: date) -> bool:
    """Tell whether the delivery after the newest one should have come by now; a feed that never came is late."""
    newest = newest_period_end(contract, settings=settings)
    return newest is None or today > due_by(contract, newest)


def due_by(contract: Contract, newest: date) -> date:
    """Return the last day on which the delivery after the newest one is in time."""
    cadence = contract.delivery.cadence
    if cadence == "once":
        return date.max
    if cadence in DAYS:
        end = newest + timedelta(days=DAYS[cadence])
    else:
        end = last_day(add_months(newest.replace(day=1), MONTHS[cadence]))
    return end + timedelta(days=contract.delivery.late_after_days)
