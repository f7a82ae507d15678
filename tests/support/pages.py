"""Reading Dash layouts without a browser: every component, every text, every figure of a page."""

from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
from dash.development.base_component import Component


def components(layout: Component) -> Iterator[Component]:
    """Yield a component and everything inside it."""
    yield layout
    yield from (item for item in layout._traverse() if isinstance(item, Component))


def texts(layout: Component) -> list[str]:
    """Return the texts of a layout in reading order."""
    found: list[str] = []
    for item in components(layout):
        children = getattr(item, "children", None)
        listed = children if isinstance(children, list | tuple) else [children]
        found += [str(child) for child in listed if isinstance(child, str | int | float)]
    return found


def ids(layout: Component) -> list[str]:
    """Return the ids of a layout."""
    return [item.id for item in components(layout) if isinstance(getattr(item, "id", None), str)]


def graphs(layout: Component) -> dict[str, go.Figure]:
    """Return {graph id: figure} of a layout; small lines in tiles have no id and are left out."""
    return {
        item.id: item.figure for item in components(layout) if type(item).__name__ == "Graph" and hasattr(item, "id")
    }


def attribute(component: Component, name: str) -> Any:
    """Return an attribute whose name is no Python name, such as aria-label."""
    return component.to_plotly_json()["props"].get(name)
