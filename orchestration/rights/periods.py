"""How long a feed's rows and the values of single items are kept, as its agreement says, and what that means for a row.

The age of a row counts from the day that it tells of; of a row without one, and of what is said of a person, from the
day of its delivery. Months are whole: what a month tells of goes on the first day of the month after its time is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from orchestration.area import Area, Contract
from orchestration.area.contracts import Entity
from orchestration.area.items import item_of_field
from orchestration.feeds.canonical import ALWAYS_KEPT, FIELDS
from orchestration.feeds.receipts import Receipt

EVENTS: tuple[Entity, ...] = ("episode", "contact", "need", "outcome")
TELLS_OF: dict[Entity, pl.Expr] = {
    "episode": pl.coalesce("end_date", pl.when(pl.col("start_date").is_null()).then(pl.col("referral_date"))),
    "contact": pl.col("contact_date"),
    "need": pl.col("recorded_date"),
    "outcome": pl.col("recorded_date"),
}
"""The day that a row tells of. An episode that goes on has none and is kept."""
RESTS_ON: dict[Entity, frozenset[str]] = {
    "episode": frozenset({"service_id", "referral_date", "start_date", "end_date"}),
    "contact": frozenset({"service_id", "contact_date"}),
    "need": frozenset({"need_code", "recorded_date"}),
    "outcome": frozenset({"outcome_code", "recorded_date"}),
}
"""Fields without which a row says nothing or could not be dated: where their item goes, the row goes whole."""
GOES_ON = (pl.col("start_date").is_not_null() | pl.col("referral_date").is_not_null()) & pl.col("end_date").is_null()


@dataclass(frozen=True)
class Kept:
    """What one feed may keep: the first day of it; for single items the first day of theirs; and their fields."""

    feed: str
    agreement: str
    months: int
    since: date
    items: dict[str, date]
    fields: Mapping[str, Mapping[Entity, tuple[str, ...]]]

    def rows_since(self, entity: Entity) -> date:
        """Return the first day of rows of an entity: that of an item on which they rest, where it is shorter."""
        rests_on = RESTS_ON.get(entity, frozenset())
        shorter = [since for item, since in self.items.items() if rests_on & {*self.fields[item].get(entity, ())}]
        return max([self.since, *shorter])

    def values_since(self, entity: Entity) -> dict[tuple[str, ...], date]:
        """Return the first day of the values of fields that go while their row stays."""
        found = {self.fields[item].get(entity, ()): since for item, since in self.items.items()}
        rows = self.rows_since(entity)
        return {names: since for names, since in found.items() if names and since > rows}


def kept_by_feed(area: Area) -> list[Kept]:
    """Return what each feed with an agreement may keep today."""
    found = []
    for feed, contract in sorted(area.contracts.items()):
        agreement = area.agreements.get(contract.agreement)
        if agreement is None:
            continue
        retention = agreement.retention
        since = months_before(area.today, retention.default_months)
        ends = {item: months_before(area.today, months) for item, months in retention.items.items()}
        items = {item: end for item, end in ends.items() if end > since}
        fields = {item: fields_of(contract, item) for item in items}
        found.append(Kept(feed, contract.agreement, retention.default_months, since, items, fields))
    return found


def fields_of(contract: Contract, item: str) -> dict[Entity, tuple[str, ...]]:
    """Return the canonical fields of an agreed item by entity, as any version of the contract maps them."""
    found: dict[Entity, tuple[str, ...]] = {}
    for entity, fields in FIELDS.items():
        said: dict[str, set[str]] = {name: set() for name in fields if name not in ALWAYS_KEPT}
        for version in contract.versions:
            mapping = version.entities.get(entity)
            for name, column in (mapping.columns if mapping else {}).items():
                if column.item and name in said:
                    said[name].add(column.item)
        names = tuple(name for name, items in said.items() if item in (items or {item_of_field(name) or ""}))
        if names:
            found[entity] = names
    return found


def months_before(day: date, months: int) -> date:
    """Return the first day of the month so many months before a day's month."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def age(entity: Entity, receipts: Mapping[str, Receipt]) -> pl.Expr:
    """Return the day from which each row's age counts; null for an episode that goes on. Of columns `delivery_id` and
    the dates of the entity; `is_deleted`, a note that a record was deleted, counts from its delivery."""
    delivered = {delivery: receipt.delivered_at.date() for delivery, receipt in receipts.items()}
    came = pl.col("delivery_id").cast(pl.String).replace_strict(delivered, default=None, return_dtype=pl.Date)
    if entity == "person":
        return came
    if entity == "episode":
        came = pl.when(~GOES_ON).then(came)
    return pl.coalesce(TELLS_OF[entity], came)
