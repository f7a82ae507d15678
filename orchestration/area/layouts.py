"""How a delivered file is laid out: what a contract may declare of it. What is not declared is detected.

What belongs here: files, sheets, headers, wide columns. What does not: what a column means (contracts).
"""

import re
from typing import Literal

import polars as pl
from pydantic import Field, field_validator, model_validator

from orchestration.area.reading import PackModel

Format = Literal["csv", "xlsx", "parquet", "jsonl"]
MOST_HEADER_ROWS = 5
CELL = r"^[A-Za-z]{1,3}[1-9]\d{0,6}$"


def texts_by_column(value: object) -> object:
    """Return the values that rows are chosen by as texts: one value or several, and nothing for a blank cell."""
    if not isinstance(value, dict):
        return value
    many = {k: v if isinstance(v, list) else [v] for k, v in value.items()}
    return {k: ["" if item is None else str(item) for item in items] for k, items in many.items()}


def regular_expression(value: str | None) -> str | None:
    """Return a pattern that compiles; raise ValueError otherwise."""
    if value is not None:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
    return value


class DeliveryFile(PackModel):
    """One file of a delivery: how to find it and how to read it. What is not declared is detected.

    `pattern` is a regular expression on the file's name, matched whole; the named groups `period` (YYYY-MM, YYYYMM,
    YYYY-Qn or YYYY) and `delivered` (YYYY-MM-DD or YYYYMMDD) tell the reporting period and the day of delivery.
    """

    pattern: str
    format: Format = "csv"
    member: str | None = Field(
        default=None, description="regular expression on the name of the file inside a zip; needed if it holds several"
    )
    encoding: str | None = Field(default=None, description="Python codec name; detected when absent")
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=4, description="one or more characters; detected when absent"
    )
    quote: str | None = Field(
        default=None, max_length=1, description="quote character; '' for none; detected when absent"
    )
    escape: str | None = Field(
        default=None, max_length=1, description="character before a quote or delimiter that is meant literally"
    )
    header_row: int | None = Field(default=None, ge=1, description="1-based row of the header; detected when absent")
    header_rows: int | None = Field(
        default=None,
        ge=1,
        le=MOST_HEADER_ROWS,
        description="rows that the header takes up; their texts are joined by a blank; detected when absent",
    )
    header: list[str] = Field(
        default=[], description="names of the columns of a file that has no header row, or instead of its own"
    )
    footer_pattern: str | None = Field(
        default=None, description="rows whose first cell matches this (totals, 'End of report') are not data"
    )
    sheet: str | None = Field(
        default=None, description="sheet of a workbook, or a regular expression; detected when absent"
    )
    start_cell: str | None = Field(
        default=None, pattern=CELL, description="top left cell of the table on its sheet, such as B4"
    )
    ignored: list[str] = Field(
        default=[], description="columns that are sent and not needed: known, so not drift, and never stored"
    )
    on: list[str] = Field(default=[], description="columns that join this file to the main one; main has none")
    where: dict[str, list[str]] = Field(
        default={}, description="only rows whose column has one of these values count, also for joins; '' is blank"
    )

    _where = field_validator("where", mode="before")(texts_by_column)
    _patterns = field_validator("pattern", "footer_pattern", "member", "sheet")(regular_expression)

    @field_validator("footer_pattern")
    @classmethod
    def _plain_expression(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                pl.Series([""]).str.contains(value)
            except pl.exceptions.ComputeError:
                raise ValueError("this expression is too clever: no looking ahead or back, and no references") from None
        return value

    @field_validator("on", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _distinct_header(self) -> "DeliveryFile":
        if len(set(self.header)) < len(self.header):
            raise ValueError("`header` names a column twice")
        return self


class Unpivot(PackModel):
    """Columns that become rows: `need_1 .. need_5`, one column a month, or tick boxes.

    Each row gives one row for every one of these columns that is not blank. In it `value` is a column that holds the
    cell and `name` one that holds what the header says. Of tick boxes only those that are ticked give a row, and its
    value is the code that `ticks` gives for the column.
    """

    columns: list[str] = Field(default=[], description="the columns, by name; all of them have to be in the file")
    pattern: str | None = Field(
        default=None,
        description="regular expression on whole headers, case apart; its group `name` is what the header says",
    )
    ticks: dict[str, str] = Field(default={}, description="tick-box column to the code that a tick means")
    value: str = Field(default="value", description="the new column that holds the cell, for `from`")
    name: str = Field(default="name", description="the new column that holds what the header says, for `from`")

    _pattern = field_validator("pattern")(regular_expression)

    @field_validator("ticks", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _one_way(self) -> "Unpivot":
        if sum(map(bool, (self.columns, self.pattern, self.ticks))) != 1:
            raise ValueError("give one of `columns`, `pattern` and `ticks`")
        if self.value == self.name:
            raise ValueError("`value` and `name` are two columns and need two names")
        return self
