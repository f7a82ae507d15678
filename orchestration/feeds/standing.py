"""Which accepted rows stand after supersession, from the receipts and the accepted rows alone.

snapshot: the newest delivery. period: the newest delivery of each period, and where a record comes again in a later
period, that one. append and changes: the newest version of each record; a deletion ends it. "Newest" is by what a
delivery reports on, then when it came, then its content: never by the order in which deliveries were read, so any order
of arrival ends in the same rows.
"""

from collections.abc import Sequence

import polars as pl

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.canonical import FIELDS, PROVENANCE
from orchestration.feeds.duplicates import record_key
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.store import Store
from orchestration.settings import Settings

STORED = {"is_deleted": pl.Boolean()}


def competing(receipts: Sequence[Receipt], mode: str) -> list[Receipt]:
    """Return the deliveries whose rows may stand, oldest first."""
    accepted = [receipt for receipt in sorted(receipts, key=lambda r: r.order) if receipt.outcome != "refused"]
    if mode == "snapshot":
        return accepted[-1:]
    if mode == "period":
        newest = {receipt.period: receipt for receipt in accepted}
        return [receipt for receipt in accepted if newest[receipt.period] is receipt]
    return accepted


def versions(store: Store, mode: str, entity: Entity, receipts: Sequence[Receipt]) -> pl.LazyFrame:
    """Return the newest version of every record, deletions included, in order of delivery, file and row."""
    found = [(place, store.rows(receipt, entity)) for place, receipt in enumerate(competing(receipts, mode))]
    frames = [rows.with_columns(order=pl.lit(place, pl.Int64)) for place, rows in found if rows is not None]
    if not frames:
        return pl.LazyFrame(schema={**PROVENANCE, **FIELDS[entity], **STORED})
    return (
        pl.concat(frames)
        .sort("order", "source_file", "source_row")
        .unique(subset=record_key(entity), keep="last", maintain_order=True)
        .drop("order")
    )


def standing_rows(settings: Settings, contract: Contract) -> dict[Entity, pl.LazyFrame]:
    """Return, for each entity of a feed, the rows that stand: provenance and canonical fields."""
    store = Store(settings)
    return rows_standing(store, contract, store.receipts(contract.feed), contract.delivery.mode)


def rows_standing(
    store: Store, contract: Contract, receipts: Sequence[Receipt], mode: str
) -> dict[Entity, pl.LazyFrame]:
    """Return, for each entity of a feed, the rows that stand when these are all its deliveries."""
    return {
        entity: versions(store, mode, entity, receipts)
        .filter(~pl.col("is_deleted"))
        .select(*PROVENANCE, *FIELDS[entity])
        for entity in contract.mappings
    }
