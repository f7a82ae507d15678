"""What stands under every chart: its numbers, explanation, birth certificate, and ways to take it along.

The picture is made in the browser, from the chart as it is drawn (assets/charts.js): no figure leaves that is not on
the page, and source line and certificate are in the picture. Charts of operations have no certificate, so no picture.
"""

from typing import Any

import plotly.graph_objects as go
from dash import html

from dashboards.components.certificate import certificate
from dashboards.components.explain import explanation
from dashboards.visit import download_address
from orchestration.release import ProtectedTable

PICTURES = (("save-image", "Save as image"), ("copy-image", "Copy as image"))
PLACES = (("copy-link", "Copy link to this chart"), ("present", "Show large, alone"))


def chart_tools(
    frame_id: str, finding: str, figure: go.Figure, twin: html.Div, table: ProtectedTable | None
) -> html.Div:
    """Return the tools of a chart; each name ends, for screen readers, with the chart's finding."""
    told = explanation(frame_id, figure, table)
    parts: list[Any] = [_panel("Show the numbers", finding, twin)]
    if told is not None:
        parts.append(_panel("Explain this chart", finding, told))
    if table is not None:
        parts.append(html.A(["Download (CSV)", _about(finding)], href=download_address(table.request), download=""))
        parts.append(_panel("How this was made", finding, certificate(table.certificate), name="made"))
    acts = (*PICTURES, *PLACES) if table is not None else PLACES
    buttons = [_act(act, words, finding) for act, words in acts]
    said = html.P("", role="status", className="share-said")
    parts.append(
        _panel("Save or share", finding, html.Div([*buttons, said], className="share-acts"), name="share-panel")
    )
    return html.Div(parts, className="fig-tools no-print")


def _panel(words: str, finding: str, inside: Any, name: str = "") -> html.Details:
    return html.Details([html.Summary([words, _about(finding)]), inside], className=name or None)


def _act(act: str, words: str, finding: str) -> html.Button:
    marks: dict[str, Any] = {"data-act": act}
    return html.Button([words, _about(finding)], type="button", className="act", **marks)


def _about(finding: str) -> html.Span:
    return html.Span(f" for: {finding}", className="vh")
