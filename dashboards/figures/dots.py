"""Dot plot: one value for each member of several groups, for comparing groups against the whole."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures.numbers import HIDDEN
from dashboards.figures.template import Scheme, colours, layout

ROW = 30


def dots(
    labels: Sequence[str], values: Sequence[float | None], *, scheme: Scheme, whole: float | None, whole_label: str
) -> go.Figure:
    """Draw shares (0-1) as dots on a line from the whole's share, which is a vertical rule with its own label."""
    palette = colours(scheme)
    known = [value for value in (*values, whole) if value is not None] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = max((high - low) * 0.25, 0.02)
    figure = go.Figure()
    rows = list(range(len(labels)))
    if whole is not None:
        figure.add_scatter(
            x=[x for value in values if value is not None for x in (whole, value, None)],
            y=[y for row, value in zip(rows, values, strict=True) if value is not None for y in (row, row, None)],
            mode="lines", line={"color": palette.rest, "width": 2}, hoverinfo="skip",
        )  # fmt: skip
        figure.add_vline(x=whole, line={"color": palette.muted, "width": 1.4, "dash": "dot"})
        figure.add_annotation(
            x=whole, y=-0.75, text=whole_label, showarrow=False, font={"size": 12.5, "color": palette.muted}
        )
    figure.add_scatter(
        x=list(values),
        y=rows,
        mode="markers",
        marker={"size": 12, "color": palette.bar},
        customdata=[f"{label}: {HIDDEN if value is None else format(value, '.0%')}" for label, value in zip(labels, values, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )
    for row, value in zip(rows, values, strict=True):
        right = value is None or whole is None or value >= whole
        figure.add_annotation(
            x=low if value is None else value, y=row, showarrow=False, xanchor="left" if right else "right",
            xshift=11 if right else -11, text=f"<i>{HIDDEN}</i>" if value is None else f"<b>{value:.0%}</b>",
            font={"size": 13, "color": palette.muted if value is None else palette.ink},
        )  # fmt: skip
    figure.update_layout(layout(scheme, height=ROW * len(labels) + 50), showlegend=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 6, "b": 6})
    figure.update_xaxes(visible=False, range=[low - room, high + room], fixedrange=True)
    figure.update_yaxes(
        tickvals=rows, ticktext=list(labels), range=[len(labels) - 0.4, -1.2], showgrid=False, ticks="", fixedrange=True,
        automargin=True, zeroline=False,
    )  # fmt: skip
    return figure
