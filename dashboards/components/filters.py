"""The filter bar of a page, whose state is the URL: a control writes the query, the page is drawn from the query.

Changing a control moves to a new URL; Dash then draws the page of that URL. So back, forward, bookmarks and links sent
to a colleague all give the same view, and no other copy of the state exists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards.components.attributes import aria
from dashboards.visit import ANY, query_string

Options = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice: `name` is its key in the URL, `options` Mantine's data ({value, label}, or {group, items})."""

    name: str
    label: str
    options: Options
    default: str = ANY
    locked: str = ""
    """Why the filter cannot be used now; empty when it can."""

    def values(self) -> list[str]:
        """Return the values that can be chosen, groups opened."""
        flat = [item for option in self.options for item in option.get("items", [option])]
        return [item["value"] for item in flat]

    def chosen(self, query: Mapping[str, str]) -> str:
        """Return the value the URL asks for, or the default where it asks for nothing that exists."""
        asked = query.get(self.name, self.default)
        return asked if asked in self.values() else self.default


def control_id(page: str, name: str) -> str:
    """Return the id of a filter's control."""
    return f"{page}-{name}-select"


def location_id(page: str) -> str:
    """Return the id of the page's own location, which writes the URL."""
    return f"{page}-filters-location"


def filter_bar(page: str, filters: Sequence[Filter], query: Mapping[str, str], *, path: str, said: str) -> html.Section:
    """Draw the filters of a page. `said` tells in words what is shown; it is announced after every change."""
    unknown = [item for item in filters if query.get(item.name, item.default) not in item.values()]
    controls = [_control(page, item, item.chosen(query)) for item in filters]
    narrowed = any(item.chosen(query) != item.default for item in filters)
    reset = (
        dcc.Link("Clear filters", href=path, className="filter-reset", id=f"{page}-clear-link") if narrowed else None
    )
    return html.Section(
        [
            html.H2("Filters", className="vh"),
            dcc.Location(id=location_id(page), refresh="callback-nav"),
            html.Div([*controls, reset], className="row no-print"),
            html.P(said, className="said", role="status", id=f"{page}-said-status"),
            *[
                html.P(
                    f"The link asks for a {item.label.lower()} that this snapshot does not have; showing all instead.",
                    className="said",
                )
                for item in unknown
            ],
        ],
        className="filters",
        **aria(label="Filters"),
    )


def register_filters(app: Dash, page: str, names: Sequence[str]) -> None:
    """Let a page's controls write the URL; a drawing of the page that changes nothing moves nowhere."""

    @app.callback(
        Output(location_id(page), "search"),
        [Input(control_id(page, name), "value") for name in names],
        State(location_id(page), "search"),
        prevent_initial_call=True,
    )
    def write_url(*values_and_search: str | None) -> object:
        return changed_search(names, values_and_search[:-1], values_and_search[-1])


def changed_search(names: Sequence[str], values: Sequence[str | None], search: str | None) -> object:
    """Return the query that the controls' values make, or no_update where the URL says the same already."""
    wanted = query_string({name: value or ANY for name, value in zip(names, values, strict=True)})
    return no_update if wanted == (search or "") else wanted


def _control(page: str, item: Filter, value: str) -> dmc.Select:
    return dmc.Select(
        id=control_id(page, item.name),
        label=item.label,
        data=list(item.options),
        value=value,
        allowDeselect=False,
        disabled=bool(item.locked),
        description=item.locked or None,
        searchable=len(item.values()) > 12,
        nothingFoundMessage="Nothing like that",
        withScrollArea=False,
        styles={"options": {"maxHeight": 420, "overflowY": "auto"}},  # the list box itself scrolls, as ARIA expects
        checkIconPosition="right",
        comboboxProps={"shadow": "md"},
    )
