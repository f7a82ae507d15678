"""summary."""
from dash import Dash, html
from dashboards.components.page import page
from dashboards.visit import Visit
PATH, NAME, ICON, PAGE = "/", "Summary", "summary", "summary"
def register(app: Dash) -> None: ...
def layout(visit: Visit) -> html.Div:
    return page(visit, path=PATH, heading="summary", lede="x", body=[])
