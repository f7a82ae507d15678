"""trust."""
from dash import Dash, html
from dashboards.components.page import page
from dashboards.visit import Visit
PATH, NAME, ICON, PAGE = "/trust", "Trust", "trust", "trust"
def register(app: Dash) -> None: ...
def layout(visit: Visit) -> html.Div:
    return page(visit, path=PATH, heading="trust", lede="x", body=[])
