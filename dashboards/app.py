"""The Dash app: pages on the shell, downloads, health and headers. Started by `python -m dashboards`.

What belongs here: wiring. What does not: anything a page shows, and any reading of a snapshot but the first look that
tells whether there is one.
"""

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import dash
from dash import Dash, Input
from flask import Response, jsonify

from dashboards.access.callbacks import add_callback_checks
from dashboards.access.door import may_see, reader, visitor
from dashboards.access.record import AccessEvent, Recorder, audit_recorder
from dashboards.access.sessions import Sessions
from dashboards.access.setting_up import add_access
from dashboards.api import add_api
from dashboards.components.certificate import DAGSTER_URL
from dashboards.components.page import failed_page
from dashboards.decision_route import add_decision_route
from dashboards.documents import add_documents
from dashboards.downloads import add_downloads
from dashboards.drawn import DrawnPages
from dashboards.pages import (
    about,
    accessibility,
    cohorts,
    costs,
    decisions,
    flow,
    journeys,
    needs,
    not_found,
    own,
    personas,
    places,
    sharing,
    summary,
    together,
    trust,
    who,
)
from dashboards.receipts import add_receipts
from dashboards.security import add_headers
from dashboards.shell import SCHEME_STORE, asked_scheme, register_shell, shell
from dashboards.telemetry import add_telemetry
from dashboards.theme import INDEX_HTML
from dashboards.visit import Visit, voices_of
from orchestration.area import Area, load_area
from orchestration.errors import JoinedUpError
from orchestration.release import Gate
from orchestration.release.palette import Scheme
from orchestration.settings import Settings
from orchestration.state import Store, store_of

PAGES: tuple[ModuleType, ...] = (
    summary,
    who,
    together,
    journeys,
    flow,
    needs,
    personas,
    places,
    cohorts,
    costs,
    trust,
    sharing,
    decisions,
    own,
    about,
    accessibility,
)
TITLE = "Joined Up"


def create_app(settings: Settings, *, sessions: Sessions | None = None, record: Recorder | None = None) -> Dash:
    """Build the app of one installation; raise SnapshotError when nothing has been published yet."""
    area = load_area(settings.area_dir, today=settings.today)
    gate = Gate(settings, floor_seconds=settings.answer_floor_ms / 1000)
    gate.catalogue()
    record = record or audit_recorder(settings)
    drawn = DrawnPages(floor_seconds=settings.answer_floor_ms / 1000)
    app = Dash(
        __name__,
        use_pages=True,
        pages_folder="",
        title=TITLE,
        index_string=INDEX_HTML,
        update_title="",
        compress=True,
        suppress_callback_exceptions=True,  # else every page's layout is sent to every visitor
        enable_mcp=False,
        routing_callback_inputs={"colour_scheme": Input(SCHEME_STORE, "data")},
    )
    app.server.config["COMPRESS_STREAMS"] = False  # flask-compress leaves the files of streamed assets open
    app.server.config[DAGSTER_URL] = settings.dagster_url
    for order, page in enumerate(PAGES):
        dash.register_page(  # type: ignore[no-untyped-call]
            page.__name__, path=page.PATH, name=page.NAME, title=f"{page.NAME} - {TITLE}", order=order,
            layout=_layout(page, gate, area, drawn, record, store_of(settings)),
        )  # fmt: skip
    dash.register_page(  # type: ignore[no-untyped-call]
        "dashboards.pages.not_found_404", path="/not-found", layout=not_found.layout, title=f"Not found - {TITLE}"
    )
    app.layout = lambda: shell(
        area,
        [(page.PATH, page.NAME, page.ICON) for page in PAGES if _is_listed(page)],
        mode="local" if settings.sign_in is None else "oidc",
    )
    register_shell(app)
    for page in PAGES:
        page.register(app)
    add_downloads(app.server, gate)
    add_api(app.server, gate, settings)
    add_documents(app.server, settings)
    add_receipts(app.server, settings, area)
    add_decision_route(app.server, gate, settings)
    _add_health(app, gate)
    add_telemetry(app.server, gate, log=settings.request_log)
    add_access(app, settings, sessions=sessions, record=record)
    add_callback_checks(app)
    add_headers(app)
    return app


def _is_listed(page: ModuleType) -> bool:
    """Whether the navigation lists a page for who asks; a page may say that it is reached otherwise."""
    return bool(getattr(page, "IN_NAVIGATION", True)) and may_see(page.PATH)


def _layout(  # noqa: PLR0917 - what every page is drawn with
    page: ModuleType, gate: Gate, area: Area, drawn: DrawnPages, record: Recorder, store: Store
) -> Callable[..., Any]:
    """Return the page's layout function for Dash Pages, which hands over the URL's query as keywords."""

    def draw(colour_scheme: str | None = None, **query: str) -> Any:
        scheme: Scheme = "dark" if (colour_scheme or asked_scheme()) == "dark" else "light"
        if not may_see(page.PATH):
            person = visitor()
            roles = tuple(sorted(person.roles)) if person else ()
            record(AccessEvent("refused", person.subject if person else "", roles, page.PATH))
            return failed_page(page.NAME, page.PATH, "Your role may not see this page.")
        try:
            today = replace(area, agreements=gate.agreements_now())  # the files may have changed since the app began
            voices = voices_of(store) if getattr(page, "SHOWS_VOICES", False) else ()
            visit = Visit(gate, today, query, scheme, page.PATH, reader(), store=store, voices=voices)
            if getattr(page, "IS_PERSONAL", False):
                return page.layout(visit)  # what one organisation sees is never kept for another
            return drawn.page(visit, page.layout)
        except JoinedUpError as error:
            return failed_page(page.NAME, page.PATH, str(error))

    return draw


def _add_health(app: Dash, gate: Gate) -> None:
    """`/healthz` answers 200 with the snapshot that is served, or 503; Dash answers every unknown path with 200."""

    def health() -> tuple[Response, int]:
        try:
            return jsonify(status="ok", snapshot=gate.catalogue().snapshot_id), 200
        except JoinedUpError as error:
            return jsonify(status="no snapshot", reason=str(error)), 503

    app.server.add_url_rule("/healthz", view_func=health)
