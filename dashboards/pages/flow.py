"""Flow and waits: how long people wait, who starts, who drops out, who comes and goes, and who comes back."""

from typing import Any

from dash import Dash, html

from dashboards.choices import Chosen, group_filter, period_filter, read_choices, use_filter
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.page import figures, page, part
from dashboards.findings import flow as findings
from dashboards.pages import flow_charts as charts
from dashboards.pages import flow_stays as stays
from dashboards.reading import by_code
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

PATH, NAME, ICON, PAGE = "/flow", "Flow and waits", "flow", "flow"
FILTERS = ("period", "use", "group")


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    catalogue = visit.catalogue
    filters: list[Filter] = [period_filter(catalogue, ("year", "all")), use_filter(catalogue), group_filter(catalogue)]
    chosen = read_choices(visit, filters)
    body: list[Any] = [
        filter_bar(PAGE, filters, visit.query, path=PATH, said=f"Showing people{_whom(chosen)}, {chosen.during}."),
        *part("Waiting", "From the day of referral to the day the service began."),
        figures([charts.waits(visit, chosen), charts.wait_themes(visit, chosen)]),
        *part("Starting, staying, dropping out"),
        figures([charts.path(visit, chosen), stays.returns(visit, chosen)]),
        figures([stays.drop_out(visit, chosen)]),
        *part("Coming and going"),
        figures([stays.come_and_go(visit, chosen)]),
    ]
    return page(
        visit, path=PATH, heading="How long do people wait, and do they stay?", lede=_lede(visit, chosen), body=body
    )


def _lede(visit: Visit, chosen: Chosen) -> str:
    answer = visit.ask("waits", by=("wait",), period=chosen.period, where=chosen.where)
    if not isinstance(answer, ProtectedTable):
        return "Too few people were referred in this selection to say how long they waited."
    curve = charts.wait_curve("everyone", by_code(answer))
    return findings.lede(answer.total, curve, whom=_whom(chosen), during=chosen.during)


def _whom(chosen: Chosen) -> str:
    parts = [chosen.words.get("group", ""), f"to {chosen.words['use']}" if "use" in chosen.words else ""]
    return "".join(f" {words}" for words in parts if words)
