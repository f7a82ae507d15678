"""Which accepted rows stand after supersession, from the receipts and the accepted rows alone.

snapshot: the newest delivery. period: the newest delivery of each period, and where a record comes again in a later
period, that one. append and changes: the newest version of each record; a deletion ends it. "Newest" is by what a
delivery reports on, then when it came, then its content: never by the order in which deliveries were read, so any order
of arrival ends in the same rows.
"""

from collections.abc import Sequence

import polars as pl

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.acceptance import record_key
from orchestration.feeds.canonical import FIELDS, PROVENANCE
from orchestration.feeds.receipts import Receipt, read_receipts
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


def versions(settings: Settings, contract: Contract, entity: Entity, receipts: Sequence[Receipt]) -> pl.LazyFrame:
    """Return the newest version of every record, deletions included, in order of delivery, file and row."""
    chosen = competing(receipts, contract.delivery.mode)
    folder = settings.accepted / "deliveries" / contract.feed
    stored = [(receipt.delivery_id, folder / receipt.delivery_id / f"{entity}.parquet") for receipt in chosen]
    paths = [path for _, path in stored if path.exists()]
    schema = {**PROVENANCE, **FIELDS[entity], **STORED}
    if not paths:
        return pl.LazyFrame(schema=schema)
    order = pl.LazyFrame(
        {"delivery_id": [name for name, _ in stored], "order": list(range(len(stored)))},
        schema={"delivery_id": pl.String, "order": pl.Int64},
    )
    return (
        pl.scan_parquet(paths)
        .join(order, on="delivery_id")
        .sort("order", "source_file", "source_row")
        .unique(subset=record_key(entity), keep="last", maintain_order=True)
        .drop("order")
    )


def standing_rows(settings: Settings, contract: Contract) -> dict[Entity, pl.LazyFrame]:
    """Return, for each entity of a feed, the rows that stand: provenance and canonical fields."""
    receipts = read_receipts(settings, contract.feed)
    return {
        entity: versions(settings, contract, entity, receipts)
        .filter(~pl.col("is_deleted"))
        .select(*PROVENANCE, *FIELDS[entity])
        for entity in contract.mappings
    }


def settled(settings: Settings, contract: Contract, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return the receipts as they read now: rows that a newer delivery replaced count as superseded, not accepted."""
    counts: dict[tuple[str, str], int] = {}
    for entity in contract.mappings:
        found = versions(settings, contract, entity, receipts).group_by("delivery_id").len().collect()
        counts.update({(str(name), entity): int(rows) for name, rows in found.iter_rows()})
    replaced_by = _replacements(receipts, contract.delivery.mode)
    return [
        receipt if receipt.outcome == "refused" else _settle(receipt, counts, replaced_by.get(receipt.delivery_id))
        for receipt in receipts
    ]


def _settle(receipt: Receipt, counts: dict[tuple[str, str], int], replaced_by: str | None) -> Receipt:
    entities = {}
    total = dict.fromkeys(receipt.total.as_dict(), 0)
    for entity, found in receipt.entities.items():
        accepted = counts.get((receipt.delivery_id, entity), 0)
        superseded = found.delivered - found.quarantined - accepted
        entities[entity] = found.model_copy(update={"accepted": accepted, "superseded": superseded})
        for name, rows in entities[entity].as_dict().items():
            total[name] += rows
    arrived = sum(e.delivered - e.quarantined - e.superseded_within for e in receipt.entities.values())
    gone = replaced_by is not None or (arrived > 0 and total["accepted"] == 0)
    outcome = "superseded" if gone else "accepted_with_rejects" if total["quarantined"] else "accepted"
    return Receipt.model_validate(
        receipt.model_dump()
        | {
            "entities": {name: found.model_dump() for name, found in entities.items()},
            "total": total,
            "outcome": outcome,
            "superseded_by": (replaced_by,) if replaced_by else (),
        }
    )


def _replacements(receipts: Sequence[Receipt], mode: str) -> dict[str, str]:
    """Return, for deliveries replaced whole, the delivery that replaced them."""
    if mode not in ("snapshot", "period"):
        return {}
    winners = {receipt.period if mode == "period" else None: receipt for receipt in competing(receipts, mode)}
    found = {}
    for receipt in receipts:
        winner = winners.get(receipt.period if mode == "period" else None)
        if winner and receipt.outcome != "refused" and winner.delivery_id != receipt.delivery_id:
            found[receipt.delivery_id] = winner.delivery_id
    return found
