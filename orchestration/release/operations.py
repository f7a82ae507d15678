"""Figures about the data rather than about people: feeds, checks, linkage, agreements, the snapshot, the certificate.

Row counts are rounded to 5 and None below 10 (a small count of rejected rows can point at a person). Records of a feed
by group are nearly people, and a feed may be sensitive: None below 20, rounded to 10. A rate is made of two rounded
counts and left out where either side of it is below 10; numbers of people at the thresholds have three digits that
mean something, which is all that a range needs.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from orchestration.area.permission import permits
from orchestration.release import words
from orchestration.release.certificate import BirthCertificate, FeedNote, MissingFeed
from orchestration.release.grammar import Request
from orchestration.release.policy import Policy
from orchestration.release.reader import Snapshot
from orchestration.release.withholding import Rules

SMALLEST_COUNT = 10
BASE = 5
SMALLEST_GROUP = 20
GROUP_BASE = 10
LARGE = 1000  # from here on nearly all is no longer nearly everyone that somebody knows
DIGITS = 3
COUNTS = frozenset(("rows_delivered", "rows_accepted", "rows_quarantined", "rows_superseded", "rows"))
NOTHING: Mapping[str, str] = MappingProxyType({})
RATES = frozenset(("score", "worst_score"))


def feeds(snapshot: Snapshot, *, withheld: Mapping[str, str] = NOTHING) -> list[dict[str, object]]:
    """Return one row per feed; the match rate is that of all its records in `linkage`.

    `withheld` feeds are told as not permitted with the reason, without figures of theirs.
    """
    found = snapshot.made_once("feeds", lambda: _feeds(snapshot))
    gone: dict[str, object] = dict.fromkeys((*COUNTS, "people_match_rate", "newest_record_date"))
    return [
        {
            **row,
            **{name: None for name in gone if name in row},
            "permitted": False,
            "reason": withheld[str(row["feed"])],
        }
        if row["feed"] in withheld
        else dict(row)
        for row in found
    ]


def _feeds(snapshot: Snapshot) -> list[dict[str, object]]:
    rates = {row["feed"]: row["match_rate"] for row in linkage(snapshot) if row["group_kind"] == "all"}
    rows = snapshot.table("select * from serving.srv_feed order by partner_name, feed")
    return [{**_guard(row), "people_match_rate": rates.get(row["feed"])} for row in rows]


def checks(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed and check."""
    return [_guard(row) for row in snapshot.table("select * from serving.srv_check order by feed, check_id")]


