"""Journeys: where people come in, what they turn to next, and the paths of up to four steps."""

from typing import Any

from dash import Dash, html

from dashboards.choices import Chosen, group_filter, period_filter, read_choices
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.page import figures, page, part
from dashboards.components.voices import voices_list
from dashboards.findings import journeys as findings
from dashboards.pages import journeys_charts as charts
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

PATH, NAME, ICON, PAGE = "/journeys", "Journeys", "journeys", "journeys"
FILTERS = ("period", "group")
SHOWS_VOICES = True


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    filters: list[Filter] = [period_filter(visit.catalogue, ("year", "all")), group_filter(visit.catalogue)]
    chosen = read_choices(visit, filters)
    body: list[Any] = [
        filter_bar(
            PAGE,
            filters,
            visit.query,
            path=PATH,
            said=" ".join(f"Showing people {_whom(chosen)} whose journey began in {chosen.during}.".split()),
        ),
        *part(
            "First doors",
            (
                "The first service that a person used in the data. People who "
                "were using services before the data begin count from there."
            ),
        ),
        figures([charts.entries(visit, chosen, "theme"), charts.entries(visit, chosen, "service")]),
        *part(
            "What comes next",
            "The next service that people start after another. An order in time, not a referral or a cause.",
        ),
        figures([charts.moves(visit, chosen)]),
        *part("Whole paths", "Up to four steps, theme by theme, of everyone whose journey began in the period."),
        figures([charts.paths(visit, chosen)]),
        *_voices(visit),
    ]
    return page(
        visit, path=PATH, heading="What journeys do people take through services?", lede=_lede(visit, chosen), body=body
    )


def _lede(visit: Visit, chosen: Chosen) -> str:
    answer = visit.ask("entries", by=("entry_theme",), period=chosen.period, where=chosen.where)
    if not isinstance(answer, ProtectedTable):
        return "Too few journeys begin in this selection to be shown."
    return findings.lede(answer.total, period=chosen.during, whom=_whom(chosen))


def _voices(visit: Visit) -> list[Any]:
    told = voices_list(visit.voices, {theme.code: theme.name for theme in visit.catalogue.themes})
    note = "Quotes and observations of one person each: they say what a path was like, not how many took it."
    return [*part("What people told of it", note), told] if told else []


def _whom(chosen: Chosen) -> str:
    return chosen.words.get("group", "")
