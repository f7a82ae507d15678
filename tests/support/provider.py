"""A real OpenID Connect provider on loopback, and a crooked one that signs what a test tells it to."""

import base64
import json
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from dash import Dash
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock

PAGE = {"Accept": "text/html"}
"""What a browser asks for when it opens a page."""
Tamper = Callable[[dict[str, Any]], Any]
KEY, OTHER = (RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, auto_kid=False) for _ in range(2))
PEOPLE = {role: {"roles": [role], **({"partner": "tidewell_council_housing"} if role == "partner" else {})}
          for role in ("designer", "engineer", "leader", "governance", "partner", "public")}  # fmt: skip
PEOPLE |= {
    "nobody": {"roles": ["cleaner"]},
    "crowded": {"_claim_names": {"roles": "src1"}},
}


class Provider:
    """The provider as WSGI; `tamper` changes the claims of ID tokens, `forge` signs them with another key."""

    def __init__(self) -> None:
        users = [oidc_provider_mock.User(sub=name, claims=claims) for name, claims in PEOPLE.items()]
        self._app = oidc_provider_mock.app(user_claims=users)
        self.tamper: Tamper = lambda claims: claims
        self.forge = False

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.path.endswith("/jwks"):
            return Response(json.dumps({"keys": [KEY.as_dict(private=False)]}), content_type="application/json")(
                environ, start_response
            )
        if request.path != "/oauth2/token":
            return self._app(environ, start_response)
        answer = Client(self._app).open(request)
        body = json.loads(answer.get_data())
        if "id_token" in body:
            part = body["id_token"].split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            claims.pop("at_hash", None)
            key = OTHER if self.forge else KEY
            body["id_token"] = jwt.encode({"alg": "RS256", "kid": "one"}, self.tamper(claims) or claims, key)
        return Response(json.dumps(body), status=answer.status_code, content_type="application/json")(
            environ, start_response
        )


@contextmanager
def provider() -> Iterator[tuple[str, Provider]]:
    """Run the provider; give its issuer and itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        held = Provider()
    server = make_server("127.0.0.1", 0, held, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", held
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sent_back(client: FlaskClient, who: str, address: str = "/sign-in") -> str:
    """Return the address, with code and state, to which the provider sends somebody back."""
    there = client.get(address, headers=PAGE).headers["Location"]
    answer = requests.post(there, data={"sub": who}, allow_redirects=False, timeout=10)
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def signed_in(app: Dash, who: str) -> FlaskClient:
    client = app.server.test_client()
    answer = client.get(sent_back(client, who))
    assert answer.status_code == 302, answer.text
    return client