def check_history(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed, period and check that ever found something in the feed; 0 where it found nothing."""
    rows = snapshot.table("select * from serving.srv_check_history order by feed, check_id, period_end_date, period")
    return [{**_guard(row), "rows": 0 if row["rows"] == 0 else _rounded(row["rows"])} for row in rows]


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
            if too_few or (count and _rounded(count) is None):
                guarded[score] = None
        found.append(guarded)
    return found


def lags(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed, period and bin of days from event to delivery; rows 0 where there are none."""
    rows = snapshot.table("select * from serving.srv_lag order by feed, period_end_date, period, lag_index")
    return [{**_guard(row), "rows": 0 if row["rows"] == 0 else _rounded(row["rows"])} for row in rows]


def linkage(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per feed and group; records rounded, None when few, and the rate with them."""
    return [dict(row) for row in snapshot.made_once("linkage", lambda: _linkage(snapshot))]


def _linkage(snapshot: Snapshot) -> list[dict[str, object]]:
    rows = snapshot.table("select * from serving.srv_linkage order by feed, group_kind, group_value")
    return [
        {
            **_guard(row),
            "records": _rounded(row["records"], smallest=SMALLEST_GROUP, base=GROUP_BASE),
            "match_rate": _rate(row["records"], row["match_rate"]),
        }
        for row in rows
    ]


def thresholds(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return how many people the records make at each linkage threshold, strictest last."""
    rows = snapshot.table("select * from serving.srv_threshold order by threshold")
    return [{**_guard(row), **{name: _about(row[name]) for name in ("links", "people")}} for row in rows]


def agreements(snapshot: Snapshot) -> list[dict[str, object]]:
    """Return one row per agreement."""
    return [_guard(row) for row in snapshot.table("select * from serving.srv_agreement order by agreement_id")]


def as_now(rows: list[dict[str, object]], rules: Rules) -> list[dict[str, object]]:
    """Return rows of agreements with state and dates as their files say now; one whose file is gone is not in force."""
    found = []
    for row in rows:
        agreement = rules.agreements.get(str(row["agreement_id"]))
        if agreement is None:
            found.append({**row, "in_force": False})
            continue
        decisions = [permits(agreement, feed, today=rules.today) for feed in agreement.feeds]
        now = {
            "status": agreement.status,
            "starts_on": agreement.starts_on.isoformat(),
            "expires_on": agreement.expires_on.isoformat(),
            "review_on": _plain(agreement.review_on),
            "in_force": any(decision.allowed for decision in decisions),
        }
        found.append({**row, **now})
    return found


def recertify(
    snapshot: Snapshot, certificate: BirthCertificate, withheld: Mapping[str, str], *, hidden_cells: int
) -> BirthCertificate:
    """Return a certificate that names the feeds withheld since the snapshot was made among the missing.

    How well all records were linked is left out: that figure rests on the withheld ones too.
    """
    present = [row for row in feeds(snapshot, withheld=withheld) if row["permitted"]]
    gone = [note for note in certificate.feeds if note.feed in withheld]
    missing = [MissingFeed(note.feed, note.partner, note.title, withheld[note.feed]) for note in gone]
    return replace(
        certificate,
        feeds=tuple(note for note in certificate.feeds if note.feed not in withheld),
        missing_feeds=(*certificate.missing_feeds, *missing),
        hidden_cells=hidden_cells,
        agreements=tuple(dict.fromkeys(str(row["agreement_id"]) for row in present)),
        match_rate=None,
        linkage_range="",
    )


def policies(named: dict[str, Policy]) -> list[dict[str, object]]:
    """Return one row per release policy; what the noise is made of is not said."""
    return [
        {
            "policy": policy.name,
            "threshold": policy.threshold,
            "sensitive_threshold": policy.sensitive_threshold,
            "rounding_base": policy.rounding_base,
            "most_attributes": policy.most_attributes,
            "largest_hidden_share": policy.largest_hidden_share,
            "smallest_base": policy.smallest_base,
            "loosened": ", ".join(policy.loosened),
            "decision": policy.decision,
        }
        for policy in named.values()
    ]


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
    if policy.loosened:
        notes.append(words.LOOSENED.format(decision=policy.decision))
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
        run_id=str(facts.get("run_id") or ""),
    )


def _overall_match_rate(snapshot: Snapshot) -> int | None:
    rows = snapshot.table("select records, match_rate from serving.srv_linkage where group_kind = 'all'")
    known = [(_whole(row["records"]), float(str(row["match_rate"]))) for row in rows if row["match_rate"] is not None]
    records = sum(weight for weight, _share in known)
    return _rate(records, sum(weight * share for weight, share in known) / records) if records else None


def _linkage_range(snapshot: Snapshot) -> str:
    known = [people for row in thresholds(snapshot) if isinstance(people := row["people"], int)]
    if len(known) < 2:
        return ""
    if min(known) == max(known):
        return f"From loose to strict linkage the records make about {max(known):,} people."
    return f"From loose to strict linkage the records make between {min(known):,} and {max(known):,} people."


def _guard(row: dict[str, object]) -> dict[str, object]:
    return {name: _guarded(name, value) for name, value in row.items()}


def _guarded(name: str, value: object) -> object:
    if name in COUNTS:
        return _rounded(value)
    if name in RATES:
        return None if value is None else round(100 * float(str(value)))
    return _plain(value)


def _whole(value: object) -> int:
    return int(str(value or 0))


def _rounded(value: object, *, smallest: int = SMALLEST_COUNT, base: int = BASE) -> int | None:
    """Return a count rounded to the base, None when there are few or none."""
    count = _whole(value)
    return None if count < smallest else (2 * count + base) // (2 * base) * base


def _about(value: object) -> int | None:
    """Return a count with three digits that mean something, at least rounded to 10."""
    return _rounded(value, base=max(GROUP_BASE, 10 ** (len(str(_whole(value))) - DIGITS)))


def _rate(records: object, share: object) -> int | None:
    """Return a share of records (0-1) as whole per cent, never 0 or 100, None where it would tell of a few."""
    whole = _whole(records)
    if share is None or whole < SMALLEST_GROUP:
        return None
    part = round(whole * float(str(share)))
    if whole < LARGE and min(part, whole - part) < SMALLEST_COUNT:
        return None
    rounded = (_rounded(part) or 0) / (_rounded(whole) or 1)
    return min(99, max(1, round(100 * rounded)))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _text(value: object) -> str | None:
    return None if value is None else str(value)
