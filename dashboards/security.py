"""HTTP headers of every response, and what the app must not offer.

The content security policy is worked out for each HTML page, not once at start: Dash Pages adds an inline script of
its own with the first request, and hashes taken earlier would block it (shown in a test).
"""

from dash import Dash
from flask import Response, request

PLAIN_POLICY = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def content_security_policy(app: Dash) -> str:
    """Return the policy of an HTML page: nothing from another machine, no inline script but those hashed here.

    `style-src` needs 'unsafe-inline': Plotly and Mantine write style attributes, and drop-downs do not open without.
    """
    sources = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *app.csp_hashes()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in sources.items())


def add_headers(app: Dash) -> None:
    """Set the security headers on every response of the app's server."""

    def set_headers(response: Response) -> Response:
        is_page = response.mimetype == "text/html"
        response.headers["Content-Security-Policy"] = content_security_policy(app) if is_page else PLAIN_POLICY
        for name, value in HEADERS.items():
            response.headers[name] = value
        if is_page or _holds_figures(request.path):
            response.headers["Cache-Control"] = "no-store"
        return response

    app.server.after_request(set_headers)


def _holds_figures(path: str) -> bool:
    """Whether a path answers with figures or layouts, which must not outlive their snapshot in a cache."""
    return (path.startswith("/_dash-") and not path.startswith("/_dash-component-suites")) or path.startswith(
        ("/download", "/api/")
    )
