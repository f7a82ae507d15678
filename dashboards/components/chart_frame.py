"""The one frame of every chart: finding, subtitle, chart as an image with a text, and its tools under it.

The pattern follows the Analysis Function and ONS (a chart has a text alternative or a table, its source under it). The
chart is one image to a screen reader, so it holds nothing that takes focus: links and controls stand outside it.
"""

from collections.abc import Callable, Iterator
from typing import Any

import plotly.graph_objects as go
from dash import dcc, html
from dash.development.base_component import Component

from dashboards.components.attributes import aria
from dashboards.components.chart_tools import chart_tools
from dashboards.components.dates import day
from dashboards.components.notices import refusal
from dashboards.glossary import with_terms
from dashboards.visit import Answer, Visit, coarser_address
from orchestration.release import ProtectedTable, Refused

# No mode bar: it offers to upload charts to a cloud service and puts up to five tab stops on every chart.
GRAPH_CONFIG: Any = {
    "displayModeBar": False,
    "showSendToCloud": False,
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
}


def chart_frame(
    frame_id: str,
    *,
    finding: str,
    subtitle: str,
    figure: go.Figure,
    alt: str,
    twin: html.Div,
    table: ProtectedTable | None = None,
    key: list[tuple[str, str]] | None = None,
    note: str | None = None,
    wide: bool = False,
    least_width: int = 0,
) -> html.Figure:
    """Frame a chart. `alt` says what it shows with its numbers; `twin` is the same data as a table.

    `table` brings the download, the source line and the birth certificate; operational charts have none. `key` lists
    (name, colour) where colours mean something. A `wide` chart takes the row, and scrolls sideways below
    `least_width` pixels.
    """
    heading = f"{frame_id}-heading"
    plot = html.Div(
        dcc.Graph(id=f"{frame_id}-graph", figure=figure, config=GRAPH_CONFIG, style={"height": figure.layout.height}),
        role="img",
        className="plot",
        style={"minHeight": figure.layout.height, **({"minWidth": least_width} if least_width else {})},
        **aria(label=alt),
    )
    scroller = html.Div(plot, className="scroll wide-chart", tabIndex=0, role="group", **aria(labelledby=heading))
    return html.Figure(
        [
            html.H2(finding, id=heading),
            html.P(with_terms(frame_id, subtitle), className="sub"),
            _key(key),
            html.P("The chart goes on to the right: scroll it sideways.", className="scroll-hint")
            if least_width
            else None,
            scroller if least_width else html.Div(plot, className="scroll"),
            chart_tools(frame_id, finding, figure, twin, table),
            _caption(table, note),
        ],
        className="fig wide" if wide else "fig",
        id=f"{frame_id}-figure",
        **aria(labelledby=heading),
    )


def is_chart(item: object) -> bool:
    """Whether a component is the frame of a drawn chart."""
    return isinstance(item, html.Figure) and any(isinstance(part, dcc.Graph) for part in parts_of(item))


def parts_of(item: Component) -> Iterator[Any]:
    """Return everything inside a component."""
    inside: Iterator[Any] = item._traverse()  # type: ignore[no-untyped-call]
    return inside


def empty_frame(frame_id: str, *, finding: str, body: Any) -> html.Figure:
    """Frame what stands where a chart would be: nothing to show, or the gate's refusal."""
    heading = f"{frame_id}-heading"
    return html.Figure(
        [html.H2(finding, id=heading), html.Div(body)],
        className="fig",
        id=f"{frame_id}-figure",
        **aria(labelledby=heading),
    )


def framed(
    visit: Visit, frame_id: str, title: str, answer: Answer, draw: Callable[[ProtectedTable], html.Figure]
) -> html.Figure:
    """Draw a chart from a granted answer, or frame the refusal under the chart's title."""
    if isinstance(answer, Refused):
        return empty_frame(frame_id, finding=title, body=refusal(answer, coarser_address(visit, answer)))
    return draw(answer)


def _key(key: list[tuple[str, str]] | None) -> html.Ul | None:
    if not key:
        return None
    return html.Ul([html.Li([html.I(style={"background": colour}), name]) for name, colour in key], className="key")


def _caption(table: ProtectedTable | None, note: str | None) -> html.Figcaption | None:
    lines = [f"Note: {note}"] if note else []
    if table is not None:
        lines.insert(0, source_line(table))
    return html.Figcaption([html.P(line) for line in lines]) if lines else None


def source_line(table: ProtectedTable) -> str:
    """Return who supplied the data and up to when, and how many figures of the table are hidden."""
    made = table.certificate
    hidden = (
        ""
        if not table.hidden_cells
        else f" {table.hidden_cells:,} of {len(table.rows):,} figures of the table are hidden."
    )
    return f"Source: {len(made.feeds)} partner feeds, data to {day(made.data_to)}.{hidden}"
