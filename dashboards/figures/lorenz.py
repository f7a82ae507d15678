"""A Lorenz curve through a few published bands: how far few people account for much of something."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards.figures.template import Scheme, colours, layout

HEIGHT = 340


@dataclass(frozen=True, slots=True)
class Band:
    """One band: its people and what they account for, both published."""

    label: str
    people: int
    amount: int


def curve(bands: Sequence[Band]) -> list[tuple[float, float]]:
    """Return (share of people, share of the amount) added up from the band with least a person, from (0, 0) on.

    Straight lines between the bands understate concentration: inside a band all count as alike.
    """
    order = sorted(bands, key=lambda band: (band.amount / band.people, band.label))
    people, amount = sum(band.people for band in order), sum(band.amount for band in order)
    points, so_far = [(0.0, 0.0)], [0, 0]
    for band in order:
        so_far = [so_far[0] + band.people, so_far[1] + band.amount]
        points.append((so_far[0] / people, so_far[1] / amount))
    return points


def lorenz(bands: Sequence[Band], *, scheme: Scheme, people: str, amount: str) -> go.Figure:
    """Draw the curve through the bands against the line on which all would count alike."""
    palette = colours(scheme)
    points = curve(bands)
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": palette.muted, "width": 1.5, "dash": "dot"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[x for x, _ in points],
        y=[y for _, y in points],
        mode="lines+markers",
        line={"color": palette.bar, "width": 2.5},
        marker={"size": 9, "color": palette.bar},
        customdata=[f"{x:.0%} of {people}<br>{y:.0%} of {amount}" for x, y in points],
        hovertemplate="%{customdata}<extra></extra>",
    )
    for x, y in points[1:-1]:
        figure.add_annotation(
            x=x, y=y, text=f"{x:.0%}: {y:.0%}", showarrow=False, xanchor="right", yanchor="bottom", xshift=-8,
            font={"size": 13, "color": palette.ink},
        )  # fmt: skip
    figure.update_layout(layout(scheme, height=HEIGHT, form="lorenz"), showlegend=False)
    figure.update_layout(margin={"l": 8, "r": 16, "t": 8, "b": 8})
    axis = {"range": [0, 1.02], "tickformat": ".0%", "fixedrange": True, "automargin": True}
    figure.update_xaxes(title={"text": f"Share of {people}, least cost first", "font": {"size": 13}}, **axis)
    figure.update_yaxes(title={"text": f"Share of {amount}", "font": {"size": 13}}, **axis)
    return figure
