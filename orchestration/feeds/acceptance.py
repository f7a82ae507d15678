"""Accept, supersede or quarantine each mapped row of a delivery, and count all three.

What belongs here: which rows stand within one delivery, taken in piece by piece. What does not: which rows are one
record (duplicates), which delivery stands (orchestration.feeds.standing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.alike import PLACE
from orchestration.feeds.canonical import FIELDS, IDENTIFYING, PROVENANCE, RECORD_REFERENCE
from orchestration.feeds.checks import EXAMPLES, Findings
from orchestration.feeds.duplicates import Duplicates, Keys
from orchestration.feeds.mapping import DELETED, UNPLACED, MappedEntity
from orchestration.feeds.rawtables import ROW
from orchestration.feeds.receipts import EntityReceipt
from orchestration.feeds.sources import FILE
from orchestration.feeds.spool import Rows, Spool

PIECE_ROWS = 250_000
"""Rows that are looked at together. The memory that a delivery takes goes with this, and not with its size."""
STORED: dict[Entity, dict[str, pl.DataType]] = {
    entity: {**PROVENANCE, **fields, "is_deleted": pl.Boolean()} for entity, fields in FIELDS.items()
}
"""An entity's accepted rows as they are stored."""
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
NUMBER = "\x1fnumber"
"""Place of a row among all mapped rows of its entity."""


@dataclass(frozen=True)
class AcceptedEntity:
    """One entity's rows of a delivery after acceptance: `rows` as they are stored."""

    entity: Entity
    rows: Rows
    quarantined: Rows
    receipt: EntityReceipt
    are_unlike: bool = False


