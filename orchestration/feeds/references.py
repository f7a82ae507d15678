"""References between the entities of a feed that sends increments: what a record names must have come at some time.

A whole delivery answers for itself (plausibility: person_unknown, episode_unknown). In append and changes modes a
contact may name an episode that came months ago, so that only all that stands can tell; it tells the same whatever the
order in which the deliveries came.
"""

from collections import defaultdict
from collections.abc import Sequence

import polars as pl

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.checks import EXAMPLES, Findings
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.standing import rows_standing
from orchestration.feeds.store import Store

INCREMENTS = ("append", "changes")
NAMED: dict[str, tuple[Entity, str]] = {
    "person_never_sent": ("person", "source_ref"),
    "episode_never_sent": ("episode", "episode_ref"),
}
"""For each check, the entity that is referred to, and the field by which."""


def with_references(store: Store, contract: Contract, receipts: Sequence[Receipt]) -> list[Receipt]:
    """Return the receipts, each with how many of its rows that stand name a record that no delivery has brought."""
    if contract.delivery.mode not in INCREMENTS:
        return list(receipts)
    asked = _unmatched(store, contract, receipts)
    found: dict[str, list[tuple[str, Entity, int, list[int]]]] = defaultdict(list)
    for (check, entity, _), rows in zip(asked, pl.collect_all([rows for _, _, rows in asked]), strict=True):
        for delivery, count, examples in rows.iter_rows():
            found[delivery].append((check, entity, count, examples))
    return [_told(receipt, contract, found.get(receipt.delivery_id, [])) for receipt in receipts]


def _unmatched(store: Store, contract: Contract, receipts: Sequence[Receipt]) -> list[tuple[str, Entity, pl.LazyFrame]]:
    """Return, by check and entity: delivery_id, rows at fault, and the first of their row numbers."""
    standing = rows_standing(store, contract, receipts, contract.delivery.mode)
    asked: list[tuple[str, Entity, pl.LazyFrame]] = []
    for check, (parent, reference) in NAMED.items():
        if parent not in standing:
            continue
        known = standing[parent].select(reference).unique()
        for entity, rows in standing.items():
            if entity in (parent, "person"):
                continue
            strange = rows.filter(pl.col(reference).is_not_null()).join(known, on=reference, how="anti")
            counted = strange.group_by("delivery_id").agg(
                rows=pl.len(), examples=pl.col("source_row").bottom_k(EXAMPLES).sort()
            )
            asked.append((check, entity, counted))
    return asked


def _told(receipt: Receipt, contract: Contract, found: Sequence[tuple[str, Entity, int, list[int]]]) -> Receipt:
    if not found or receipt.outcome == "refused":
        return receipt
    findings = Findings(contract.checks, list(receipt.checks))
    for check, entity, count, examples in found:
        findings.add(check, count, entity=entity, field=NAMED[check][1], rows=examples)
    return receipt.model_copy(update={"checks": findings.sorted_results()})
