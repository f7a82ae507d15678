"""Accept, supersede or quarantine each mapped row of a delivery, and count all three.

What belongs here: which rows stand within one delivery. What does not: which delivery stands
(orchestration.feeds.standing).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.canonical import FIELDS, IDENTIFYING, RECORD_REFERENCE
from orchestration.feeds.checks import EXAMPLES, Findings
from orchestration.feeds.mapping import DELETED, RAW, UNPLACED, MappedEntity
from orchestration.feeds.plausibility import PLACE
from orchestration.feeds.rawtables import ROW
from orchestration.feeds.receipts import EntityReceipt
from orchestration.feeds.sources import FILE

QUARANTINE = {
    "entity": pl.String(),
    "source_file": pl.String(),
    "source_row": pl.Int64(),
    "source_ref": pl.String(),
    "record_ref": pl.String(),
    "checks": pl.String(),
    "cells": pl.String(),
}
"""A quarantined row: why (check:field, separated by blanks) and its agreed, not identifying cells as JSON."""


@dataclass(frozen=True)
class AcceptedEntity:
    """One entity's rows of a delivery after acceptance. `rows`: source_row, source_file, is_deleted, fields."""

    entity: Entity
    rows: pl.DataFrame
    quarantined: pl.DataFrame
    receipt: EntityReceipt


def record_key(entity: Entity) -> list[str]:
    """Return the fields that identify a record over time; a person may have one record for each address period."""
    return [RECORD_REFERENCE[entity], *(["valid_from"] if entity == "person" else [])]


def accept(mapped: MappedEntity, contract: Contract, findings: Findings) -> AcceptedEntity:
    """Split an entity's rows into accepted, superseded within the delivery, and quarantined."""
    entity, rows, flags = mapped.entity, mapped.rows, dict(mapped.flags)
    _record_flags(mapped, contract, findings)
    refused = _any(rows.height, [m for (check, _), m in flags.items() if _is_refusing(findings, check)])
    if findings.severity("reference_repeated") in ("refuse_row", "refuse_delivery"):
        differing = _differing(rows, entity) & ~refused
        if differing.any():
            flags["reference_repeated", RECORD_REFERENCE[entity]] = differing
            findings.add("reference_repeated", int(differing.sum()), entity=entity, rows=_examples(rows, differing))
            refused = refused | differing
    kept = rows.filter(~refused)
    standing = kept.unique(subset=record_key(entity), keep="last", maintain_order=True)
    superseded = kept.height - standing.height
    if superseded:
        _record_duplicates(kept, superseded, entity, findings)
    quarantined = _quarantine(mapped, refused, flags, findings)
    return AcceptedEntity(
        entity=entity,
        rows=standing.rename({ROW: "source_row", FILE: "source_file", DELETED: "is_deleted"}),
        quarantined=quarantined,
        receipt=EntityReceipt(
            delivered=rows.height,
            accepted=standing.height,
            quarantined=quarantined.height,
            superseded=superseded,
            superseded_within=superseded,
            not_selected=mapped.not_selected,
            missing=mapped.missing,
        ),
    )


def lazy_rows(accepted: Mapping[Entity, AcceptedEntity]) -> dict[Entity, pl.LazyFrame]:
    """Return the accepted rows for the checks that look at them beside each other; deletions say nothing there."""
    return {entity: found.rows.lazy().filter(~pl.col("is_deleted")) for entity, found in accepted.items()}


def set_aside(
    accepted: dict[Entity, AcceptedEntity], refused: Mapping[Entity, pl.DataFrame], contract: Contract
) -> dict[Entity, AcceptedEntity]:
    """Move rows that a check of rows beside each other refuses into the quarantine, with their canonical values."""
    moved = {entity: _set_aside(accepted[entity], marks, contract) for entity, marks in refused.items()}
    return accepted | moved


