"""Figures about the data rather than about people: feeds, checks, linkage, agreements, the snapshot, the certificate.

Row counts are rounded to 5 and None below 10 (a small count of rejected rows can point at a person), rates are whole
per cent.
"""

from datetime import date, datetime

from orchestration.release import words
from orchestration.release.certificate import BirthCertificate, FeedNote, MissingFeed
from orchestration.release.grammar import Request
from orchestration.release.policy import Policy
from orchestration.release.reader import Snapshot

SMALLEST_COUNT = 10
BASE = 5
COUNTS = frozenset(
    ("rows_delivered", "rows_accepted", "rows_quarantined", "rows_superseded", "rows", "records", "links", "people")
)
RATES = frozenset(("people_match_rate", "match_rate", "score", "worst_score"))


def feeds(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed."""
    return [_guard(row) for row in snapshot.table("select * from serving.srv_feed order by partner_name, feed")]


def checks(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed and check."""
    return [_guard(row) for row in snapshot.table("select * from serving.srv_check order by feed, check_id")]


def check_history(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed, period and check that ever found something in the feed; 0 where it found nothing."""
    rows = snapshot.table("select * from serving.srv_check_history order by feed, check_id, period_end_date, period")
    return [{**_guard(row), "rows": 0 if row["rows"] == 0 else _count(row["rows"])} for row in rows]


def quality(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed, period and dimension, scores in whole per cent.

    A score from which a count of 1 to 9 rows could be worked back is None, and so is one of fewer than 10 rows.
    """
    rows = snapshot.table("select * from serving.srv_quality order by feed, dimension, period_end_date, period")
    found = []
    for row in rows:
        guarded = _guard({name: value for name, value in row.items() if name not in ("worst_rows", "failing_rows")})
        too_few = guarded["rows_delivered"] is None
        for score, count in (("score", row["failing_rows"]), ("worst_score", row["worst_rows"])):
            if too_few or (count and _count(count) is None):
                guarded[score] = None
        found.append(guarded)
    return found


def linkage(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed and group; a rate on too few records is left out with its count."""
    rows = snapshot.table("select * from serving.srv_linkage order by feed, group_kind, group_value")
    guarded = [_guard(row) for row in rows]
    return [row if row["records"] is not None else {**row, "match_rate": None} for row in guarded]


def thresholds(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return how many people the records make at each linkage threshold, strictest last."""
    return [_guard(row) for row in snapshot.table("select * from serving.srv_threshold order by threshold")]


def agreements(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per agreement."""
    return [_guard(row) for row in snapshot.table("select * from serving.srv_agreement order by agreement_id")]


def snapshot_facts(snapshot: Snapshot) -> dict[str, object]:
    """Return when and from what the snapshot was made; the fingerprint of the secret stays inside."""
    return {name: _plain(value) for name, value in snapshot.facts.items() if name != "secret_fingerprint"}


def certify(
    snapshot: Snapshot, request: Request, policy: Policy, *, hidden_cells: int, has_sums: bool
) -> BirthCertificate:
    """Return the birth certificate of an answer."""
    measure = words.MEASURES[request.measure]
    all_feeds = feeds(snapshot)
    present = [feed for feed in all_feeds if feed.get("permitted")]
    facts = snapshot_facts(snapshot)
    notes = [*measure.caveats, *([words.AT_LEAST, words.OVERLAPPING_SUM] if has_sums else [])]
    return BirthCertificate(
        measure=request.measure,
        label=measure.label,
        definition=measure.definition,
        unit=measure.unit,
        period=request.period,
        period_label=snapshot.directory.periods[request.period].label,
        counted=measure.counted,
        not_counted=measure.not_counted,
        feeds=tuple(
            FeedNote(
                str(feed["feed"]), str(feed["partner_name"]), str(feed["title"]), _text(feed["newest_record_date"])
            )
            for feed in present
        ),
        missing_feeds=tuple(
            MissingFeed(
                str(feed["feed"]), str(feed["partner_name"]), str(feed["title"]), str(feed["reason"] or "not permitted")
            )
            for feed in all_feeds
            if not feed.get("permitted")
        ),
        match_rate=_overall_match_rate(snapshot),
        linkage_range=_linkage_range(snapshot),
        suppression=words.SUPPRESSION.format(
            threshold=policy.threshold,
            sensitive_threshold=policy.sensitive_threshold,
            rounding_base=policy.rounding_base,
        ),
        hidden_cells=hidden_cells,
        agreements=tuple(dict.fromkeys(str(feed["agreement_id"]) for feed in present)),
        notes=tuple(notes),
        policy=policy.name,
        snapshot_id=snapshot.snapshot_id,
        built_at=str(facts.get("built_at", "")),
        data_to=str(facts.get("data_to", "")),
    )


def _overall_match_rate(snapshot: Snapshot) -> int | None:
    rows = snapshot.table("select records, match_rate from serving.srv_linkage where group_kind = 'all'")
    weighed = [
        (float(str(row["records"])), float(str(row["match_rate"]))) for row in rows if row["match_rate"] is not None
    ]
    records = sum(weight for weight, _rate in weighed)
    if records < SMALLEST_COUNT:
        return None
    return round(100 * sum(weight * rate for weight, rate in weighed) / records)


def _linkage_range(snapshot: Snapshot) -> str:
    rows = snapshot.table("select threshold, people from serving.srv_threshold order by threshold")
    figures = [_count(row["people"]) for row in rows]
    known = [figure for figure in figures if figure is not None]
    if len(known) < 2:
        return ""
    return f"From loose to strict linkage the records make between {min(known):,} and {max(known):,} people."


def _guard(row: dict[str, object]) -> dict[str, object]:
    guarded: dict[str, object] = {}
    for name, value in row.items():
        if name in COUNTS:
            guarded[name] = _count(value)
        elif name in RATES:
            guarded[name] = None if value is None else round(100 * float(str(value)))
        else:
            guarded[name] = _plain(value)
    return guarded


def _count(value: object) -> int | None:
    if value is None or int(str(value)) < SMALLEST_COUNT:
        return None
    return (2 * int(str(value)) + BASE) // (2 * BASE) * BASE


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _text(value: object) -> str | None:
    return None if value is None else str(value)
