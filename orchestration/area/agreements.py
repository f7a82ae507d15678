"""Information-sharing agreements as data: what an area may hold, for what, until when.

Fields follow the ICO's data-sharing code (agreements, Annex B) and UK GDPR Articles 6, 9 and 30. What an agreement
permits is decided in `orchestration.governance`, never here.
"""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from orchestration.area.reading import PackModel

Status = Literal["draft", "in_review", "signed", "suspended", "expired", "ended"]


class Party(PackModel):
    """One organisation in an agreement and its role under the UK GDPR."""

    organization_id: str
    role: Literal["controller", "joint_controller", "processor", "recipient"]


class LawfulBasis(PackModel):
    """Why the processing is lawful; special-category and criminal-offence conditions only where they apply."""

    article_6: str = Field(description="UK GDPR Article 6(1) basis, for example '6(1)(e) public task'")
    article_9: str | None = Field(default=None, description="special-category condition")
    schedule_1: str | None = Field(default=None, description="DPA 2018 Schedule 1 condition")
    criminal_offence: str | None = Field(default=None, description="condition for criminal-offence data (Article 10)")


class FeedPermission(PackModel):
    """What of one feed may be stored: names of data items (orchestration/feeds/canonical.py lists them)."""

    items: list[str] = Field(min_length=1)


class Retention(PackModel):
    """How long rows are kept, in months after the period they belong to."""

    default_months: int = Field(default=72, ge=1)
    items: dict[str, int] = {}


class Dpia(PackModel):
    """The data protection impact assessment that covers the agreement."""

    reference: str
    completed_on: date | None = None


class Signatory(PackModel):
    """A role that signed; no person's name belongs in the repository."""

    organization_id: str
    role: str
    signed_on: date | None = None


class Agreement(PackModel):
    """One information-sharing agreement."""

    id: str
    title: str
    version: int = Field(default=1, ge=1)
    status: Status
    parties: list[Party] = Field(min_length=2)
    purposes: list[str] = Field(min_length=1)
    lawful_basis: LawfulBasis
    legal_power: str
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

    @model_validator(mode="after")
    def _dates(self) -> "Agreement":
        if self.expires_on < self.starts_on:
            raise ValueError(f"expires_on {self.expires_on} is before starts_on {self.starts_on}")
        return self
