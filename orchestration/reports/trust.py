"""What needs attention, and how sure a reader can be: feeds, agreements, linkage and hiding, in plain rows.

What belongs here: operational facts of the gate turned into rows of words. What does not: figures about people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from orchestration.release.comparison import listing
from orchestration.reports.desk import Desk

Row = tuple[str, str, str]
Facts = Sequence[Mapping[str, Any]]

WARN_DAYS = 90  # an agreement takes about a quarter to renew
QUARANTINE_SHARE = 0.05  # a feed that loses more than one row in twenty needs a talk with its sender
LINKAGE_GAP = 5  # percentage points under the area's rate at which a group is named
MOST_ROWS = 7


@dataclass(frozen=True)
class Trust:
    """The operational facts behind one report; `as_of` is the day that 'soon' and 'late' are counted from."""

    feeds: Facts
    agreements: Facts
    linkage: Facts
    as_of: date

    def missing(self) -> list[str]:
        """Return partners of whom nothing is in the figures: not permitted, or never delivered."""
        gone = [str(feed["partner_name"]) for feed in self.feeds if not is_in(feed)]
        return list(dict.fromkeys(gone))

    def late(self) -> list[str]:
        """Return titles of feeds that are in the figures but lack their newest months."""
        return [str(feed["title"]) for feed in self.feeds if feed["is_late"] and is_in(feed)]


def is_in(feed: Mapping[str, Any]) -> bool:
    """Return whether a feed's rows are part of the figures."""
    return bool(feed["permitted"]) and feed["newest_delivery_at"] is not None


def attention(trust: Trust) -> list[Row]:
    """Return what needs somebody to act: what, why, what to do; most serious first, at most MOST_ROWS."""
    rows = [*_stopped(trust), *_refused(trust), *_late(trust), *_ending(trust), *_faulty(trust)]
    if len(rows) > MOST_ROWS:
        more = len(rows) - MOST_ROWS + 1
        rows = [
            *rows[: MOST_ROWS - 1],
            (f"{more} more", "Less urgent than those above.", "See the page “Can we trust it?”."),
        ]
    return rows


def _stopped(trust: Trust) -> list[Row]:
    rows = []
    for feed in trust.feeds:
        if not feed["permitted"]:
            rows.append(
                (
                    f"{feed['title']} is left out",
                    sentence(str(feed["reason"] or "no agreement permits it today")),
                    f"Settle the agreement with {feed['partner_name']}, or drop the feed.",
                )
            )
        elif feed["newest_delivery_at"] is None:
            rows.append(
                (
                    f"{feed['title']} has sent nothing",
                    "No delivery has been accepted yet.",
                    f"Ask {feed['partner_name']} for the first.",
                )
            )
    return rows


def _refused(trust: Trust) -> list[Row]:
    return [
        (
            f"{feed['title']}: a delivery was refused",
            f"That of {day(feed['refused_waiting_at'])} could not be taken in; what it reports on is missing.",
            f"Go through the receipt with {feed['partner_name']} and ask for the delivery again.",
        )
        for feed in trust.feeds
        if feed.get("refused_waiting") and is_in(feed)
    ]


def _late(trust: Trust) -> list[Row]:
    return [
        (
            f"{feed['title']} is late",
            f"Its newest records are of {day(feed['newest_record_date'])}; later months are too low.",
            f"Ask {feed['partner_name']} for the delivery that is due.",
        )
        for feed in trust.feeds
        if feed["is_late"] and is_in(feed)
    ]


def _ending(trust: Trust) -> list[Row]:
    rows = []
    overdue: list[str] = []
    soon = trust.as_of + timedelta(days=WARN_DAYS)
    for agreement in sorted(trust.agreements, key=lambda a: str(a["expires_on"])):
        expires, review = agreement["expires_on"], agreement["review_on"]
        if not agreement["in_force"]:
            continue
        if expires is not None and trust.as_of <= as_date(expires) <= soon:
            left = (as_date(expires) - trust.as_of).days
            why = f"It ends on {day(expires)}, in {left} days; its data then leave."
            rows.append((f"“{agreement['title']}” ends soon", why, "Start the renewal now."))
        elif review is not None and as_date(review) < trust.as_of:
            overdue.append(f"“{agreement['title']}” (due {short_day(review)})")
    if overdue:
        what = "An agreement awaits review" if len(overdue) == 1 else f"{len(overdue)} agreements await review"
        rows.append((what, f"{listing(overdue, most=3)}.", "Review with the parties."))
    return rows