def _set_aside(found: AcceptedEntity, marks: pl.DataFrame, contract: Contract) -> AcceptedEntity:
    why = marks.group_by(*PLACE, maintain_order=True).agg(
        checks=pl.col("check").unique(maintain_order=True).str.join(" ")
    )
    gone = found.rows.join(why, on=PLACE)
    shown = [name for name in contract.entities[found.entity].columns if name not in IDENTIFYING]
    quarantined = gone.select(
        "source_file",
        "source_row",
        "source_ref",
        "checks",
        entity=pl.lit(found.entity),
        record_ref=pl.col(RECORD_REFERENCE[found.entity]),
        cells=pl.struct(pl.col(shown).cast(pl.String)).struct.json_encode() if shown else pl.lit(None, pl.String),
    ).select(*QUARANTINE)
    counts = {"accepted": found.receipt.accepted - gone.height, "quarantined": found.receipt.quarantined + gone.height}
    return replace(
        found,
        rows=found.rows.join(why, on=PLACE, how="anti"),
        quarantined=pl.concat([found.quarantined, quarantined]),
        receipt=found.receipt.model_copy(update=counts),
    )


def _is_refusing(findings: Findings, check: str) -> bool:
    return findings.severity(check) in ("refuse_row", "refuse_delivery")


def _any(height: int, marks: list[pl.Series]) -> pl.Series:
    found = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    for mark in marks:
        found = found | mark
    return found


def _examples(rows: pl.DataFrame, mark: pl.Series) -> list[int]:
    found: list[int] = rows[ROW].filter(mark).head(EXAMPLES).to_list()
    return found


def _record_flags(mapped: MappedEntity, contract: Contract, findings: Findings) -> None:
    columns = contract.entities[mapped.entity].columns
    for (check, name), mark in mapped.flags.items():
        column = columns.get(name)
        detail = f"column '{column.source}' ({name})" if column and column.source else name
        findings.add(
            check,
            int(mark.sum()),
            entity=mapped.entity,
            field=name,
            detail=detail,
            rows=_examples(mapped.rows, mark),
        )


def _record_duplicates(kept: pl.DataFrame, superseded: int, entity: Entity, findings: Findings) -> None:
    fields = list(FIELDS[entity])
    again = kept.select(~pl.struct(*fields, DELETED).is_first_distinct()).to_series()
    count = int(again.sum())
    findings.add("duplicate_row", count, entity=entity, rows=_examples(kept, again))
    if superseded > count:
        differing = _differing(kept, entity)
        findings.add("reference_repeated", superseded - count, entity=entity, rows=_examples(kept, differing))


def _differing(rows: pl.DataFrame, entity: Entity) -> pl.Series:
    """Mark every row whose record occurs with other values elsewhere in the delivery."""
    content = pl.struct(*FIELDS[entity], DELETED)
    return rows.select(content.n_unique().over(record_key(entity)) > 1).to_series()


def _quarantine(
    mapped: MappedEntity, refused: pl.Series, flags: dict[tuple[str, str], pl.Series], findings: Findings
) -> pl.DataFrame:
    if not refused.any():
        return pl.DataFrame(schema=QUARANTINE)
    cells = [name for name in mapped.raw.columns if name.removeprefix(RAW) not in IDENTIFYING]
    refusing = {key: mark for key, mark in flags.items() if _is_refusing(findings, key[0])}
    unplaced = _any(len(refused), [mark for (check, _), mark in refusing.items() if check in UNPLACED])
    frame = mapped.rows.with_columns(
        mapped.raw.select(pl.struct(pl.col(c).alias(c.removeprefix(RAW)) for c in cells).alias("\x1fcells")).to_series()
        if cells
        else pl.lit(None).alias("\x1fcells"),
        unplaced.alias("\x1funplaced"),
        *[mark.alias(f"\x1f{check}\x1f{name}") for (check, name), mark in refusing.items()],
    ).filter(refused)
    why = [
        pl.when(pl.col(f"\x1f{check}\x1f{name}")).then(pl.lit(f"{check}:{name}" if name else check))
        for check, name in refusing
    ]
    placed = ~pl.col("\x1funplaced")
    return frame.select(
        entity=pl.lit(mapped.entity),
        source_file=FILE,
        source_row=ROW,
        source_ref=pl.when(placed).then(pl.col("source_ref")),
        record_ref=pl.when(placed).then(pl.col(RECORD_REFERENCE[mapped.entity])),
        checks=pl.concat_str(why, separator=" ", ignore_nulls=True),
        cells=pl.when(placed).then(pl.col("\x1fcells").struct.json_encode()) if cells else pl.lit(None, pl.String),
    )
