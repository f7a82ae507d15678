"""The frame of a page: heading with the answer in one sentence, content, and the snapshot it was drawn from."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboards.components.chart_frame import is_chart, parts_of
from dashboards.components.dates import day
from dashboards.components.notices import notice
from dashboards.visit import Visit


def page(visit: Visit, *, path: str, heading: str, lede: Any, body: Sequence[Any]) -> html.Div:
    """Lay out a page. `lede` answers the page's question in a sentence or two."""
    head = html.Header([_heading(heading, path), html.P(lede, className="lede"), _present(body)], className="page-head")
    return html.Div([head, *_withheld(visit), *body, _foot(visit)], className="page", id="page-content")


def _present(body: Sequence[Any]) -> html.P | None:
    """Offer to show the page's charts large, one at a time; nothing on a page without a chart."""
    parts = [part for part in body if isinstance(part, Component)]
    if not any(is_chart(item) for part in parts for item in (part, *parts_of(part))):
        return None
    marks: dict[str, Any] = {"data-act": "present"}
    button = html.Button("Present the charts one by one", type="button", className="act", **marks)
    return html.P(button, className="page-acts no-print")


def _withheld(visit: Visit) -> list[html.Div]:
    """Say which feeds of the snapshot may not be shown now, and why; nothing where all may."""
    gone = visit.withheld()
    if not gone:
        return []
    titles = {str(row["feed"]): f"{row['title']} from {row['partner_name']}" for row in visit.gate.feeds()}
    items = [html.Li([html.B(titles.get(feed, feed)), f": {reason}."]) for feed, reason in sorted(gone.items())]
    return [
        notice(
            "Some figures are withheld now",
            html.Ul(items),
            html.P("Figures that rest on these are not shown. They come back without them at the next refresh."),
            tone="warn",
        )
    ]


def failed_page(name: str, path: str, reason: str) -> html.Div:
    """Lay out a page that cannot be drawn: what happened and what to do, in the error's own words."""
    head = html.Header(_heading(name, path), className="page-head")
    return html.Div([head, notice("This page cannot be shown now", html.P(reason), tone="bad")], className="page")


def _heading(text: str, path: str) -> html.H1:
    """Return the page's h1, marked with its path so that app.js gives it the focus when it has arrived."""
    marks: dict[str, Any] = {"data-path": path}
    return html.H1(text, **marks)


def part(title: str, note: str | None = None) -> list[Any]:
    """Return the heading of a part of a page."""
    return [html.H2(title, className="part"), *([html.P(note, className="part-note")] if note else [])]


def figures(items: Sequence[Any]) -> html.Div:
    """Lay charts out in columns that fit the window."""
    return html.Div([item for item in items if item is not None], className="figs")


def stack(items: Sequence[Any]) -> html.Div:
    """Lay charts out one under another in one column of the grid."""
    return html.Div([item for item in items if item is not None], className="stack")


def _foot(visit: Visit) -> html.Footer:
    catalogue = visit.catalogue
    return html.Footer(
        [
            html.P(f"Data to {day(catalogue.data_to)}"),
            html.P(["Published as ", html.Span(catalogue.snapshot_id, id="page-snapshot-text")]),
            html.P("Counts are protected, rounded to the nearest 5 and never show fewer than 10 people."),
            html.P(dcc.Link("Accessibility statement", href="/accessibility"), className="no-print"),
        ],
        className="page-foot",
    )
