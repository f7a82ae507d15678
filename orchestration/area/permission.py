"""What an agreement permits of a feed today, and for which purpose, audience and release policy its figures are served.

Pure decisions, without files: ingestion, the rows in force, alerts and the release gate all ask here, so that they
cannot differ. `orchestration.governance.permits` is the pipeline's address of the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from orchestration.area.agreements import Agreement
from orchestration.area.contracts import Contract

DEFAULT_PURPOSE = "service_design"
DEFAULT_AUDIENCE = "designer"


@dataclass(frozen=True)
class Decision:
    """`allowed`: rows may be received and served. `may_keep`: rows already held may be served, new ones not received.

    `items` are the agreed data items of the feed; empty when nothing may be held. `reason` is a sentence's end.
    """

    allowed: bool
    reason: str
    items: frozenset[str] = frozenset()
    may_keep: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """What figures are asked for: a purpose, and who sees them (a role of the area)."""

    purpose: str = DEFAULT_PURPOSE
    audience: str = DEFAULT_AUDIENCE


def permits(agreement: Agreement | None, feed: str, *, today: date, agreement_id: str | None = None) -> Decision:
    """Decide whether a feed may be received and served today, and which of its items.

    An agreement permits while it is signed, says what was signed, has started and has not expired. After its end
    `on_expiry: keep` lets rows already held stay; a suspended one never does, nor one that was never signed.
    """
    if agreement is None:
        return Decision(False, f"agreement {agreement_id or '(unnamed)'} not found in agreements/")
    name = f"agreement {agreement.id}"
    permission = agreement.feeds.get(feed)
    is_past = today > agreement.expires_on
    obstacle = (
        f"{name} does not cover feed {feed}"
        if permission is None
        else f"{name} is suspended"
        if agreement.status == "suspended"
        else f"{name} is not signed (it is {agreement.status.replace('_', ' ')})"
        if agreement.status in ("draft", "in_review")
        else f"{name} starts on {agreement.starts_on:%d %B %Y}"
        if today < agreement.starts_on
        else f"{name} has changed since it was signed"
        if not agreement.is_as_signed and not is_past and agreement.status == "signed"
        else None
    )
    if permission is None or obstacle:
        return Decision(False, obstacle or "")
    items = frozenset(permission.items)
    if not is_past and agreement.status == "signed":
        return Decision(True, f"{name} is in force until {agreement.expires_on:%d %B %Y}", items, may_keep=True)
    end = f"{name} {'expired' if is_past or agreement.status == 'expired' else 'ended'}"
    end += f" on {agreement.expires_on:%d %B %Y}" if is_past else ""
    if agreement.on_expiry == "keep" and agreement.is_as_signed:
        return Decision(False, f"{end}; rows already held are kept, as it says", items, may_keep=True)
    return Decision(False, end)


def decide_feed(contract: Contract, agreements: Mapping[str, Agreement], *, today: date) -> Decision:
    """Decide for the feed of a contract: its agreement must exist, name its partner as a party, and be in force."""
    agreement = agreements.get(contract.agreement)
    decision = permits(agreement, contract.feed, today=today, agreement_id=contract.agreement)
    if agreement and contract.partner not in {party.organization_id for party in agreement.parties}:
        reason = f"{contract.partner} is not a party to agreement {agreement.id}"
        return replace(decision, allowed=False, may_keep=False, items=frozenset(), reason=reason)
    return decision


def refuses_use(agreement: Agreement, use: Use) -> str | None:
    """Return why an agreement does not let figures be served for a purpose to an audience; None where it does."""
    if use.purpose not in agreement.purposes:
        return f"agreement {agreement.id} is not for {_words(use.purpose)} (it is for {_listed(agreement.purposes)})"
    if use.audience not in agreement.audiences:
        return f"agreement {agreement.id} does not let a {_words(use.audience)} see its figures"
    return None


def serves(contract: Contract, agreements: Mapping[str, Agreement], *, today: date, use: Use) -> Decision:
    """Decide whether what is held of a feed may be served today for a use; `allowed` says so, `reason` why."""
    decision = decide_feed(contract, agreements, today=today)
    if not decision.may_keep:
        return decision
    refusal = refuses_use(agreements[contract.agreement], use)
    return Decision(False, refusal) if refusal else replace(decision, allowed=True)


def _listed(codes: list[str]) -> str:
    return ", ".join(_words(code) for code in codes)


def _words(code: str) -> str:
    return code.replace("_", " ")
