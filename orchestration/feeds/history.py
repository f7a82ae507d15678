"""Which deliveries a delivery is compared with, and what its receipt says once they are all known.

A delivery is compared with the newest accepted delivery of each of the six periods before its own (of a feed without
periods: of each day of delivery before its own). "Before" is by what deliveries report on, never by when they were
read: when an older period arrives late, the later ones are judged anew, so any order of arrival ends in the same
receipts.
"""

from collections.abc import Callable, Sequence

import polars as pl

from orchestration.area.contracts import Contract
from orchestration.feeds.canonical import TOKEN_FIELDS
from orchestration.feeds.checks import CheckResult, Findings, registry
from orchestration.feeds.comparisons import COMPARISONS
from orchestration.feeds.figures import TokenOverlap
from orchestration.feeds.receipts import Counts, Receipt
from orchestration.feeds.token_keys import has_agreed_keys

PERIODS = 6
PERIODS_OF_TOKENS = 3
FIRST_IS_A_STOCK = ("append", "changes")
"""Modes in which the first delivery holds every case that is open, and is no yardstick for the changes that follow."""
RowsOf = Callable[[Receipt], pl.LazyFrame | None]
"""The accepted person rows of a delivery, or None where it has none or retention has removed them."""


def judged(receipts: Sequence[Receipt], contract: Contract, people: RowsOf) -> list[Receipt]:
    """Return the receipts, oldest first, each with what the comparisons with the periods before it found.

    Contract severities hold. A delivery that a comparison refuses is held and stands nowhere; it is no yardstick for
    later ones, and is judged again with every new delivery of the feed.
    """
    newest: dict[str, Receipt] = {}
    found: list[Receipt] = []
    rivals = _rivals(receipts) if contract.delivery.mode in ("snapshot", "period") else {}
    for receipt in sorted(receipts, key=lambda r: (_reports_on(r), r.order)):
        own = _reports_on(receipt)
        before = [newest[key] for key in sorted(newest) if key < own]
        usual = before[1:] if contract.delivery.mode in FIRST_IS_A_STOCK else before
        fresh = _with_tokens(_unjudged(receipt), before[-PERIODS_OF_TOKENS:], people)
        fresh = _judge(fresh, usual[-PERIODS:], contract, rivals.get(receipt.delivery_id, ""))
        if fresh.outcome != "refused":
            newest[own] = fresh
        found.append(fresh)
    return found


def overlap(now: pl.LazyFrame, earlier: Sequence[pl.LazyFrame], beside: Sequence[str]) -> TokenOverlap:
    """Compare the tokens of people with those of earlier deliveries, by the kind of token that most of them have."""
    counts = now.select(pl.col(name).count() for name in TOKEN_FIELDS).collect().row(0)
    name = TOKEN_FIELDS[counts.index(max(counts))]
    mine = now.select("source_ref", token=name).drop_nulls().unique()
    theirs = pl.concat([frame.select("source_ref", token=name) for frame in earlier]).drop_nulls().unique()
    both = mine.join(theirs.group_by("source_ref").agg(had=pl.col("token")), on="source_ref")
    returned, same = (
        both.group_by("source_ref")
        .agg(same=pl.col("token").is_in(pl.col("had").first()).any())
        .select(pl.len().alias("returned"), pl.col("same").sum())
        .collect()
        .row(0)
    )
    tokens = mine.select("token").unique()
    shared = tokens.join(theirs.select("token").unique(), on="token", how="semi")
    return TokenOverlap(
        beside=tuple(beside),
        returned=returned,
        same=same or 0,
        tokens=tokens.select(pl.len()).collect().item(),
        shared=shared.select(pl.len()).collect().item(),
    )


def _reports_on(receipt: Receipt) -> str:
    return receipt.period or receipt.delivered_at.date().isoformat()


def _rivals(receipts: Sequence[Receipt]) -> dict[str, str]:
    """Return, by delivery, the files of others of the same period, day and revision, if none is later than they."""
    alike: dict[tuple[object, ...], list[Receipt]] = {}
    last: dict[str, tuple[object, ...]] = {}
    for receipt in sorted(receipts, key=lambda r: r.order):
        if receipt.overwritten_on is None and _unjudged(receipt).outcome != "refused":
            alike.setdefault(receipt.order[:3], []).append(receipt)
            last[_reports_on(receipt)] = receipt.order[:3]
    alike = {key: same for key, same in alike.items() if key in last.values()}
    return {
        one.delivery_id: ", ".join(sorted({file.name for other in same if other is not one for file in other.files}))
        for same in alike.values()
        for one in same
        if len(same) > 1
    }


def _judge(receipt: Receipt, before: Sequence[Receipt], contract: Contract, rivals: str) -> Receipt:
    if receipt.outcome == "refused" or receipt.figures is None:
        return receipt
    findings = Findings(contract.checks, list(receipt.checks))
    findings.add("same_day_twice", bool(rivals), detail=rivals)
    for check_id, compare in COMPARISONS.items():
        if check_id == "tokens_other_key" and has_agreed_keys(receipt, contract):
            continue
        for unlike in compare(receipt, before):
            findings.add(check_id, unlike.count, entity=unlike.entity, field=unlike.field, detail=unlike.detail)
    judged_now = receipt.model_copy(update={"checks": findings.sorted_results()})
    return _refused(judged_now) if findings.refuses else judged_now


def _with_tokens(receipt: Receipt, before: Sequence[Receipt], people: RowsOf) -> Receipt:
    """Add the overlap of tokens, worked out only when what it is compared with has changed."""
    figures = receipt.figures
    beside = tuple(other.delivery_id for other in before)
    if receipt.outcome == "refused" or figures is None or not beside:
        return receipt
    if figures.tokens and figures.tokens.beside == beside:
        return receipt
    now, earlier = people(receipt), [rows for other in before if (rows := people(other)) is not None]
    tokens = overlap(now, earlier, beside) if now is not None and earlier else None
    return receipt.model_copy(update={"figures": figures.model_copy(update={"tokens": tokens})})


def _unjudged(receipt: Receipt) -> Receipt:
    """Return a receipt as it was before it was compared with others."""
    own = tuple(check for check in receipt.checks if registry()[check.id].judges != "history")
    if len(own) == len(receipt.checks):
        return receipt
    changes: dict[str, object] = {"checks": own}
    if receipt.outcome == "refused" and receipt.figures and not any(map(_refuses, own)):
        entities = {}
        for name, entity in receipt.entities.items():
            aside = receipt.figures.quarantined.get(name, 0)
            counts = {"quarantined": aside, "superseded": entity.superseded_within}
            counts["accepted"] = entity.delivered - aside - entity.superseded_within
            entities[name] = entity.model_copy(update=counts)
        total = sum((Counts(**entity.as_dict()) for entity in entities.values()), Counts())
        outcome = "accepted_with_rejects" if total.quarantined else "accepted"
        changes |= {"entities": entities, "total": total, "outcome": outcome}
    return receipt.model_copy(update=changes)


def _refuses(check: CheckResult) -> bool:
    return check.severity == "refuse_delivery"


def _refused(receipt: Receipt) -> Receipt:
    entities = {
        name: entity.model_copy(update={"quarantined": entity.delivered, "accepted": 0, "superseded": 0})
        for name, entity in receipt.entities.items()
    }
    total = sum((Counts(**entity.as_dict()) for entity in entities.values()), Counts())
    return receipt.model_copy(update={"entities": entities, "total": total, "outcome": "refused", "superseded_by": ()})
