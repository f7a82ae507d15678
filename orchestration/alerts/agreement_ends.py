"""Causes from agreements: their end comes near (90, 30 and 7 days before), has come, or what was signed was changed.

Each warning is a cause of its own, so that each is told once; the earlier ones stay open beside the later until the
agreement is renewed, and then all are over together.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from orchestration.alerts.causes import Cause
from orchestration.area import Agreement, Area

DAYS_BEFORE = (90, 30, 7)
"""A renewal takes about a quarter; the last week is for extending the old agreement."""


def agreement_causes(area: Area) -> Iterator[Cause]:
    """Yield what has to be told of the agreements that a feed of the area stands under, in the order of their ids."""
    named = {contract.agreement for contract in area.contracts.values()}
    for name, agreement in sorted(area.agreements.items()):
        if name not in named or agreement.status != "signed" or area.today < agreement.starts_on:
            continue
        if area.today > agreement.expires_on:
            yield _ended(agreement, area)
        elif not agreement.is_as_signed:
            yield _changed(agreement, area)
        else:
            yield from _ending(agreement, area)


def _ending(agreement: Agreement, area: Area) -> Iterator[Cause]:
    left = (agreement.expires_on - area.today).days
    for days in DAYS_BEFORE:
        if left <= days:
            yield _cause(
                agreement,
                f"{days}_days",
                f"It ends on {_day(agreement.expires_on)}, within {days} days. Then its feeds "
                f"{'leave the figures' if agreement.on_expiry == 'remove' else 'stop'}: {_feeds(agreement, area)}.",
                "Renew it with the parties (docs/how-to/change-an-agreement.md), or tell readers what will be missing.",
                since=agreement.expires_on - timedelta(days=days),
            )


def _ended(agreement: Agreement, area: Area) -> Cause:
    held = "; what was held is kept, as it says" if agreement.on_expiry == "keep" else ""
    return _cause(
        agreement,
        "ended",
        f"It expired on {_day(agreement.expires_on)}, and its feeds have stopped{held}: {_feeds(agreement, area)}.",
        "Renew it, or set its status to ended; then refresh.",
        since=agreement.expires_on + timedelta(days=1),
    )


def _changed(agreement: Agreement, area: Area) -> Cause:
    return _cause(
        agreement,
        "changed",
        f"Its file is not what was signed, and its feeds have stopped: {_feeds(agreement, area)}.",
        "Run `joinedup agreements check`: restore the file, or have a new version signed.",
        since=area.today,
    )


def _cause(agreement: Agreement, subject: str, what: str, mend: str, *, since: date) -> Cause:
    return Cause(
        kind="agreement",
        place=agreement.id,
        subject=subject,
        what=what,
        where="the Sharing page, and `joinedup agreements show`",
        mend=mend,
        since=datetime.combine(since, time(), UTC),
    )


def _feeds(agreement: Agreement, area: Area) -> str:
    titles = [contract.title for contract in area.contracts.values() if contract.agreement == agreement.id]
    return ", ".join(titles) or "none yet"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
