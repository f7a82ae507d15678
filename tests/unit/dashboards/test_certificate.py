"""The birth certificate on a page leads to the run that made the figure, where the settings say where that is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dash import Dash

from dashboards.components.certificate import DAGSTER_URL, certificate
from dashboards.visit import Visit
from orchestration.release import ProtectedTable


def drawn(visit: Callable[..., Visit], address: str | None) -> str:
    answer = visit().ask("people", period="all")
    assert isinstance(answer, ProtectedTable)
    app: Any = Dash("certificate")
    app.server.config[DAGSTER_URL] = address
    with app.server.app_context():
        return str(certificate(replace(answer.certificate, run_id="0a1b2c")).to_plotly_json())


def test_the_run_is_a_link_only_where_its_pages_are_known(visit: Callable[..., Visit]) -> None:
    assert "href='https://dagster.example.org/runs/0a1b2c'" in drawn(visit, "https://dagster.example.org")
    assert "0a1b2c" in drawn(visit, None)
    assert "href" not in drawn(visit, None)
