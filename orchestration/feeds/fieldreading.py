"""What the cells of one mapped column say: values of the field's type, why some are missing, and which are at fault.

Every answer is worked out once for each distinct value of the column and then spread over its rows. What does not
belong here: which rows and columns these are (mapping), what one cell says (values, numbers).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Column, Entity
from orchestration.feeds import values
from orchestration.feeds.canonical import FIELDS, RECORD_REFERENCE
from orchestration.feeds.crosswalks import codes_of
from orchestration.feeds.distinct import Encoded
from orchestration.feeds.numbers import number

KEEPS_ITS_REASON = ("ethnicity_code",)
"""Fields in which 'refused', 'not_obtained' and 'not_in_list' are values of their own and not merely missing."""
TOKEN_FIELDS_PREFIX = "tok_"  # noqa: S105 - a prefix of field names
SMALL_AREA = r"(?i)^(?:[EWSN]\d{8}|95[A-Z]{2}\d{2}[SW]\d{1,2})$"
"""Codes of small areas of the four nations (ONS, GSS coding; NISRA, super output areas)."""
RAW, REASON, VALUE = "raw", "reason", "value"


@dataclass(frozen=True)
class Reading:
    """One field of some rows. `flags`: check to the rows that fail it; `reasons`: why a value is missing, if any is."""

    values: pl.Series
    reasons: pl.Series | None
    flags: dict[str, pl.Series]


@dataclass(frozen=True)
class FieldReader:
    """Reads one field of an entity. `form` is the format of a column of dates; None while it is undecided."""

    entity: Entity
    name: str
    column: Column
    folders: Sequence[Path]
    form: str | None = None
    is_typed: bool = False
    areas: frozenset[str] = frozenset()
    """The small areas of the area's own geography, which count whatever their form."""

    @property
    def kind(self) -> str:
        """How the column is read."""
        kind = "date" if isinstance(self.type, pl.Date) and self.column.type == "string" else self.column.type
        kind = "code" if self.column.ticks else kind
        kind = "token" if self.name.startswith(TOKEN_FIELDS_PREFIX) and kind == "string" else kind
        return "number" if kind in ("integer", "decimal") or isinstance(self.type, pl.Float64) else kind

    @property
    def type(self) -> pl.DataType:
        return FIELDS[self.entity][self.name]

    @property
    def is_plain(self) -> bool:
        """Whether each text is its own value."""
        return self.kind == "string" and self.name != "lsoa_code" and self.type == pl.String()

    @property
    def is_required(self) -> bool:
        return self.column.required or self.name in ("source_ref", RECORD_REFERENCE[self.entity])

    @property
    def is_month(self) -> bool:
        return self.column.type == "month" or self.name == "birth_month"

    @property
    def formats(self) -> Sequence[str]:
        """The formats of a column of dates: those declared, or those that count without any."""
        default = values.DEFAULT_MONTH_FORMATS if self.is_month else values.DEFAULT_DATE_FORMATS
        return self.column.formats or default

    def read(self, cells: Encoded) -> Reading:
        """Return what the cells say."""
        if self.is_plain and cells.is_referential:
            return self._as_delivered(cells)
        frame = pl.DataFrame({RAW: cells.values}, schema={RAW: pl.String})
        marked = pl.col(RAW).is_null() if cells.is_referential else values.is_missing(pl.col(RAW))
        missing = bool(frame.select(marked.any()).item())
        reason = values.missing_reason(pl.col(RAW)) if missing else pl.lit(None, pl.String)
        value, finer, flags = self._expressions(is_whole=not missing)
        frame = frame.with_columns(reason.alias(REASON)).with_columns(value.cast(self.type).alias(VALUE))
        if finer is not None:
            frame = frame.with_columns(finer.alias(REASON))
        if self.is_required:
            flags["required_missing"] = pl.col(REASON).is_in(list(values.ABSENT))
        marks = frame.select(mark.fill_null(False).alias(check) for check, mark in flags.items())
        spread = {mark.name: cells.spread(_broadcast(mark, frame.height)) for mark in marks if mark.any()}
        has_reason = frame[REASON].null_count() < frame.height
        return Reading(
            values=cells.spread(frame[VALUE]).alias(self.name),
            reasons=cells.spread(frame[REASON]) if has_reason else None,
            flags=spread,
        )

    def _as_delivered(self, cells: Encoded) -> Reading:
        """Return references as their own values: at most they are blank."""
        texts = cells.spread(cells.values).alias(self.name)
        if not texts.has_nulls():
            return Reading(texts, None, {})
        blank = texts.is_null()
        reasons = pl.Series(REASON, ["blank", None]).gather((~blank).cast(pl.UInt32))
        return Reading(texts, reasons, {"required_missing": blank} if self.is_required else {})

    def _expressions(self, *, is_whole: bool) -> tuple[pl.Expr, pl.Expr | None, dict[str, pl.Expr]]:
        """Return a field's values, a finer reason for their absence where the type knows one, and its checks."""
        present = pl.col(REASON).is_null()
        text = pl.col(RAW) if is_whole else pl.when(present).then(pl.col(RAW))
        if self.kind in ("date", "month"):
            if self.form is None:
                return pl.lit(None, pl.Date), None, {}
            read = values.date(text, self.form, is_typed=self.is_typed, pivot=self.column.pivot)
            unread = {"date_unreadable": present & pl.col(VALUE).is_null()}
            return read.dt.month_start() if self.is_month else read, None, unread
        if self.kind == "code":
            return self._code(present)
        if self.kind == "token":
            token = pl.col(RAW).str.to_lowercase()
            good = present & token.str.contains(values.TOKEN)
            return pl.when(good).then(token), None, {"token_malformed": present & ~good}
        if self.kind == "number":
            return self._number(text, present)
        return self._small_area(present) if self.name == "lsoa_code" else (self._plain(text), None, {})

    def _plain(self, text: pl.Expr) -> pl.Expr:
        return values.boolean(text) if self.kind == "boolean" else text

    def _small_area(self, present: pl.Expr) -> tuple[pl.Expr, pl.Expr, dict[str, pl.Expr]]:
        """Read the code of a small area: what has not the form of one, nor is the area's own, is not stored."""
        good = present & (pl.col(RAW).str.contains(SMALL_AREA) | pl.col(RAW).is_in(sorted(self.areas)))
        reason = pl.when(present & ~good).then(pl.lit("not_in_list")).otherwise(pl.col(REASON))
        check = "required_code_not_in_list" if self.column.required else "code_not_in_list"
        return pl.when(good).then(pl.col(RAW)), reason, {check: pl.col(REASON) == "not_in_list"}

    def _number(self, text: pl.Expr, present: pl.Expr) -> tuple[pl.Expr, None, dict[str, pl.Expr]]:
        column = self.column
        figure = number(text, whole=column.type == "integer", decimal=column.decimal)
        flags = {"number_unreadable": present & figure.is_null()}
        bounds = [figure < limit for limit in [column.least] if limit is not None]
        bounds += [figure > limit for limit in [column.most] if limit is not None]
        if bounds:
            flags["out_of_range"] = pl.any_horizontal(bounds)
        return figure, None, flags

    def _code(self, present: pl.Expr) -> tuple[pl.Expr, pl.Expr | None, dict[str, pl.Expr]]:
        """Read a code. The list comes first, so that a partner's '-' or 'none' may be a code of its own."""
        raw, reason = pl.col(RAW), pl.col(REASON)
        codes = codes_of(self.column, self.folders)
        if not codes:
            return pl.when(present).then(raw), None, {}
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
        check = "required_code_not_in_list" if self.column.required else "code_not_in_list"
        flags = {check: reason == "not_in_list"}
        if self.name in KEEPS_ITS_REASON:
            return pl.coalesce(code, finer.replace(dict.fromkeys(values.ABSENT, "not_obtained"))), finer, flags
        return code, finer, flags


def few_values(entity: Entity, columns: Mapping[str, Column], folders: Sequence[Path]) -> dict[str, list[str]]:
    """Return, for each field that is read as a code of a list, every text that can come of it."""
    found = {}
    for name, column in columns.items():
        is_code = FieldReader(entity, name, column, folders).kind == "code" and FIELDS[entity][name] == pl.String()
        if is_code and (codes := codes_of(column, folders)):
            reasons = (*values.REASONS, "not_obtained") if name in KEEPS_ITS_REASON else ()
            found[name] = sorted({*codes.values(), *reasons})
    return found


def _broadcast(mark: pl.Series, height: int) -> pl.Series:
    return mark if len(mark) == height else mark.new_from_index(0, height)
