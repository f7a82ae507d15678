"""What the documents are written from: the pack, the agreements' decisions, the snapshot's gate, lineage and tests.

What belongs here: gathering, and words that several documents share. What does not: a document.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.area import Agreement, Area, load_area
from orchestration.area.decisions import read_decisions
from orchestration.audit import audit_of
from orchestration.audit.verifying import Verdict, verify
from orchestration.errors import JoinedUpError, SnapshotError
from orchestration.governance.permits import Decision, decide
from orchestration.release import Gate, Refused, Request
from orchestration.settings import Settings

ROLES = {
    "controller": "controller",
    "joint_controller": "joint controller",
    "processor": "processor",
    "recipient": "recipient",
}
STATUS = {
    "draft": "draft",
    "in_review": "in review",
    "signed": "signed",
    "suspended": "suspended",
    "expired": "expired",
    "ended": "ended",
}
ITEM_WORDS = {
    "linkage_tokens": "tokens made of name, date of birth or numbers, with a key that only partners have",
    "birth_month": "month and year of birth",
    "sex": "sex",
    "gender": "gender",
    "ethnicity": "ethnicity",
    "area": "neighbourhood (LSOA)",
    "household": "a token of the household",
    "service": "which service",
    "service_dates": "dates of the service",
    "referral_source": "who referred",
    "service_status": "state of the case",
    "service_outcome": "what came of it",
    "contacts": "that there was a contact, when and of what kind",
    "needs": "needs that a service recorded",
    "outcomes": "outcomes that a service recorded",
    "needs_and_outcomes_dates": "dates of needs and outcomes",
}
SPECIAL_ITEMS = frozenset({"ethnicity"})
RED_TEAM = "red-team.json"


@dataclass(frozen=True)
class Basis:
    """Everything that the documents of one moment say. `gate` is None where nothing has been published yet."""

    area: Area
    at: datetime
    gate: Gate | None
    decisions: dict[str, Decision]
    led_to: pl.DataFrame
    audit: Verdict
    red_team: dict[str, Any] | None = None
    lineage: dict[str, Any] | None = None
    snapshot: dict[str, object] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.area.today

    @property
    def foot(self) -> str:
        """What stands under each page: of what, from which snapshot and when it was made."""
        made = f"{self.area.name}. As of {day(self.today)}, from the agreements and settings in force"
        fiction = " A fictional place: everything here is invented." if self.area.profile.fictional else ""
        return f"{made}{f' and snapshot {self.snapshot_id}' if self.snapshot_id else ''}.{fiction}"

    @property
    def snapshot_id(self) -> str:
        return self.gate.catalogue().snapshot_id if self.gate else ""

    def agreements(self) -> list[Agreement]:
        """Return the agreements in the order of their names."""
        return sorted(self.area.agreements.values(), key=lambda one: one.id)

    def organization(self, code: str) -> str:
        """Return an organisation's name, its code where the directory has none."""
        names = dict(self.area.directory.organizations.select("id", "name").iter_rows())
        return str(names.get(code, code))

    def is_in_force(self, agreement: Agreement) -> bool:
        return agreement.status == "signed" and agreement.starts_on <= self.today <= agreement.expires_on

    def state(self, agreement: Agreement) -> str:
        """Return in words whether an agreement is in force, and if not, why."""
        if self.is_in_force(agreement):
            return "in force"
        if agreement.status != "signed":
            return f"not in force: {STATUS[agreement.status]}"
        if self.today < agreement.starts_on:
            return "not in force yet"
        return f"not in force: ended {day(agreement.expires_on)}"

    def feed_title(self, feed: str) -> str:
        contract = self.area.contracts.get(feed)
        return contract.title if contract else words(feed)

    def figure(self, measure: str, *, policy: str = "public") -> tuple[int | None, str]:
        """Return a figure of the newest year, and that year's name, from the gate; None is hidden or refused."""
        if self.gate is None:
            return None, ""
        years = [period for period in self.gate.catalogue().periods if period.level == "year"]
        if not years:
            return None, ""
        request = Request(measure=measure, period=years[-1].code, policy=policy)
        try:
            return self.gate.answer(request, who="documents").total, years[-1].label
        except Refused:
            return None, years[-1].label


def gather(settings: Settings, *, red_team: Path | None = None) -> Basis:
    """Gather what the documents say now; a snapshot, a lineage and a red-team record may be missing, and it is said."""
    area = load_area(settings.area_dir, today=settings.today)
    gate: Gate | None = Gate(settings)
    snapshot: dict[str, object] = {}
    try:
        snapshot = gate.snapshot() if gate else {}
    except SnapshotError:
        gate = None
    log = audit_of(settings)
    with log.held():
        verdict = verify(log.folder)
    return Basis(
        area=area,
        at=datetime.now(UTC),
        gate=gate,
        decisions={feed: decide(area, feed) for feed in area.contracts},
        led_to=read_decisions(area.path, area.directory.organizations["id"].to_list()),
        audit=verdict,
        red_team=_read(red_team or settings.reports / RED_TEAM),
        lineage=_read(settings.state / "lineage.json"),
        snapshot=snapshot,
    )


def _read(path: Path) -> dict[str, Any] | None:
    file = path / RED_TEAM if path.is_dir() else path
    if not file.exists():
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise JoinedUpError(f"{file} cannot be read ({error}): make it again, or remove it.") from error
    return found if isinstance(found, dict) else None


def day(value: date | None) -> str:
    """Return a date as it is read; 'not set' for none."""
    return f"{value:%-d %B %Y}" if value else "not set"


def words(code: str) -> str:
    return code.replace("_", " ")


def item(code: str) -> str:
    """Return a data item in words."""
    return ITEM_WORDS.get(code, words(code))


def in_order(codes: Iterable[str]) -> list[str]:
    """Return data items in words, each once, those known first and in the order in which people think of them."""
    known = list(ITEM_WORDS)
    return [
        item(code)
        for code in sorted(set(codes), key=lambda one: (known.index(one) if one in known else len(known), one))
    ]


def sentence(items: Sequence[str]) -> str:
    """Return items as one text with commas, its first letter large."""
    text = ", ".join(items)
    return text[:1].upper() + text[1:]


def basis_of(agreement: Agreement) -> str:
    """Return the lawful basis with the conditions that apply."""
    basis = agreement.lawful_basis
    told = {"Article": basis.article_6, "Article ": basis.article_9, "DPA 2018 Schedule 1,": basis.schedule_1}
    parts = [f"{name.strip()} {text}" for name, text in told.items() if text]
    if basis.criminal_offence:
        parts.append(f"criminal offences: {basis.criminal_offence}")
    return "; ".join(parts)


def kept(agreement: Agreement) -> str:
    """Return how long data are kept, and what happens when the agreement ends."""
    other = [f"{item(name)} {months} months" for name, months in sorted(agreement.retention.items.items())]
    end = "removed from the next snapshot" if agreement.on_expiry == "remove" else "kept until their months are over"
    text = f"{agreement.retention.default_months} months after the period they belong to"
    return f"{text}{f' ({sentence(other)})' if other else ''}; when the agreement ends: {end}"