def _faulty(trust: Trust) -> list[Row]:
    rows = []
    for feed in trust.feeds:
        delivered, aside = feed["rows_delivered"], feed["rows_quarantined"]
        if delivered and aside and is_in(feed) and aside / delivered > QUARANTINE_SHARE:
            rows.append(
                (
                    f"{feed['title']} loses rows",
                    f"{round(100 * aside / delivered)}% of the rows delivered did not pass their checks.",
                    f"Go through the receipt with {feed['partner_name']}.",
                )
            )
    return rows


def doubts(
    trust: Trust, desk: Desk, *, match_rate: int | None, span: str, group_label: Mapping[tuple[str, str], str]
) -> list[tuple[str, str]]:
    """Return how sure the figures are, in a few lines: a word and what it means here."""
    total = len(trust.feeds)
    inside = sum(1 for feed in trust.feeds if is_in(feed))
    missing = trust.missing()
    coverage = f"{inside} of {total} feeds are in the figures."
    if missing:
        coverage += f" Missing: {listing(missing)}. People known only to them are not counted."
    linkage = "No match rate was published."
    if match_rate is not None:
        linkage = (
            f"{match_rate}% of records were linked to a record of another feed; "
            "the others belong to people in one feed only, or to links that were missed."
        )
    linkage += " A missed link counts one person twice; a false link makes two people one."
    if weak := least_linked(trust, group_label):
        linkage += f" Least often linked: {weak}."
    hidden, cells = desk.hidden()
    hiding = f"{hidden:,} of the {cells:,} cells behind this report are hidden, because few people are in them."
    if desk.refused:
        hiding += f" {len(desk.refused)} questions were refused as too detailed for so few people."
    lines = [("Coverage.", coverage), ("Linkage.", linkage)]
    if span:
        lines.append(("Range.", span))
    return [*lines, ("Protection.", hiding)]


def least_linked(trust: Trust, group_label: Mapping[tuple[str, str], str]) -> str:
    """Name the group whose records are least well linked over all feeds, if it is clearly below the rest."""
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for row in trust.linkage:
        if row["match_rate"] is None or row["records"] is None or row["group_value"] in ("unknown", "U"):
            continue
        key = (str(row["group_kind"]), str(row["group_value"]))
        records, linked = sums.get(key, (0.0, 0.0))
        sums[key] = (records + row["records"], linked + row["records"] * row["match_rate"])
    rates = {key: linked / records for key, (records, linked) in sums.items() if records}
    whole = [rate for (kind, _), rate in rates.items() if kind == "all"]
    groups = {key: rate for key, rate in rates.items() if key[0] != "all" and key in group_label}
    if not whole or not groups:
        return ""
    key = min(groups, key=lambda k: (groups[k], k))
    return f"{group_label[key]} ({round(groups[key])}%)" if whole[0] - groups[key] >= LINKAGE_GAP else ""


def partner_rows(trust: Trust) -> list[list[str]]:
    """Return one row a feed: title, newest record, share linked, state."""
    rows = []
    for feed in sorted(trust.feeds, key=lambda f: str(f["title"])):
        if not feed["permitted"]:
            state = "left out"
        elif feed["newest_delivery_at"] is None:
            state = "nothing sent"
        else:
            state = "late" if feed["is_late"] else "in"
        rate = feed["people_match_rate"]
        newest = short_day(feed["newest_record_date"]) if is_in(feed) else "–"
        rows.append([str(feed["title"]), newest, "–" if rate is None or not is_in(feed) else f"{round(rate)}%", state])
    return rows


def day(value: object) -> str:
    """Write a date in words; a missing one says so."""
    return "an unknown date" if value is None else f"{as_date(value):%-d %B %Y}"


def short_day(value: object) -> str:
    """Write a date for a narrow column."""
    return "unknown" if value is None else f"{as_date(value):%-d %b %Y}"


def as_date(value: object) -> date:
    """Return the date of a date, a time or an ISO text."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def sentence(text: str) -> str:
    """Return a text as a sentence: a capital first, a full stop last."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
