"""The receipt of a delivery: what came, what was kept, what was not and why, to the row.

What belongs here: the model, its accounting identity, and where receipts are kept. What does not: the page
(orchestration.feeds.receipt_page) and the deciding.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from orchestration.errors import HomeError
from orchestration.feeds.checks import CheckResult
from orchestration.feeds.figures import Figures
from orchestration.settings import Settings

Outcome = Literal["accepted", "accepted_with_rejects", "refused", "superseded", "unchanged"]


class ReceiptModel(BaseModel):
    """A part of a receipt."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileReceipt(ReceiptModel):
    """One delivered file. rows = records in it; blank and footer rows are not records and are counted apart.

    columns: the contract's and then the other headers, of a file that was recognised; a header that looks like somebody
    is not shown. verified_by: the checksum or manifest file that was sent along and holds; key_id, previous_key_id:
    the keys of the tokens, as that says.
    """

    name: str
    role: str
    sha256: str
    bytes: int
    rows: int = 0
    columns: tuple[str, ...] = ()
    verified_by: str | None = None
    key_id: str | None = None
    previous_key_id: str | None = None
    detected: dict[str, str | int | bool] = {}
    set_aside: dict[str, int] = {}


class Counts(ReceiptModel):
    """delivered = accepted + quarantined + superseded, always.

    delivered: rows of the entity's own file that the contract's `where` selects for it; of a delivery refused before
    its rows were looked at, all rows of that file, as what is selected of them is not known. A file that fills two
    entities is counted once for each, so totals over entities are totals of records, not of lines in files.
    superseded: rows replaced by another row of the same record, in this delivery or in a newer one.
    """

    delivered: int = 0
    accepted: int = 0
    quarantined: int = 0
    superseded: int = 0

    @model_validator(mode="after")
    def _identity(self) -> "Counts":
        if self.delivered != self.accepted + self.quarantined + self.superseded:
            raise ValueError(
                f"delivered {self.delivered} is not accepted {self.accepted} + quarantined {self.quarantined} "
                f"+ superseded {self.superseded}"
            )
        return self

    def as_dict(self) -> dict[str, int]:
        """Return the four counts by name."""
        return {name: getattr(self, name) for name in Counts.model_fields}

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            delivered=self.delivered + other.delivered,
            accepted=self.accepted + other.accepted,
            quarantined=self.quarantined + other.quarantined,
            superseded=self.superseded + other.superseded,
        )


class EntityReceipt(Counts):
    """One canonical entity. `not_selected` rows belong to other feeds or entities; `missing` = field: reason: rows."""

    not_selected: int = 0
    superseded_within: int = 0
    missing: dict[str, dict[str, int]] = {}


class Sighting(ReceiptModel):
    """One sending of a delivery: the day it reached the area, and when its name or time says it was delivered."""

    received_on: date
    delivered_at: datetime
    revision: int = 0


class Reading(ReceiptModel):
    """What a delivery came to under rules that held before: enough to rebuild the state of a day in between.

    `stored`: entity to the digest of its rows. `until` is the day on which other rules replaced this reading.
    """

    read_on: date
    until: date
    mode: str
    outcome: Outcome
    stored: dict[str, str] = {}


class RecordChanges(ReceiptModel):
    """Records of one entity beside those of the delivery before, or in append and changes modes of all before.

    gone: in snapshot and period modes those not sent again; in changes mode those that the delivery deletes.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0


class Changes(ReceiptModel):
    """What differs from the delivery before: that of the same period, or of the period before, in the feed's own order.

    basis: a digest of everything compared with, by which the comparison is known to be fresh. Where the delivery before
    was refused, records are compared with the last one that was not, and `records_since` names that. checks: those that
    found something and did not before (`appeared`), and the reverse (`mended`).
    """

    basis: str
    since: str
    since_period: str | None
    since_delivered_at: datetime
    since_outcome: Outcome
    records_since: str | None = None
    rows_before: int = 0
    rows_now: int = 0
    quarantined_before: int = 0
    quarantined_now: int = 0
    records: dict[str, RecordChanges] = {}
    columns_new: tuple[str, ...] = ()
    columns_gone: tuple[str, ...] = ()
    items_new: tuple[str, ...] = ()
    items_gone: tuple[str, ...] = ()
    checks_appeared: tuple[str, ...] = ()
    checks_mended: tuple[str, ...] = ()


class Receipt(ReceiptModel):
    """What became of one delivery. Holds no value of any cell, only counts, row numbers and column names.

    stored: entity to the digest of its accepted rows, which is part of their file's name. overwritten_on: when another
    file of the same name, period and day took its place in the landing folder.
    """

    feed: str
    title: str
    partner: str
    delivery_id: str
    fingerprint: str
    agreement_id: str
    contract_version: str = "first"
    mode: str
    period: str | None
    delivered_at: datetime
    outcome: Outcome
    files: tuple[FileReceipt, ...]
    entities: dict[str, EntityReceipt]
    total: Counts
    checks: tuple[CheckResult, ...]
    items_received: tuple[str, ...] = ()
    items_not_received: tuple[str, ...] = ()
    items_not_agreed: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()
    changes: Changes | None = None
    figures: Figures | None = None
    revision: int = 0
    read_on: date | None = None
    sightings: tuple[Sighting, ...] = ()
    stored: dict[str, str] = {}
    earlier: tuple[Reading, ...] = ()
    overwritten_on: date | None = None
    rows_removed_on: date | None = None

    @model_validator(mode="after")
    def _total(self) -> "Receipt":
        summed = sum((Counts(**e.as_dict()) for e in self.entities.values()), Counts())
        if summed.as_dict() != self.total.as_dict():
            raise ValueError("the total is not the sum of the entities")
        return self

    @property
    def exit_code(self) -> int:
        """0 clean, 1 some rows were refused, 2 the delivery was refused."""
        if self.outcome == "refused":
            return 2
        return 1 if self.total.quarantined else 0

    @property
    def order(self) -> tuple[str, datetime, int, bool, str]:
        """Sort key of deliveries of one feed: what they report on, when they came, their revision of that day.

        Then whether the file still stands under its name, and last the content: never the order of reading.
        """
        reports_on = self.period or f"{self.delivered_at:%Y-%m}"
        return (reports_on, self.delivered_at, self.revision, self.overwritten_on is None, self.delivery_id)

    @property
    def received_on(self) -> date:
        """Return the day on which the delivery first reached the area."""
        return min((sighting.received_on for sighting in self.sightings), default=self.delivered_at.date())


def receipt_path(settings: Settings, feed: str, delivery_id: str) -> Path:
    """Return where a receipt's JSON is kept; its page stands beside it."""
    return settings.receipts / feed / f"{delivery_id}.json"


def read_receipts(settings: Settings, feed: str) -> list[Receipt]:
    """Return the committed receipts of a feed, oldest delivery first."""
    found: list[Receipt] = []
    for path in (settings.receipts / feed).glob("*.json"):
        try:
            found.append(Receipt.model_validate_json(path.read_bytes()))
        except ValidationError as error:
            raise HomeError(
                f"{path} is not a receipt that this version can read ({error.error_count()} faults): delete it, and "
                "the next refresh reads the delivery again from the landing folder."
            ) from None
    return sorted(found, key=lambda receipt: receipt.order)
