"""The accessibility statement: how far this goes, what is known not to work, how it was tested, whom to tell."""

from typing import Any

from dash import Dash, html

from dashboards.components.page import page
from dashboards.visit import Visit

PATH, NAME, ICON, PAGE = "/accessibility", "Accessibility", "about", "accessibility"
IN_NAVIGATION = False
"""Every page links here from its foot."""

WORKS = (
    "be used with a keyboard alone, with the focus always visible",
    "be enlarged to 400% without scrolling sideways, but for wide charts and tables, which scroll inside their frame",
    "be read in light and in dark colours, and with motion reduced if your system asks for that",
    "be heard: every chart has a description with its main numbers, and the same numbers as a table",
    "be understood: words with a dotted line explain themselves, and every chart says how it is read",
    "be printed, with the address, the snapshot and the date on each sheet",
)
FAILS = (
    ("Points inside charts cannot be reached by keyboard.", "The table under each chart holds the same numbers."),
    ("Charts need JavaScript.", "The same figures can be had as files (CSV) under each chart."),
    (
        "Text inside charts does not grow with the browser's text size alone.",
        "It grows with zoom, and in “Show large”.",
    ),
    ("A saved or copied image of a chart holds its text as a picture.", "Send the link or the CSV file beside it."),
    ("On a narrow screen wide charts scroll sideways.", "Their tables fit better."),
)
NOT_TESTED = (
    "No screen reader has been run on these pages. Names, roles and announcements were checked by program only.",
    "No test with disabled people has been held.",
    "Only Chromium was used; no other browser, no phone's own screen reader, no voice control, no screen magnifier.",
    "Windows high-contrast mode was not looked at.",
    "Documents offered as PDF were checked for their tags by program, and read by nobody with assistive technology.",
)


def register(app: Dash) -> None:
    """This page has no controls."""


def layout(visit: Visit) -> html.Div:
    """Draw the statement."""
    lede = "How far these pages can be used by everybody, what does not work, and whom to tell."
    body: list[Any] = [html.Article([*_aim(), *_fails(), *_tested(), *_tell(visit)], className="card prose")]
    return page(visit, path=PATH, heading="Accessibility statement", lede=lede, body=body)


def _aim() -> list[Any]:
    return [
        html.P(
            html.B(
                "This is a draft, written by those who made the software. The organisation that runs the service must "
                "review it, have the pages audited, and publish it under its own name."
            )
        ),
        html.H2("What you should be able to do"),
        html.P("The aim is the Web Content Accessibility Guidelines (WCAG) 2.2 at level AA. Pages can:"),
        html.Ul([html.Li(text) for text in WORKS]),
        html.H2("How far that is met"),
        html.P(
            "Partly, as far as it is known: automatic checks find no failure, but they can find only some of what may "
            "be wrong, and what is listed below was not tested or does not work."
        ),
    ]


def _fails() -> list[Any]:
    return [
        html.H2("What does not work"),
        html.Ul([html.Li([html.B(fault), f" {instead}"]) for fault, instead in FAILS]),
    ]


def _tested() -> list[Any]:
    return [
        html.H2("How it was tested"),
        html.P(
            "With every change of the software, axe-core looks at every page in Chromium: in light and dark colours, "
            "at the width of a desktop and at 320 pixels, with menus and explanations open, while loading, when "
            "figures are refused, when there are none, and when something fails. Ten tasks are done by keyboard "
            "alone. The contrast of text inside charts, which axe-core does not see, is measured from pictures."
        ),
        html.H2("What was not tested"),
        html.Ul([html.Li(text) for text in NOT_TESTED]),
    ]


def _tell(visit: Visit) -> list[Any]:
    contact = visit.area.profile.contact or "the team that runs this service in your area"
    return [
        html.H2("Tell us"),
        html.P(
            f"To report a problem, or to ask for figures in another form, write to {contact}. Say which page it was "
            "(its address is enough), what you wanted to do, and what you used."
        ),
        html.P(
            "If you are not content with the answer, contact the Equality Advisory and Support Service. The Equality "
            "and Human Rights Commission enforces the Public Sector Bodies (Websites and Mobile Applications) (No. 2) "
            "Accessibility Regulations 2018; in Northern Ireland the Equality Commission does."
        ),
    ]
