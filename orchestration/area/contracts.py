"""Feed contracts: how one partner's delivery becomes canonical rows.

One place for the contract. `orchestration.feeds` obeys it; nothing about a partner stands in Python.
"""

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from orchestration.area.reading import PackModel

Format = Literal["csv", "xlsx", "parquet", "jsonl"]
Mode = Literal["snapshot", "period", "append", "changes"]
ColumnType = Literal["string", "integer", "decimal", "boolean", "date", "month", "code", "token"]
Entity = Literal["person", "episode", "contact", "need", "outcome"]


def _texts_by_column(value: object) -> object:
    """Return the values that rows are chosen by as texts: one value or several, and nothing for a blank cell."""
    if not isinstance(value, dict):
        return value
    many = {k: v if isinstance(v, list) else [v] for k, v in value.items()}
    return {k: ["" if item is None else str(item) for item in items] for k, items in many.items()}


class DeliveryFile(PackModel):
    """One file of a delivery: how to find it and how to read it. What is not declared is detected.

    `pattern` is a regular expression on the file's name, matched whole; the named groups `period` (YYYY-MM, YYYYMM,
    YYYY-Qn or YYYY) and `delivered` (YYYY-MM-DD or YYYYMMDD) tell the reporting period and the day of delivery.
    """

    pattern: str
    format: Format = "csv"
    encoding: str | None = Field(default=None, description="Python codec name; detected when absent")
    delimiter: str | None = Field(default=None, description="one character; detected when absent")
    quote: str | None = Field(default=None, description="quote character; '\"' when absent")
    header_row: int | None = Field(default=None, ge=1, description="1-based row of the header; detected when absent")
    footer_pattern: str | None = Field(
        default=None, description="rows whose first cell matches this (totals, 'End of report') are not data"
    )
    sheet: str | None = Field(default=None, description="sheet of a workbook; the first when absent")
    on: list[str] = Field(default=[], description="columns that join this file to the main one; main has none")
    where: dict[str, list[str]] = Field(
        default={}, description="only rows whose column has one of these values count, also for joins; '' is blank"
    )

    _where = field_validator("where", mode="before")(_texts_by_column)

    @field_validator("pattern", "footer_pattern")
    @classmethod
    def _regular_expression(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from None
        return value

    @field_validator("on", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


class Delivery(PackModel):
    """How and when a partner delivers."""

    mode: Mode
    folder: str | None = Field(
        default=None, description="landing folder when several feeds share one; else the feed's name"
    )
    cadence: Literal["daily", "weekly", "monthly", "quarterly", "yearly", "once"] = "monthly"
    late_after_days: int = Field(
        default=14, ge=0, description="days after the period's end when the feed counts as late"
    )
    deleted: dict[str, list[str]] = Field(
        default={}, description="mode `changes`: partner's column and the values that mean 'deleted'"
    )

    @model_validator(mode="after")
    def _deletions_only_in_changes(self) -> "Delivery":
        if self.deleted and self.mode != "changes":
            raise ValueError("`deleted` needs mode: changes")
        return self


class Column(PackModel):
    """How one canonical field is filled: from a partner's column, or with a constant `value`."""

    source: str | None = Field(default=None, alias="from", description="the partner's column header")
    file: str = Field(default="main", description="which file of the delivery the column is in")
    value: str | None = Field(default=None, description="a constant instead of a column")
    type: ColumnType = "string"
    formats: list[str] = Field(default=[], description="strptime date formats; the whole column decides between them")
    codes: dict[str, str] = Field(default={}, description="the partner's code to the canonical one")
    crosswalk: str | None = Field(default=None, description="name of a crosswalk in seeds/reference or the area pack")
    required: bool = False
    item: str | None = Field(default=None, description="agreed data item; default: that of the canonical field")

    @field_validator("codes", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _one_origin(self) -> "Column":
        if (self.source is None) == (self.value is None):
            raise ValueError("give either `from` (a column) or `value` (a constant)")
        return self


class EntityMapping(PackModel):
    """How one canonical entity is filled from the delivery's rows."""

    file: str = Field(default="main", description="the file whose rows become this entity's rows")
    where: dict[str, list[str]] = Field(
        default={}, description="only rows whose column has one of these values; '' is blank"
    )
    drop_blank: list[str] = Field(
        default=[], description="rows in which all these columns are blank hold no such entity"
    )
    columns: dict[str, Column]

    _where = field_validator("where", mode="before")(_texts_by_column)

    @field_validator("columns", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        """`sex: Gender` is short for `sex: {from: Gender}`."""
        if not isinstance(value, dict):
            return value
        return {k: {"from": v} if isinstance(v, str) else v for k, v in value.items()}


class Contract(PackModel):
    """One feed: who sends what, under which agreement, and how it is read."""

    feed: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    partner: str = Field(description="organization_id of the sender")
    agreement: str
    effective_from: str | None = None
    files: dict[str, DeliveryFile]
    delivery: Delivery
    entities: dict[Entity, EntityMapping] = Field(min_length=1)
    one_person_per_reference: bool = Field(
        default=True, description="the partner guarantees that two source references are two people"
    )
    checks: dict[str, Literal["refuse_delivery", "refuse_row", "warning", "information", "off"]] = Field(
        default={}, description="severity of a check in this feed, where it differs from the registry's"
    )
    notes: str = ""

    @property
    def folder(self) -> str:
        """The landing folder that this feed's deliveries arrive in."""
        return self.delivery.folder or self.feed

    @model_validator(mode="after")
    def _files_exist(self) -> "Contract":
        if "main" not in self.files:
            raise ValueError("`files` needs an entry `main`")
        if self.files["main"].on:
            raise ValueError("`files.main` is what others join to: it has no `on`")
        for entity, mapping in self.entities.items():
            named = {mapping.file, *(column.file for column in mapping.columns.values())}
            if unknown := sorted(named - set(self.files)):
                raise ValueError(f"entity {entity} names file {', '.join(unknown)}, which `files` does not declare")
        return self
