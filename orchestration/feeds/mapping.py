"""From a delivery's files to canonical rows, by the contract alone.

One entity at a time: join, select, read every field as its type, and mark each row with the checks that it fails. What
does not belong here: reading files (rawtables), what one cell says (values), duplicates and references (standing rows
are decided in uniqueness and deliveries).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from orchestration.area.contracts import UNFINISHED, Column, Contract, Entity, EntityMapping
from orchestration.errors import AreaPackError
from orchestration.feeds import values
from orchestration.feeds.canonical import ALWAYS_KEPT, FIELDS, ITEMS, RECORD_REFERENCE
from orchestration.feeds.checks import Findings
from orchestration.feeds.crosswalks import codes_of
from orchestration.feeds.numbers import number
from orchestration.feeds.rawtables import FAULT, ROW
from orchestration.feeds.rowrules import Days, row_rules
from orchestration.feeds.sources import FILE, Sources, counting, has_value, qualified, where_origin
from orchestration.feeds.unpivot import ticked_code

DELETED = "\x1fdeleted"
REASON = "\x1freason\x1f"
RAW = "\x1fraw\x1f"
KEEPS_ITS_REASON = ("ethnicity_code",)
"""Fields in which 'refused', 'not_obtained' and 'not_in_list' are values of their own and not merely missing."""
UNPLACED = ("ragged_row", "totals_row")
"""Faults that the reading saw: the cells of such a row may stand under the wrong headings."""
TOKEN_FIELDS_PREFIX = "tok_"  # noqa: S105 - a prefix of field names


@dataclass(frozen=True)
class MappedEntity:
    """One entity's rows before duplicates are looked at. `rows`: ROW, FILE, fields as canonical types, DELETED.

    `failed` has one row a failed check and row: row_index, check_id, field. `raw` are the agreed cells as delivered.
    """

    entity: Entity
    rows: pl.DataFrame
    flags: dict[tuple[str, str], pl.Series]
    raw: pl.DataFrame
    not_selected: int
    missing: dict[str, dict[str, int]]


@dataclass
class Mapper:
    """Maps one delivery. `days.delivered_on` is the day after which nothing can have happened."""

    contract: Contract
    sources: Sources
    findings: Findings
    folders: Sequence[Path]
    days: Days
    _flags: dict[tuple[str, str], pl.Expr] = field(default_factory=dict)

    def map_entity(self, entity: Entity) -> MappedEntity:
        """Return the entity's rows, and for each check that a row can fail which rows do."""
        mapping = self.contract.entities[entity]
        fields = self.sources.fields[entity]
        joined = self.sources.joined(entity, self.findings)
        selected = joined.filter(self._selection(mapping))
        self._flags = {}
        texts = self._texts(selected, fields)
        rows = self._typed(texts, entity, fields)
        self._flag_rules(entity, fields)
        flags = self._evaluate(rows)
        return MappedEntity(
            entity=entity,
            rows=rows.select(ROW, FILE, DELETED, *FIELDS[entity]),
            flags=flags,
            raw=texts.select(*(f"{RAW}{name}" for name in fields)),
            not_selected=joined.height - selected.height,
            missing=self._missing(rows, fields),
        )

    def _selection(self, mapping: EntityMapping) -> pl.Expr:
        chosen = counting(self.contract, mapping.file) + [
            has_value(qualified(*where_origin(self.contract, mapping, name)), wanted)
            for name, wanted in mapping.where.items()
        ]
        if mapping.drop_blank:
            origins = [qualified(*where_origin(self.contract, mapping, name)) for name in mapping.drop_blank]
            chosen.append(pl.any_horizontal(values.missing_reason(pl.col(name)).is_null() for name in origins))
        if not chosen:
            return pl.lit(True)
        # a row that could not be read properly is shown to every entity, lest it vanish
        return pl.all_horizontal(chosen).fill_null(False) | pl.col(FAULT).is_not_null()

    def _texts(self, selected: pl.DataFrame, fields: dict[str, Column]) -> pl.DataFrame:
        """Add every field's cell as delivered, and why it is missing where it is."""
        cells = {name: _cell(column) for name, column in fields.items()}
        texts = selected.select(
            ROW,
            FILE,
            FAULT,
            self._deleted(selected).alias(DELETED),
            *[cell.alias(f"{RAW}{name}") for name, cell in cells.items()],
        )
        return texts.with_columns(
            values.missing_reason(pl.col(f"{RAW}{name}")).alias(f"{REASON}{name}") for name in fields
        )

    def _deleted(self, selected: pl.DataFrame) -> pl.Expr:
        """Mark rows that say 'deleted'; the columns that say so stand in the main file."""
        words = {qualified("main", name): found for name, found in self.contract.delivery.deleted.items()}
        if not words or not set(words) <= set(selected.columns):
            return pl.lit(False)
        return pl.any_horizontal(
            pl.col(name).str.to_lowercase().is_in([word.lower() for word in found]).fill_null(False)
            for name, found in words.items()
        )

    def _typed(self, texts: pl.DataFrame, entity: Entity, fields: dict[str, Column]) -> pl.DataFrame:
        """Add every canonical field in its type; fields that are not mapped or not agreed are null."""
        typed: list[pl.Expr] = []
        reasons: list[pl.Expr] = []
        for name, column in fields.items():
            kind = FIELDS[entity][name]
            made, reason = self._field(texts, entity, name, column)
            typed.append(made.cast(kind).alias(name))
            if reason is not None:
                reasons.append(reason.alias(f"{REASON}{name}"))
            if column.required or name in ("source_ref", RECORD_REFERENCE[entity]):
                self._flag("required_missing", name, pl.col(f"{REASON}{name}").is_in(list(values.ABSENT)))
        absent = [pl.lit(None, kind).alias(name) for name, kind in FIELDS[entity].items() if name not in fields]
        rows = texts.with_columns(*typed, *absent).with_columns(*reasons)
        reference = RECORD_REFERENCE[entity]
        if reference not in fields:
            rows = rows.with_columns(_content_reference(entity, list(fields)).alias(reference))
        return rows

    def _field(self, texts: pl.DataFrame, entity: Entity, name: str, column: Column) -> tuple[pl.Expr, pl.Expr | None]:
        """Return a field's values, and a finer reason for their absence where the type knows one."""
        raw = pl.col(f"{RAW}{name}")
        present = pl.col(f"{REASON}{name}").is_null()
        text = pl.when(present).then(raw)
        kind = "date" if isinstance(FIELDS[entity][name], pl.Date) and column.type == "string" else column.type
        kind = "code" if column.ticks else kind
        kind = "token" if name.startswith(TOKEN_FIELDS_PREFIX) and kind == "string" else kind
        if kind in ("date", "month"):
            return self._date(texts, name, column, month=kind == "month" or name == "birth_month"), None
        if kind == "code":
            return self._code(name, column, raw)
        if kind == "token":
            token = raw.str.to_lowercase()
            good = present & token.str.contains(values.TOKEN)
            self._flag("token_malformed", name, present & ~good)
            return pl.when(good).then(token), None
        if kind in ("integer", "decimal") or isinstance(FIELDS[entity][name], pl.Float64):
            figure = number(text, whole=kind == "integer", decimal=column.decimal)
            self._flag("number_unreadable", name, present & figure.is_null())
            bounds = [figure < limit for limit in [column.least] if limit is not None]
            bounds += [figure > limit for limit in [column.most] if limit is not None]
            if bounds:
                self._flag("out_of_range", name, pl.any_horizontal(bounds))
            return figure, None
        return (values.boolean(text) if kind == "boolean" else text), None

    def _date(self, texts: pl.DataFrame, name: str, column: Column, *, month: bool) -> pl.Expr:
        """Read a column of dates in the format that the whole column decides; undecided, it is not read at all."""
        present = pl.col(f"{REASON}{name}").is_null()
        text = pl.when(present).then(pl.col(f"{RAW}{name}"))
        formats = column.formats or (values.DEFAULT_MONTH_FORMATS if month else values.DEFAULT_DATE_FORMATS)
        chosen = formats[0]
        if len(formats) > 1:
            decided = values.decide_format(texts.select(text.alias(name)).to_series(), formats, column.pivot)
            if decided is None:
                detail = f"column '{column.source}', formats {', '.join(formats)}"
                self.findings.add("date_format_undecided", texts.height, detail=detail)
                return pl.lit(None, pl.Date)
            chosen = decided
            self.sources.note(column.file, f"dates in '{column.source}'", chosen)
        read = values.date(text, chosen, is_typed=self.sources.is_typed(column.file), pivot=column.pivot)
        self._flag("date_unreadable", name, present & pl.col(name).is_null())
        return read.dt.month_start() if month else read

    def _code(self, name: str, column: Column, raw: pl.Expr) -> tuple[pl.Expr, pl.Expr | None]:
        """Read a code. The list comes first, so that a partner's '-' or 'none' may be a code of its own."""
        reason = pl.col(f"{REASON}{name}")
        codes = codes_of(column, self.folders)
        if not codes:
            return pl.when(reason.is_null()).then(raw), None
        code = values.coded(raw, codes)
        refused = raw.str.contains(values.REFUSALS).fill_null(False)
        finer = (
            pl.when(code.is_not_null())
            .then(None)
            .when(reason.is_not_null())
            .then(reason)
            .when(refused)
            .then(pl.lit("refused"))
            .otherwise(pl.lit("not_in_list"))
        )
        # by the time the marks are made the finer reason stands in the reason's column
        self._flag(
            "required_code_not_in_list" if column.required else "code_not_in_list", name, reason == "not_in_list"
        )
        if name in KEEPS_ITS_REASON:
            kept = finer.replace(dict.fromkeys(values.ABSENT, "not_obtained"))
            return pl.coalesce(code, kept), finer
        return code, finer

    def _flag(self, check_id: str, name: str, rows: pl.Expr) -> None:
        if self.findings.severity(check_id) is not None:
            self._flags[check_id, name] = rows.fill_null(False)

    def _flag_rules(self, entity: Entity, fields: Collection[str]) -> None:
        """Mark rows that the reading saw a fault in, and rows that break a rule of the registry."""
        for fault in UNPLACED:
            self._flag(fault, "", pl.col(FAULT) == fault)
        for check_id, name, fails in row_rules(entity, fields, self.days):
            self._flag(check_id, name, fails)

    def _evaluate(self, rows: pl.DataFrame) -> dict[tuple[str, str], pl.Series]:
        if not self._flags:
            return {}
        keys = list(self._flags)
        placed = pl.col(FAULT).is_null()  # of a row under the wrong headings only that is said
        marks = rows.select(
            (mark if check in UNPLACED else mark & placed).alias(str(position))
            for position, ((check, _), mark) in enumerate(self._flags.items())
        )
        marks = marks if marks.height == rows.height else rows.select(pl.lit(False).alias(c) for c in marks.columns)
        return {keys[int(mark.name)]: mark for mark in marks if mark.any()}

    def _missing(self, rows: pl.DataFrame, fields: dict[str, Column]) -> dict[str, dict[str, int]]:
        """Count why values are missing, for every field that lacks some."""
        names = [name for name, column in fields.items() if column.origins]
        if not names or not rows.height:
            return {}
        reasons = rows.filter(pl.col(FAULT).is_null()).select(pl.col(f"{REASON}{name}").alias(name) for name in names)
        counted = (
            reasons.unpivot(variable_name="field", value_name="reason").drop_nulls().group_by("field", "reason").len()
        )
        found: dict[str, dict[str, int]] = {}
        for name, reason, count in counted.sort("field", "reason").iter_rows():
            found.setdefault(name, {})[reason] = int(count)
        return found


def _cell(column: Column) -> pl.Expr:
    """Return what fills a field, as text."""
    if column.ticks:
        return ticked_code({qualified(column.file, name): code for name, code in column.ticks.items()}, column.several)
    return pl.col(qualified(column.file, column.source)) if column.source else pl.lit(column.value, pl.String)


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
