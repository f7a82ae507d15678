"""Retention: what an agreement does not let be kept any longer goes from every store.

An agreement says how many months rows are kept after what they tell of (`retention.default_months`), and how many for
single items, whose values then go while the row stays. What does not belong here: how old a row is (`periods`), the
proof (`overdue`), quarantine and replaced rows (orchestration.feeds.expiry).
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.area import Area
from orchestration.area.contracts import Entity
from orchestration.audit import audit_of
from orchestration.audit.log import account
from orchestration.feeds.atomic import sweep, write_parquet_by_content
from orchestration.feeds.canonical import RECORD_REFERENCE
from orchestration.feeds.reading_lock import reading
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.store import Store
from orchestration.rights.pending import is_pending, set_pending
from orchestration.rights.periods import EVENTS, Kept, age, kept_by_feed
from orchestration.rights.removal import Removed, Step, drop_warehouse, naming, remove_delivered
from orchestration.settings import Settings


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


@dataclass(frozen=True)
class _Feed:
    """One feed while it is thinned: its receipts, which change with their files, and what went."""

    settings: Settings
    kept: Kept
    receipts: dict[str, Receipt]
    removed: Removed


def _of_feed(settings: Settings, kept: Kept, removed: Removed) -> None:
    sweep(settings.accepted / "deliveries" / kept.feed)
    of = _Feed(settings, kept, receipts_of(settings, kept.feed), removed)
    for old in of.receipts.values():
        if _is_old(old, kept):
            remove_delivered(settings, old, removed)
    for entity in EVENTS:
        paths = entity_files(settings, kept.feed, entity)
        over = records_over(paths, entity, kept, of.receipts)
        for path in paths:
            _thin(of, path, entity, over)
    without = people_without_rows(settings, kept, of.receipts)
    for path in entity_files(settings, kept.feed, "person"):
        _thin(of, path, "person", without)


def receipts_of(settings: Settings, feed: str) -> dict[str, Receipt]:
    """Return the receipts of a feed by delivery."""
    return {receipt.delivery_id: receipt for receipt in Store(settings).receipts(feed)}


def entity_files(settings: Settings, feed: str, entity: Entity) -> list[Path]:
    """Return the accepted files of an entity in every delivery of a feed, former readings among them."""
    return sorted((settings.accepted / "deliveries" / feed).glob(f"*/{entity}-*.parquet"))


def records_over(paths: list[Path], entity: Entity, kept: Kept, receipts: dict[str, Receipt]) -> pl.Series:
    """Return the records whose newest row is too old: every row of theirs goes, or an older one would stand again."""
    name, since = RECORD_REFERENCE[entity], kept.rows_since(entity)
    days = [pl.scan_parquet(path).select(day=age(entity, receipts)) for path in paths]
    oldest = [frame.select(pl.col("day").min()) for frame in days]
    if not any(found.item() is not None and found.item() < since for found in pl.collect_all(oldest)):
        return pl.Series([], dtype=pl.String)
    order = {one.delivery_id: place for place, one in enumerate(sorted(receipts.values(), key=lambda one: one.order))}
    place = pl.col("delivery_id").cast(pl.String).replace_strict(order, default=-1, return_dtype=pl.Int64)
    rows = [
        pl.scan_parquet(path).select(record=pl.col(name).cast(pl.String), day=age(entity, receipts), place=place)
        for path in paths
    ]
    newest = pl.concat(rows).drop_nulls("record").group_by("record").agg(pl.col("day").sort_by("place").last())
    return newest.filter(pl.col("day") < since).collect()["record"]


def people_without_rows(settings: Settings, kept: Kept, receipts: dict[str, Receipt]) -> pl.Series:
    """Return the people of old deliveries who have no row left at this feed."""
    people = entity_files(settings, kept.feed, "person")
    old = [path for path in people if _is_old(receipts.get(path.parent.name), kept)]
    if not old:
        return pl.Series([], dtype=pl.String)
    reference = pl.col("source_ref").cast(pl.String)
    told = [pl.scan_parquet(path).select(reference) for path in old]
    events = [path for entity in EVENTS for path in entity_files(settings, kept.feed, entity)]
    left = [pl.scan_parquet(path).select(reference) for path in events]
    found = pl.concat(told).unique()
    if left:
        found = found.join(pl.concat(left).unique(), on="source_ref", how="anti")
    return found.collect()["source_ref"]


def _is_old(receipt: Receipt | None, kept: Kept) -> bool:
    return receipt is not None and receipt.delivered_at.date() < kept.since


def _thin(of: _Feed, path: Path, entity: Entity, over: pl.Series) -> None:
    """Write a file anew without its rows that are over, and without values that are."""
    if not over.len() and not _is_touched(path, entity, of.kept, of.receipts):
        return
    rows = pl.read_parquet(path)
    gone = _is_over(rows, entity, of, over)
    left = _without_old_values(rows.filter(~gone), entity, of)
    if not gone.any() and left.equals(rows):
        return
    set_pending(of.settings)  # first, so that a process killed here leaves the rest to the next one
    receipt = of.receipts.get(path.parent.name)
    _swap(of, path, left)
    of.removed.note("accepted rows", rows=int(gone.sum()))
    if receipt:
        remove_delivered(of.settings, receipt, of.removed)


def _is_touched(path: Path, entity: Entity, kept: Kept, receipts: dict[str, Receipt]) -> bool:
    """Whether a file may hold something too old, told from its dates alone."""
    ends = [*kept.values_since(entity).values(), *([] if entity == "person" else [kept.rows_since(entity)])]
    if not ends:
        return False
    oldest = pl.scan_parquet(path).select(age(entity, receipts).min()).collect().item()
    return oldest is not None and oldest < max(ends)


def _is_over(rows: pl.DataFrame, entity: Entity, of: _Feed, over: pl.Series) -> pl.Series:
    """Return for each row whether it is too old, or of a record that is over; for a person's row both."""
    name = "source_ref" if entity == "person" else RECORD_REFERENCE[entity]
    is_of_one = pl.col(name).cast(pl.String).is_in(over.implode()).fill_null(value=False)
    is_old = (age(entity, of.receipts) < of.kept.rows_since(entity)).fill_null(value=False)
    gone = is_of_one & is_old if entity == "person" else is_of_one | is_old
    return rows.select(gone=gone)["gone"]


def _without_old_values(rows: pl.DataFrame, entity: Entity, of: _Feed) -> pl.DataFrame:
    for names, since in of.kept.values_since(entity).items():
        is_old = (age(entity, of.receipts) < since).fill_null(value=False)
        rows = rows.with_columns(pl.when(~is_old).then(pl.col(name)).alias(name) for name in names)
    return rows


def _swap(of: _Feed, path: Path, rows: pl.DataFrame) -> None:
    """Write a file's rows anew; its receipt names the new file before the old one goes."""
    entity, _, digest = path.stem.partition("-")
    new = write_parquet_by_content(path.parent, entity, rows)
    receipt = of.receipts.get(path.parent.name)
    if receipt:
        of.receipts[path.parent.name] = naming(receipt, entity, digest, new)
        Store(of.settings).commit(of.receipts[path.parent.name])
    if new != digest:
        path.unlink()
