"""The guard in front of every route, and what pages ask it. Local mode has one person with every role but partner's.

Refused first: nothing runs before a route, page or callback was found in the table. What does not belong here: how
somebody signs in (dashboards.access.provider).
"""

from dataclasses import dataclass
from typing import Any

import flask
from flask import Flask, Response, g, jsonify, request, session
from werkzeug.wrappers import Response as AnyResponse

from dashboards.access import table
from dashboards.access.plain import plain_page
from dashboards.access.rates import TAKINGS_A_MINUTE, Rates
from dashboards.access.record import AccessEvent, Recorder
from dashboards.access.sessions import Person, Sessions
from orchestration.settings import Settings
from orchestration.sign_in import LOOPBACK, ROLES

NUMBER = "number"
LOCAL_PERSON = Person("local", frozenset(ROLES) - {"partner", "public"})


def visitor() -> Person | None:
    """Return who asks, or None outside a request and before anyone signed in."""
    return g.get("person") if flask.has_request_context() else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks for figures, as the ledger notes it, and which audience of the agreements they are.

    audience: None in local mode, where the settings say it. Somebody with several roles reads as the first of them.
    """

    who: str = "local mode"
    role: str = ""
    audience: str | None = None


def reader() -> Reader:
    """Return who reads now."""
    person = visitor()
    if person is None or person is LOCAL_PERSON:
        return Reader()
    role = next(role for role in ROLES if role in person.roles)
    return Reader(person.subject, role, role)


def may_see(path: str) -> bool:
    """Whether who asks may see a page."""
    person = visitor()
    return person is not None and bool(person.roles & table.roles_of_page(path))


def add_door(server: Flask, settings: Settings, sessions: Sessions, record: Recorder) -> None:
    """Put the guard before every request."""

    questions, takings = Rates(), Rates(TAKINGS_A_MINUTE)

    def guard() -> AnyResponse | None:
        if settings.sign_in is None:
            if not _is_loopback(request.host):
                return plain_page("Not here", "Local mode answers on this machine only.", status=421)
            g.person = LOCAL_PERSON
        else:
            g.person = sessions.person(session.get(NUMBER))
        return decide()

    def decide() -> AnyResponse | None:
        rule = request.url_rule.rule if request.url_rule else None
        needed = table.roles_of_route(rule)
        if needed == table.BY_NAME:
            needed = table.roles_of_document(request.path.rpartition("/")[2])
        if needed in (table.OPEN, table.BY_TOKEN) or rule is None:
            return None
        if g.person is None:
            return _ask_to_sign_in()
        if needed == table.BY_PAGE:
            return _own_first_page()
        where = str(rule)
        rates = takings
        if needed == table.BY_CALLBACK:
            rates, (where, needed) = questions, _callback_and_roles()
        if settings.sign_in is not None and not rates.may(g.person.subject):
            return _refusal(429, "Too many questions in a minute: wait a little.")
        if g.person.roles & frozenset(needed):
            return None
        record(AccessEvent("refused", g.person.subject, tuple(sorted(g.person.roles)), where))
        return _refusal(403, "Your role may not do this.")

    server.before_request(guard)


def _own_first_page() -> AnyResponse | None:
    """Lead who may not see the front page to their first; a page's layout is guarded when it is asked for."""
    if request.path == "/" and not may_see("/"):
        return flask.redirect(table.first_page(g.person.roles))
    return None


def _is_loopback(host: str) -> bool:
    return host.rpartition(":")[0].strip("[]") in LOOPBACK or host in LOOPBACK


def _callback_and_roles() -> tuple[str, frozenset[str]]:
    body: Any = request.get_json(silent=True)
    output = body.get("output") if isinstance(body, dict) else None
    needed = table.roles_of_callback(output)
    return (str(output) if needed else "a callback without roles"), needed


def _ask_to_sign_in() -> AnyResponse:
    """Send a person's browser to the provider; tell a program, and Dash, 401."""
    if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
        return flask.redirect(flask.url_for("sign_in", next=request.full_path.rstrip("?")))
    return _refusal(401, "Sign in first.")


def _refusal(status: int, reason: str) -> Response:
    answer = jsonify(error=reason)
    answer.status_code = status
    return answer
