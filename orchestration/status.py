"""What an engineer asks first: which feeds arrived, which agreements hold, what is published, what needs a person."""

from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel
from rich.box import SIMPLE
from rich.table import Table

from orchestration.alerts import messages, open_causes
from orchestration.area import Area, load_area
from orchestration.console import results, stray_words
from orchestration.feeds.arrivals import is_late, newest_period_end
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.feeds.strays import find_strays
from orchestration.governance.permits import decide
from orchestration.settings import Settings

EXPIRY_NOTICE = timedelta(days=90)


class FeedStatus(BaseModel):
    """One feed: its newest delivery, whether it is late, and whether an agreement permits it today."""

    feed: str
    partner: str
    deliveries: int
    newest_period_end: date | None
    last_outcome: str | None
    same_day_twice: list[str] = []
    late: bool
    permitted: bool
    reason: str
    expires_on: date | None


class Status(BaseModel):
    """The whole answer of `joinedup status`."""

    area: str
    today: date
    home: Path
    snapshot: str | None
    state: Literal["empty", "published", "needs attention"]
    feeds: list[FeedStatus]
    attention: list[str]


def read_status(settings: Settings) -> Status:
    """Read the status from receipts, agreements and the published link; nothing is changed."""
    area = load_area(settings.area_dir, today=settings.today)
    feeds = [_feed(settings, area, name) for name in area.contracts]
    link = settings.published / "current"
    snapshot = link.resolve().stem if link.exists() else None
    attention = [line for feed in feeds for line in _attention(feed, area.today)]
    attention += _alerts(settings)
    if strays := find_strays(settings.landing, area.contracts.values()):
        attention.append(stray_words(strays))
    return Status(
        area=area.name,
        today=area.today,
        home=settings.home,
        snapshot=snapshot,
        state="empty" if snapshot is None else "needs attention" if attention else "published",
        feeds=feeds,
        attention=attention,
    )


def _feed(settings: Settings, area: Area, name: str) -> FeedStatus:
    contract = area.contracts[name]
    agreement = area.agreements.get(contract.agreement)
    decision = decide(area, name)
    receipts: list[Receipt] = read_receipts(settings, name)
    return FeedStatus(
        feed=name,
        partner=contract.partner,
        deliveries=len(receipts),
        newest_period_end=newest_period_end(contract, settings=settings),
        last_outcome=receipts[-1].outcome if receipts else None,
        same_day_twice=[
            check.detail
            for receipt in receipts
            if receipt.outcome not in ("refused", "superseded")
            for check in receipt.checks
            if check.id == "same_day_twice"
        ],
        late=decision.allowed and is_late(contract, settings=settings, today=area.today),
        permitted=decision.allowed,
        reason=decision.reason,
        expires_on=agreement.expires_on if agreement else None,
    )


def _attention(feed: FeedStatus, today: date) -> list[str]:
    found = []
    if not feed.permitted:
        found.append(f"{feed.feed}: not served, because {feed.reason}")
    elif feed.expires_on and feed.expires_on - today <= EXPIRY_NOTICE:
        found.append(f"{feed.feed}: its agreement expires on {feed.expires_on:%d %B %Y}")
    if feed.late:
        found.append(f"{feed.feed}: late, nothing since the period that ended {feed.newest_period_end or '(none yet)'}")
    if feed.last_outcome == "refused":
        found.append(f"{feed.feed}: the last delivery was refused; see receipts/{feed.feed}")
    found += [
        f"{feed.feed}: another file of the same period and day came and does not stand: {name}"
        for name in feed.same_day_twice
    ]
    return found


def _alerts(settings: Settings) -> list[str]:
    """Return failures that no later run has mended, and what could not be sent."""
    book = open_causes(settings)
    return [
        *(messages.line(cause) for cause in book.open.values() if cause.kind in ("failure", "quality_drop")),
        *(f"Alerts by {channel} cannot be sent: {why}" for channel, why in book.trouble.items()),
    ]


def print_status(status: Status) -> None:
    """Print the status for a person."""
    screen = results()
    screen.print(
        f"[bold]{status.area}[/], {status.today:%d %B %Y}; snapshot: {status.snapshot or 'none yet'}", highlight=False
    )
    table = Table(box=SIMPLE, pad_edge=False)
    for heading in ("Feed", "Sent", "Data to", "Last delivery", "Agreed until"):
        table.add_column(heading, no_wrap=True)
    for feed in status.feeds:
        table.add_row(
            feed.feed,
            str(feed.deliveries),
            f"{feed.newest_period_end or 'none yet'}{' late' if feed.late else ''}",
            (feed.last_outcome or "-").removeprefix("accepted_").replace("_", " "),
            str(feed.expires_on) if feed.permitted else "not in force",
        )
    screen.print(table)
    for line in status.attention:
        screen.print(f"[yellow]![/] {line}", highlight=False)
