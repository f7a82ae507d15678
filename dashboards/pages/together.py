"""Services together: combinations of themes, what else people use, and how many services at once."""

from typing import Any

from dash import Dash, html

from dashboards.choices import Chosen, area_filter, group_filter, limited, period_filter, read_choices, too_many
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.notices import notice
from dashboards.components.page import figures, page, part
from dashboards.findings import together as findings
from dashboards.pages import together_charts as charts
from dashboards.reading import pairs
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

PATH, NAME, ICON, PAGE = "/together", "Services together", "together", "together"
HEADING = "Which services do people use together?"
FILTERS = ("period", "view", "group", "area")
VIEWS = [{"value": "themes", "label": "Themes"}, {"value": "services", "label": "Services with most users"}]


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    catalogue = visit.catalogue
    view = Filter("view", "Compare", VIEWS, "themes")
    narrowing = [period_filter(catalogue, ("year", "all", "quarter")), group_filter(catalogue), area_filter(catalogue)]
    chosen = read_choices(visit, narrowing)
    period, group, area = limited(narrowing, chosen)
    said = f"Showing {_whom(chosen)}, {chosen.during}."
    bar = filter_bar(PAGE, [period, view, group, area], visit.query, path=PATH, said=said)
    if too_many(chosen):
        body: list[Any] = [
            bar,
            notice("This view is too detailed to publish", html.P("Clear one filter to go on."), tone="warn"),
        ]
        return page(visit, path=PATH, heading=HEADING, lede="Clear one filter to go on.", body=body)
    body = [
        bar,
        figures([charts.combinations(visit, chosen)]),
        *part(
            "What else do they use?",
            "Overlap is not mutual: a small service can lie wholly inside a large one. Each row reads on its own.",
        ),
        figures([charts.co_use(visit, chosen, view.chosen(visit.query))]),
        *part(
            "How many at once?",
            (
                "The most services open on the same day, which is what a "
                "person has to juggle; and how many over the whole period."
            ),
        ),
        figures([charts.at_once(visit, chosen), charts.used(visit, chosen)]),
    ]
    return page(visit, path=PATH, heading=HEADING, lede=_lede(visit, chosen), body=body)


def _lede(visit: Visit, chosen: Chosen) -> str:
    answer = visit.ask("people", by=("services_used",), period=chosen.period, where=chosen.where)
    if not isinstance(answer, ProtectedTable):
        return "Too few people are in this selection to say how they combine services."
    return findings.lede(pairs(answer), answer.total, period=chosen.during)


def _whom(chosen: Chosen) -> str:
    parts = [words if name == "group" else f"living in {words}" for name, words in chosen.words.items()]
    return ", ".join(["people", *parts]) if parts else "everyone using services"
