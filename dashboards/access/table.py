"""One table: which roles may see which page, post to which callback and call which route. What is not here is refused.

A page, callback or route that somebody adds without a line here is refused to everyone who signs in, and a test fails.
"""

from orchestration.sign_in import ROLES

EVERYONE = frozenset(ROLES)
DESK = frozenset({"designer", "engineer", "leader", "governance"})
OWN = frozenset({"partner", "engineer", "governance"})
RECORDERS = frozenset({"designer", "leader", "governance"})
PUBLIC = frozenset({"partner", "public"}) | DESK
PAGES: dict[str, frozenset[str]] = {
    "/": DESK,
    "/who": DESK,
    "/together": DESK,
    "/journeys": DESK,
    "/flow": DESK,
    "/needs": DESK,
    "/personas": DESK,
    "/places": DESK,
    "/cohorts": DESK,
    "/costs": DESK,
    "/trust": DESK,
    "/sharing": DESK,
    "/decisions": DESK,
    "/own": OWN,
    "/about": PUBLIC,
    "/accessibility": EVERYONE,
    "/not-found": EVERYONE,
}
CALLBACKS: dict[str, frozenset[str]] = {
    "..shell-app-shell.navbar...shell-menu-burger.aria-expanded..": EVERYONE,
    "shell-menu-burger.opened": EVERYONE,
    ".._pages_content.children..._pages_store.data..": EVERYONE,  # each page is then guarded by PAGES
    "_pages_dummy.children": EVERYONE,
    "who-filters-location.search": DESK,
    "together-filters-location.search": DESK,
    "journeys-filters-location.search": DESK,
    "flow-filters-location.search": DESK,
    "needs-filters-location.search": DESK,
    "personas-filters-location.search": DESK,
    "places-filters-location.search": DESK,
    "cohorts-filters-location.search": DESK,
    "costs-filters-location.search": DESK,
    "sharing-filters-location.search": DESK,
}
DOCUMENTS = frozenset({"public-page", "privacy-notice"})
"""Documents written for residents: whoever reaches the app may read them. All others are for the desk."""
OPEN, BY_TOKEN, BY_PAGE, BY_CALLBACK, BY_NAME = "open", "by token", "by page", "by callback", "by name"
ROUTES: dict[str, str | frozenset[str]] = {
    "/static/<path:filename>": OPEN,
    "/assets/<path:filename>": OPEN,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": OPEN,
    "/_favicon.ico": OPEN,
    "/healthz": OPEN,
    "/readyz": OPEN,
    "/metrics": OPEN,  # dashboards.telemetry answers on this machine only
    "/sign-in": OPEN,
    "/sign-in/back": OPEN,
    "/sign-out": OPEN,
    "/api/v1/openapi.json": OPEN,
    "/api/v1/catalogue": BY_TOKEN,  # dashboards.api asks for the token itself
    "/api/v1/figures": BY_TOKEN,
    "/_dash-layout": EVERYONE,
    "/_dash-dependencies": EVERYONE,
    "/_reload-hash": EVERYONE,
    "/_dash-update-component": BY_CALLBACK,
    "/": BY_PAGE,
    "/<path:path>": BY_PAGE,
    "/download.<form>": DESK,
    "/documents/<name>": BY_NAME,
    "/receipts/<feed>/<name>": OWN,  # dashboards.receipts asks whose feed it is
    "/decisions/new": RECORDERS,
}
NOBODY: frozenset[str] = frozenset()


def roles_of_page(path: str) -> frozenset[str]:
    """Return who may see a page; nobody where the table does not say."""
    return PAGES.get(path, NOBODY)


def first_page(roles: frozenset[str]) -> str:
    """Return the page that opens for roles: the first of PAGES that one of them may see."""
    return next((path for path, needed in PAGES.items() if roles & needed), "/about")


def roles_of_document(name: str) -> str | frozenset[str]:
    """Return who may read a document of governance, named with or without its ending."""
    return OPEN if name.rpartition(".")[0] in DOCUMENTS or name in DOCUMENTS else DESK


def roles_of_callback(output: object) -> frozenset[str]:
    """Return who may post to a callback, named as Dash names its outputs; nobody where the table does not say."""
    return CALLBACKS.get(output, NOBODY) if isinstance(output, str) else NOBODY


def roles_of_route(rule: str | None) -> str | frozenset[str]:
    """Return who may call a route, or how it is guarded; nobody where the table does not say."""
    return ROUTES.get(rule or "", NOBODY)
