"""Change between two years as a dumbbell: where each row was, where it is, and by how much it moved."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures.bars import wrapped
from dashboards.figures.numbers import HIDDEN
from dashboards.figures.template import Scheme, colours, layout

ROW = 36


def height_of(rows: int) -> int:
    """Return the height in pixels of a dumbbell chart, for a neighbour that should be as high."""
    return ROW * rows + 44


def dumbbell(
    labels: Sequence[str],
    before: Sequence[int | None],
    latest: Sequence[int | None],
    told: Sequence[str],
    *,
    scheme: Scheme,
    highlight: Sequence[bool],
) -> go.Figure:
    """Draw a hollow dot for the year before, a full one for the latest, joined; `told` stands beside the pair.

    Rows whose `highlight` is False are drawn in grey: their change is within rounding and protection.
    """
    palette = colours(scheme)
    figure = go.Figure()
    ends: list[float] = [1.0]
    for row, (label, old, new, words, is_clear) in enumerate(zip(labels, before, latest, told, highlight, strict=True)):
        colour = palette.bar if is_clear else palette.rest
        known = [value for value in (old, new) if value is not None]
        ends += known
        if old is not None and new is not None:
            figure.add_scatter(
                x=[old, new], y=[row, row], mode="lines", line={"color": colour, "width": 3}, hoverinfo="skip"
            )
        for value, fill in ((old, palette.card), (new, colour)):
            if value is not None:
                figure.add_scatter(
                    x=[value],
                    y=[row],
                    mode="markers",
                    cliponaxis=False,
                    marker={"size": 12, "color": fill, "line": {"width": 2.2, "color": colour}},
                    hovertemplate=f"{label}: {value:,} people<extra></extra>",
                )
        figure.add_annotation(
            x=max(known, default=0),
            y=row,
            text=f"<b>{words}</b>" if known else f"<i>{HIDDEN}</i>",
            showarrow=False,
            xanchor="left",
            xshift=11,
            font={"size": 13, "color": palette.ink if is_clear else palette.muted},
        )
    figure.update_layout(
        layout(scheme, height=height_of(len(labels)), form="dumbbell"), margin={"l": 8, "r": 118, "t": 4, "b": 8}
    )
    figure.update_xaxes(range=[0, max(ends) * 1.03], fixedrange=True, tickformat=",", nticks=2, tickangle=0)
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=[wrapped(label, 18) for label in labels],
        range=[len(labels) - 0.4, -0.6],
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
    )
    return figure
