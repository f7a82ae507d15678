"""Ranked bars with a range: what something comes to, and what it would at the low and the high end of an assumption."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from dashboards.figures.bars import height_of, wrapped
from dashboards.figures.numbers import HIDDEN
from dashboards.figures.template import Scheme, colours, layout

ROOM = 104  # pixels at the right for the number beyond the longest range
WRAP = 18  # letters of a label before it breaks: the number with its range takes more room than a count
Range = tuple[float, float]


def ranked_ranges(
    labels: Sequence[str],
    values: Sequence[float | None],
    ranges: Sequence[Range | None],
    *,
    scheme: Scheme,
    write: Callable[[float | None], str],
) -> go.Figure:
    """Draw horizontal bars, the first at the top, each with a line from low to high and its number beyond it."""
    palette = colours(scheme)
    rows = list(range(len(labels)))
    bounds = [bound if bound and value is not None else (value or 0, value or 0) for value, bound in
              zip(values, ranges, strict=True)]  # fmt: skip
    figure = go.Figure(
        go.Bar(
            x=[value or 0 for value in values],
            y=rows,
            orientation="h",
            marker={"color": palette.mid},
            width=0.62,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - (value or 0) for value, (_, high) in zip(values, bounds, strict=True)],
                "arrayminus": [(value or 0) - low for value, (low, _) in zip(values, bounds, strict=True)],
                "color": palette.ink,
                "thickness": 1.6,
                "width": 5,
            },
            customdata=[
                f"{label}: {HIDDEN}" if value is None else f"{label}: {write(value)}<br>{write(low)} to {write(high)}"
                for label, value, (low, high) in zip(labels, values, bounds, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for row, value, (_, high) in zip(rows, values, bounds, strict=True):
        figure.add_annotation(
            x=high,
            y=row,
            text=f"<i>{HIDDEN}</i>" if value is None else f"<b>{write(value)}</b>",
            showarrow=False,
            xanchor="left",
            xshift=8,
            font={"size": 13, "color": palette.muted if value is None else palette.ink},
        )
    lines = max([wrapped(label, WRAP).count("<br>") + 1 for label in labels], default=1)
    figure.update_layout(layout(scheme, height=height_of(len(labels), lines), form="ranges"))
    figure.update_layout(margin={"l": 8, "r": ROOM, "t": 4, "b": 8}, bargap=0.3)
    figure.update_xaxes(visible=False, range=[0, max([high for _, high in bounds if high] or [1.0])], fixedrange=True)
    figure.update_yaxes(
        tickvals=rows,
        ticktext=[wrapped(label, WRAP) for label in labels],
        autorange="reversed",
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
    )
    return figure
