"""Step curves of a share that grows with time since a day: who has started, or come back, by then."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboards.figures.template import Scheme, colours, layout

HEIGHT = 320
DASHES = ("solid", "dash", "dot", "dashdot")  # lines are told apart without colour, too


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: the share (0-1) reached by each of `days`; it stops where a figure is hidden or nobody was followed."""

    label: str
    days: tuple[int, ...]
    shares: tuple[float, ...]
    counted: int


def steps(curves: Sequence[Curve], *, scheme: Scheme, verb: str) -> go.Figure:
    """Draw the curves as steps from nobody on day 0, each with its name and last share at its end."""
    palette = colours(scheme)
    shades = palette.pair if len(curves) <= len(palette.pair) else palette.categorical
    figure = go.Figure()
    top = max([share for curve in curves for share in curve.shares] or [0.1])
    longest = max([day for curve in curves for day in curve.days] or [1])
    for index, curve in enumerate(curves):
        colour = shades[index % len(shades)]
        figure.add_scatter(
            x=[0, *curve.days],
            y=[0, *curve.shares],
            mode="lines+markers",
            line={"shape": "hv", "color": colour, "width": 2.5, "dash": DASHES[index % len(DASHES)]},
            marker={"size": 7, "color": colour},
            customdata=[
                f"{curve.label}: {share:.0%} {verb} within {day} days (of {curve.counted:,})"
                for day, share in zip((0, *curve.days), (0, *curve.shares), strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    for curve, place in zip(curves, spread([curve.shares[-1] for curve in curves], least=0.075 * top), strict=True):
        figure.add_annotation(
            x=curve.days[-1],
            y=place,
            text=f"<b>{curve.shares[-1]:.0%}</b> {curve.label}",
            showarrow=False,
            xanchor="left",
            xshift=8,
            font={"size": 13, "color": palette.ink},
        )
    figure.update_layout(layout(scheme, height=HEIGHT, form="curves"), margin={"l": 8, "r": 150, "t": 10, "b": 8})
    ticks = sorted({day for curve in curves for day in curve.days})
    figure.update_xaxes(
        fixedrange=True, showgrid=False, range=[0, longest * 1.02], tickvals=ticks, title={"text": "Days"}
    )
    figure.update_yaxes(fixedrange=True, tickformat=".0%", range=[0, top * 1.12], rangemode="tozero")
    return figure


def spread(places: Sequence[float], *, least: float) -> list[float]:
    """Move labels apart, lowest first, so that each stands at least `least` above the one below it."""
    moved: list[float] = [0.0] * len(places)
    last = float("-inf")
    for index in sorted(range(len(places)), key=lambda one: places[one]):
        last = max(places[index], last + least)
        moved[index] = last
    return moved
