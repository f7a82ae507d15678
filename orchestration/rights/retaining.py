"""Retention: what an agreement does not let be kept any longer goes from every store, and a search proves it.

An agreement says how many months rows are kept after what they tell of (`retention.default_months`), and how many for
single items, whose values then go while the row stays. Months are whole: what a month tells of goes on the first day of
the month after its time is over. What does not belong here: quarantine and replaced rows (orchestration.feeds.expiry).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from orchestration.area import Area, Contract
from orchestration.area.agreements import Retention
from orchestration.area.services import services_of
from orchestration.audit import audit_of
from orchestration.audit.log import account
from orchestration.feeds.atomic import sweep, write_parquet_by_content
from orchestration.feeds.canonical import FIELDS, ITEMS
from orchestration.feeds.reading_lock import reading
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.store import Store
from orchestration.published_files import attach_published
from orchestration.rights.pending import is_pending, set_pending
from orchestration.rights.removal import (
    Removed,
    Step,
    delivered_files,
    drop_warehouse,
    naming,
    remove_delivered,
    sha256_of,
)
from orchestration.settings import Settings

WAREHOUSE = {
    "fct_episode": "end_date",
    "fct_contact": "contact_date",
    "fct_need": "recorded_date",
    "fct_outcome": "recorded_date",
}
TABLES = "select table_name from duckdb_tables() where database_name = ? and schema_name = ?"
OLD_ENDS = "select count(*) from held.serving.srv_exit where service_id in (select unnest(?)) and month_code < ?"
EVENTS = ("episode", "contact", "need", "outcome")
DAY: dict[str, pl.Expr] = {
    "episode": pl.coalesce("end_date", pl.when(pl.col("start_date").is_null()).then(pl.col("referral_date"))),
    "contact": pl.col("contact_date"),
    "need": pl.col("recorded_date"),
    "outcome": pl.col("recorded_date"),
}
"""The day that a row tells of. An episode that goes on has none and is kept."""


@dataclass(frozen=True)
class Kept:
    """What one feed may keep: the first day of it, and for single items the first day of theirs."""

    feed: str
    agreement: str
    months: int
    since: date
    items: dict[str, date]


def kept_by_feed(area: Area) -> list[Kept]:
    """Return what each feed with an agreement may keep today."""
    found = []
    for feed, contract in sorted(area.contracts.items()):
        agreement = area.agreements.get(contract.agreement)
        if agreement is not None:
            found.append(_kept(feed, contract, agreement.retention, area.today))
    return found


def months_before(day: date, months: int) -> date:
    """Return the first day of the month so many months before a day's month."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def retain(settings: Settings, area: Area, *, at_step: Step = lambda _step: None) -> Removed:
    """Remove what may not be kept any longer; return what went. May be repeated, and stopped at any moment."""
    removed = Removed()
    feeds = 0
    for kept in kept_by_feed(area):
        at_step(kept.feed)
        before = sum(removed.files.values())
        with reading(settings, kept.feed):
            _of_feed(settings, kept, removed)
        feeds += sum(removed.files.values()) > before
    if removed:
        rows = sum(removed.rows.values())
        audit_of(settings).record("retention", who=account(), outcome="removed", feeds=feeds, rows=rows)
    if is_pending(settings):  # of now, or of a process that was killed
        drop_warehouse(settings, removed)
    return removed


def overdue(settings: Settings, area: Area) -> dict[str, dict[str, int]]:
    """Return by feed and store how many rows are older than may be kept: the proof, which is empty when all is well.

    Searched: delivered files, accepted rows of every delivery, former readings among them, the rows in force, the
    warehouse and every snapshot. Quarantine has a time of its own, counted from its delivery (feeds.expiry).
    """
    found: dict[str, dict[str, int]] = {}
    for kept in kept_by_feed(area):
        counted = {
            "delivered files": _old_files(settings, kept),
            "warehouse": _in_warehouse(settings, kept),
            "snapshots": _in_snapshots(settings, area.contracts[kept.feed], kept),
        }
        if any(counted.values()):
            found[kept.feed] = {store: count for store, count in counted.items() if count}
        stores = {
            "accepted rows": settings.accepted / "deliveries" / kept.feed,
            "in force": settings.accepted / "in_force",
        }
        for store, folder in stores.items():
            pattern = "*/{}-*.parquet" if store == "accepted rows" else f"{{}}/{kept.feed}.parquet"
            files = [(entity, path) for entity in EVENTS for path in sorted(folder.glob(pattern.format(entity)))]
            count = sum(_older(path, entity, kept) for entity, path in files)
            if count:
                found.setdefault(kept.feed, {})[store] = count
    return found


def _old_files(settings: Settings, kept: Kept) -> int:
    """Return how many files of deliveries from before the time lie in the landing folder."""
    old = [one for one in Store(settings).receipts(kept.feed) if one.delivered_at.date() < kept.since]
    digests = {file.sha256 for one in old for file in one.files}
    sizes = {file.bytes for one in old for file in one.files}
    return sum(sha256_of(path) in digests for path in delivered_files(settings) if path.stat().st_size in sizes)


