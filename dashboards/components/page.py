"""The frame of a page: heading with the answer in one sentence, content, and the snapshot it was drawn from."""

from collections.abc import Sequence

from dash import html

from dashboards.components.dates import day
from dashboards.components.notices import notice
from dashboards.visit import Visit


def page(visit: Visit, *, path: str, heading: str, lede: object, body: Sequence[object]) -> html.Div:
    """Lay out a page. `lede` answers the page's question in a sentence or two."""
    head = html.Header([html.H1(heading, **{"data-path": path}), html.P(lede, className="lede")], className="page-head")
    return html.Div([head, *body, _foot(visit)], className="page", id="page-content")


def failed_page(name: str, path: str, reason: str) -> html.Div:
    """Lay out a page that cannot be drawn: what happened and what to do, in the error's own words."""
    head = html.Header(html.H1(name, **{"data-path": path}), className="page-head")
    return html.Div([head, notice("This page cannot be shown now", html.P(reason), tone="bad")], className="page")


def part(title: str, note: str | None = None) -> list[object]:
    """Return the heading of a part of a page."""
    return [html.H2(title, className="part"), *([html.P(note, className="part-note")] if note else [])]


def figures(items: Sequence[object]) -> html.Div:
    """Lay charts out in columns that fit the window."""
    return html.Div([item for item in items if item is not None], className="figs")


def stack(items: Sequence[object]) -> html.Div:
    """Lay charts out one under another in one column of the grid."""
    return html.Div([item for item in items if item is not None], className="stack")


def _foot(visit: Visit) -> html.Footer:
    catalogue = visit.catalogue
    return html.Footer(
        [
            html.P(f"Data to {day(catalogue.data_to)}"),
            html.P(["Published as ", html.Span(catalogue.snapshot_id, id="page-snapshot-text")]),
            html.P("Counts are protected, rounded to the nearest 5 and never show fewer than 10 people."),
        ],
        className="page-foot",
    )
