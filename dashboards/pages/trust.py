"""Can we trust it? Feeds and their freshness, receipts, linkage by group, and how figures are protected."""

from collections.abc import Mapping
from typing import Any

from dash import Dash, html

from dashboards.components.dates import short_day
from dashboards.components.lights import light_list
from dashboards.components.notices import tag
from dashboards.components.page import figures, page, part
from dashboards.components.tables import plain_table
from dashboards.findings import trust as findings
from dashboards.findings.quality import SEVERITY_WORDS
from dashboards.pages import trust_charts as charts
from dashboards.pages.trust_protection import protection
from dashboards.pages.trust_quality import quality_parts
from dashboards.visit import Visit

PATH, NAME, ICON, PAGE = "/trust", "Can we trust it?", "trust", "trust"
MOST_CHECKS = 15
Row = Mapping[str, Any]


def register(app: Dash) -> None:
    """This page has no controls."""


def layout(visit: Visit) -> html.Div:
    """Draw the page."""
    feeds, linkage = visit.gate.feeds(), visit.gate.linkage()
    lights = findings.lights(feeds, linkage, visit.gate.thresholds(), visit.gate.agreements(), visit.area.today)
    body: list[Any] = [
        html.Section([html.H2("At a glance"), light_list(lights)], className="card"),
        *part(
            "Feeds",
            (
                "What each partner sends, how fresh it is, and what became of "
                "every row: delivered = accepted + in quarantine + replaced by a later delivery. A refused delivery is "
                "in quarantine whole; the state says Refused until another is accepted in its place."
            ),
        ),
        html.Section(_feed_table(feeds), className="card"),
        *part(
            "Linkage",
            (
                "Records of one person are found by pseudonymous tokens, "
                "never by names. A record without a link is often right, because many people use one "
                "service only; where a link was missed, one person looks like two."
            ),
        ),
        figures([charts.by_feed(visit, feeds), charts.by_group(visit, linkage)]),
        *part("Checks", "Rules that rows are held to before they are accepted. Counts below 10 are not shown."),
        html.Section(_check_table(visit.gate.checks(), feeds), className="card"),
        *quality_parts(visit, feeds),
        *part("How figures are protected"),
        protection(visit),
    ]
    return page(visit, path=PATH, heading="Can we trust it?", lede=findings.overall(lights), body=body)


def _feed_table(feeds: list[dict[str, object]]) -> html.Div:
    columns = [
        "Feed",
        "Partner",
        "State",
        "Newest record",
        "Last delivery",
        "Rows delivered",
        "Accepted",
        "Quarantine",
        "Replaced",
        "Deliveries refused",
    ]
    rows: list[list[Any]] = [
        [
            str(row["title"]), str(row["partner_name"]), _state(row),
            short_day(row["newest_record_date"]), short_day(row["newest_delivery_at"]),
            *[_rows(row[name]) for name in ("rows_delivered", "rows_accepted", "rows_quarantined", "rows_superseded")],
            f"{row.get('deliveries_refused') or 0:,}",
        ]
        for row in feeds
    ]  # fmt: skip
    return plain_table("Feeds in this snapshot; rows rounded to 5, few = below 10", columns, rows, texts=5)


def _state(row: Row) -> html.Span:
    if not row["permitted"]:
        return tag("Not permitted", "bad")
    if row.get("refused_waiting"):
        return tag("Refused", "bad")
    return tag("Late", "warn") if row["is_late"] else tag("Fresh", "good")


def _rows(value: object) -> str:
    return "few" if value is None else f"{value:,}"


def _check_table(checks: list[dict[str, object]], feeds: list[dict[str, object]]) -> html.Div:
    titles = {row["feed"]: row["title"] for row in feeds}
    failing = sorted((row for row in checks if row["rows"]), key=lambda row: -int(str(row["rows"])))[:MOST_CHECKS]
    if not failing:
        return html.Div(html.P("No check has failed on 10 rows or more."))
    rows = [
        [
            str(row["check_id"]).replace("_", " ").capitalize(),
            str(titles.get(row["feed"], row["feed"])),
            SEVERITY_WORDS.get(str(row["severity"]), str(row["severity"])),
            _rows(row["rows"]),
        ]
        for row in failing
    ]
    return plain_table(
        f"Checks that failed most, {len(failing)} of {len(checks)} shown",
        ["Check", "Feed", "Severity", "Rows"],
        rows,
        texts=3,
    )
