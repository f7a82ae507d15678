"""Findings about the data itself: the trust lights, what needs attention, and how evenly records are linked.

Rows are the gate's operational rows (counts rounded, None below 10; rates in whole per cent).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from dashboards.components.dates import day
from dashboards.figures.numbers import listed

Tone = Literal["good", "warn", "bad"]
Rows = Sequence[Mapping[str, Any]]
UNKNOWN = ("unknown", "U")
EXPIRES_SOON = timedelta(days=180)
QUARANTINE_HIGH = 0.02
RANGE_WIDE = 0.05  # of all people, between loose and strict linkage
GAP_HIGH = 0.10  # between a group's records and others of the same feeds


@dataclass(frozen=True, slots=True)
class Light:
    """One thing that trust rests on: a tone with its word, and a sentence with the facts."""

    name: str
    tone: Tone
    word: str
    sentence: str


def lights(feeds: Rows, linkage: Rows, thresholds: Rows, agreements: Rows, today: date) -> list[Light]:
    """Return the trust lights in reading order."""
    return [
        _arrival(feeds), _acceptance(feeds), _certainty(thresholds), _evenness(linkage),
        _permission(feeds, agreements, today),
    ]  # fmt: skip


def overall(found: Sequence[Light]) -> str:
    """Sum the lights up in a sentence."""
    good = sum(light.tone == "good" for light in found)
    if good == len(found):
        return "Nothing stands in the way of using these figures for service design."
    rest = listed([light.name.lower() for light in found if light.tone != "good"])
    return f"{good} of {len(found)} lights are green. Look at {rest} before relying on small differences."


def attention(feeds: Rows, agreements: Rows, today: date) -> list[str]:
    """Return what somebody should act on, the gravest first."""
    found = [
        f"{row['title']} ({row['partner_name']}) is not in the figures: {row['reason']}."
        for row in feeds
        if not row["permitted"]
    ]
    found += [refused_sentence(row) for row in feeds if row["permitted"] and row.get("refused_waiting")]
    found += [
        f"{row['title']} ({row['partner_name']}) is late: its newest record is of {day(row['newest_record_date'])}."
        for row in feeds
        if row["permitted"] and row["is_late"]
    ]
    for row in sorted(agreements, key=lambda row: str(row["expires_on"])):
        ends = date.fromisoformat(str(row["expires_on"])[:10])
        if row["in_force"] and ends - today <= EXPIRES_SOON:
            found.append(
                f"The agreement {row['title']} expires on "
                f"{day(row['expires_on'])}; after that its data leave the figures."
            )
    return found


def refused_sentence(row: Mapping[str, Any]) -> str:
    """Say that a feed's delivery was refused and nothing has come in its place; older snapshots do not know it."""
    count = row["refused_waiting"]
    whose = f"{row['title']} ({row['partner_name']})"
    when = day(row["refused_waiting_at"])
    if count == 1:
        return f"{whose}: the delivery of {when} was refused and has not been mended; what it reports on is missing."
    return (
        f"{whose}: {count} deliveries were refused and have not been mended, the last of {when}; "
        "what they report on is missing."
    )


def match_rate(linkage: Rows) -> float | None:
    """Return the share (0-1) of records linked to a record of another feed, every feed weighed by its records."""
    known = [row for row in linkage if row["group_kind"] == "all" and row["records"] and row["match_rate"] is not None]
    records = sum(row["records"] for row in known)
    return sum(row["records"] * row["match_rate"] for row in known) / 100 / records if records else None


def group_gaps(linkage: Rows) -> dict[tuple[str, str], float]:
    """Return {(kind, group): how far its share linked lies from everyone's, within the same feeds} (0.1 = 10 points).

    Feeds differ in whom they know and in how often these people are known elsewhere, so groups are compared inside each
    feed and the differences averaged by records.
    """
    whole = {
        row["feed"]: row["match_rate"]
        for row in linkage
        if row["group_kind"] == "all" and row["match_rate"] is not None
    }
    sums: dict[tuple[str, str], list[float]] = {}
    for row in linkage:
        if row["group_kind"] != "all" and row["records"] and row["match_rate"] is not None and row["feed"] in whole:
            total = sums.setdefault((str(row["group_kind"]), str(row["group_value"])), [0.0, 0.0])
            total[0] += row["records"] * (row["match_rate"] - whole[row["feed"]]) / 100
            total[1] += row["records"]
    return {key: gap / records for key, (gap, records) in sorted(sums.items())}


