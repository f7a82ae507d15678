"""`barriers.csv`: what stops partners from sharing, whose it is to mend, and by when.

One row per barrier between the holder of data (`from_organization_id`) and who would use them. `items` names the data
items that it stops (`a|b`); where it names none, it stands in the way of all. What does not belong here: what follows
for an item (orchestration.area.sharing).
"""

from datetime import date
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, ValidationError, field_validator

from orchestration.area.items import DATA_ITEMS
from orchestration.area.reading import PackModel, read_table
from orchestration.errors import AreaPackError

BarrierKind = Literal["legal", "technical", "cultural", "organisational", "resources"]
KINDS: tuple[BarrierKind, ...] = get_args(BarrierKind)
PARTIES = ("from_organization_id", "to_organization_id")
REQUIRED = ("id", "kind", *PARTIES, "barrier", "what_would_help", "status", "noted_on")


class Barrier(PackModel):
    """One barrier. `is_open` while nothing has mended it; a mitigated one is watched and stops nothing."""

    id: str = Field(min_length=1)
    kind: BarrierKind
    from_organization_id: str
    to_organization_id: str
    barrier: str = Field(min_length=1)
    what_would_help: str = Field(min_length=1)
    status: Literal["open", "mitigated", "resolved"]
    noted_on: date
    owner: str = ""
    due_on: date | None = None
    items: tuple[str, ...] = ()

    @field_validator("items", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(filter(None, value.split("|"))) if isinstance(value, str) else value

    @field_validator("items")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [item for item in value if item not in DATA_ITEMS]:
            raise ValueError(f"{', '.join(unknown)}: no such data item; allowed: {', '.join(sorted(DATA_ITEMS))}")
        return value

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    def stops(self, item: str) -> bool:
        """Return whether an open barrier stands in the way of a data item."""
        return self.is_open and (not self.items or item in self.items)


def read_barriers(folder: Path, organizations: set[str]) -> tuple[Barrier, ...]:
    """Read the register of a pack, empty where there is none; raise AreaPackError naming line and column."""
    path = folder / "barriers.csv"
    if not path.exists():
        return ()
    found: list[Barrier] = []
    for line, row in enumerate(read_table(path, REQUIRED).to_dicts(), start=2):
        said = {name: value for name, value in row.items() if value not in (None, "")}
        try:
            barrier = Barrier.model_validate(said)
        except ValidationError as error:
            first = error.errors()[0]
            column = ".".join(str(part) for part in first["loc"])
            raise AreaPackError(f"{path}, line {line}: column '{column}': {first['msg']}.") from None
        for column in PARTIES:
            if said[column] not in organizations:
                raise AreaPackError(f"{path}, line {line}: column '{column}': '{said[column]}' is not an organisation.")
        if barrier.id in {one.id for one in found}:
            raise AreaPackError(f"{path}, line {line}: column 'id': '{barrier.id}' stands twice.")
        found.append(barrier)
    return tuple(found)
