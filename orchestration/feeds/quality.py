"""Quality of a delivery on the six dimensions of the Government Data Quality Framework, worst field named.

The framework (Government Data Quality Hub, 2020) asks for completeness, uniqueness, consistency, timeliness, validity
and accuracy, and for measuring what is critical rather than an average of everything. So each dimension has two
figures: the mean over the fields that it can be measured in, and the field that fails most with its own share. The
second is what a light goes by, for a mean hides the one field that makes the rest useless. What does not belong here:
finding faults.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.canonical import FIELDS, RECORD_REFERENCE
from orchestration.feeds.checks import DIMENSIONS, CheckResult, Dimension, registry
from orchestration.feeds.mapping import agreed_fields
from orchestration.feeds.receipts import Receipt


@dataclass(frozen=True)
class Quality:
    """One dimension of one delivery. Scores are shares of rows, 0 to 1; `worst` is 'entity.field' or a check's id.

    worst_rows fail in the worst place and failing_rows in all places together, by which the release gate guards scores.
    """

    dimension: Dimension
    score: float
    worst: str
    worst_score: float
    worst_check: str
    worst_rows: int = 0
    failing_rows: int = 0


MISSING = "missing"
"""Not a check: a field that may be blank and is."""
OFTEN_BLANK = ("start_date", "end_date", "end_reason", "outcome", "valid_from", "episode_ref", "tok_ni", "trusted_ref")
"""Rightly blank in many records: of cases that wait or go on, of people who never moved or have no such number. Whether
more of them are blank than before is the check missing_share_changed, and a contract may require them."""
Places = dict[Dimension, dict[str, dict[str, int]]]
"""Dimension to place to check to rows that fail there."""


def agreed_places(contract: Contract, items: Collection[str]) -> dict[Entity, list[str]]:
    """Return the fields of each entity that the partner is to send."""
    return {
        entity: [name for name, column in agreed_fields(contract, entity, frozenset(items)).items() if not column.value]
        for entity in contract.entities
    }


def assess(receipt: Receipt, places: Mapping[Entity, Collection[str]]) -> Iterator[Quality]:
    """Yield the six dimensions of a delivery, in the framework's order; nothing for a delivery without rows or faults.

    A place is measured in a dimension when it may fail there: completeness and validity in every field, uniqueness in
    the reference of each record, consistency in references and dates, accuracy in dates and figures, timeliness in each
    kind of event. Rows that fail several checks in one place are counted for the check that most rows fail. A fault of
    the delivery as a whole scores 0 in a place of its own, and what refuses the delivery makes its dimension 0.
    """
    rows = {entity: found.delivered for entity, found in receipt.entities.items()}
    if not any(rows.values()) and not receipt.checks:
        return
    faults = _faults(receipt)
    for dimension in DIMENSIONS:
        measured = {f"{entity}.{field}" for entity, field in _measured(dimension, places) if rows.get(entity)}
        shares = dict.fromkeys(sorted(measured), (1.0, "", 0))
        for place, by_check in faults.get(dimension, {}).items():
            check = max(by_check, key=lambda name: (by_check[name], name))
            of = rows.get(place.partition(".")[0]) or by_check[check] or 1
            shares[place] = (max(0.0, 1 - by_check[check] / of), check, by_check[check])
        if not shares:
            continue
        worst = min(shares, key=lambda place: (shares[place][0], place))
        mean = sum(share for share, _, _ in shares.values()) / len(shares)
        if refusing := [place for place, (_, check, _) in shares.items() if _refuses(receipt, check)]:
            worst, mean = refusing[0], 0.0
            shares[worst] = (0.0, *shares[worst][1:])
        failing = sum(count for _, _, count in shares.values())
        yield Quality(dimension, mean, worst, *shares[worst], failing_rows=failing)


def _faults(receipt: Receipt) -> Places:
    found: Places = {dimension: {} for dimension in DIMENSIONS}
    for check in receipt.checks:
        known = registry().get(check.id)
        if known is None or (check.severity == "information" and known.judges == "delivery"):
            continue
        by_check = found[known.dimension].setdefault(_place(check), {})
        by_check[check.id] = max(by_check.get(check.id, 0), check.count)
    for entity, counts in receipt.entities.items():
        for field, reasons in counts.missing.items():
            missing = sum(count for reason, count in reasons.items() if reason != "not_in_list")
            if missing and field not in OFTEN_BLANK:
                found["completeness"].setdefault(f"{entity}.{field}", {})[MISSING] = missing
    return found


def _place(check: CheckResult) -> str:
    if check.entity is None:
        return check.id
    return f"{check.entity}.{check.field or RECORD_REFERENCE[check.entity]}"  # type: ignore[index]


def _refuses(receipt: Receipt, check_id: str) -> bool:
    return any(check.id == check_id and check.severity == "refuse_delivery" for check in receipt.checks)


def _measured(dimension: Dimension, places: Mapping[Entity, Collection[str]]) -> Iterator[tuple[Entity, str]]:
    for entity, fields in places.items():
        for field in fields:
            kind = FIELDS[entity][field]
            is_reference = field.endswith("_ref")
            is_figure = isinstance(kind, pl.Date | pl.Float64)
            if (
                (dimension == "completeness" and field not in OFTEN_BLANK)
                or dimension == "validity"
                or (dimension == "uniqueness" and field == RECORD_REFERENCE[entity])
                or (dimension == "consistency" and (is_reference or isinstance(kind, pl.Date)))
                or (dimension == "accuracy" and is_figure)
                or (dimension == "timeliness" and field == RECORD_REFERENCE[entity] and entity != "person")
            ):
                yield entity, field
