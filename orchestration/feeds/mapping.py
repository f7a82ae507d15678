"""From a delivery's files to canonical rows, by the contract alone.

One entity at a time, piece by piece: select, read every field as its type, and mark each row with the checks that it
fails. What does not belong here: reading files (tables), what one cell says (fieldreading, values), duplicates and
references (acceptance).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from orchestration.area.contracts import UNFINISHED, Column, Contract, Entity, EntityMapping
from orchestration.errors import AreaPackError
from orchestration.feeds import values
from orchestration.feeds.canonical import ALWAYS_KEPT, FIELDS, ITEMS, RECORD_REFERENCE
from orchestration.feeds.checks import Findings
from orchestration.feeds.distinct import Encoded, encode
from orchestration.feeds.fieldreading import FieldReader, Reading
from orchestration.feeds.rawtables import FAULT, ROW
from orchestration.feeds.rowrules import Days, row_rules
from orchestration.feeds.sources import FILE, Joined, Sources, counting, has_value, qualified, where_origin
from orchestration.feeds.unpivot import ticked_code

DELETED = "\x1fdeleted"
UNPLACED = ("ragged_row", "totals_row")
"""Faults that the reading saw: the cells of such a row may stand under the wrong headings."""


@dataclass(frozen=True)
class MappedEntity:
    """Some of one entity's rows before duplicates are looked at. `rows`: ROW, FILE, fields as canonical types, DELETED.

    `flags`: for a check and the field at fault, which rows fail. `raw` are the agreed cells as delivered. `missing`
    counts why values are missing, by field and reason.
    """

    entity: Entity
    rows: pl.DataFrame
    flags: dict[tuple[str, str], pl.Series]
    raw: Mapping[str, Encoded]
    not_selected: int
    missing: dict[tuple[str, str], int]


@dataclass
class Mapper:
    """Maps one entity of one delivery, piece by piece. `days.delivered_on`: after it nothing can have happened."""

    contract: Contract
    entity: Entity
    sources: Sources
    findings: Findings
    folders: Sequence[Path]
    days: Days
    areas: frozenset[str] = frozenset()
    _votes: dict[str, values.FormatVote] = field(default_factory=dict)
    _readers: dict[str, FieldReader] = field(default_factory=dict)
    _rules: list[tuple[str, str, pl.Expr]] = field(default_factory=list)
    _voted: int = 0

    def __post_init__(self) -> None:
        for name, column in self.fields.items():
            is_typed = self.sources.is_typed(column.file)
            reader = FieldReader(self.entity, name, column, self.folders, is_typed=is_typed, areas=self.areas)
            if reader.kind in ("date", "month"):
                formats = reader.formats
                if len(formats) > 1:
                    self._votes[name] = values.FormatVote(formats, column.pivot)
                reader = replace(reader, form=formats[0])
            self._readers[name] = reader
        rules = row_rules(self.entity, self.fields, self.days)
        self._rules = [rule for rule in rules if self.findings.severity(rule[0]) is not None]

    @property
    def fields(self) -> dict[str, Column]:
        return self.sources.fields[self.entity]

    @property
    def mapping(self) -> EntityMapping:
        return self.contract.entities[self.entity]

    @property
    def has_votes(self) -> bool:
        """Tell whether some column's format has to be decided before any row of it is read."""
        return bool(self._votes)

    def vote(self, joined: Joined) -> None:
        """Let the next rows say in which format their dates are."""
        selected = self._select(joined)
        for name, vote in self._votes.items():
            cells = self._cells(selected, self.fields[name])
            absent = cells.values.to_frame("text").select(values.is_missing(pl.col("text"))).to_series()
            texts = cells.values.set(absent.fill_null(True), None)
            rows = None
            if cells.places is not None:
                counts = cells.places.value_counts(name="rows").sort(cells.places.name)
                rows = counts["rows"] if counts.height == len(texts) else None
                texts = texts if rows is not None else cells.spread(texts)
            vote.add(texts, rows)
        self._voted += selected.frame.height

    def decide(self) -> None:
        """Settle the formats; a column that cannot be decided is a finding, and is not read at all."""
        for name, vote in self._votes.items():
            column, decided = self.fields[name], vote.decide()
            self._readers[name] = replace(self._readers[name], form=decided)
            if decided is None:
                detail = f"column '{column.source}', formats {', '.join(vote.formats)}"
                self.findings.add("date_format_undecided", self._voted, detail=detail)
            else:
                self.sources.note(column.file, f"dates in '{column.source}'", decided)

    def map_piece(self, joined: Joined) -> MappedEntity:
        """Return the entity's rows among these, and for each check that a row can fail which rows do."""
        selected = self._select(joined)
        frame = selected.frame
        cells = {name: self._cells(selected, column) for name, column in self.fields.items()}
        readings = {name: self._readers[name].read(cells[name]) for name in self.fields}
        blank = [pl.lit(None, kind).alias(name) for name, kind in FIELDS[self.entity].items() if name not in cells]
        rows = pl.DataFrame(
            [frame[ROW], frame[FILE], frame[FAULT], *(reading.values for reading in readings.values())]
        ).with_columns(self._deleted(frame).alias(DELETED), *blank)
        reference = RECORD_REFERENCE[self.entity]
        if reference not in cells:
            rows = rows.with_columns(_content_reference(self.entity, list(cells)).alias(reference))
        flags = {(check, name): mark for name, read in readings.items() for check, mark in read.flags.items()}
        return MappedEntity(
            entity=self.entity,
            rows=rows.select(ROW, FILE, DELETED, *FIELDS[self.entity]),
            flags=self._flags(rows, flags),
            raw=cells,
            not_selected=joined.frame.height - frame.height,
            missing=_missing(rows[FAULT], readings, self.fields),
        )

    def _select(self, joined: Joined) -> Joined:
        mapping = self.mapping
        chosen = counting(self.contract, mapping.file) + [
            has_value(qualified(*where_origin(self.contract, mapping, name)), wanted)
            for name, wanted in mapping.where.items()
        ]
        if mapping.drop_blank:
            origins = [qualified(*where_origin(self.contract, mapping, name)) for name in mapping.drop_blank]
            chosen.append(pl.any_horizontal(~values.is_missing(pl.col(name)) for name in origins))
        if not chosen:
            return joined
        # a row that could not be read properly is shown to every entity, lest it vanish
        counts = pl.all_horizontal(chosen).fill_null(False) | pl.col(FAULT).is_not_null()
        return replace(joined, frame=joined.frame.filter(counts))

    def _cells(self, selected: Joined, column: Column) -> Encoded:
        """Return what fills a field, as text."""
        if column.ticks:
            ticks = {qualified(column.file, name): code for name, code in column.ticks.items()}
            return encode(selected.frame.select(ticked_code(ticks, column.several)).to_series())
        if column.source:
            return selected.cells(qualified(column.file, column.source))
        nowhere = pl.Series([0], dtype=pl.UInt32).new_from_index(0, selected.frame.height)
        return Encoded(pl.Series([column.value], dtype=pl.String), nowhere)

    def _deleted(self, selected: pl.DataFrame) -> pl.Series:
        """Mark rows that say 'deleted'; the columns that say so stand in the main file."""
        words = {qualified("main", name): found for name, found in self.contract.delivery.deleted.items()}
        if not words or not set(words) <= set(selected.columns):
            return pl.repeat(False, selected.height, dtype=pl.Boolean, eager=True)
        said = pl.any_horizontal(
            pl.col(name).str.to_lowercase().is_in([word.lower() for word in found]).fill_null(False)
            for name, found in words.items()
        )
        return selected.select(said).to_series()

    def _flags(self, rows: pl.DataFrame, flags: dict[tuple[str, str], pl.Series]) -> dict[tuple[str, str], pl.Series]:
        """Return the marks of the cells, of faults that the reading saw, and of the rules of the registry."""
        found = {key: mark for key, mark in flags.items() if self.findings.severity(key[0]) is not None}
        has_faults = rows[FAULT].null_count() < rows.height
        rules = self._rules
        if has_faults:
            faults = [(fault, "", pl.col(FAULT) == fault) for fault in UNPLACED]
            rules = [rule for rule in faults if self.findings.severity(rule[0]) is not None] + rules
        marks = rows.select(mark.fill_null(False).alias(str(place)) for place, (_, _, mark) in enumerate(rules))
        if marks.height == rows.height:
            for mark in marks:
                check, name, _ = rules[int(mark.name)]
                found[check, name] = mark
        if has_faults:
            placed = rows[FAULT].is_null()  # of a row under the wrong headings only that is said
            found = {key: mark if key[0] in UNPLACED else mark & placed for key, mark in found.items()}
        return {key: mark for key, mark in found.items() if mark.any()}


