"""What changed since the delivery before: rows, records as counts, columns, items, and checks that appeared or went.

"Before" is by what deliveries report on and then when they came, so a delivery that arrives late changes what the next
one is compared with. Never a value of a record: records are compared by hashes and told as counts.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.canonical import FIELDS
from orchestration.feeds.checks import CheckResult
from orchestration.feeds.duplicates import record_key
from orchestration.feeds.receipts import Changes, Receipt, RecordChanges
from orchestration.feeds.store import Store

WHOLE_MODES = ("snapshot", "period")
"""Modes in which a delivery holds every record of what it reports on, so that one not sent again is gone."""


@dataclass(frozen=True)
class Before:
    """What one delivery is compared with. `records`: the delivery before, or all of them where deliveries add up."""

    since: Receipt
    records: tuple[Receipt, ...]

    def basis(self, receipt: Receipt, mode: str) -> str:
        """Return a digest of the rows compared: while it is the same, the counts are."""
        rows = [sorted(one.stored.items()) for one in (receipt, *self.records)]
        told = repr([mode, receipt.outcome == "refused", rows])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def with_changes(store: Store, contract: Contract, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return the receipts, oldest first, each with what changed since the one before it."""
    mode = contract.delivery.mode
    ordered = sorted(receipts, key=lambda r: r.order)
    before = _befores(ordered, mode)
    stale = [
        receipt
        for receipt in ordered
        if (found := before.get(receipt.delivery_id))
        and (receipt.changes is None or receipt.changes.basis != found.basis(receipt, mode))
    ]
    counted = _count_records(store, contract, stale, ordered, before)
    result = []
    for receipt in ordered:
        found = before.get(receipt.delivery_id)
        if found is None:
            result.append(receipt.model_copy(update={"changes": None}))
            continue
        known = receipt.changes.records if receipt.changes else {}
        records = counted.get(receipt.delivery_id, {} if receipt in stale else known)
        told = changes_between(found.since, receipt, basis=found.basis(receipt, mode), records=records)
        if found.since.outcome == "refused" and found.records:
            told = told.model_copy(update={"records_since": found.records[-1].delivery_id})
        result.append(receipt.model_copy(update={"changes": told}))
    return result


def changes_between(
    before: Receipt, now: Receipt, *, basis: str = "", records: dict[str, RecordChanges] | None = None
) -> Changes:
    """Return what two receipts alone tell of the change; `records` need the rows and are given."""
    had, has = _columns(before), _columns(now)
    known = bool(had) and bool(has)
    items_known = "refused" not in (before.outcome, now.outcome)
    # of a refused delivery not everything was looked at: only what refuses a delivery can be said to come or go
    failed_before, failed_now = (_failed(one, whole=not items_known) for one in (before, now))
    return Changes(
        basis=basis,
        since=before.delivery_id,
        since_period=before.period,
        since_delivered_at=before.delivered_at,
        since_outcome=before.outcome,
        rows_before=sum(file.rows for file in before.files),
        rows_now=sum(file.rows for file in now.files),
        quarantined_before=before.total.quarantined,
        quarantined_now=now.total.quarantined,
        records=records or {},
        columns_new=tuple(sorted(has - had)) if known else (),
        columns_gone=tuple(sorted(had - has)) if known else (),
        items_new=_only(now.items_received, before.items_received) if items_known else (),
        items_gone=_only(before.items_received, now.items_received) if items_known else (),
        checks_appeared=_only(failed_now, failed_before),
        checks_mended=_only(failed_before, failed_now),
    )


def check_name(check: CheckResult) -> str:
    """Return what a finding is known by from delivery to delivery: the check, and the entity and field it is of."""
    place = ".".join(part for part in (check.entity, check.field) if part)
    return f"{check.id}:{place}" if place else check.id


def _befores(ordered: Sequence[Receipt], mode: str) -> dict[str, Before]:
    found: dict[str, Before] = {}
    accepted: list[Receipt] = []
    last: Receipt | None = None
    for receipt in ordered:
        if last is not None:
            found[receipt.delivery_id] = Before(last, tuple(accepted[-1:] if mode in WHOLE_MODES else accepted))
        if receipt.outcome != "refused":
            accepted.append(receipt)
        last = receipt
    return found


