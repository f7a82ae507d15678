"""The documents in a real browser: no fault that axe finds, nothing wider than a phone, nothing fetched."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from orchestration.documents import write_documents
from tests.support.snapshot import make_snapshot

pytestmark = pytest.mark.browser
NAMES = ("article-30-record", "dpia-pack", "privacy-notice", "public-page", "agreement-isa-13-probation")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = make_snapshot(tmp_path_factory.mktemp("documents"), people=600)
    return write_documents(settings, with_pdf=False)[0].parent


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_no_fault_and_the_page_fits_its_screen(browser: Browser, folder: Path, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.context.set_offline(True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / f"{name}.html").as_uri())
    found = Axe().run(page, options={"runOnly": RULES})
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(asked) == 1
    page.close()
