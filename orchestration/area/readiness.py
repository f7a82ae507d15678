"""How ready a partner is to share, in six parts, with evidence from agreements, receipts and the barriers register.

No part is scored by opinion. Where nothing is on record it says so: silence is no readiness. The snapshot's rows about
feeds and their quality are handed in, so that nothing here reads data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from orchestration.area.barriers import Barrier, BarrierKind
from orchestration.area.loader import Area
from orchestration.area.permission import decide_feed

Level = Literal["ready", "partly", "not yet", "not known"]
Trend = Literal["better", "steady", "worse", "not known"]
Row = Mapping[str, Any]
GOOD_SCORE, FAIR_SCORE = 95, 85
"""Mean per cent of quality: from 95 ready, from 85 partly."""
MOVED = 2
"""Percentage points by which a mean has to move to be called a trend."""
RECENT = timedelta(days=365)


@dataclass(frozen=True)
class Part:
    """One part of the profile."""

    name: str
    level: Level
    evidence: str
    trend: Trend
    next_step: str


def profile(area: Area, partner: str, *, feeds: Sequence[Row], quality: Sequence[Row]) -> tuple[Part, ...]:
    """Return governance, policy, skills, systems, data quality and culture of one partner.

    `feeds` and `quality` are the gate's rows; those of other partners' feeds are passed over.
    """
    own = {contract.feed for contract in area.contracts.values() if contract.partner == partner}
    rows = [row for row in feeds if row["feed"] in own]
    return (
        _governance(area, partner),
        _by_barriers(area, partner, "Policy", ("legal",), _agreed(area, partner)),
        _by_barriers(area, partner, "Skills", ("organisational", "resources"), _returns(rows)),
        _systems(area, partner, rows),
        _quality([row for row in quality if row["feed"] in own and row.get("score") is not None]),
        _by_barriers(area, partner, "Culture", ("cultural",), ""),
    )


def _governance(area: Area, partner: str) -> Part:
    contracts = [one for one in area.contracts.values() if one.partner == partner]
    if not contracts:
        return Part("Governance", "not yet", "No feed and no agreement.", "not known", "Agree what is to be shared.")
    decisions = [decide_feed(one, area.agreements, today=area.today) for one in contracts]
    agreements = [area.agreements[one.agreement] for one in contracts if one.agreement in area.agreements]
    stopped = [decision.reason for decision in decisions if not decision.allowed]
    wanting = [
        f"{one.id} {what}"
        for one in agreements
        for what, is_so in (
            ("names no completed DPIA", one.dpia is None or one.dpia.completed_on is None),
            (f"was to be reviewed by {one.review_on}", one.review_on is not None and one.review_on < area.today),
            (f"ends on {one.expires_on}", area.today <= one.expires_on < area.today + timedelta(days=90)),
        )
        if is_so
    ]
    if stopped:
        return Part("Governance", "not yet", f"{stopped[0].capitalize()}.", _lived(area, partner), "Have it signed.")
    level: Level = "partly" if wanting else "ready"
    said = f"{len(decisions)} of {len(decisions)} feed(s) under an agreement in force"
    return Part(
        "Governance",
        level,
        f"{said}{'; ' + '; '.join(wanting) if wanting else ', with a DPIA'}.",
        _lived(area, partner),
        "Review and renew." if wanting else "Keep the review date.",
    )


def _lived(area: Area, partner: str) -> Trend:
    """Return where agreements moved in the last year: to signed is better, away from it worse."""
    names = {one.agreement for one in area.contracts.values() if one.partner == partner}
    moves = [move for name in names if name in area.agreements for move in area.agreements[name].history]
    recent = sorted((move for move in moves if move.day >= area.today - RECENT), key=lambda move: move.day)
    if not moves:
        return "not known"
    if not recent:
        return "steady"
    last = recent[-1].to
    return "better" if last in ("signed", "in_review") else "steady" if last == "draft" else "worse"


def _agreed(area: Area, partner: str) -> str:
    contracts = [one for one in area.contracts.values() if one.partner == partner]
    in_force = [decide_feed(one, area.agreements, today=area.today).allowed for one in contracts]
    return "purpose and power are agreed for all that is sent" if in_force and all(in_force) else ""


def _returns(rows: Sequence[Row]) -> str:
    sent = sum(int(row.get("deliveries") or 0) for row in rows)
    return f"{sent} deliveries have come" if sent and not any(row.get("is_late") for row in rows) else ""


def _by_barriers(area: Area, partner: str, name: str, kinds: tuple[BarrierKind, ...], proof: str) -> Part:
    """Return a part that barriers of some kinds decide; without any, `proof` is what speaks for the partner."""
    found = [one for one in area.barriers if one.kind in kinds and one.from_organization_id == partner]
    if not found and proof:
        return Part(name, "ready", f"No barrier is on record, and {proof}.", "steady", "Nothing is waiting.")
    if not found:
        return Part(name, "not known", "Nothing is on record.", "not known", "Ask, and note what stands in the way.")
    first = next((one for one in found if one.is_open), found[0])
    level: Level = "not yet" if first.is_open else "partly" if first.status == "mitigated" else "ready"
    return Part(name, level, f"{first.id} ({first.status}): {first.barrier}", _trend(area, found), _next(first))


def _next(barrier: Barrier) -> str:
    if barrier.status == "resolved":
        return "Nothing is waiting."
    due = f", by {barrier.due_on:%d %B %Y}" if barrier.due_on else ""
    return f"{barrier.what_would_help} {barrier.owner or 'Nobody yet'}{due}."


def _trend(area: Area, barriers: Sequence[Barrier]) -> Trend:
    if any(one.is_open and one.noted_on >= area.today - RECENT for one in barriers):
        return "worse"
    return "steady" if any(one.is_open for one in barriers) else "better"


def _systems(area: Area, partner: str, rows: Sequence[Row]) -> Part:
    barrier = next(
        (
            one
            for one in area.barriers
            if one.kind == "technical" and one.is_open and one.from_organization_id == partner
        ),
        None,
    )
    late = [str(row["title"]) for row in rows if row.get("is_late")]
    refused = sum(int(row.get("deliveries_refused") or 0) for row in rows)
    sent = sum(int(row.get("deliveries") or 0) for row in rows)
    told = f"{sent} deliveries, {refused} refused{'; late: ' + ', '.join(late) if late else ''}." if sent else ""
    if barrier:
        evidence = f"{told} {barrier.id}: {barrier.barrier}".strip()
        return Part("Systems", "not yet" if late else "partly", evidence, _trend(area, [barrier]), _next(barrier))
    if not sent:
        return Part("Systems", "not known", "Nothing has arrived yet.", "not known", "Send a sample.")
    level: Level = "partly" if late or refused else "ready"
    return Part("Systems", level, told, "steady", "Mend what was refused or is late." if late or refused else "Go on.")


def _quality(rows: Sequence[Row]) -> Part:
    if not rows:
        return Part("Data quality", "not known", "No receipt to judge by.", "not known", "Send a sample.")
    by_period: dict[str, list[int]] = {}
    for row in rows:
        by_period.setdefault(str(row["period_end_date"]), []).append(int(row["score"]))
    means = [sum(scores) / len(scores) for _, scores in sorted(by_period.items())]
    now, before = means[-1], sum(means[:-1]) / len(means[:-1]) if len(means) > 1 else None
    newest = max(by_period)
    worst = min((row for row in rows if str(row["period_end_date"]) == newest), key=lambda row: int(row["score"]))
    level: Level = "ready" if now >= GOOD_SCORE else "partly" if now >= FAIR_SCORE else "not yet"
    moved = 0.0 if before is None else now - before
    trend: Trend = "better" if moved > MOVED else "worse" if moved < -MOVED else "steady"
    return Part(
        "Data quality",
        level,
        f"{now:.0f} % on average in the newest receipts; lowest: {worst['dimension']} {worst['score']} %.",
        "not known" if before is None else trend,
        f"Look at {worst['dimension']} first." if level != "ready" else "Go on.",
    )
