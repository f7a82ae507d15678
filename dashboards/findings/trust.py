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
EXPIRES_SOON = timedelta(days=180)
QUARANTINE_HIGH = 0.02
MATCH_LOW = 85  # per cent of a feed's records; below it, people of that feed are counted twice too often
GAP_HIGH = 5  # percentage points between a group and everyone


@dataclass(frozen=True, slots=True)
class Light:
    """One thing that trust rests on: a tone with its word, and a sentence with the facts."""

    name: str
    tone: Tone
    word: str
    sentence: str


def lights(feeds: Rows, linkage: Rows, agreements: Rows, today: date) -> list[Light]:
    """Return the trust lights in reading order."""
    return [_arrival(feeds), _acceptance(feeds), _linked(linkage), _evenness(linkage), _permission(feeds, agreements, today)]


def overall(found: Sequence[Light]) -> str:
    """Sum the lights up in a sentence."""
    good = sum(light.tone == "good" for light in found)
    if good == len(found):
        return "Nothing stands in the way of using these figures for service design."
    rest = listed([light.name.lower() for light in found if light.tone != "good"])
    return f"{good} of {len(found)} lights are green. Look at {rest} before relying on small differences."


def attention(feeds: Rows, linkage: Rows, agreements: Rows, today: date) -> list[str]:
    """Return what somebody should act on, the gravest first."""
    found = [f"{row['title']} ({row['partner_name']}) is not in the figures: {row['reason']}." for row in feeds if not row["permitted"]]
    found += [f"{row['title']} ({row['partner_name']}) is late: its newest records are of {day(row['newest_record_date'])}." for row in feeds if row["permitted"] and row["is_late"]]
    found += [f"{row['title']}: only {row['people_match_rate']}% of records could be linked, so its people may be counted twice." for row in feeds if row["permitted"] and low_match(row)]
    for row in sorted(agreements, key=lambda row: str(row["expires_on"])):
        ends = date.fromisoformat(str(row["expires_on"])[:10])
        if row["in_force"] and ends - today <= EXPIRES_SOON:
            found.append(f"The agreement {row['title']} expires on {day(row['expires_on'])}; after that its data leave the figures.")
    return found


def low_match(row: Mapping[str, Any]) -> bool:
    """Return whether a feed's match rate is known and low."""
    return row["people_match_rate"] is not None and row["people_match_rate"] < MATCH_LOW


def rates_by_group(linkage: Rows) -> dict[str, list[tuple[str, float]]]:
    """Return {group kind: (group value, share linked 0-1)} over all feeds, each feed weighed by its records."""
    sums: dict[tuple[str, str], list[float]] = {}
    for row in linkage:
        if row["records"] is not None and row["match_rate"] is not None:
            total = sums.setdefault((str(row["group_kind"]), str(row["group_value"])), [0.0, 0.0])
            total[0] += row["records"] * row["match_rate"] / 100
            total[1] += row["records"]
    rates: dict[str, list[tuple[str, float]]] = {}
    for (kind, value), (linked, records) in sorted(sums.items()):
        rates.setdefault(kind, []).append((value, linked / records))
    return rates


def match_finding(linkage: Rows) -> str:
    """Say how many records are linked over all feeds."""
    everyone = rates_by_group(linkage).get("all")
    return f"{everyone[0][1]:.0%} of records could be linked to a person" if everyone else "The match rate is not known yet"


def evenness_finding(linkage: Rows, names: Mapping[tuple[str, str], str]) -> str:
    """Say which group is linked least well, where the gap to everyone is more than a few points."""
    rates = rates_by_group(linkage)
    whole = dict(rates.get("all", [])).get("all")
    gaps = [(whole - rate, names.get((kind, value), value)) for kind, values in rates.items() if kind != "all" for value, rate in values if whole]
    if not gaps or whole is None:
        return "Match rates by group are not known yet"
    gap, name = max(gaps)
    if gap * 100 < 2:
        return "Records of every group are linked about equally well"
    return f"{name} is linked least well: {gap * 100:.0f} points below everyone, so its people are more often counted twice"


def _arrival(feeds: Rows) -> Light:
    present = [row for row in feeds if row["permitted"]]
    late = [row for row in present if row["is_late"]]
    text = f"{len(present)} of {len(feeds)} feeds are in the figures"
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
    text = f"Every row is accounted for: of {delivered:,} delivered, about {refused:,} ({share:.1%}) are in quarantine with their reason."
    return Light("Receipts", "warn" if share > QUARANTINE_HIGH else "good", "Look" if share > QUARANTINE_HIGH else "Good", text)


def _linked(linkage: Rows) -> Light:
    everyone = rates_by_group(linkage).get("all")
    if not everyone:
        return Light("Linkage", "warn", "Look", "The match rate is not known.")
    rate = everyone[0][1]
    text = f"{rate:.0%} of records could be linked; the others count as people of their own."
    return Light("Linkage", "good" if rate * 100 >= MATCH_LOW else "warn", "Good" if rate * 100 >= MATCH_LOW else "Look", text)


def _evenness(linkage: Rows) -> Light:
    rates = rates_by_group(linkage)
    whole = dict(rates.get("all", [])).get("all")
    if whole is None:
        return Light("Fair linkage", "warn", "Look", "Match rates by group are not known.")
    worst = max((whole - rate for kind, values in rates.items() if kind != "all" for value, rate in values if value not in ("unknown", "U")), default=0.0)
    text = f"No group is linked more than {max(worst * 100, 0):.0f} percentage points less well than everyone."
    return Light("Fair linkage", "warn" if worst * 100 > GAP_HIGH else "good", "Look" if worst * 100 > GAP_HIGH else "Good", text)


def _permission(feeds: Rows, agreements: Rows, today: date) -> Light:
    without = [row for row in feeds if not row["permitted"]]
    if without:
        names = listed([str(row["title"]) for row in without[:3]])
        return Light("Agreements", "warn", "Look", f"{names} may not be used today, so {'they are' if len(without) > 1 else 'it is'} not counted.")
    soon = [row for row in agreements if row["in_force"] and date.fromisoformat(str(row["expires_on"])[:10]) - today <= EXPIRES_SOON]
    if soon:
        return Light("Agreements", "warn", "Look", f"All feeds are covered; {len(soon)} agreement{'s expire' if len(soon) > 1 else ' expires'} within six months.")
    return Light("Agreements", "good", "Good", "An agreement in force covers every feed in the figures.")
