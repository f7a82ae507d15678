"""Causes that can be seen at any time: lateness, refused deliveries and drops in quality, from receipts and contracts.

Each look finds all of them anew, so a cause that is not found any more is over. What does not belong here: failures of
runs, which are told when they happen (orchestration.alerts.failures), and remembering.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from orchestration.alerts.agreement_ends import agreement_causes
from orchestration.alerts.causes import IN_RUN, Cause
from orchestration.alerts.quality_drops import quality_drops
from orchestration.area import Area, Contract
from orchestration.errors import JoinedUpError
from orchestration.feeds.arrivals import due_by, newest_of
from orchestration.feeds.checks import registry
from orchestration.feeds.quality import agreed_places
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.governance.permits import decide
from orchestration.settings import Settings


def gather(settings: Settings, area: Area) -> list[Cause]:
    """Return every cause that stands now: of agreements, then feed by feed. A feed not permitted today has none."""
    found: list[Cause] = list(agreement_causes(area))
    for feed, contract in sorted(area.contracts.items()):
        decision = decide(area, feed)
        if not decision.allowed:
            continue
        try:
            receipts = read_receipts(settings, feed)
        except (JoinedUpError, OSError):
            found.append(_unreadable(feed, area.today))
            continue
        found += _late(contract, receipts, area.today)
        found += _refused(contract, receipts)
        found += quality_drops(feed, latest_of_each(receipts), agreed_places(contract, decision.items))
    return found


def latest_of_each(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return the last receipt of each period, oldest first; deliveries without a period each count by themselves."""
    last = {receipt.period or receipt.delivery_id: receipt for receipt in sorted(receipts, key=lambda one: one.order)}
    return sorted(last.values(), key=lambda one: one.order)


def _late(contract: Contract, receipts: list[Receipt], today: date) -> Iterator[Cause]:
    newest = newest_of(receipts)
    due = due_by(contract, newest) if newest else None
    if due is not None and today <= due:
        return
    if newest and due:
        what = f"Nothing has arrived since the period that ended on {_day(newest)}; the next was due by {_day(due)}."
    else:
        what = "Nothing that could be accepted has ever arrived."
    yield Cause(
        kind="late",
        place=contract.feed,
        what=what,
        where=f"landing/{contract.folder}",
        mend=f"Ask {contract.partner} for the delivery, or change the cadence in the feed's contract.",
        since=_midnight(due + timedelta(days=1) if due else today),
    )


def _refused(contract: Contract, receipts: Sequence[Receipt]) -> Iterator[Cause]:
    """Yield each delivery that was refused and that no later delivery of its period has mended.

    A feed without periods, and one whose deliveries each replace all before, is mended by any later delivery.
    """
    last = latest_of_each(receipts)
    if contract.delivery.mode == "snapshot" or not any(receipt.period for receipt in receipts):
        last = last[-1:]
    for receipt in last:
        if receipt.outcome != "refused":
            continue
        checks = [check.id for check in receipt.checks if check.severity == "refuse_delivery"]
        known = [registry()[name] for name in dict.fromkeys(checks) if name in registry()]
        whose = f"of {receipt.period}" if receipt.period else f"of {_day(receipt.delivered_at.date())}"
        yield Cause(
            kind="refused",
            place=contract.feed,
            subject=receipt.delivery_id,
            what=f"The delivery {whose} was refused whole: {' '.join(check.what for check in known) or 'see there.'}",
            where=f"receipts/{contract.feed}/{receipt.delivery_id}.html",
            mend=" ".join(check.mend for check in known) or f"Send the receipt to {contract.partner}.",
            since=_midnight(receipt.received_on),
        )


def _unreadable(feed: str, today: date) -> Cause:
    """Return the same cause as the failure of a run that comes upon the receipt."""
    return Cause(
        kind="failure",
        place=feed,
        subject=IN_RUN,
        what="A receipt of this feed cannot be read.",
        where=f"receipts/{feed}",
        mend="Run `joinedup status`, which names the file; delete it, and the next refresh reads the delivery again.",
        since=_midnight(today),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
