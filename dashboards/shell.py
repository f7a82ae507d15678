"""The shell around every page: header, navigation, colour scheme, and the frame that a page is put in.

What belongs here: what stays while pages change. What does not: anything read from a snapshot, which a page draws
itself, so that shell and page can never tell of two different snapshots.
"""

from collections.abc import Sequence
from typing import Any, Literal

import dash
import dash_mantine_components as dmc
import flask
from dash import Dash, Input, Output, State, dcc, html

from dashboards.access.door import reader
from dashboards.components.attributes import aria
from dashboards.theme import THEME
from orchestration.area import Area
from orchestration.release.palette import Scheme

SHELL, BURGER, NAVBAR = "shell-app-shell", "shell-menu-burger", "shell-pages-nav"
SCHEME_TOGGLE, SCHEME_STORE = "shell-scheme-toggle", "shell-scheme-store"
SCHEME_COOKIE = "scheme"
NAV_WIDTH = 236


def asked_scheme() -> Scheme:
    """Return the colour scheme in the visitor's cookie, so that charts have the right colours when first painted."""
    asked = flask.request.cookies.get(SCHEME_COOKIE) if flask.has_request_context() else None
    return "dark" if asked == "dark" else "light"


def shell(
    area: Area, entries: Sequence[tuple[str, str, str]], *, mode: Literal["local", "oidc"] = "local"
) -> dmc.MantineProvider:
    """Draw the shell. `entries` are (path, name, icon) of the pages in the navigation."""
    links = [
        dmc.NavLink(
            label=name,
            href=path,
            active="exact",
            variant="filled",
            autoContrast=True,
            leftSection=html.Span(className="nav-icon", style={"--icon": f"url(/assets/icons/{icon}.svg)"}),
        )
        for path, name, icon in entries
    ]
    main = dcc.Loading(
        dash.page_container,
        delay_show=350,
        overlay_style={"visibility": "visible", "opacity": 0.45},
        custom_spinner=html.Span(),
    )
    return dmc.MantineProvider(
        [
            dcc.Store(id=SCHEME_STORE, data=asked_scheme()),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_header(area)),
                    dmc.AppShellNavbar(
                        [*links, *([_sign_out()] if mode == "oidc" else []), _nav_foot()],
                        p="md",
                        id=NAVBAR,
                        **aria(label="Pages"),
                    ),
                    dmc.AppShellMain([*([_local_mark()] if mode == "local" else []), main], id="main", tabIndex=-1),
                ],
                id=SHELL,
                header={"height": 60},
                navbar=_navbar(opened=False),
                padding={"base": "sm", "sm": "lg"},
            ),
        ],
        theme=THEME,
        defaultColorScheme="auto",
    )


def register_shell(app: Dash) -> None:
    """Open and close the navigation on a phone; a change of page closes it."""

    @app.callback(
        Output(SHELL, "navbar"), Output(BURGER, "aria-expanded"), Input(BURGER, "opened"), prevent_initial_call=True
    )
    def open_menu(opened: bool) -> tuple[dict[str, Any], str]:
        return _navbar(opened=opened), str(bool(opened)).lower()

    @app.callback(
        Output(BURGER, "opened"),
        Input("_pages_location", "pathname"),
        State(BURGER, "opened"),
        prevent_initial_call=True,
    )
    def close_menu(_pathname: str, opened: bool) -> object:
        return False if opened else dash.no_update


def _navbar(*, opened: bool) -> dict[str, Any]:
    return {"width": NAV_WIDTH, "breakpoint": "sm", "collapsed": {"mobile": not opened}}


def _header(area: Area) -> dmc.Group:
    brand = dcc.Link(
        [html.Img(src="/assets/logo.svg", alt=""), html.B("Joined Up"), html.Span(area.name, className="area")],
        href="/",
        className="brand",
    )
    burger = dmc.Burger(
        id=BURGER, opened=False, hiddenFrom="sm", size="sm",
        **aria(label="Menu", expanded="false", controls=NAVBAR),
    )  # fmt: skip
    toggle = dmc.ColorSchemeToggle(
        id=SCHEME_TOGGLE, variant="default", lightIcon="☀", darkIcon="☾", size="lg",
        **aria(label="Switch between light and dark colours"),
    )  # fmt: skip
    flag = _demo_flag() if area.profile.fictional else None
    left = dmc.Group([burger, brand], gap="sm", wrap="nowrap")
    right = dmc.Group([flag, toggle], gap="sm", wrap="nowrap")
    return dmc.Group([left, right], h="100%", px="md", justify="space-between", wrap="nowrap")


def _demo_flag() -> html.Span:
    """Say that the place is invented, in one word on a phone."""
    whole = html.Span("Demo area: fictional", className="wide-only")
    return html.Span([whole, html.Span("Fictional", className="narrow-only")], className="demo-flag")


def _local_mark() -> html.P:
    """Say on every page, on screen and on paper, that nobody was asked who they are."""
    return html.P("Local mode: no sign-in, this machine only", className="local-mark")


def _sign_out() -> html.P:
    role = reader().role
    said = [html.Span(f"Signed in as {role}. ")] if role else []
    return html.P([*said, html.A("Sign out", href="/sign-out", className="sign-out")], className="signed-in")


def _nav_foot() -> html.Div:
    return html.Div(
        [
            html.P("Counts of people, never people: every figure is protected before it is shown."),
        ],
        className="nav-foot",
    )
