"""Two populations row by row: a filled circle and a hollow diamond on one scale, told apart without colour."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures.bars import wrapped
from dashboards.figures.numbers import HIDDEN
from dashboards.figures.template import Scheme, colours, layout

ROW = 40
MARKS = ("circle", "diamond-open")


def paired(
    labels: Sequence[str],
    shares: tuple[Sequence[float | None], Sequence[float | None]],
    *,
    scheme: Scheme,
    names: tuple[str, str],
    clear: Sequence[bool],
) -> go.Figure:
    """Draw the shares (0-1) of both populations; a line joins them where the difference is `clear`."""
    palette = colours(scheme)
    rows = list(range(len(labels)))
    figure = go.Figure()
    for row, one, other, is_clear in zip(rows, *shares, clear, strict=True):
        if one is not None and other is not None:
            width = 4 if is_clear else 1
            line = {"color": palette.bar if is_clear else palette.faint, "width": width}
            figure.add_scatter(x=[one, other], y=[row, row], mode="lines", line=line, hoverinfo="skip")
    for name, values, mark, colour in zip(names, shares, MARKS, palette.pair, strict=True):
        figure.add_scatter(
            name=name,
            x=list(values),
            y=rows,
            mode="markers",
            marker={"size": 13, "symbol": mark, "color": colour, "line": {"width": 2.4, "color": colour}},
            customdata=[
                f"{label}, {name}: {HIDDEN if value is None else format(value, '.0%')}"
                for label, value in zip(labels, values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    top = max([value for values in shares for value in values if value is not None] or [0.1])
    figure.update_layout(
        layout(scheme, height=ROW * len(labels) + 44, form="pairs"), margin={"l": 8, "r": 16, "t": 4, "b": 8}
    )
    figure.update_xaxes(range=[0, top * 1.08], fixedrange=True, tickformat=".0%", nticks=6)
    figure.update_yaxes(
        tickvals=rows,
        ticktext=[wrapped(label, 22) for label in labels],
        range=[len(labels) - 0.5, -0.5],
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
    )
    return figure
