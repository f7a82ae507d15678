"""Costs: what use costs, who pays, how concentrated it is, and how far that hangs on the unit costs."""

from typing import Any

from dash import Dash, html

from dashboards.choices import group_filter, period_filter, read_choices
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.page import figures, page, part
from dashboards.findings import costs as findings
from dashboards.pages import costs_charts as charts
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

PATH, NAME, ICON, PAGE = "/costs", "Costs", "costs", "costs"
FILTERS = ("period", "group")


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    filters: list[Filter] = [period_filter(visit.catalogue, ("year", "all")), group_filter(visit.catalogue)]
    chosen = read_choices(visit, filters)
    whom = f" {chosen.words['group']}" if "group" in chosen.words else ""
    whole = visit.ask("costs", period=chosen.period, where=chosen.where)
    body: list[Any] = [
        filter_bar(PAGE, filters, visit.query, path=PATH, said=f"Showing people{whom}, {chosen.during}."),
        figures([charts.payers(visit, chosen), charts.services_used(visit, chosen)]),
        *part("How concentrated is it?", "From bands of people, never from single ones."),
        figures([charts.concentration(visit, chosen)]),
        *part("How far does it hang on the unit costs?", "Low and high are those of the area's table of unit costs."),
        figures([charts.sensitivity(visit, chosen)]),
    ]
    total = whole.total if isinstance(whole, ProtectedTable) else None
    lede = findings.lede(total, during=chosen.during)
    return page(visit, path=PATH, heading="What does it cost, and who pays?", lede=lede, body=body)
