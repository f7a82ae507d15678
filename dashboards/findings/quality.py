"""Findings about the quality of what partners send, over time and on the six dimensions.

Rows are the gate's operational rows: counts rounded and None below 10, scores in whole per cent and None where a count
below 10 could be worked back from them.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Rows = Sequence[Mapping[str, Any]]
GRAVE = ("refuse_delivery", "refuse_row", "warning")
SEVERITY_WORDS = {
    "refuse_delivery": "Refuses the delivery",
    "refuse_row": "Refuses the row",
    "warning": "Warning",
    "information": "Information",
}
PLAIN_FIELDS = {
    "tok_nhs": "token of the NHS number",
    "tok_ni": "token of the National Insurance number",
    "tok_name_dob": "token of name and date of birth",
    "source_ref": "reference of the person",
    "lsoa_code": "small area (LSOA)",
}
DIMENSIONS = ("completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy")
WORST_LOW = 50
"""Per cent; a field of which less is right is of no use, whatever the mean says."""


def fault_shares(history: Rows) -> dict[str, list[tuple[date, float | None]]]:
    """Return, for each feed, the share of rows of each period that its most frequent grave check finds, oldest first.

    The most frequent one, since a row may fail several checks; a count below 10 is drawn as none, and a delivery that
    was refused whole as all its rows. None where the period has too few rows.
    """
    found: dict[str, dict[date, float | None]] = {}
    for row in history:
        if row["severity"] not in GRAVE:
            continue
        periods = found.setdefault(row["feed"], {})
        day = date.fromisoformat(str(row["period_end_date"]))
        delivered = row["rows_delivered"]
        share = None if delivered is None else min(1.0, (row["rows"] or 0) / delivered)
        if row["severity"] == "refuse_delivery" and row["rows"] != 0:
            share = 1.0
        periods[day] = share if periods.get(day) is None or share is None else max(share, periods[day] or 0.0)
    return {feed: sorted(periods.items()) for feed, periods in found.items()}


def fault_finding(shares: Mapping[str, Sequence[tuple[date, float | None]]], titles: Mapping[str, str]) -> str:
    """Say which feed's newest period has the largest share of rows with a fault."""
    newest = {feed: [share for _, share in points if share is not None][-1:] for feed, points in shares.items()}
    known = {feed: share[0] for feed, share in newest.items() if share and share[0] > 0}
    if not known:
        return "No check finds fault with 10 rows or more of any newest delivery"
    worst = max(sorted(known), key=lambda feed: known[feed])
    return f"{titles.get(worst, worst)} has the most faults now: one check finds {known[worst]:.0%} of its rows"


def newest_quality(quality: Rows) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return feed to dimension to the row of the newest period."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    newest: dict[str, str] = {}
    for row in quality:
        newest[row["feed"]] = max(newest.get(row["feed"], ""), str(row["period_end_date"]))
    for row in quality:
        if str(row["period_end_date"]) == newest[row["feed"]]:
            found.setdefault(row["feed"], {})[row["dimension"]] = row
    return found


def score_text(row: Mapping[str, Any] | None) -> str:
    """Write a dimension: the mean, and the worst field beside it so that the mean hides nothing."""
    if row is None:
        return "not measured"
    if row["score"] is None:
        return "few rows" if row["rows_delivered"] is None else "fewer than 10 rows at fault"
    if row["worst_score"] is None or not row["worst_check"]:
        return f"{row['score']} %"
    return f"{row['score']} %; {place_name(row['worst_place'])} {row['worst_score']} %"


def is_fatal(row: Mapping[str, Any] | None) -> bool:
    """Tell whether the worst field of a dimension is of no use."""
    return row is not None and row["worst_score"] is not None and row["worst_score"] < WORST_LOW


def place_name(place: str) -> str:
    """Write 'person.tok_nhs' as 'token of the NHS number (person)'."""
    entity, dot, field = place.partition(".")
    spelt = field.replace("tok_", "token of ").replace("dob", "date of birth").replace("_", " ")
    words = PLAIN_FIELDS.get(field, spelt)
    return f"{words} ({entity})" if dot else entity.replace("_", " ")


def newest_lags(lags: Rows) -> dict[str, dict[str, float | None]]:
    """Return feed to bin of days to the share (0-1) of the events that its newest period reports on.

    A bin of fewer than 10 events is None and left out of the whole; so is a feed of which no bin has as many.
    """
    newest: dict[str, str] = {}
    for row in lags:
        newest[row["feed"]] = max(newest.get(row["feed"], ""), str(row["period_end_date"]))
    counts: dict[str, dict[str, int | None]] = {}
    for row in sorted(lags, key=lambda row: row["lag_index"]):
        if str(row["period_end_date"]) == newest[row["feed"]]:
            counts.setdefault(row["feed"], {})[row["lag"]] = row["rows"]
    whole = {feed: sum(count or 0 for count in found.values()) for feed, found in counts.items()}
    return {
        feed: {lag: None if count is None else count / whole[feed] for lag, count in found.items()}
        for feed, found in counts.items()
        if whole[feed]
    }


def lag_finding(shares: Mapping[str, Mapping[str, float | None]], titles: Mapping[str, str]) -> str:
    """Say which feed tells of most of its events soonest, within ten days."""
    soon = {feed: sum(share or 0 for lag, share in found.items() if lag != "11+") for feed, found in shares.items()}
    if not soon:
        return "How soon events are told of is not known yet"
    first = max(sorted(soon), key=lambda feed: soon[feed])
    if not soon[first]:
        return "No feed tells of its events within ten days"
    return f"{titles.get(first, first)} tells of its events soonest: {soon[first]:.0%} within ten days"
