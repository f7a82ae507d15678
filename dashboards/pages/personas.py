"""Personas: three situations of people who struggle to find sustainable work, told and measured, for a workshop."""

from typing import Any

from dash import Dash, html

from dashboards.choices import Chosen, read_choices, whole_period_filter
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.page import figures, page, part
from dashboards.findings import personas as findings
from dashboards.pages import personas_cards as cards
from dashboards.pages import personas_sheets as sheets
from dashboards.visit import Visit

PATH, NAME, ICON, PAGE = "/personas", "Personas", "personas", "personas"
FILTERS = ("period", "seen", "paper")
PAPERS = {"any": "On screen", "a4": "Sheets for a wall, A4", "a3": "Sheets for a wall, A3"}
SHOWS_VOICES = True


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    period = whole_period_filter(visit.catalogue)
    seen = Filter(
        "seen", "Seen as", [{"value": code, "label": words.capitalize()} for code, words in findings.READERS.items()]
    )
    chosen = read_choices(visit, [period])
    paper = Filter("paper", "Layout", [{"value": code, "label": words} for code, words in PAPERS.items()])
    reader, size = seen.chosen(visit.query), paper.chosen(visit.query)
    told = [persona for persona in visit.catalogue.personas if persona.kind == "persona"]
    lenses = [persona for persona in visit.catalogue.personas if persona.kind == "lens"]
    bar = filter_bar(PAGE, [period, seen, paper], visit.query, path=PATH, said=_said(chosen, reader))
    body: list[Any] = [bar, *[sheets.sheet(visit, chosen, persona, size) for persona in told]]
    if size == "any":
        body = [
            bar,
            *[cards.card(visit, chosen, persona, reader) for persona in told],
            *part("How many people are like that?", "A person may fit several situations, and most fit none."),
            figures([cards.sizes(visit, chosen, told, "personas"), cards.sizes(visit, chosen, lenses, "lenses")]),
        ]
    return page(
        visit,
        path=PATH,
        heading="Whose journeys should work better?",
        lede=findings.lede([persona.name for persona in told]),
        body=body,
    )


def _said(chosen: Chosen, reader: str) -> str:
    seen = "" if reader == "any" else f", seen as {findings.READERS[reader]}"
    return f"Showing people whose situation fits in {chosen.during}{seen}."
