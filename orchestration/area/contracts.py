"""Feed contracts: how one partner's delivery becomes canonical rows.

One place for the contract. `orchestration.feeds` obeys it; nothing about a partner stands in Python.
"""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import Field, PrivateAttr, field_validator, model_validator

from orchestration.area.layouts import DeliveryFile, Unpivot, texts_by_column
from orchestration.area.reading import Location, PackModel

__all__ = ["Column", "Contract", "Delivery", "DeliveryFile", "Entity", "EntityMapping", "LinkageKeys", "Unpivot"]

Mode = Literal["snapshot", "period", "append", "changes"]
ColumnType = Literal["string", "integer", "decimal", "boolean", "date", "month", "code", "token"]
Entity = Literal["person", "episode", "contact", "need", "outcome"]
KEY_ID = r"^[0-9a-f]{8}$"
UNFINISHED = "FINISH"
"""What a draft says where a person has to decide; nothing is read by a contract that still says so."""


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


class LinkageKeys(PackModel):
    """Which keys a partner's tokens may be made with, by the ids that the manifests of `joinedup pseudonymise` tell.

    While `previous` is named a delivery may be made with either, and each token may come a second time, made with it.
    """

    current: str = Field(pattern=KEY_ID, description="id of the key that tokens are made with")
    previous: str | None = Field(default=None, pattern=KEY_ID, description="id of the key before it, while both hold")

    @model_validator(mode="after")
    def _two_keys(self) -> "LinkageKeys":
        if self.previous == self.current:
            raise ValueError("`previous` is the same key as `current`")
        return self

    @property
    def accepted(self) -> frozenset[str]:
        return frozenset(filter(None, (self.current, self.previous)))


class Column(PackModel):
    """How one canonical field is filled: from a partner's column, a constant `value`, or tick-box columns."""

    source: str | None = Field(default=None, alias="from", description="the partner's column header")
    file: str = Field(default="main", description="which file of the delivery the column is in")
    value: str | None = Field(default=None, description="a constant instead of a column")
    type: ColumnType = "string"
    ticks: dict[str, str] = Field(
        default={}, description="tick-box columns that tell one code together: column to the code that a tick means"
    )
    several: str | None = Field(
        default=None, description="the code of several ticks in one row; when absent it is not in the list"
    )
    formats: list[str] = Field(
        default=[],
        description="strptime date formats, `excel` and `excel1904` (days counted by a spreadsheet); the whole column "
        "decides between them",
    )
    pivot: int | None = Field(
        default=None, ge=1800, le=2100, description="two-digit years lie in the hundred years from this one"
    )
    decimal: Literal[".", ","] = Field(default=".", description="the mark before the decimals of a number")
    least: float | None = Field(default=None, description="a number below this is out of range")
    most: float | None = Field(default=None, description="a number above this is out of range")
    codes: dict[str, str] = Field(default={}, description="the partner's code to the canonical one")
    crosswalk: str | None = Field(default=None, description="name of a crosswalk in seeds/reference or the area pack")
    required: bool = False
    item: str | None = Field(default=None, description="agreed data item; default: that of the canonical field")

    @field_validator("codes", "ticks", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _one_origin(self) -> "Column":
        if [self.source is not None, self.value is not None, bool(self.ticks)].count(True) != 1:
            raise ValueError("give one of `from` (a column), `value` (a constant) and `ticks` (tick-box columns)")
        if self.several and not self.ticks:
            raise ValueError("`several` needs `ticks`")
        return self

    @model_validator(mode="after")
    def _two_digit_years_have_a_pivot(self) -> "Column":
        if self.pivot is None and any("%y" in form for form in self.formats):
            raise ValueError("a format with %y (a year of two digits) needs `pivot`, the first year that it can mean")
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """The partner's columns that fill the field."""
        return tuple(self.ticks) if self.ticks else (self.source,) if self.source else ()


class EntityMapping(PackModel):
    """How one canonical entity is filled from the delivery's rows."""

    file: str = Field(default="main", description="the file whose rows become this entity's rows")
    where: dict[str, list[str]] = Field(
        default={}, description="only rows whose column has one of these values; '' is blank"
    )
    drop_blank: list[str] = Field(
        default=[], description="rows in which all these columns are blank hold no such entity"
    )
    unpivot: Unpivot | None = Field(default=None, description="columns of the file that become rows of this entity")
    columns: dict[str, Column]

    _where = field_validator("where", mode="before")(texts_by_column)

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
    effective_from: date | None = Field(
        default=None, description="first day of this version; the name of its file tells it, so it is never written"
    )
    files: dict[str, DeliveryFile]
    delivery: Delivery
    entities: dict[Entity, EntityMapping] = Field(min_length=1)
    one_person_per_reference: bool = Field(
        default=True, description="the partner guarantees that two source references are two people"
    )
    keys: LinkageKeys | None = Field(
        default=None, description="ids of the linkage keys; a delivery made with another key is refused"
    )
    checks: dict[str, Literal["refuse_delivery", "refuse_row", "warning", "information", "off"]] = Field(
        default={}, description="severity of a check in this feed, where it differs from the registry's"
    )
    notes: str = ""

    _versions: tuple["Contract", ...] = PrivateAttr(default=())

    @property
    def version(self) -> str:
        """The name of this version: the day from which it holds, or 'first'."""
        return self.effective_from.isoformat() if self.effective_from else "first"

    @property
    def versions(self) -> tuple["Contract", ...]:
        """Every version of this feed's contract, the oldest first (orchestration.area.versions reads them)."""
        return self._versions or (self,)

    @property
    def mappings(self) -> dict[Entity, EntityMapping]:
        """Every entity that any version maps, as the newest version that has it does: rows of old deliveries stand."""
        return {entity: mapping for version in self.versions for entity, mapping in version.entities.items()}

    def in_force_on(self, day: date) -> "Contract":
        """Return the version in force on a day; before the first change, the first."""
        held = [version for version in self.versions if not version.effective_from or version.effective_from <= day]
        return held[-1] if held else self.versions[0]

    def with_versions(self, versions: tuple["Contract", ...]) -> "Contract":
        """Return this version, knowing all of them."""
        known = self.model_copy()
        known._versions = versions
        return known

    @property
    def unfinished(self) -> tuple[Location, ...]:
        """Where a draft still says FINISH."""
        return tuple(_places(self.model_dump(by_alias=True, exclude_defaults=True), ()))

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


def _places(value: object, at: Location) -> Iterator[Location]:
    if value == UNFINISHED:
        yield at
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, item in below:
        yield from _places(item, (*at, key))
