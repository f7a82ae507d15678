"""Heat maps of one thing against another: co-use of services, and moves between them."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures.bars import wrapped
from dashboards.figures.template import Scheme, colours, ink_on, layout, mix

CELL_HEIGHT = 40
HIDDEN_MARK = "·"


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    shares: Sequence[Sequence[float | None]],
    told: Sequence[Sequence[str]],
    *,
    scheme: Scheme,
    columns_title: str = "",
    largest: float | None = None,
) -> go.Figure:
    """Draw shares (0-1) as coloured cells with their percentage written in black or white, whichever reads better.

    `told[i][j]` is what the pointer shows. A hidden cell is left blank with a dot; a cell that cannot exist (the
    diagonal) is blank: give it None and an empty `told`.
    """
    palette = colours(scheme)
    known = [value for line in shares for value in line if value is not None]
    top = largest or max(known or [0.01])
    scale = palette.sequential
    figure = go.Figure(
        go.Heatmap(
            z=[list(line) for line in shares],
            x=list(range(len(columns))),
            y=list(range(len(rows))),
            zmin=0,
            zmax=top,
            colorscale=scale,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=True,
            customdata=[list(line) for line in told],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    texts, places, inks = [], [], []
    for i, line in enumerate(shares):
        for j, value in enumerate(line):
            if value is None and not told[i][j]:
                continue
            places.append((j, i))
            texts.append(HIDDEN_MARK if value is None else _percent(value))
            inks.append(palette.muted if value is None else ink_on(mix(scale, value / top)))
    figure.add_scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        mode="text",
        text=texts,
        textfont={"size": 13, "color": inks},
        hoverinfo="skip",
    )
    figure.update_layout(layout(scheme, height=CELL_HEIGHT * len(rows) + 100, form="matrix"), showlegend=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_xaxes(
        tickvals=list(range(len(columns))),
        ticktext=[wrapped(name, 11) for name in columns],
        side="top",
        tickangle=0 if len(columns) <= 12 else -45,
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
        showline=False,
        title={"text": columns_title, "standoff": 8} if columns_title else None,
        range=[-0.5, len(columns) - 0.5],
        tickfont={"size": 12},
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[wrapped(name, 26) for name in rows],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
        showline=False,
    )
    return figure


def _percent(value: float) -> str:
    return "<1%" if 0 < value < 0.005 else f"{value:.0%}"
