"""What the receipts of a feed say once all its deliveries are known: what was replaced, by what, and what changed.

Settling is a function of the set of deliveries. It knows nothing of the order in which they were read, so a late or
repeated delivery ends in the same receipts as one in good time.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.changes import with_changes
from orchestration.feeds.history import judged
from orchestration.feeds.receipts import Counts, EntityReceipt, Receipt
from orchestration.feeds.references import with_references
from orchestration.feeds.standing import competing, versions
from orchestration.feeds.store import Store


def settle(store: Store, contract: Contract, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return the receipts as they read now, oldest delivery first."""
    known = judged(receipts, contract, lambda receipt: store.rows(receipt, "person"))
    return with_changes(store, contract, with_references(store, contract, superseding(store, contract, known)))


def superseding(store: Store, contract: Contract, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return the receipts with rows that a newer delivery replaced counted as superseded, not accepted."""
    mode = contract.delivery.mode
    counts: dict[tuple[str, str], int] = {}
    entities = list(contract.mappings)
    frames = [_standing(store, mode, entity, receipts) for entity in entities]
    for entity, found in zip(entities, pl.collect_all(frames), strict=True):
        counts.update({(str(name), entity): int(rows) for name, rows in found.iter_rows()})
    replaced_by = _replacements(receipts, mode)
    return [
        receipt if receipt.outcome == "refused" else _settle(receipt, counts, replaced_by.get(receipt.delivery_id))
        for receipt in sorted(receipts, key=lambda r: r.order)
    ]


def _standing(store: Store, mode: str, entity: Entity, receipts: Sequence[Receipt]) -> pl.LazyFrame:
    """Return how many rows stand of each delivery (delivery_id, len); a delivery by itself holds no record twice."""
    alone = competing(receipts, mode)
    if len(alone) == 1 and (rows := store.rows(alone[0], entity)) is not None:
        return rows.select(pl.lit(alone[0].delivery_id).alias("delivery_id"), pl.len())
    return versions(store, mode, entity, receipts).group_by("delivery_id").len()


def superseded_since(receipts: Sequence[Receipt], contract: Contract) -> dict[str, date]:
    """Return, for each delivery replaced whole, the day since which it has been: when the first better one was there.

    Only in snapshot and period modes: in the others every delivery still holds the newest version of some records.
    """
    if contract.delivery.mode not in ("snapshot", "period"):
        return {}
    found: dict[str, date] = {}
    accepted = [receipt for receipt in receipts if receipt.outcome != "refused"]
    for receipt in accepted:
        better = [
            max(other.received_on, receipt.received_on)
            for other in accepted
            if other.order > receipt.order and (contract.delivery.mode == "snapshot" or other.period == receipt.period)
        ]
        if better:
            found[receipt.delivery_id] = min(better)
    return found


def _settle(receipt: Receipt, counts: dict[tuple[str, str], int], replaced_by: str | None) -> Receipt:
    entities = {}
    for entity, found in receipt.entities.items():
        accepted = counts.get((receipt.delivery_id, entity), 0)
        superseded = found.delivered - found.quarantined - accepted
        entities[entity] = EntityReceipt(**found.__dict__ | {"accepted": accepted, "superseded": superseded})
    total = sum((Counts(**found.as_dict()) for found in entities.values()), Counts())
    arrived = sum(e.delivered - e.quarantined - e.superseded_within for e in receipt.entities.values())
    gone = replaced_by is not None or (arrived > 0 and total.accepted == 0)
    outcome = "superseded" if gone else "accepted_with_rejects" if total.quarantined else "accepted"
    superseded_by = (replaced_by,) if replaced_by else ()
    return receipt.model_copy(
        update={"entities": entities, "total": total, "outcome": outcome, "superseded_by": superseded_by}
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
