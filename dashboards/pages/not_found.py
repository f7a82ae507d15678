"""What an address that is no page shows."""

from typing import Any

from dash import dcc, html

from dashboards.components.notices import notice


def layout(**_query: Any) -> html.Div:
    """Say that there is no such page, and lead back."""
    body = notice("There is no page at this address", html.P(dcc.Link("Go to the summary", href="/")), tone="warn")
    return html.Div([html.Header(html.H1("Page not found"), className="page-head"), body], className="page")
