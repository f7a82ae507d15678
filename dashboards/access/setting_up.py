"""Put sign-in, guard, CSRF protection and session cookies on the app's server."""

from dash import Dash
from flask import Response, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboards.access.door import add_door
from dashboards.access.plain import plain_page
from dashboards.access.provider import add_provider
from dashboards.access.record import Recorder, audit_recorder
from dashboards.access.sessions import Sessions
from orchestration.errors import ConfigurationError, HomeError
from orchestration.settings import Settings, write_new_secret
from orchestration.sign_in import GUIDE, LOOPBACK

CSRF_COOKIE = "_csrf_token"
"""Dash copies this cookie into the header X-CSRFToken of every POST."""
LARGEST_POST = 4 << 20


def check_host(settings: Settings) -> None:
    """Refuse local mode on any address but loopback: nobody is asked who they are there."""
    if settings.sign_in is None and settings.host not in LOOPBACK:
        raise ConfigurationError(
            f"Without sign-in the dashboards are served on this machine only, and JOINEDUP_HOST (or --host) is "
            f"'{settings.host}'. Use 127.0.0.1, or set up sign-in: {GUIDE}"
        )


def add_access(
    app: Dash, settings: Settings, *, sessions: Sessions | None = None, record: Recorder | None = None
) -> None:
    """Guard the app. Without a provider this is local mode: one person, this machine only, said on every page."""
    check_host(settings)
    server, is_https = app.server, bool(settings.sign_in and settings.sign_in.is_https)
    server.config.update(
        SECRET_KEY=_cookie_key(settings),
        SESSION_COOKIE_NAME="__Host-joinedup" if is_https else "joinedup",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=LARGEST_POST,
    )
    if settings.sign_in and settings.sign_in.proxies:
        count = settings.sign_in.proxies
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=count, x_proto=count)
    held, record = sessions or Sessions(), record or audit_recorder(settings)
    add_door(server, settings, held, record)
    CSRFProtect(server)
    if settings.sign_in:
        add_provider(server, settings.sign_in, held, record)

    def refuse(_error: CSRFError) -> Response:
        return plain_page("Load the page again", "This page is too old to be trusted: load it again.", status=400)

    server.register_error_handler(CSRFError, refuse)

    def not_recorded(error: HomeError) -> Response:
        return plain_page(
            "Nobody can be let in now", f"This cannot be recorded, so it is not done. {error}", status=503
        )

    server.register_error_handler(HomeError, not_recorded)

    def hand_out_token(response: Response) -> Response:
        if response.mimetype == "text/html" and request.method == "GET" and not request.path.startswith("/sign-"):
            response.set_cookie(CSRF_COOKIE, generate_csrf(), secure=is_https, samesite="Lax", httponly=False)
        return response

    server.after_request(hand_out_token)


def _cookie_key(settings: Settings) -> str:
    """Return the key that signs cookies, kept in the home so that a restart does not refuse open pages."""
    path = settings.state / "session.key"
    if not path.exists():
        write_new_secret(path)
    return path.read_text(encoding="ascii").strip()
