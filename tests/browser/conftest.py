"""Chromium against the dashboards of an invented snapshot, served in a thread. Anything amiss fails a test.

Without Chromium these tests are skipped and say so; with JOINEDUP_REQUIRE_BROWSER=1 they fail instead.
"""

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dash
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from dashboards.app import create_app
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# What dash.testing waits for, and more: no callback pending, a heading in full ink, every visible graph drawn.
READY = """() => {
  const state = window.store && window.store.getState();
  if (!state || state.isLoading || document.fonts.status !== 'loaded') return false;
  const {stored, completed, ...pending} = state.callbacks || {};
  if (Object.values(pending).some(list => list && list.length)) return false;
  const heading = document.querySelector('main h1');
  if (!heading) return false;
  for (let node = heading; node; node = node.parentElement) if (getComputedStyle(node).opacity !== '1') return false;
  // A chart's frame stands before its script has come, and has no graph until then.
  const graphs = [...document.querySelectorAll('.plot, .dash-graph')].filter(graph => graph.offsetParent !== null);
  return graphs.every(graph => graph.querySelector('.main-svg'));
}"""
Opener = Callable[..., Page]
PATIENCE = 30_000  # milliseconds; a busy machine is no failure
expect.set_options(timeout=PATIENCE)


def chromium() -> str | None:
    """Return the path of Chromium on this machine."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        if os.environ.get("JOINEDUP_REQUIRE_BROWSER"):
            pytest.fail("JOINEDUP_REQUIRE_BROWSER is set and there is no Chromium: apt-get install chromium")
        pytest.skip("no Chromium on this machine: apt-get install chromium, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("browser"), people=3000, seed=3)


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve an app of its own and give its address. Dash keeps one list of pages for a process: it is put back."""
    before = dict(dash.page_registry)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, create_app(settings).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
        dash.page_registry.clear()
        dash.page_registry.update(before)


@pytest.fixture(scope="session")
def address(published: Settings) -> Iterator[str]:
    """Serve the app on a free port of this machine and return its address."""
    with served(published) as found:
        yield found


@pytest.fixture(scope="session")
def warm(browser: Browser) -> Iterator[BrowserContext]:
    """One context for the run, so that the 8 MB of JavaScript are compiled once."""
    context = new_context(browser)
    yield context
    context.close()


@pytest.fixture(scope="session")
def warm_dark(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """The same for somebody whose machine is set to dark colours, and who was here before: nothing is drawn twice."""
    context = new_context(browser, "dark")
    context.add_cookies([{"name": "scheme", "value": "dark", "url": address}])
    yield context
    context.close()


def new_context(browser: Browser, scheme: str = "light") -> BrowserContext:
    """Return a context as a person here would have it."""
    return browser.new_context(
        viewport={"width": 1440, "height": 1000},
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
        color_scheme="dark" if scheme == "dark" else "light",
    )


@pytest.fixture
def opened(warm: BrowserContext, address: str) -> Iterator[Opener]:
    """Return an opener of pages; fail on console errors, uncaught errors, HTTP errors and requests off this machine."""
    warm.clear_cookies()
    problems: list[str] = []
    pages: list[Page] = []

    def open_page(path: str, *, width: int = 1440, context: BrowserContext | None = None) -> Page:
        page = (context or warm).new_page()
        page.set_viewport_size({"width": width, "height": 1000})
        watch(page, address, problems)
        page.goto(address + path)
        settle(page)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert problems == []


def watch(page: Page, address: str, problems: list[str]) -> None:
    """Note everything that should not happen in a page."""
    page.on("pageerror", lambda error: problems.append(f"uncaught {error}"))
    page.on("console", lambda said: problems.append(f"console {said.text}") if said.type == "error" else None)
    page.on("response", lambda got: problems.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    here = (address, "data:", "blob:")
    page.on(
        "request",
        lambda sent: problems.append(f"off the machine {sent.url}") if not sent.url.startswith(here) else None,
    )


def settle(page: Page) -> None:
    """Wait until Dash has nothing left to do and every chart is drawn."""
    page.wait_for_function(READY, timeout=2 * PATIENCE)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """Return axe-core as the development environment ships it."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
