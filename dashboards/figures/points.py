"""Points with intervals: rates of many places against the whole area's, the honest way to rank them."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from dashboards.figures.bars import wrapped
from dashboards.figures.numbers import HIDDEN
from dashboards.figures.rule import add_rule
from dashboards.figures.template import Scheme, colours, layout

ROW = 29


def ranked_points(
    labels: Sequence[str],
    values: Sequence[float | None],
    intervals: Sequence[tuple[float, float] | None],
    *,
    scheme: Scheme,
    write: Callable[[float | None], str],
    unit: str,
    whole: float | None = None,
    whole_label: str = "",
) -> go.Figure:
    """Draw each value as a point on its interval, the first at the top; a dotted rule marks the whole.

    Points whose interval does not touch the whole are filled; the others are hollow, so that chance reads as chance.
    """
    palette = colours(scheme)
    rows = list(range(len(labels)))
    known = [
        (row, value, bound)
        for row, value, bound in zip(rows, values, intervals, strict=True)
        if value is not None and bound
    ]
    clear = [whole is not None and not bound[0] <= whole <= bound[1] for _, _, bound in known]
    figure = go.Figure()
    figure.add_scatter(
        x=[x for _, _, bound in known for x in (bound[0], bound[1], None)],
        y=[y for row, _, _ in known for y in (row, row, None)],
        mode="lines",
        line={"color": palette.rest, "width": 3},
        hoverinfo="skip",
    )
    if whole is not None:
        add_rule(figure, at=whole, label=whole_label, rows=len(labels), scheme=scheme)
    figure.add_scatter(
        x=[value for _, value, _ in known],
        y=[row for row, _, _ in known],
        mode="markers",
        marker={
            "size": 11,
            "color": [palette.bar if is_clear else palette.card for is_clear in clear],
            "line": {"width": 2.2, "color": palette.bar},
        },
        customdata=[
            f"{labels[row]}: {write(value)} {unit}<br>95% interval {write(low)} to {write(high)}"
            for row, value, (low, high) in known
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    top = max([bound[1] for _, _, bound in known] or [1.0])
    for row, value, bound in zip(rows, values, intervals, strict=True):
        figure.add_annotation(
            x=bound[1] if bound else 0,
            y=row,
            showarrow=False,
            xanchor="left",
            xshift=8,
            bgcolor=palette.card,
            borderpad=1,
            text=f"<i>{HIDDEN}</i>" if value is None else f"<b>{write(value)}</b>",
            font={"size": 13, "color": palette.muted if value is None else palette.ink},
        )
    figure.update_layout(
        layout(scheme, height=ROW * len(labels) + 56, form="points"), margin={"l": 8, "r": 54, "t": 6, "b": 6}
    )
    figure.update_xaxes(visible=False, range=[0, top * 1.01], fixedrange=True)
    figure.update_yaxes(
        tickvals=rows,
        ticktext=[wrapped(label) for label in labels],
        range=[len(labels) - 0.4, -1.4],
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
        zeroline=False,
    )
    return figure
