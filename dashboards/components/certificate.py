"""The birth certificate of a figure as a card: what is counted, from what, how well linked, what is hidden."""

from typing import Any

from dash import html
from flask import current_app, has_app_context

from orchestration.release.certificate import BirthCertificate

DAGSTER_URL = "JOINEDUP_DAGSTER_URL"
"""Key of the app's configuration: where Dagster's pages are, if the settings say so."""


def certificate(made: BirthCertificate) -> html.Div:
    """Draw every line of a certificate; long lists of feeds become lists."""
    parts: list[Any] = []
    for heading, text in made.lines():
        parts += [html.Dt(heading), html.Dd(_body(heading, text))]
    return html.Div(html.Dl(parts), className="cert")


def _body(heading: str, text: str) -> Any:
    if heading == "Run" and has_app_context() and (address := current_app.config.get(DAGSTER_URL)):
        return html.A(text, href=f"{address}/runs/{text}")
    if heading.startswith("Feeds") and "; " in text:
        return html.Ul([html.Li(item) for item in text.split("; ")])
    return text
