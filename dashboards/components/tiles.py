"""Headline tiles: a measure, its value, its change in words and the shape of its past."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboards.components.attributes import aria
from dashboards.components.chart_frame import GRAPH_CONFIG
from dashboards.figures.trend import sparkline
from orchestration.release.palette import Scheme

LONG_VALUE = 12
"""A value with more letters than this is words, and set smaller."""


def tile(
    label: str,
    value: str,
    words: str,
    *,
    history: Sequence[float | None] = (),
    scheme: Scheme = "light",
    href: str | None = None,
    link: str = "Look closer",
) -> html.Div:
    """Draw one tile; the small line of `history` is hidden from screen readers, because `words` describe it."""
    parts: list[Any] = [
        html.P(label, className="k"),
        html.P(value, className="v" if len(value) < LONG_VALUE else "v words"),
        html.P(words, className="d"),
    ]
    if len([point for point in history if point is not None]) > 1:
        figure = sparkline(history, scheme=scheme)
        graph = dcc.Graph(figure=figure, config=GRAPH_CONFIG, style={"height": figure.layout.height})
        parts.append(
            html.Div(graph, className="spark", style={"minHeight": figure.layout.height}, **aria(hidden="true"))
        )
    if href:
        parts.append(
            html.P(dcc.Link([link, html.Span(f": {label}", className="vh")], href=href), className="more no-print")
        )
    return html.Div(parts, className="tile")


def tiles(items: Sequence[html.Div], *, three: bool = False) -> html.Div:
    """Lay tiles out in a grid that wraps."""
    return html.Div(list(items), className="tiles three" if three else "tiles")
