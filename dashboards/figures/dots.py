"""Dot plot: one value for each member of several groups, for comparing groups against the whole."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from dashboards.figures.bars import wrapped
from dashboards.figures.numbers import HIDDEN
from dashboards.figures.rule import add_rule
from dashboards.figures.template import Scheme, colours, layout

ROW = 42


def dots(
    labels: Sequence[str],
    values: Sequence[float | None],
    *,
    scheme: Scheme,
    whole: float | None,
    whole_label: str,
    write: Callable[[float | None], str] | None = None,
) -> go.Figure:
    """Draw values (shares 0-1 unless `write` says how) as dots on a line from the whole's, a labelled rule."""
    palette = colours(scheme)
    write = write or _percent
    known = [value for value in (*values, whole) if value is not None] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = max((high - low) * 0.42, 0.02)  # the numbers stand outside the dots
    figure = go.Figure()
    rows = list(range(len(labels)))
    if whole is not None:
        figure.add_scatter(
            x=[x for value in values if value is not None for x in (whole, value, None)],
            y=[y for row, value in zip(rows, values, strict=True) if value is not None for y in (row, row, None)],
            mode="lines",
            line={"color": palette.rest, "width": 2},
            hoverinfo="skip",
        )
        add_rule(figure, at=whole, label=whole_label, rows=len(labels), scheme=scheme)
    figure.add_scatter(
        x=list(values),
        y=rows,
        mode="markers",
        marker={"size": 12, "color": palette.bar},
        customdata=[f"{label}: {write(value)}" for label, value in zip(labels, values, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )
    for row, value in zip(rows, values, strict=True):
        right = value is None or whole is None or value >= whole
        figure.add_annotation(
            x=low if value is None else value,
            y=row,
            showarrow=False,
            xanchor="left" if right else "right",
            xshift=11 if right else -11,
            text=f"<i>{HIDDEN}</i>" if value is None else f"<b>{write(value)}</b>",
            font={"size": 13, "color": palette.muted if value is None else palette.ink},
        )
    figure.update_layout(layout(scheme, height=ROW * len(labels) + 50, form="dots"), showlegend=False)
    figure.update_layout(margin={"l": 8, "r": 40, "t": 6, "b": 6})
    figure.update_xaxes(visible=False, range=[low - room, high + room / 4], fixedrange=True)
    figure.update_yaxes(
        tickvals=rows,
        ticktext=[wrapped(label, 24) for label in labels],
        range=[len(labels) - 0.4, -1.5],
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
        zeroline=False,
    )
    return figure


def _percent(value: float | None) -> str:
    return HIDDEN if value is None else f"{value:.0%}"
