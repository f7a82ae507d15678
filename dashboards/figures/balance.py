"""People coming and people leaving, month by month: bars up and down from one line."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboards.figures.numbers import HIDDEN, count_text
from dashboards.figures.template import Scheme, colours, layout

HEIGHT = 320


def balance(
    labels: Sequence[str],
    came: Sequence[int | None],
    went: Sequence[int | None],
    *,
    scheme: Scheme,
    names: tuple[str, str],
) -> go.Figure:
    """Draw `came` above the line and `went` below it; a hidden figure leaves a gap and says so to the pointer."""
    palette = colours(scheme)
    figure = go.Figure()
    for name, values, sign, colour in ((names[0], came, 1, palette.pair[0]), (names[1], went, -1, palette.pair[1])):
        figure.add_bar(
            name=name,
            x=list(labels),
            y=[sign * (value or 0) for value in values],
            marker={"color": colour},
            width=0.74,
            customdata=[
                f"{label}, {name}: {HIDDEN if value is None else count_text(value)}"
                for label, value in zip(labels, values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    top = max([value for value in (*came, *went) if value is not None] or [1])
    figure.update_layout(
        layout(scheme, height=HEIGHT, form="balance"), barmode="relative", margin={"l": 8, "r": 8, "t": 8, "b": 8}
    )
    figure.update_xaxes(fixedrange=True, showgrid=False, type="category", nticks=8, tickangle=0, automargin=True)
    figure.update_yaxes(
        fixedrange=True,
        range=[-top * 1.1, top * 1.1],
        zeroline=True,
        zerolinecolor=palette.ink,
        tickvals=[-top, 0, top],
        ticktext=[f"{top:,}", "0", f"{top:,}"],
    )
    return figure
