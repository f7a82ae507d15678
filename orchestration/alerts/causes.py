"""A cause of an alert: what is wrong, where, since when and what to do, never with a value of a row.

What belongs here: the model and its identity. What does not: finding causes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["failure", "late", "refused", "quality_drop", "agreement"]
KINDS: dict[Kind, str] = {
    "failure": "Failed",
    "late": "Late",
    "refused": "Refused",
    "quality_drop": "Quality has dropped",
    "agreement": "Agreement",
}
IN_RUN = "run"
"""Subject of a failure that a run tells of; every other cause is found again at each look, or is over."""


class Cause(BaseModel):
    """One thing that is wrong. `place` is a feed or a stage of the refresh; `subject` tells causes of a place apart.

    where: a path below the home, a run or a page of the documents. Two causes with one fingerprint are the same cause.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    place: str
    subject: str = ""
    what: str
    where: str
    mend: str
    since: datetime

    @property
    def fingerprint(self) -> str:
        """Return what makes this cause the same at the next look, whatever its words are by then."""
        return f"{self.kind}|{self.place}|{self.subject}"


@dataclass(frozen=True)
class Verdict:
    """What a run tells of one place at one time: it failed there for a cause, or (None) it passed."""

    place: str
    at: datetime
    cause: Cause | None
