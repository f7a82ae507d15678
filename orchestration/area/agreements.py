"""Information-sharing agreements as data: what an area may hold, for what, until when.

Fields follow the ICO's data-sharing code (agreements, Annex B) and UK GDPR Articles 6, 9, 10 and 30. What belongs
here: the model, the moves of its lifecycle, and the digest of what was signed. What does not: what an agreement permits
(orchestration.area.permission) and whether it fits the rest of the pack (orchestration.area.agreement_faults).
"""

import hashlib
import json
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from orchestration.area.reading import PackModel

Status = Literal["draft", "in_review", "signed", "suspended", "expired", "ended"]
MOVES: dict[Status, tuple[Status, ...]] = {
    "draft": ("in_review", "ended"),
    "in_review": ("draft", "signed", "ended"),
    "signed": ("suspended", "expired", "ended"),
    "suspended": ("signed", "expired", "ended"),
    "expired": ("ended",),
    "ended": (),
}
"""Where an agreement may go from each state within one version. A new version begins as a draft or in review."""
BEGINNINGS: tuple[Status, ...] = ("draft", "in_review")
NOT_CONTENT = {"status", "history", "signatories", "notes", "review_on"}
"""What may change without a new signature: where it stands, who signed, and when it is looked at again."""
DIGEST_LENGTH = 16


class Party(PackModel):
    """One organisation in an agreement and its role under the UK GDPR."""

    organization_id: str
    role: Literal["controller", "joint_controller", "processor", "recipient"]


class LawfulBasis(PackModel):
    """Why the processing is lawful; special-category and criminal-offence conditions only where they apply."""

    article_6: str = Field(min_length=1, description="UK GDPR Article 6(1) basis, for example '6(1)(e) public task'")
    article_9: str | None = Field(default=None, min_length=1, description="special-category condition")
    schedule_1: str | None = Field(default=None, min_length=1, description="DPA 2018 Schedule 1 condition")
    criminal_offence: str | None = Field(
        default=None, min_length=1, description="condition for criminal-offence data (Article 10)"
    )


class FeedPermission(PackModel):
    """What of one feed may be stored: names of data items (orchestration/area/items.py lists them)."""

    items: list[str] = Field(min_length=1)


class Retention(PackModel):
    """How long rows are kept, in months after the period they belong to."""

    default_months: int = Field(default=72, ge=1)
    items: dict[str, int] = {}


class Dpia(PackModel):
    """The data protection impact assessment that covers the agreement."""

    reference: str = Field(min_length=1)
    completed_on: date | None = None


class Signatory(PackModel):
    """A role that signed; no person's name belongs in the repository."""

    organization_id: str
    role: str
    signed_on: date | None = None


class Move(PackModel):
    """One step of an agreement's life. A move to `signed` records the digest of what was signed."""

    day: date
    to: Status
    version: int = Field(default=1, ge=1)
    digest: str | None = Field(default=None, description="of the signed content, as `joinedup agreements check` says")


class Agreement(PackModel):
    """One information-sharing agreement."""

    id: str
    title: str
    version: int = Field(default=1, ge=1, description="rises whenever signed content changes")
    status: Status
    history: list[Move] = Field(default=[], description="moves in the order of their days, the newest last")
    parties: list[Party] = Field(min_length=2)
    purposes: list[str] = Field(min_length=1)
    lawful_basis: LawfulBasis
    legal_power: str = Field(min_length=1)
    feeds: dict[str, FeedPermission]
    audiences: list[str] = ["designer", "engineer", "leader", "governance"]
    release_policy: str = "dashboard"
    retention: Retention = Retention()
    frequency: Literal["daily", "weekly", "monthly", "quarterly", "yearly"] = "monthly"
    dpia: Dpia | None = None
    starts_on: date
    review_on: date | None = None
    expires_on: date
    on_expiry: Literal["remove", "keep"] = Field(
        default="remove", description="whether rows already held leave the next snapshot when the agreement ends"
    )
    signatories: list[Signatory] = []
    notes: str = ""

    @property
    def digest(self) -> str:
        """Return what recognises the content that parties sign; order of purposes, audiences and items says nothing."""
        content = self.model_dump(mode="json", exclude=NOT_CONTENT)
        content["purposes"], content["audiences"] = sorted(self.purposes), sorted(self.audiences)
        content["feeds"] = {feed: sorted(permission.items) for feed, permission in self.feeds.items()}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]

    @property
    def signed_move(self) -> Move | None:
        """Return the newest move to `signed` with a digest, in any version; None where none is recorded."""
        return next((move for move in reversed(self.history) if move.to == "signed" and move.digest), None)

    @property
    def is_as_signed(self) -> bool:
        """Return whether the content is what was signed last; where no digest is recorded, nothing speaks against."""
        signed = self.signed_move
        return signed is None or (signed.version, signed.digest) == (self.version, self.digest)

    @model_validator(mode="after")
    def _dates(self) -> "Agreement":
        if self.expires_on < self.starts_on:
            raise ValueError(f"expires_on {self.expires_on} is before starts_on {self.starts_on}")
        return self
