"""Change over time: a line with its last value written, and the small line of a headline tile."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures.template import Scheme, colours, layout


def trend(
    labels: Sequence[str], values: Sequence[float | None], *, scheme: Scheme, unit: str, height: int = 280
) -> go.Figure:
    """Draw one series, oldest first; a hidden period is a gap in the line, never a zero. The last is written."""
    palette = colours(scheme)
    figure = go.Figure(
        go.Scatter(
            x=list(labels),
            y=list(values),
            mode="lines+markers",
            line={"color": palette.bar, "width": 2.6},
            marker={"size": 5 if len(labels) > 16 else 7, "color": palette.bar},
            connectgaps=False,
            cliponaxis=False,
            hovertemplate=f"%{{x}}: %{{y:,.0f}} {unit}<extra></extra>",
        )
    )
    shown = [(label, value) for label, value in zip(labels, values, strict=True) if value is not None]
    for label, value in shown[-1:]:
        figure.add_annotation(
            x=label,
            y=value,
            text=f"<b>{value:,.0f}</b>",
            showarrow=False,
            yshift=15,
            font={"size": 13, "color": palette.ink},
        )
    top = max([value for _, value in shown] or [1.0])
    figure.update_layout(layout(scheme, height=height, form="line"), margin={"l": 8, "r": 26, "t": 16, "b": 8})
    figure.update_yaxes(range=[0, top * 1.18], rangemode="tozero", nticks=5, fixedrange=True, tickformat=",")
    places = tick_places(len(labels))
    figure.update_xaxes(
        type="category",
        showgrid=False,
        fixedrange=True,
        tickangle=0,
        automargin=True,
        tickvals=[labels[i] for i in places],
        ticktext=[short_month(labels[i]) for i in places],
        range=[-0.6, len(labels) - 0.4],
    )
    return figure


def tick_places(count: int, most: int = 7) -> list[int]:
    """Return the places of at most `most` ticks, evenly apart and counted back from the last, which always has one."""
    step = next(step for step in (1, 2, 3, 6, 12, 24) if count <= most * step or step == 24)
    return list(range(count - 1, -1, -step))[::-1]


def short_month(label: str) -> str:
    """Shorten 'September 2026' to 'Sep<br>2026'; other labels stay."""
    month, _, year = label.partition(" ")
    return f"{month[:3]}<br>{year}" if year.isdigit() else label


def sparkline(values: Sequence[float | None], *, scheme: Scheme, height: int = 46) -> go.Figure:
    """Draw the shape of a series for a tile: no axes, the last point marked; the numbers are in the tile's words."""
    palette = colours(scheme)
    places = list(range(len(values)))
    last = max((place for place in places if values[place] is not None), default=None)
    figure = go.Figure(
        go.Scatter(x=places, y=list(values), mode="lines", line={"color": palette.bar, "width": 2.2}, hoverinfo="skip")
    )
    if last is not None:
        figure.add_scatter(
            x=[last], y=[values[last]], mode="markers", marker={"size": 8, "color": palette.bar}, hoverinfo="skip"
        )
    shown = [value for value in values if value is not None] or [0.0, 1.0]
    room = (max(shown) - min(shown)) * 0.3 or max(shown) * 0.3 or 1.0
    figure.update_layout(layout(scheme, height=height), margin={"l": 4, "r": 8, "t": 4, "b": 4}, showlegend=False)
    figure.update_xaxes(visible=False, fixedrange=True, range=[-0.2, len(values) - 0.7])
    figure.update_yaxes(visible=False, fixedrange=True, range=[min(shown) - room, max(shown) + room])
    return figure
