"""Reading what is new in a feed's landing folder: accepted rows, quarantine and receipts.

A delivery is committed by its receipt, written last. A process killed before that leaves a delivery that does not count
and is read again; one killed after it has lost nothing.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from orchestration.area import Agreement, Contract
from orchestration.feeds.atomic import sweep, write_bytes, write_parquet
from orchestration.feeds.canonical import ITEMS
from orchestration.feeds.crosswalks import crosswalk_folders
from orchestration.feeds.deliveries import Delivery, delivery_of, find_deliveries
from orchestration.feeds.mapping import check_mapping
from orchestration.feeds.permission import Decision, permits
from orchestration.feeds.processing import Processed, Rules, process_delivery
from orchestration.feeds.receipt_page import receipt_page
from orchestration.feeds.receipts import Counts, Receipt, read_receipts, receipt_path
from orchestration.feeds.standing import settled
from orchestration.settings import Settings

Progress = Callable[[str], None]


@dataclass
class FeedResult:
    """What one reading of a feed's landing folder did.

    `receipts` are of deliveries that are new, or were read again under changed rules. `waiting` files are still being
    copied, `outside` lead out of the landing folder, `unmatched` fit no pattern of the contract.
    """

    feed: str
    decision: Decision
    receipts: list[Receipt] = field(default_factory=list)
    unchanged: int = 0
    waiting: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)

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
) -> FeedResult:
    """Read every delivery of one feed that is new or whose rules have changed; store rows and receipts.

    Nothing is read without an agreement in force: the decision says why. Identical deliveries change nothing.
    """
    decision = permits(agreement, contract.feed, today=today, agreement_id=contract.agreement)
    result = FeedResult(contract.feed, decision)
    if not decision.allowed:
        return result
    folders = crosswalk_folders(settings.area_dir)
    rules = {version.version: Rules(version, decision.items, folders, today) for version in contract.versions}
    for version in contract.versions:
        check_mapping(version)
    for folder in (settings.accepted / "deliveries", settings.quarantine, settings.receipts):
        sweep(folder / contract.feed)
    landing = find_deliveries(contract, landing=settings.landing, stable_seconds=settings.stable_seconds)
    result.waiting, result.outside, result.unmatched = landing.waiting, landing.outside, landing.unmatched
    known = {receipt.delivery_id: receipt for receipt in read_receipts(settings, contract.feed)}
    before = dict(known)
    unsettled = settings.receipts / contract.feed / ".unsettled"
    new: list[str] = []
    for delivery in landing.deliveries:
        receipt = known.get(delivery.delivery_id)
        in_force = rules[delivery.contract.version]
        if receipt and receipt.fingerprint == in_force.fingerprint:
            result.unchanged += 1
            known[delivery.delivery_id] = _seen_again(receipt, delivery)
            continue
        if progress:
            progress(f"{contract.feed}: {', '.join(file.name for file in delivery.files)}")
        unsettled.parent.mkdir(parents=True, exist_ok=True)
        unsettled.touch()  # until the receipts of older deliveries say what this one replaced
        processed = process_delivery(_first_seen(delivery, receipt), in_force)
        store(settings, processed)
        known[delivery.delivery_id] = before[delivery.delivery_id] = processed.receipt
        new.append(delivery.delivery_id)
    if known != before or unsettled.exists():
        for receipt in settled(settings, contract, list(known.values())):
            if before.get(receipt.delivery_id) != receipt:
                write_receipt(settings, receipt)
            elif not receipt_path(settings, contract.feed, receipt.delivery_id).with_suffix(".html").exists():
                write_page(settings, receipt)
            known[receipt.delivery_id] = receipt
        unsettled.unlink(missing_ok=True)
    result.receipts = [known[name] for name in new]
    return result


def check_delivery(
    paths: Sequence[Path], contract: Contract, *, agreement: Agreement | None, settings: Settings, today: date
) -> Receipt:
    """Return the receipt that files would get, storing nothing.

    An agreement that is not in force yet does not stop a partner from trying; its items still count.
    """
    permission = agreement.feeds.get(contract.feed) if agreement else None
    items = frozenset(permission.items) if permission else frozenset(ITEMS.values())
    delivery = delivery_of(contract, paths)
    rules = Rules(delivery.contract, items, crosswalk_folders(settings.area_dir), today)
    return process_delivery(delivery, rules).receipt


def store(settings: Settings, processed: Processed) -> None:
    """Store one delivery. Its old receipt goes first and its new one comes last, so it is never half there.

    The page follows when the feed is settled, since it says what the delivery replaced.
    """
    receipt = processed.receipt
    path = receipt_path(settings, receipt.feed, receipt.delivery_id)
    for old in (path, path.with_suffix(".html")):
        old.unlink(missing_ok=True)
    folder = settings.accepted / "deliveries" / receipt.feed / receipt.delivery_id
    if folder.exists():
        shutil.rmtree(folder)
    for entity, rows in processed.accepted.items():
        write_parquet(folder / f"{entity}.parquet", rows)
    quarantine = settings.quarantine / receipt.feed / f"{receipt.delivery_id}.parquet"
    if processed.quarantined.height:
        write_parquet(quarantine, processed.quarantined)
    else:
        quarantine.unlink(missing_ok=True)
    _commit(settings, receipt)


def write_receipt(settings: Settings, receipt: Receipt) -> None:
    """Write a receipt's page and then its JSON."""
    write_page(settings, receipt)
    _commit(settings, receipt)


def write_page(settings: Settings, receipt: Receipt) -> None:
    """Write the page that a partner reads."""
    path = receipt_path(settings, receipt.feed, receipt.delivery_id).with_suffix(".html")
    write_bytes(path, receipt_page(receipt).encode())


def _commit(settings: Settings, receipt: Receipt) -> None:
    path = receipt_path(settings, receipt.feed, receipt.delivery_id)
    write_bytes(path, receipt.model_dump_json(indent=1).encode())


def _first_seen(delivery: Delivery, receipt: Receipt | None) -> Delivery:
    """Keep the time at which a delivery whose name tells no day first came, when it is read again."""
    if receipt is None or delivery.is_dated:
        return delivery
    return Delivery(**{**delivery.__dict__, "delivered_at": receipt.delivered_at})


def _seen_again(receipt: Receipt, delivery: Delivery) -> Receipt:
    """Move a delivery that was sent again on a later day to that day: the partner's last word is what stands."""
    if delivery.is_dated and delivery.delivered_at > receipt.delivered_at:
        return receipt.model_copy(update={"delivered_at": delivery.delivered_at})
    return receipt