def _missing(
    faults: pl.Series, readings: Mapping[str, Reading], fields: Mapping[str, Column]
) -> dict[tuple[str, str], int]:
    """Count why values are missing, by field and reason, in rows without a fault."""
    found: dict[tuple[str, str], int] = {}
    for name, reading in readings.items():
        if reading.reasons is None or not fields[name].origins:
            continue
        reasons = reading.reasons.filter(faults.is_null()) if faults.null_count() < len(faults) else reading.reasons
        for reason, rows in reasons.drop_nulls().value_counts().iter_rows():
            found[name, str(reason)] = int(rows)
    return found


def item_of(name: str, column: Column) -> str | None:
    """Return the agreed data item that a mapped field belongs to; None for references, which no agreement names."""
    return None if name in ALWAYS_KEPT else column.item or ITEMS[name]


def agreed_fields(contract: Contract, entity: Entity, items: frozenset[str]) -> dict[str, Column]:
    """Return the mapped fields of an entity that may be stored."""
    columns = contract.entities[entity].columns
    return {name: c for name, c in columns.items() if (item := item_of(name, c)) is None or item in items}


def check_mapping(contract: Contract) -> None:
    """Raise AreaPackError when a contract maps a field that no entity has, lacks a reference or is still a draft."""
    if places := [".".join(map(str, place)) for place in contract.unfinished]:
        raise AreaPackError(
            f"feed {contract.feed}: the contract is a draft, in which {len(places)} places still say {UNFINISHED} "
            f"({', '.join(places[:5])}): `joinedup contract validate` tells them with their lines."
        )
    for entity, mapping in contract.entities.items():
        known = FIELDS[entity]
        if unknown := sorted(set(mapping.columns) - set(known)):
            raise AreaPackError(
                f"feed {contract.feed}, key 'entities.{entity}.columns': {', '.join(unknown)} is not a field of "
                f"{entity} (fields: {', '.join(known)})."
            )
        if "source_ref" not in mapping.columns:
            raise AreaPackError(f"feed {contract.feed}, key 'entities.{entity}.columns': source_ref must be mapped.")


def _content_reference(entity: Entity, fields: Sequence[str]) -> pl.Expr:
    """Return a reference made of the record's own values, for partners who give none: equal records are one."""
    parts = [pl.col(name).cast(pl.String).fill_null("") for name in FIELDS[entity] if name in fields]
    return pl.concat_str(parts, separator="/")
