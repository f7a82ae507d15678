"""Your feeds: what a partner sent, what became of it, and the agreement that permits its use. Nobody else's feeds."""

from typing import Any

from dash import Dash, html

from dashboards.access.door import visitor
from dashboards.components.dates import short_day
from dashboards.components.page import page, part
from dashboards.components.tables import plain_table
from dashboards.pages.own_give_back import give_back, own_services
from dashboards.receipts import ROOT
from dashboards.visit import Visit

PATH, NAME, ICON, PAGE = "/own", "Your feeds", "trust", "own"
IS_PERSONAL = True
"""What is shown depends on who signed in, so that a drawn page is not kept."""
COLUMNS = ("Feed", "Last delivery", "Receipts", "Delivered", "Accepted", "Quarantine", "Replaced")


def register(app: Dash) -> None:
    """This page has no controls."""


def layout(visit: Visit) -> html.Div:
    """Draw the page: a partner's own feeds; all of them for those who run the area."""
    feeds = own_feeds(visit)
    held = {str(row["agreement_id"]) for row in feeds}
    titles = {str(row["feed"]): str(row["title"]) for row in feeds}
    receipts = [
        [str(row["title"]), short_day(row["newest_delivery_at"]), _link(row), *[_rows(row[name]) for name in COUNTS]]
        for row in feeds
    ]
    checks = [
        [str(row["check_id"]).replace("_", " ").capitalize(), titles[str(row["feed"])], _rows(row["rows"])]
        for row in visit.gate.checks()
        if row["feed"] in titles and row["rows"]
    ]
    agreements = [
        [str(row["title"]), str(row["status"]), short_day(row["expires_on"]), "yes" if row["in_force"] else "no"]
        for row in visit.gate.agreements()
        if row["agreement_id"] in held
    ]
    body: list[Any] = [
        *part("What you sent", "Rows rounded to 5; few = below 10. A receipt tells exactly."),
        plain_table("Feeds", COLUMNS, receipts, texts=3),
        *part("What to mend", "Checks that rows of yours did not pass. The receipts name the rows and say what to do."),
        plain_table("Checks", ["Check", "Feed", "Rows"], checks, texts=2),
        *part("What it may be used for", "The agreements under which your feeds are used."),
        plain_table("Agreements", ["Agreement", "Status", "Ends", "In force"], agreements, texts=4),
        *_returned(visit, sorted(titles)),
    ]  # fmt: skip
    return page(visit, path=PATH, heading=NAME, lede=_lede(len(feeds)), body=body)


def _lede(count: int) -> str:
    if not count:
        return "No feed of yours is in what is published now."
    return (
        "What became of the feed that you send." if count == 1 else f"What became of the {count} feeds that are sent."
    )


def _returned(visit: Visit, feeds: list[str]) -> list[Any]:
    """Draw what is given back: to a partner alone, since others read it on the pages about services together."""
    return give_back(visit, own_services(visit, feeds)) if visit.reader.role == "partner" else []


def _link(row: dict[str, object]) -> html.A:
    feed = str(row["feed"])
    return html.A("all receipts", href=f"{ROOT}/{feed}/index.html", title=f"All receipts of {row['title']}")


COUNTS = ("rows_delivered", "rows_accepted", "rows_quarantined", "rows_superseded")


def own_feeds(visit: Visit) -> list[dict[str, object]]:
    """Return the feeds that who asks may see: all for those who run the area, else those of their partner alone."""
    person = visitor()
    if person is None:
        return []
    if person.roles & {"engineer", "governance"}:
        return visit.gate.feeds()
    return [row for row in visit.gate.feeds() if person.partner and _partner(visit, row) == person.partner]


def _partner(visit: Visit, row: dict[str, object]) -> str | None:
    feed = visit.area.contracts.get(str(row["feed"]))
    return feed.partner if feed else None


def _rows(value: object) -> str:
    return "few" if value is None else f"{value:,}"