def match_finding(linkage: Rows) -> str:
    """Say how many records belong to people whom another feed knows too."""
    rate = match_rate(linkage)
    return (
        "The match rate is not known yet"
        if rate is None
        else f"{rate:.0%} of records were linked to a record from another feed"
    )


def evenness_finding(linkage: Rows, names: Mapping[tuple[str, str], str]) -> str:
    """Say which group is linked least often within the same feeds, where the gap is more than a few points."""
    gaps = {key: gap for key, gap in group_gaps(linkage).items() if key[1] not in UNKNOWN}
    if not gaps:
        return "Match rates by group are not known yet"
    key = min(gaps, key=lambda key: gaps[key])
    if gaps[key] > -0.03:
        return "Within each feed, every group is linked about equally often"
    name = names.get(key, key[1])
    return (
        f"Within the same feeds, one group is linked least often: {name}, {-gaps[key] * 100:.0f} points below everyone"
    )


def _arrival(feeds: Rows) -> Light:
    present = [row for row in feeds if row["permitted"]]
    late = [row for row in present if row["is_late"]]
    refused = [row for row in present if row.get("refused_waiting")]
    text = f"{len(present)} of {len(feeds)} feeds are in the figures"
    if refused:
        names = listed([str(row["title"]) for row in refused[:3]])
        text += f"; of {names} a delivery was refused and nothing has come in its place"
        if not late:
            return Light("Deliveries", "warn", "Look", f"{text}.")
    if late:
        names = listed([str(row["title"]) for row in late[:3]])
        return Light("Deliveries", "warn", "Look", f"{text}; {names} {'are' if len(late) > 1 else 'is'} late.")
    return Light("Deliveries", "good", "Good", f"{text}, and none is late.")


def _acceptance(feeds: Rows) -> Light:
    delivered = sum(row["rows_delivered"] or 0 for row in feeds)
    refused = sum(row["rows_quarantined"] or 0 for row in feeds)
    if not delivered:
        return Light("Receipts", "bad", "Problem", "No rows have been delivered.")
    share = refused / delivered
    text = (
        f"Every row is accounted for: of {delivered:,} delivered, "
        f"about {refused:,} ({share:.1%}) are in quarantine with their reason."
    )
    return Light(
        "Receipts", "warn" if share > QUARANTINE_HIGH else "good", "Look" if share > QUARANTINE_HIGH else "Good", text
    )


def _certainty(thresholds: Rows) -> Light:
    people = [row["people"] for row in thresholds if row["people"]]
    if len(people) < 2:
        return Light("Linkage", "warn", "Look", "How far linkage could move the number of people is not known.")
    low, high = min(people), max(people)
    width = (high - low) / high
    text = f"Between loose and strict linkage the records make {low:,} to {high:,} people, a range of {width:.1%}."
    return Light("Linkage", "warn" if width > RANGE_WIDE else "good", "Look" if width > RANGE_WIDE else "Good", text)


def _evenness(linkage: Rows) -> Light:
    gaps = [gap for (_, value), gap in group_gaps(linkage).items() if value not in UNKNOWN]
    if not gaps:
        return Light("Even linkage", "warn", "Look", "Match rates by group are not known.")
    worst = max(-min(gaps), 0.0)
    text = (
        "Within the same feeds no group is linked more than "
        f"{worst * 100:.0f} percentage points less often than everyone."
    )
    return Light("Even linkage", "warn" if worst > GAP_HIGH else "good", "Look" if worst > GAP_HIGH else "Good", text)


def _permission(feeds: Rows, agreements: Rows, today: date) -> Light:
    without = [row for row in feeds if not row["permitted"]]
    if without:
        names = listed([str(row["title"]) for row in without[:3]])
        return Light(
            "Agreements",
            "warn",
            "Look",
            f"{names} may not be used today, so {'they are' if len(without) > 1 else 'it is'} not counted.",
        )
    soon = [
        row
        for row in agreements
        if row["in_force"] and date.fromisoformat(str(row["expires_on"])[:10]) - today <= EXPIRES_SOON
    ]
    if soon:
        return Light(
            "Agreements",
            "warn",
            "Look",
            (
                f"All feeds are covered; {len(soon)} "
                f"agreement{'s expire' if len(soon) > 1 else ' expires'} within six months."
            ),
        )
    return Light("Agreements", "good", "Good", "An agreement in force covers every feed in the figures.")
