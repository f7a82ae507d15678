"""A map of areas drawn as filled outlines, without tiles, projections from elsewhere or any request off the machine."""

from collections.abc import Iterator, Mapping, Sequence
from math import cos, radians
from typing import Any

import plotly.graph_objects as go

from dashboards.figures.template import Scheme, colours, layout

HEIGHT = 460
Ring = Sequence[Sequence[float]]


def place_map(
    boundaries: Mapping[str, Any],
    groups: Mapping[str, int | None],
    told: Mapping[str, str],
    *,
    scheme: Scheme,
    count: int,
) -> go.Figure:
    """Fill each area by its group (0 lowest to `count` - 1; None hidden), with `told` for the pointer."""
    palette = colours(scheme)
    stops = [colour for _, colour in palette.sequential][1:]
    figure = go.Figure()
    every: list[tuple[float, float]] = []
    for feature in boundaries["features"]:
        code = str(feature["properties"]["code"])
        xs: list[float | None] = []
        ys: list[float | None] = []
        for ring in rings(feature["geometry"]):
            xs += [*(point[0] for point in ring), None]
            ys += [*(point[1] for point in ring), None]
            every += [(point[0], point[1]) for point in ring]
        group = groups.get(code)
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines",
            fill="toself",
            fillcolor=palette.faint if group is None else stops[round(group * (len(stops) - 1) / max(1, count - 1))],
            line={"color": palette.card, "width": 1.6},
            text=told.get(code, code),
            hoverinfo="text",
            hoveron="fills",
        )
    figure.update_layout(layout(scheme, height=HEIGHT, form="map"), margin={"l": 0, "r": 0, "t": 0, "b": 0})
    middle = sum(y for _, y in every) / max(1, len(every))
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True, scaleanchor="x", scaleratio=1 / cos(radians(middle)))
    return figure


def rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    """Yield the outer ring of each polygon of a GeoJSON Polygon or MultiPolygon."""
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield polygon[0]


def fifths(values: Mapping[str, float | None], count: int = 5) -> tuple[dict[str, int | None], list[float]]:
    """Sort areas by value into `count` groups of about one size; return the group of each and the lower bounds."""
    known = sorted((value, code) for code, value in values.items() if value is not None)
    groups: dict[str, int | None] = dict.fromkeys(values)
    bounds: list[float] = []
    for index, (value, code) in enumerate(known):
        group = index * count // len(known)
        groups[code] = group
        if len(bounds) == group:
            bounds.append(value)
    return groups, bounds