def _count_records(
    store: Store,
    contract: Contract,
    stale: Sequence[Receipt],
    ordered: Sequence[Receipt],
    before: dict[str, Before],
) -> dict[str, dict[str, RecordChanges]]:
    """Return for deliveries whose records must be compared anew the counts by entity."""
    wanted = [r for r in stale if r.outcome != "refused" and before[r.delivery_id].records]
    if not wanted:
        return {}
    if contract.delivery.mode in WHOLE_MODES:
        return _beside_the_one_before(store, contract, [(before[r.delivery_id].records[-1], r) for r in wanted])
    accepted = [receipt for receipt in ordered if receipt.outcome != "refused"]
    names = {receipt.delivery_id for receipt in wanted}
    counted = _beside_all_before(store, contract, accepted)
    return {name: records for name, records in counted.items() if name in names}


def _beside_the_one_before(
    store: Store, contract: Contract, pairs: Sequence[tuple[Receipt, Receipt]]
) -> dict[str, dict[str, RecordChanges]]:
    frames, places = [], []
    for old, new in pairs:
        for entity in contract.mappings:
            earlier, later = store.rows(old, entity), store.rows(new, entity)
            if earlier is None or later is None:
                continue
            both = _hashed(later, entity).join(
                _hashed(earlier, entity), on="record", how="full", coalesce=True, suffix="_before"
            )
            now, then = pl.col("content"), pl.col("content_before")
            frames.append(
                both.select(
                    new=then.is_null().sum(),
                    changed=(now != then).sum(),
                    same=(now == then).sum(),
                    gone=now.is_null().sum(),
                )
            )
            places.append((new.delivery_id, entity))
    found: dict[str, dict[str, RecordChanges]] = {}
    for (delivery_id, entity), counts in zip(places, pl.collect_all(frames), strict=True):
        found.setdefault(delivery_id, {})[entity] = RecordChanges(**counts.row(0, named=True))
    return found


def _beside_all_before(
    store: Store, contract: Contract, accepted: Sequence[Receipt]
) -> dict[str, dict[str, RecordChanges]]:
    """Compare each delivery with all before it in one pass; a record deleted before and sent again is new."""
    found: dict[str, dict[str, RecordChanges]] = {}
    for entity in contract.mappings:
        frames = [
            _hashed(rows, entity, pl.col("is_deleted"), pl.lit(place).alias("place"))
            for place, receipt in enumerate(accepted)
            if (rows := store.rows(receipt, entity)) is not None
        ]
        if not frames:
            continue
        then = pl.col("content").shift(1).over("record")
        had = then.is_not_null() & ~pl.col("is_deleted").shift(1, fill_value=False).over("record")
        deleted = pl.col("is_deleted")
        counts = (
            pl.concat(frames)
            .sort("place")
            .select(
                "place",
                new=~deleted & ~had,
                changed=~deleted & had & (pl.col("content") != then),
                same=~deleted & had & (pl.col("content") == then),
                gone=deleted & had,
            )
            .group_by("place")
            .agg(pl.col("new", "changed", "same", "gone").sum())
            .collect()
        )
        for place, new, changed, same, gone in counts.iter_rows():
            records = RecordChanges(new=new, changed=changed, same=same, gone=gone)
            found.setdefault(accepted[place].delivery_id, {})[entity] = records
    return found


def _hashed(rows: pl.LazyFrame, entity: Entity, *more: pl.Expr) -> pl.LazyFrame:
    record, content = pl.struct(record_key(entity)).hash(), pl.struct(list(FIELDS[entity])).hash()
    return rows.select(record.alias("record"), content.alias("content"), *more)


def _columns(receipt: Receipt) -> set[str]:
    return {name if file.role == "main" else f"{file.role}: {name}" for file in receipt.files for name in file.columns}


def _failed(receipt: Receipt, *, whole: bool) -> tuple[str, ...]:
    """Return what the checks found; `whole`: only what refuses a delivery."""
    found = [check for check in receipt.checks if not whole or check.severity == "refuse_delivery"]
    return tuple(dict.fromkeys(check_name(check) for check in found))


def _only(here: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in here if name not in there)