@dataclass
class Intake:
    """Takes in one entity of one delivery, piece by piece. `provenance` is every row's; `few` as in Spool."""

    entity: Entity
    contract: Contract
    findings: Findings
    provenance: Mapping[str, str]
    alike: Sequence[str] = ()
    folder: Path | None = None
    few: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=lambda: {"delivered": 0, "not_selected": 0, "quarantined": 0})
    _missing: dict[tuple[str, str], int] = field(default_factory=dict)
    _failed: dict[tuple[str, str], "_Failed"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rows = Spool(
            self.folder, STORED[self.entity], {**{n: [v] for n, v in self.provenance.items()}, **self.few}
        )
        self._aside = Spool(self.folder, QUARANTINE)
        self._duplicates = Duplicates(self.entity, self.alike)
        # what it takes to quarantine a row that only its twin further down shows to be at fault
        self._is_strict = _is_refusing(self.findings, "reference_repeated")
        self._may_differ = Spool(self.folder, {**QUARANTINE, NUMBER: pl.Int64()})
        self._refused_numbers: list[pl.Series] = []

    def take(self, mapped: MappedEntity) -> None:
        """Take in the next rows."""
        rows, flags = mapped.rows, mapped.flags
        start = self._counts["delivered"]
        self._counts["delivered"] += rows.height
        self._counts["not_selected"] += mapped.not_selected
        for place, count in mapped.missing.items():
            self._missing[place] = self._missing.get(place, 0) + count
        for key, mark in flags.items():
            self._failed.setdefault(key, _Failed()).add(rows, mark)
        refusing = {key: mark for key, mark in flags.items() if _is_refusing(self.findings, key[0])}
        refused = _any(rows.height, list(refusing.values())) if refusing else None
        if refused is not None:
            aside = quarantined(mapped, refused, refusing)
            self._counts["quarantined"] += aside.height
            self._aside.add(aside)
        kept = rows if refused is None else rows.filter(~refused)
        self._rows.add(self._stored(kept))
        self._duplicates.add(kept)
        if self._is_strict:
            self._take_strictly(mapped, refused, start)

    def _take_strictly(self, mapped: MappedEntity, refused: pl.Series | None, start: int) -> None:
        height = mapped.rows.height
        refused = _any(height, []) if refused is None else refused
        numbers = pl.int_range(start, start + height, dtype=pl.Int64, eager=True).alias(NUMBER)
        waiting = quarantined(mapped, ~refused, {})
        self._may_differ.add(waiting.with_columns(numbers.filter(~refused)))
        self._refused_numbers.append(numbers.filter(refused))
        self._duplicates.compare(mapped.rows, ~refused)

    def drop(self) -> None:
        """Give up what was taken in: the delivery is refused as a whole."""
        for spool in (self._rows, self._aside, self._may_differ):
            spool.drop()

    def close(self) -> AcceptedEntity:
        """Decide, now that all rows are known, which of them stand."""
        self._record_flags()
        is_alike = not self._duplicates.are_distinct[1]  # before the rows are closed: their last are being written
        rows, aside = self._rows.close(), self._aside.close()
        keys = self._duplicates.keys(rows)
        waiting = self._may_differ.close()
        if self._is_strict and (differing := self._duplicates.differing()).any():
            rows, aside, keys = self._refuse_differing(rows, aside, keys, waiting, differing)
        gone = keys.replaced()
        superseded = int(gone.sum()) if gone is not None else 0
        if gone is not None and superseded:
            self._record_duplicates(keys, superseded)
            rows = self._only(rows, ~gone)
        return AcceptedEntity(
            entity=self.entity,
            rows=rows,
            quarantined=aside,
            are_unlike=not is_alike,
            receipt=EntityReceipt(
                delivered=self._counts["delivered"],
                accepted=rows.height,
                quarantined=aside.height,
                superseded=superseded,
                superseded_within=superseded,
                not_selected=self._counts["not_selected"],
                missing=_by_field(self._missing),
            ),
        )

    def _refuse_differing(
        self, rows: Rows, aside: Rows, keys: Keys, waiting: Rows, differing: pl.Series
    ) -> tuple[Rows, Rows, Keys]:
        """Quarantine every row whose record occurs with other values elsewhere in the delivery."""
        found = waiting.lazy().filter(pl.lit(differing)).collect()
        examples = found["source_row"].head(EXAMPLES).to_list()
        self.findings.add("reference_repeated", found.height, entity=self.entity, rows=examples)
        found = found.with_columns(checks=pl.lit(f"reference_repeated:{RECORD_REFERENCE[self.entity]}"))
        numbers = pl.concat(self._refused_numbers).alias(NUMBER)
        refused = aside.collect().with_columns(numbers)
        both = pl.concat([refused, found.select(refused.columns)]).sort(NUMBER, maintain_order=True).drop(NUMBER)
        return self._only(rows, ~differing), Rows.of(both), keys.only(~differing)

    def _stored(self, rows: pl.DataFrame) -> pl.DataFrame:
        said = [pl.lit(value).alias(name) for name, value in self.provenance.items()]
        renamed = rows.rename({ROW: "source_row", FILE: "source_file", DELETED: "is_deleted"})
        return renamed.with_columns(said).select(*STORED[self.entity])

    def _only(self, rows: Rows, mark: pl.Series) -> Rows:
        """Return the rows that a mark holds, row for row."""
        kept, start = Spool(self.folder, STORED[self.entity], rows.few), 0
        for piece in rows.pieces(PIECE_ROWS):
            kept.add(piece.filter(mark.slice(start, piece.height)))
            start += piece.height
        return kept.close()

    def _record_flags(self) -> None:
        columns = self.contract.entities[self.entity].columns
        for (check, name), failed in self._failed.items():
            column = columns.get(name)
            detail = f"column '{column.source}' ({name})" if column and column.source else name
            self.findings.add(check, failed.count, entity=self.entity, field=name, detail=detail, rows=failed.examples)

    def _record_duplicates(self, keys: Keys, superseded: int) -> None:
        count, examples = keys.repeated()
        self.findings.add("duplicate_row", count, entity=self.entity, rows=examples)
        if superseded > count:
            self.findings.add(
                "reference_repeated", superseded - count, entity=self.entity, rows=keys.differing_examples()
            )


@dataclass
class _Failed:
    """How many rows fail a check, and the first of them."""

    count: int = 0
    examples: list[int] = field(default_factory=list)

    def add(self, rows: pl.DataFrame, mark: pl.Series) -> None:
        self.count += int(mark.sum())
        if len(self.examples) < EXAMPLES:
            self.examples += rows[ROW].filter(mark).head(EXAMPLES - len(self.examples)).to_list()


def together(quarantined: Sequence[Rows], folder: Path | None) -> Rows:
    """Return the quarantines of all entities as one."""
    spool = Spool(folder, QUARANTINE)
    for rows in quarantined:
        for piece in rows.pieces(PIECE_ROWS):
            spool.add(piece)
    return spool.close()


def lazy_rows(accepted: Mapping[Entity, AcceptedEntity]) -> dict[Entity, pl.LazyFrame]:
    """Return the accepted rows for the checks that look at them beside each other; deletions say nothing there."""
    found = {entity: (known.rows.lazy(), known.rows.trues["is_deleted"]) for entity, known in accepted.items()}
    return {entity: rows.filter(~pl.col("is_deleted")) if gone else rows for entity, (rows, gone) in found.items()}


def set_aside(
    accepted: dict[Entity, AcceptedEntity],
    refused: Mapping[Entity, pl.DataFrame],
    contract: Contract,
    folder: Path | None = None,
) -> dict[Entity, AcceptedEntity]:
    """Move rows that a check of rows beside each other refuses into the quarantine, with their canonical values."""
    moved = {entity: _set_aside(accepted[entity], marks, contract, folder) for entity, marks in refused.items()}
    return accepted | moved


def _set_aside(found: AcceptedEntity, marks: pl.DataFrame, contract: Contract, folder: Path | None) -> AcceptedEntity:
    why = marks.group_by(*PLACE, maintain_order=True).agg(
        checks=pl.col("check").unique(maintain_order=True).str.join(" ")
    )
    shown = [name for name in contract.entities[found.entity].columns if name not in IDENTIFYING]
    kept, aside = Spool(folder, STORED[found.entity], found.rows.few), Spool(folder, QUARANTINE)
    for piece in found.quarantined.pieces(PIECE_ROWS):
        aside.add(piece)
    for piece in found.rows.pieces(PIECE_ROWS):
        gone = piece.join(why, on=PLACE, maintain_order="left")
        aside.add(
            gone.select(
                "source_file",
                "source_row",
                "source_ref",
                "checks",
                entity=pl.lit(found.entity),
                record_ref=pl.col(RECORD_REFERENCE[found.entity]),
                cells=pl.struct(pl.col(shown).cast(pl.String)).struct.json_encode()
                if shown
                else pl.lit(None, pl.String),
            ).select(*QUARANTINE)
        )
        kept.add(piece.join(why, on=PLACE, how="anti", maintain_order="left"))
    rows, quarantine = kept.close(), aside.close()
    counts = {"accepted": rows.height, "quarantined": quarantine.height}
    return replace(found, rows=rows, quarantined=quarantine, receipt=found.receipt.model_copy(update=counts))


def _is_refusing(findings: Findings, check: str) -> bool:
    return findings.severity(check) in ("refuse_row", "refuse_delivery")


def _any(height: int, marks: list[pl.Series]) -> pl.Series:
    found = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    for mark in marks:
        found = found | mark
    return found


def _by_field(missing: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for name, reason in sorted(missing):
        found.setdefault(name, {})[reason] = missing[name, reason]
    return found


def quarantined(
    mapped: MappedEntity, refused: pl.Series, refusing: Mapping[tuple[str, str], pl.Series]
) -> pl.DataFrame:
    """Return the rows that are refused as the quarantine holds them, each with the checks that refuse it."""
    cells = [name for name in mapped.raw if name not in IDENTIFYING]
    places = refused.arg_true()
    marks = {f"\x1f{check}\x1f{name}": mark.gather(places) for (check, name), mark in refusing.items()}
    unplaced = _any(len(places), [mark.gather(places) for (check, _), mark in refusing.items() if check in UNPLACED])
    raw = pl.DataFrame([mapped.raw[name].at(places).alias(name) for name in cells])
    frame = mapped.rows[places].with_columns(
        raw.to_struct("\x1fcells") if cells else pl.lit(None).alias("\x1fcells"),
        unplaced.alias("\x1funplaced"),
        *[mark.alias(name) for name, mark in marks.items()],
    )
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
        checks=pl.concat_str(why, separator=" ", ignore_nulls=True) if why else pl.lit(None, pl.String),
        cells=pl.when(placed).then(pl.col("\x1fcells").struct.json_encode()) if cells else pl.lit(None, pl.String),
    )
