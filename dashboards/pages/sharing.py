"""sharing."""
from dash import Dash, html
from dashboards.components.page import page
from dashboards.visit import Visit
PATH, NAME, ICON, PAGE = "/sharing", "Sharing", "sharing", "sharing"
def register(app: Dash) -> None: ...
def layout(visit: Visit) -> html.Div:
    return page(visit, path=PATH, heading="sharing", lede="x", body=[])
