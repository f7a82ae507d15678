"""Signing in with OpenID Connect, and out. Authlib checks state, nonce, PKCE, signature, issuer and times."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import flask
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, g, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import generate_csrf
from joserfc.errors import JoseError
from werkzeug.wrappers import Response as AnyResponse

from dashboards.access.claims import NoRole, is_overfull, person_of
from dashboards.access.door import NUMBER
from dashboards.access.plain import plain_page
from dashboards.access.record import AccessEvent, Recorder
from dashboards.access.sessions import Sessions
from orchestration.sign_in import SignIn

TRIES = "30 per minute"
"""Sign-ins begun or ended, by address."""
FAILED = (
    "The provider's answer could not be trusted or came too late, so nobody was signed in. Try once more from here."
)


def add_provider(server: Flask, sign_in: SignIn, sessions: Sessions, record: Recorder) -> None:
    """Serve /sign-in, /sign-in/back and /sign-out."""
    provider = _client(server, sign_in)
    limiter = Limiter(key_func=get_remote_address, app=server, storage_uri="memory://")

    @server.get("/sign-in", endpoint="sign_in")
    @limiter.limit(TRIES)
    def begin() -> AnyResponse:
        sessions.end(session.get(NUMBER))
        session.clear()
        session["next"] = safe_next(request.args.get("next"))
        try:
            answer: AnyResponse = provider.authorize_redirect(f"{sign_in.public_url}/sign-in/back")
        except (requests.RequestException, AuthlibBaseError, ValueError):
            return plain_page(
                "Sign-in is not available", "The sign-in provider does not answer. Try later.", status=503
            )
        return answer

    @server.get("/sign-in/back", endpoint="sign_in_back")
    @limiter.limit(TRIES)
    def back() -> AnyResponse:
        onward = safe_next(session.get("next"))
        try:
            claims = _claims(provider, sign_in)
            person = person_of(claims, sign_in)
        except NoRole as none:
            session.clear()
            record(AccessEvent("refused", "", (), "/sign-in/back"))
            return plain_page("You have no access yet", str(none), status=403)
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError):
            session.clear()
            record(AccessEvent("refused", "", (), "/sign-in/back"))
            return plain_page("Sign-in failed", FAILED, status=400, onward=("/sign-in", "Sign in"))
        sessions.end(session.get(NUMBER))
        session.clear()  # a number that was known before sign-in is worth nothing after it
        record(AccessEvent("sign-in", person.subject, tuple(sorted(person.roles)), "/sign-in/back"))
        session[NUMBER] = sessions.begin(person)
        return flask.redirect(onward)

    @server.route("/sign-out", methods=["GET", "POST"], endpoint="sign_out")
    def leave() -> Response:
        if request.method == "GET" and g.person is not None:
            return plain_page("Sign out?", "You will be signed out of Joined Up on this device.", token=generate_csrf())
        if g.person is not None:
            record(AccessEvent("sign-out", g.person.subject, tuple(sorted(g.person.roles)), "/sign-out"))
        sessions.end(session.get(NUMBER))
        session.clear()
        said = "You are signed out of Joined Up. Your provider may still know you: close a shared browser."
        return plain_page("You are signed out", said, onward=("/sign-in", "Sign in"))


def safe_next(address: object) -> str:
    """Return an address of this app to go on to; the front page for anything that could lead elsewhere."""
    if not isinstance(address, str) or not address.startswith("/") or address.startswith(("//", "/sign-")):
        return "/"
    if "\\" in address or not address.isprintable():
        return "/"
    parts = urlsplit(address)
    return address if not parts.netloc and not parts.scheme else "/"


def _client(server: Flask, sign_in: SignIn) -> Any:
    return OAuth(server).register(
        "provider",
        client_id=sign_in.client_id,
        client_secret=sign_in.client_secret,
        server_metadata_url=sign_in.issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={"scope": sign_in.scope, "code_challenge_method": "S256", "default_timeout": 10},
    )


def _claims(provider: Any, sign_in: SignIn) -> Mapping[str, Any]:
    """Return the verified claims; roles that are not in the token are asked at the provider's userinfo."""
    token = provider.authorize_access_token(
        claims_options={
            "iss": {"essential": True, "values": [sign_in.issuer]},
            "aud": {"essential": True, "value": sign_in.client_id},
            "exp": {"essential": True},
        },
        leeway=60,
    )
    known: dict[str, Any] = dict(token["userinfo"])
    if sign_in.role_claim in known or is_overfull(known, sign_in.role_claim):
        return known
    if not provider.load_server_metadata().get("userinfo_endpoint"):
        return known
    told = dict(provider.userinfo(token=token))
    if told.get("sub") != known["sub"]:  # OpenID Connect Core 5.3.2: else it may be somebody else's
        raise ValueError("userinfo is another subject's")
    return {**told, **known}
