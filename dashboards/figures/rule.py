"""A dotted rule across the rows of a chart, with its label above: the whole's value, or today."""

from datetime import date

import plotly.graph_objects as go

from dashboards.figures.template import Scheme, colours


def add_rule(figure: go.Figure, *, at: float | date, label: str, rows: int, scheme: Scheme) -> None:
    """Draw the rule from above row 0 to below the last of `rows`; the label stands above."""
    palette = colours(scheme)
    place = at.isoformat() if isinstance(at, date) else at
    figure.add_shape(
        type="line",
        x0=place,
        x1=place,
        y0=-0.55,
        y1=rows - 0.45,
        line={"color": palette.muted, "width": 1.4, "dash": "dot"},
    )
    figure.add_annotation(
        x=place, y=-0.62, yanchor="bottom", text=label, showarrow=False, font={"size": 12.5, "color": palette.muted}
    )
