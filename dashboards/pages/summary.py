"""Summary: six measures with their trend, what changed, what needs attention, and the trust lights. A minute's read."""

from typing import Any

from dash import Dash, dcc, html

from dashboards.components.lights import light_list
from dashboards.components.page import figures, page, part
from dashboards.components.tiles import tiles
from dashboards.findings import summary as findings
from dashboards.findings import trust
from dashboards.pages import summary_charts as charts
from dashboards.pages import summary_measures as measures
from dashboards.visit import Visit

PATH, NAME, ICON, PAGE = "/", "Summary", "summary", "summary"
MOST_ITEMS = 6


def register(app: Dash) -> None:
    """This page has no controls."""


def layout(visit: Visit) -> html.Div:
    """Draw the page for the latest reporting year."""
    years = measures.latest_years(visit)
    people = measures.people(visit, years)
    lede = findings.lede(
        people.latest, people.before, during=years.during, area=visit.area.name, is_withheld=bool(visit.withheld())
    )
    body: list[Any] = [
        tiles(measures.tiles_of(visit, years, people), three=True),
        figures([charts.changes(visit, years), charts.trend_of(visit)]),
        *part("Can we trust it, and what needs attention?"),
        html.Div([_attention(visit), _lights(visit)], className="two"),
    ]
    return page(visit, path=PATH, heading=f"Who uses services in {visit.area.name}, together", lede=lede, body=body)


def _attention(visit: Visit) -> html.Section:
    gate = visit.gate
    found = trust.attention(gate.feeds(), gate.agreements(), visit.area.today)
    more = len(found) - MOST_ITEMS
    items = [html.Li(text) for text in found[:MOST_ITEMS]] + ([html.Li(f"And {more} more.")] if more > 0 else [])
    body = (
        html.Ul(items, className="plain-list") if items else html.P("Nothing: feeds are on time, linked and permitted.")
    )
    return html.Section(
        [html.H2("Needs attention"), body, html.P(dcc.Link("Agreements and what ends when", href="/sharing"))],
        className="card",
    )


def _lights(visit: Visit) -> html.Section:
    gate = visit.gate
    found = trust.lights(gate.feeds(), gate.linkage(), gate.thresholds(), gate.agreements(), visit.area.today)
    link = html.P(dcc.Link("Feeds, linkage and protection in detail", href="/trust"))
    return html.Section([html.H2("Trust lights"), light_list(found), link], className="card")
