"""Funnel plot: shares of many services against their size, with the limits that chance alone would keep them in.

Limits are those of the normal approximation to a binomial share about the whole's (Spiegelhalter, 2005): 95 % and
99.8 %. A point outside the outer limits is worth a question, not a verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import plotly.graph_objects as go

from dashboards.figures.numbers import share_text
from dashboards.figures.template import Scheme, colours, layout

HEIGHT = 380
LIMITS = ((1.959964, "95 %", "dash"), (3.090232, "99.8 %", "dot"))
POINTS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """One service: how many people were counted, and how many of them had the ending in question."""

    label: str
    size: int
    part: int

    @property
    def share(self) -> float:
        """Return the share (0-1)."""
        return min(self.part / self.size, 1.0)


def limit(share: float, size: float, z: float) -> tuple[float, float]:
    """Return the lower and upper control limit of a share (0-1) at a size, within 0 and 1."""
    width = z * sqrt(share * (1 - share) / size)
    return max(0.0, share - width), min(1.0, share + width)


def outside(places: Sequence[Place], whole: float, z: float = LIMITS[1][0]) -> list[Place]:
    """Return the places outside the limits at `z`, furthest from the whole's share first."""
    found = [
        place for place in places if not limit(whole, place.size, z)[0] <= place.share <= limit(whole, place.size, z)[1]
    ]
    return sorted(found, key=lambda place: -abs(place.share - whole))


def funnel_plot(places: Sequence[Place], whole: float, *, scheme: Scheme, size_title: str) -> go.Figure:
    """Draw one point a service, the whole's share as a line, and both pairs of limits."""
    palette = colours(scheme)
    largest = max([place.size for place in places] or [100])
    sizes = [largest * 1.1 * (step + 1) / POINTS for step in range(POINTS)]
    figure = go.Figure()
    for z, _name, dash in LIMITS:
        for side in (0, 1):
            figure.add_scatter(
                x=sizes,
                y=[limit(whole, size, z)[side] for size in sizes],
                mode="lines",
                line={"color": palette.muted, "width": 1.2, "dash": dash},
                hoverinfo="skip",
            )
    figure.add_scatter(
        x=[0, sizes[-1]], y=[whole, whole], mode="lines", line={"color": palette.muted, "width": 1.4}, hoverinfo="skip"
    )
    named = {place.label for place in outside(places, whole)}
    figure.add_scatter(
        x=[place.size for place in places],
        y=[place.share for place in places],
        mode="markers+text",
        marker={"size": 11, "color": [palette.bar if p.label in named else palette.rest for p in places]},
        text=[place.label if place.label in named else "" for place in places],
        textposition="top center",
        textfont={"size": 12.5, "color": palette.ink},
        customdata=[f"{p.label}: {share_text(p.part, p.size)} of {p.size:,}" for p in places],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    top = max([place.share for place in places] + [limit(whole, 40, LIMITS[1][0])[1]])
    figure.update_layout(layout(scheme, height=HEIGHT, form="funnel plot"), margin={"l": 8, "r": 24, "t": 20, "b": 8})
    figure.update_xaxes(fixedrange=True, showgrid=False, range=[0, sizes[-1]], title={"text": size_title})
    figure.update_yaxes(fixedrange=True, tickformat=".0%", range=[0, min(1.0, top * 1.15)])
    return figure