def _in_warehouse(settings: Settings, kept: Kept) -> int:
    path = settings.warehouse / "build.duckdb"
    if not path.exists():
        return 0
    with duckdb.connect() as connection:
        attach_published(connection, path, "build", settings)
        held = {row[0] for row in connection.execute(TABLES, ["build", "marts"]).fetchall()}
        return sum(
            int(connection.execute(f"select count(*) from build.marts.{table} where feed = ? and {day} < ?",
                                   [kept.feed, kept.since]).fetchall()[0][0])
            for table, day in WAREHOUSE.items() if table in held
        )  # fmt: skip


def _in_snapshots(settings: Settings, contract: Contract, kept: Kept) -> int:
    """Return how many ends of use of this feed's services the snapshots hold from months before the time."""
    services = sorted(services_of(contract) or ())
    count = 0
    for path in sorted(settings.published.glob("snapshot-*.duckdb")):
        with duckdb.connect() as connection:
            attach_published(connection, path, "held", settings)
            if services and connection.execute(TABLES, ["held", "serving"]).fetchall():
                count += int(connection.execute(OLD_ENDS, [services, f"{kept.since:%Y-%m}"]).fetchall()[0][0])
    return count


def _kept(feed: str, contract: Contract, retention: Retention, today: date) -> Kept:
    items = {item: months_before(today, months) for item, months in retention.items.items()}
    since = months_before(today, retention.default_months)
    return Kept(
        feed, contract.agreement, retention.default_months, since, {i: d for i, d in items.items() if d > since}
    )


def _of_feed(settings: Settings, kept: Kept, removed: Removed) -> None:
    store = Store(settings)
    sweep(settings.accepted / "deliveries" / kept.feed)
    receipts = {receipt.delivery_id: receipt for receipt in store.receipts(kept.feed)}
    for old in receipts.values():
        if old.delivered_at.date() < kept.since:
            remove_delivered(settings, old, removed)
    for entity, path in _event_files(settings, kept.feed):
        receipt = receipts.get(path.parent.name)
        rows = pl.read_parquet(path)
        gone = rows.select(gone=(DAY[entity] < kept.since).fill_null(value=False))["gone"]
        emptied = _without_old_items(rows.filter(~gone), entity, kept)
        if not gone.any() and emptied.equals(rows):
            continue
        set_pending(settings)  # first, so that a process killed here leaves the rest to the next one
        _swap(store, receipts, path, emptied)
        removed.note("accepted rows", rows=int(gone.sum()))
        if receipt:
            remove_delivered(settings, receipt, removed)
    _people(settings, store, receipts, kept, removed)


def _event_files(settings: Settings, feed: str) -> Iterator[tuple[str, Path]]:
    root = settings.accepted / "deliveries" / feed
    for entity in EVENTS:
        for path in sorted(root.glob(f"*/{entity}-*.parquet")):
            yield entity, path


def _people(settings: Settings, store: Store, receipts: dict[str, Receipt], kept: Kept, removed: Removed) -> None:
    """Remove the person rows of old deliveries whose people have no row left at this feed."""
    left = [
        pl.scan_parquet(path).select(pl.col("source_ref").cast(pl.String)).unique()
        for _, path in _event_files(settings, kept.feed)
    ]
    known = pl.concat(left).unique().collect()["source_ref"] if left else pl.Series([], dtype=pl.String)
    for path in sorted((settings.accepted / "deliveries" / kept.feed).glob("*/person-*.parquet")):
        receipt = receipts.get(path.parent.name)
        if receipt is None or receipt.delivered_at.date() >= kept.since:
            continue
        rows = pl.read_parquet(path)
        gone = ~rows["source_ref"].cast(pl.String).is_in(known.to_list())
        if gone.any():
            set_pending(settings)
            _swap(store, receipts, path, rows.filter(~gone))
            removed.note("accepted rows", rows=int(gone.sum()))
            remove_delivered(settings, receipt, removed)


def _swap(store: Store, receipts: dict[str, Receipt], path: Path, rows: pl.DataFrame) -> None:
    """Write a file's rows anew; its receipt names the new file before the old one goes."""
    entity, _, digest = path.stem.partition("-")
    new = write_parquet_by_content(path.parent, entity, rows)
    receipt = receipts.get(path.parent.name)
    if receipt:
        receipts[path.parent.name] = naming(receipt, entity, digest, new)
        store.commit(receipts[path.parent.name])
    if new != digest:
        path.unlink()


def _without_old_items(rows: pl.DataFrame, entity: str, kept: Kept) -> pl.DataFrame:
    for item, since in kept.items.items():
        names = [name for name in FIELDS[entity] if ITEMS.get(name) == item and name in rows.columns]  # type: ignore[index]
        if names:
            is_old = (DAY[entity] < since).fill_null(value=False)
            rows = rows.with_columns(pl.when(~is_old).then(pl.col(name)).alias(name) for name in names)
    return rows


def _older(path: Path, entity: str, kept: Kept) -> int:
    """Return the rows of a file that are too old, or hold a value of an item that is."""
    rows = pl.read_parquet(path)
    too_old = (DAY[entity] < kept.since).fill_null(value=False)
    tests = [too_old]
    for item, since in kept.items.items():
        names = [name for name in FIELDS[entity] if ITEMS.get(name) == item and name in rows.columns]  # type: ignore[index]
        if names:
            held = pl.any_horizontal(pl.col(names).is_not_null())
            tests.append((DAY[entity] < since).fill_null(value=False) & held)
    return int(rows.select(pl.any_horizontal(tests).sum()).item())
