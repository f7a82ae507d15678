"""Small lines under each other on one time axis: one thing over time for each of many feeds."""

from collections.abc import Callable, Sequence
from datetime import date

import plotly.graph_objects as go

from dashboards.figures.bars import wrapped
from dashboards.figures.template import Scheme, colours, layout

ROW = 40
FILL = 0.72
"""Share of its row that the highest line takes, so that neighbours never touch."""
Point = tuple[date, float | None]


def small_lines(
    labels: Sequence[str],
    series: Sequence[Sequence[Point]],
    *,
    scheme: Scheme,
    write: Callable[[float | None], str],
    least_top: float = 0.05,
) -> go.Figure:
    """Draw one line a row on its own baseline, all on one scale, the last value written at the end.

    A point without a value is a gap. The scale reaches the highest value of all, and at least `least_top`, so that
    small shares do not look like large ones.
    """
    palette = colours(scheme)
    known = [value for points in series for _, value in points if value is not None]
    top = max([*known, least_top])
    days = [day for points in series for day, _ in points] or [date.min]
    figure = go.Figure()
    for row, (label, points) in enumerate(zip(labels, series, strict=True)):
        base = len(labels) - 1 - row
        figure.add_scatter(
            x=[min(days), max(days)],
            y=[base, base],
            mode="lines",
            line={"color": palette.line, "width": 1},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=[day for day, _ in points],
            y=[None if value is None else base + FILL * value / top for _, value in points],
            mode="lines+markers",
            line={"color": palette.bar, "width": 2},
            marker={"size": 5, "color": palette.bar},
            connectgaps=False,
            customdata=[f"{label}, to {day:%d %B %Y}: {write(value)}" for day, value in points],
            hovertemplate="%{customdata}<extra></extra>",
        )
        last = [(day, value) for day, value in points if value is not None][-1:]
        for _, value in last:
            figure.add_annotation(
                x=max(days),
                y=base,
                xanchor="left",
                xshift=10,
                yshift=8,
                showarrow=False,
                text=f"<b>{write(value)}</b>",
                font={"size": 13, "color": palette.ink},
            )
    figure.update_layout(
        layout(scheme, height=ROW * len(labels) + 60, form="small lines"), margin={"l": 8, "r": 58, "t": 8, "b": 8}
    )
    figure.update_xaxes(fixedrange=True, showgrid=False, automargin=True, range=[min(days), max(days)])
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=[wrapped(label) for label in reversed(labels)],
        range=[-0.3, len(labels) - 0.1],
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
        zeroline=False,
    )
    return figure
