"""`POST /decisions/new`: one decision from the page's form. Role and CSRF token were checked before it gets here."""

from datetime import date

import flask
from flask import Flask, request
from werkzeug.wrappers import Response as AnyResponse

from dashboards.access.door import visitor
from dashboards.access.plain import plain_page
from dashboards.pages.decisions_form import DAYS, ROUTE, TEXTS
from orchestration.audit import audit_of
from orchestration.errors import JoinedUpError
from orchestration.release import Gate
from orchestration.settings import Settings
from orchestration.state.decisions import NewDecision, add_decision
from orchestration.state.store import store_of

BACK = ("/decisions", "Back to the decisions")


def add_decision_route(server: Flask, gate: Gate, settings: Settings) -> None:
    """Take the form's post; a mistake in it is told and nothing is kept."""

    @server.post(ROUTE)
    def record_decision() -> AnyResponse:
        person = visitor()
        who = person.subject if person else ""
        try:
            made = add_decision(store_of(settings), gate, _posted(), who=who)
        except ValueError:
            return _refused("A day is written year-month-day, as 2026-05-31.")
        except JoinedUpError as error:
            return _refused(str(error))
        audit_of(settings).record("decision", who=who, decision=made, change="added")
        return flask.redirect(f"/decisions?decision={made}", code=303)


def _posted() -> NewDecision:
    texts = {name: request.form.get(name, "") for name, _, _ in TEXTS}
    days = {name: date.fromisoformat(request.form.get(name, "").strip()) for name, _ in DAYS}
    views = tuple(line.strip() for line in request.form.get("views", "").splitlines() if line.strip())
    return NewDecision(
        **texts,
        decided_on=days["decided_on"],
        review_on=days["review_on"],
        views=views,
        expected_direction=request.form.get("expected_direction") or None,
    )


def _refused(why: str) -> AnyResponse:
    text = f"{why} Your browser's back button brings what you wrote back."
    return plain_page("The decision is not recorded", text, status=400, onward=BACK)
