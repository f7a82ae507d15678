"""Trust lights: a word, and a sentence that carries the facts; the colour only helps."""

from collections.abc import Sequence

from dash import html

from dashboards.components.notices import tag
from dashboards.findings.trust import Light


def light_list(lights: Sequence[Light]) -> html.Ul:
    """Draw the lights as a list."""
    return html.Ul(
        [
            html.Li([html.Div(tag(light.word, light.tone)), html.P([html.B(f"{light.name}. "), light.sentence])])
            for light in lights
        ],
        className="lights",
    )
