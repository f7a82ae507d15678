"""Reading what is new in a feed's landing folder: accepted rows, quarantine and receipts.

A delivery is committed by its receipt, written last. A process killed before that leaves a delivery that does not count
and is read again; one killed after it has lost nothing.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path

import polars as pl

from orchestration.area import Agreement, Contract
from orchestration.feeds.canonical import ITEMS
from orchestration.feeds.crosswalks import crosswalk_folders
from orchestration.feeds.deliveries import Delivery, delivery_of, parts_of
from orchestration.feeds.history import judged
from orchestration.feeds.landing import Landing, find_deliveries
from orchestration.feeds.mapping import check_mapping
from orchestration.feeds.permission import Decision, permits
from orchestration.feeds.plausibility import NOTHING_KNOWN, KnownCodes
from orchestration.feeds.processing import Processed, Rules, process_delivery
from orchestration.feeds.reading_lock import reading
from orchestration.feeds.receipts import Counts, Reading, Receipt, Sighting
from orchestration.feeds.settlement import settle
from orchestration.feeds.store import Store
from orchestration.feeds.token_keys import keys_elsewhere
from orchestration.settings import Settings

Progress = Callable[[str], None]
Process = Callable[[Delivery, Rules], Processed]
PATIENCE_SECONDS = 5.0
"""A file that will be old enough within this time is waited for; others are left for the next reading."""

LEADS_OUT = "a link out of the landing folder is never followed: put the file itself there"


@dataclass
class FeedResult:
    """What one reading of a feed's landing folder did.

    `receipts` are of deliveries that are new, or were read again under changed rules. `waiting` files are still being
    copied or cannot be read, with the reason behind the name; `outside` are those of them that lead out of the landing
    folder. `unmatched` fit no pattern of the contract. `absent` are periods that were to be read again but are not in
    the landing folder any more.
    """

    feed: str
    decision: Decision
    receipts: list[Receipt] = field(default_factory=list)
    unchanged: int = 0
    waiting: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def totals(self) -> Counts:
        """Return the counts of all new receipts together."""
        return sum((receipt.total for receipt in self.receipts), Counts())


def ingest_feed(
    contract: Contract,
    *,
    agreement: Agreement | None,
    settings: Settings,
    today: date,
    progress: Progress | None = None,
    periods: Collection[str] = (),
    known: KnownCodes = NOTHING_KNOWN,
) -> FeedResult:
    """Read every delivery of one feed that is new or whose rules have changed; store rows and receipts.

    `periods` (months, quarters or years) are read again whether anything changed or not. Nothing is read without an
    agreement in force: the decision says why. Identical deliveries change nothing. Another process that reads the same
    feed is waited for.
    """
    decision = permits(agreement, contract.feed, today=today, agreement_id=contract.agreement)
    if not decision.allowed:
        return FeedResult(contract.feed, decision)
    folders = crosswalk_folders(settings.area_dir)
    elsewhere = cache(partial(keys_elsewhere, settings, contract.feed))
    aside = settings.accepted / "deliveries" / contract.feed
    rules = {v.version: Rules(v, decision.items, folders, today, known, elsewhere, aside) for v in contract.versions}
    for version in contract.versions:
        check_mapping(version)
    with reading(settings, contract.feed, tell=progress):
        landing = find_deliveries(contract, landing=settings.landing, stable_seconds=settings.stable_seconds)
        if 0 < landing.seconds_until_stable <= PATIENCE_SECONDS:
            time.sleep(landing.seconds_until_stable)
            landing = find_deliveries(contract, landing=settings.landing, stable_seconds=settings.stable_seconds)
        result = Feed(contract, rules, Store(settings), today, progress=progress).read(landing, decision, periods)
    result.absent = sorted(period for period in periods if not any(_is_of(d, period) for d in landing.deliveries))
    return result


@dataclass
class Feed:
    """One reading of one feed. `rules` by version of the contract; `process` reads a delivery."""

    contract: Contract
    rules: dict[str, Rules]
    store: Store
    today: date
    process: Process = process_delivery
    progress: Progress | None = None

    def read(self, landing: Landing, decision: Decision, periods: Collection[str] = ()) -> FeedResult:
        """Read what is new of what lies in the landing folder, then settle what all receipts of the feed say."""
        feed, store = self.contract.feed, self.store
        left = [f"{name} ({LEADS_OUT})" for name in landing.outside]
        result = FeedResult(
            feed, decision, waiting=landing.waiting + left, outside=landing.outside, unmatched=landing.unmatched
        )
        before = {receipt.delivery_id: receipt for receipt in store.prepare(feed)}
        known = dict(before)
        for delivery_id, copies in _by_content(landing.deliveries).items():
            receipt = known.get(delivery_id)
            again = any(_is_of(copies[0], period) for period in periods)
            if receipt and not again and self._is_current(receipt, copies):
                result.unchanged += 1
                known[delivery_id] = _seen(receipt, copies, self.today)
                continue
            read = self._read_one(copies, receipt)
            if read is None:
                result.waiting += [file.name for file in copies[0].files]
                continue
            known[delivery_id] = before[delivery_id] = read
            result.receipts.append(read)
        known = _with_overwritten(known, landing.deliveries, self.today)
        if known != before or store.is_unsettled(feed) or (known and not store.has_index(feed)):
            known = self._settle(known, before)
        result.receipts = [known[receipt.delivery_id] for receipt in result.receipts]
        return result

    def _is_current(self, receipt: Receipt, copies: Sequence[Delivery]) -> bool:
        """Tell whether a delivery need not be read again: the same rules, no earlier day, no new word on its files."""
        first, sightings = copies[0], [sighting.delivered_at for sighting in receipt.sightings]
        told = any(check.id == "checksum_mismatch" for check in receipt.checks)
        days = [copy.delivered_at for copy in copies if copy.is_dated]
        is_earlier = bool(days) and min(days) < min(sightings, default=datetime.max.replace(tzinfo=UTC))
        returned = receipt.rows_removed_on is not None and bool(days) and max(days) > receipt.delivered_at
        return (
            receipt.read_on is not None
            and receipt.fingerprint == self.rules[first.contract.version].fingerprint
            and told == bool(first.unverified)
            and not is_earlier
            and not returned
        )

    def _read_one(self, copies: Sequence[Delivery], known: Receipt | None) -> Receipt | None:
        """Read and store one delivery; None when its files changed while they were read."""
        delivery = _first_seen(copies, known)
        if self.progress:
            self.progress(f"{self.contract.feed}: {', '.join(file.name for file in delivery.files)}")
        processed = self.process(delivery, self.rules[delivery.contract.version])
        if not delivery.is_untouched():
            return None
        self.store.mark_unsettled(self.contract.feed)
        facts: dict[str, object] = {"read_on": self.today, "stored": self.store.put(processed)}
        if known:
            facts |= {"sightings": known.sightings, "overwritten_on": known.overwritten_on}
        receipt = _seen(processed.receipt.model_copy(update=facts), copies, self.today)
        receipt = _with_history(receipt, known) if known else receipt
        self.store.commit(receipt)
        return receipt

    def _settle(self, known: dict[str, Receipt], before: dict[str, Receipt]) -> dict[str, Receipt]:
        store = self.store
        settled = {receipt.delivery_id: receipt for receipt in settle(store, self.contract, list(known.values()))}
        for receipt in settled.values():
            if before.get(receipt.delivery_id) != receipt:
                store.write_receipt(receipt)
            elif not store.has_page(receipt):
                store.write_page(receipt)
        store.write_index(self.contract.feed, self.contract.title, list(settled.values()))
        store.mark_settled(self.contract.feed)
        return settled


def check_delivery(
    paths: Sequence[Path],
    contract: Contract,
    *,
    agreement: Agreement | None,
    settings: Settings,
    today: date,
    known: KnownCodes = NOTHING_KNOWN,
) -> Receipt:
    """Return the receipt that files would get, storing nothing.

    An agreement that is not in force yet does not stop a partner from trying; its items still count. Earlier deliveries
    are compared with where this installation holds them; a partner's own does not.
    """
    permission = agreement.feeds.get(contract.feed) if agreement else None
    items = frozenset(permission.items) if permission else frozenset(ITEMS.values())
    delivery = delivery_of(contract, paths)
    rules = Rules(delivery.contract, items, crosswalk_folders(settings.area_dir), today, known)
    return judged_alone(process_delivery(delivery, rules), contract, Store(settings))


def judged_alone(processed: Processed, contract: Contract, store: Store) -> Receipt:
    """Return the receipt of a delivery that is not stored, compared with those before it that are."""
    receipt = processed.receipt
    own = receipt.delivery_id
    rows = processed.accepted.get("person")
    others = [other for other in store.receipts(contract.feed) if other.delivery_id != own]

    def people(other: Receipt) -> pl.LazyFrame | None:
        return (None if rows is None else rows.lazy()) if other.delivery_id == own else store.rows(other, "person")

    return next(found for found in judged([*others, receipt], contract, people) if found.delivery_id == own)


def _by_content(deliveries: Sequence[Delivery]) -> dict[str, list[Delivery]]:
    """Return the copies of each delivery in the landing folder: one content may come many times, under other names."""
    found: dict[str, list[Delivery]] = {}
    for delivery in sorted(deliveries, key=lambda d: (bool(d.unverified), not d.is_dated, d.delivered_at)):
        found.setdefault(delivery.delivery_id, []).append(delivery)
    return found


def _seen(receipt: Receipt, copies: Sequence[Delivery], today: date) -> Receipt:
    """Note every sending of a delivery. One sent again on a later day moves to it: the last word is what stands.

    Copies whose names tell no day are the same sending: a file's time changes whenever somebody copies it.
    """
    sightings = {(s.delivered_at, s.revision): s for s in receipt.sightings}
    for copy in copies:
        if copy.is_dated or not sightings:
            sending = Sighting(received_on=today, delivered_at=copy.delivered_at, revision=copy.revision)
            sightings.setdefault((copy.delivered_at, copy.revision), sending)
    last = max(sightings)
    ordered = tuple(sightings[key] for key in sorted(sightings))
    return receipt.model_copy(update={"sightings": ordered, "delivered_at": last[0], "revision": last[1]})


def _with_history(receipt: Receipt, known: Receipt) -> Receipt:
    """Keep what a delivery came to before it was read again, unless that is the same or was read on the same day."""
    if known.read_on is None or receipt.read_on is None:
        return receipt
    is_same = receipt.stored == known.stored and receipt.mode == known.mode and not known.rows_removed_on
    if is_same:
        return receipt.model_copy(update={"read_on": known.read_on, "earlier": known.earlier})
    if known.read_on >= receipt.read_on or known.rows_removed_on:
        return receipt.model_copy(update={"earlier": known.earlier})
    former = Reading(
        read_on=known.read_on, until=receipt.read_on, mode=known.mode, outcome=known.outcome, stored=known.stored
    )
    return receipt.model_copy(update={"earlier": (*known.earlier, former)})


def _with_overwritten(known: dict[str, Receipt], deliveries: Sequence[Delivery], today: date) -> dict[str, Receipt]:
    """Mark deliveries in whose place the landing folder holds another file of the same name, period and day.

    Such a file was replaced by its sender, or was half-written when it was read: it stands where nothing else does.
    """
    present = {delivery.delivery_id for delivery in deliveries}
    names = {(d.period, d.delivered_at, d.revision, file.name) for d in deliveries for file in d.files if d.is_dated}
    found = {}
    for delivery_id, receipt in known.items():
        is_gone = delivery_id not in present and any(
            (receipt.period, receipt.delivered_at, receipt.revision, file.name) in names for file in receipt.files
        )
        since = (receipt.overwritten_on or today) if is_gone else receipt.overwritten_on
        since = None if delivery_id in present else since
        found[delivery_id] = (
            receipt if since == receipt.overwritten_on else receipt.model_copy(update={"overwritten_on": since})
        )
    return found


def _first_seen(copies: Sequence[Delivery], receipt: Receipt | None) -> Delivery:
    """Return a delivery as of the first time it came, so that what is in its future does not depend on the order.

    Where the name tells no day, that is the time at which it was first seen.
    """
    days = [sighting.delivered_at for sighting in receipt.sightings] if receipt else []
    days += [copy.delivered_at for copy in copies if copy.is_dated or not days]
    return replace(copies[0], delivered_at=min(days))


def _is_of(delivery: Delivery, period: str) -> bool:
    """Tell whether a delivery reports on a period or a part of it; one without a period, on the month it came in."""
    own = delivery.period or f"{delivery.delivered_at:%Y-%m}"
    return own == period or own in parts_of(period)
