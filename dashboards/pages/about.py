"""About: what this is and is not, how figures are made, the words used, the licence."""

from typing import Any

from dash import Dash, html

from dashboards.components.page import page
from dashboards.components.tables import plain_table
from dashboards.glossary import glossary
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

PATH, NAME, ICON, PAGE = "/about", "About", "about", "about"


def register(app: Dash) -> None:
    """This page has no controls."""


def layout(visit: Visit) -> html.Div:
    """Draw the page."""
    lede = (
        "One trustworthy picture of who uses the services of "
        f"{visit.area.name}, together, for the people who redesign them."
    )
    body: list[Any] = [
        html.Article([*_purpose(), *_method(visit), *_words(visit), *_licence()], className="card prose")
    ]
    return page(visit, path=PATH, heading="About Joined Up", lede=lede, body=body)


def _purpose() -> list[Any]:
    return [
        html.H2("What it is for"),
        html.P(
            "Councils, health services, charities and others each see a "
            "part of how people use services. Joined Up links what they send under agreements, "
            "and shows how services are used together, so that they can be designed around "
            "people."
        ),
        html.P(
            "It supports decisions about services. It never scores, flags "
            "or looks up a person, and no screen, file or message shows a row about one."
        ),
    ]


def _method(visit: Visit) -> list[Any]:
    made = visit.ask("people", period="all")
    protection = made.certificate.suppression if isinstance(made, ProtectedTable) else ""
    return [
        html.H2("How figures are made"),
        html.P(
            "Partners replace names and numbers by keyed tokens before "
            "they send anything; the key stays with them. Records that belong to one person are "
            "found by comparing tokens. Services used are turned into spells, counted for fixed "
            "periods and fixed groups, and published as a snapshot."
        ),
        html.P(protection),
        html.P(
            "Rates put counts against the resident population that came "
            "with the area's geography. Intervals are 95% intervals by Byar's method: they tell "
            "how far chance alone could move a rate. A finding calls a difference clear only "
            "where intervals do not overlap."
        ),
        html.P(
            "Every chart has its numbers as a table, a download, and "
            "under “How this was made” its birth certificate: what is counted and what is not, "
            "feeds and their newest dates, linkage, what is hidden, agreements and snapshot."
        ),
    ]


def _words(visit: Visit) -> list[Any]:
    catalogue = visit.catalogue
    measures = [[measure.label, measure.definition] for measure in catalogue.measures.values()]
    names = (
        "service",
        "theme",
        "age_band",
        "sex",
        "ethnic_group",
        "msoa",
        "lad",
        "deprivation",
        "services_used",
        "services_at_once",
    )
    dimensions = [[catalogue.dimensions[name].label, catalogue.dimensions[name].definition] for name in names]
    return [
        html.H2("Glossary", id="glossary"),
        plain_table("What is counted", ["Measure", "Meaning"], measures, texts=2),
        plain_table("How it is divided", ["Word", "Meaning"], dimensions, texts=2),
        plain_table("All words", ["Word", "Meaning"], [list(pair) for pair in glossary().items()], texts=2),
    ]


def _licence() -> list[Any]:
    return [
        html.H2("Licence"),
        html.P(
            "The software is free under the MIT licence. The typeface "
            "Inter is used under the SIL Open Font License 1.1. Figures belong to the "
            "partnership of the area; its agreements say how they may be used."
        ),
    ]
