"""Time spans as bars, with today marked: when agreements run, and when they end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import plotly.graph_objects as go

from dashboards.figures.bars import wrapped
from dashboards.figures.rule import add_rule
from dashboards.figures.template import Scheme, colours, layout

ROW = 34
SHORTEST_AXIS = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Span:
    """One span: `is_current` when it counts today; `words` stand at its end."""

    label: str
    start: date
    end: date
    is_current: bool
    words: str


def timeline(spans: Sequence[Span], *, today: date, scheme: Scheme) -> go.Figure:
    """Draw one bar a span in the order given, the axis from the first start to a while after the last end."""
    palette = colours(scheme)
    figure = go.Figure()
    for row, span in enumerate(spans):
        colour = palette.bar if span.is_current else palette.rest
        figure.add_scatter(
            x=[span.start, span.end],
            y=[row, row],
            mode="lines",
            line={"color": colour, "width": 13},
            customdata=[f"{span.label}: {span.words}"] * 2,
            hovertemplate="%{customdata}<extra></extra>",
        )
        figure.add_annotation(
            x=span.end,
            y=row,
            text=span.words,
            showarrow=False,
            xanchor="left",
            xshift=7,
            font={"size": 12.5, "color": palette.ink if span.is_current else palette.muted},
        )
    first = min([span.start for span in spans] or [today])
    last = max([span.end for span in spans] or [today])
    length = max(last - first, SHORTEST_AXIS)
    add_rule(figure, at=today, label="Today", rows=len(spans), scheme=scheme)
    figure.update_layout(
        layout(scheme, height=ROW * len(spans) + 70, form="timeline"), margin={"l": 8, "r": 150, "t": 6, "b": 8}
    )
    figure.update_xaxes(
        range=[first - length * 0.02, last + length * 0.02],
        fixedrange=True,
        dtick="M12",
        tickformat="%Y",
        ticklabelmode="instant",
    )
    figure.update_yaxes(
        tickvals=list(range(len(spans))),
        ticktext=[wrapped(span.label, 32) for span in spans],
        range=[len(spans) - 0.4, -1.4],
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
    )
    return figure
