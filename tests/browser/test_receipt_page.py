"""The page of a receipt in a real browser: no fault that axe finds, readable on every screen and on paper."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from orchestration.feeds.receipts import read_receipts
from orchestration.governance.in_force import write_in_force
from orchestration.settings import Settings
from tests.support.deliveries import HEADER, as_csv, deliver, ingest, make_contract, make_settings, row
from tests.unit.governance.test_in_force import area

pytestmark = pytest.mark.browser
CASES = ("accepted", "accepted_with_rejects", "refused", "superseded")
PAGES = (*CASES, "list of deliveries", "list of feeds")
WIDTHS = (1440, 390)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return one page of each outcome, long words and markup in a header included."""
    settings: Settings = make_settings(tmp_path_factory.mktemp("receipts"))
    odd = (*HEADER, "Mood of <the> client", "AVeryLongHeaderWithoutAnyBlankThatDoesNotFitOnAPhoneAtAll" * 2)
    rows = [row(n, Sex="9", Start="" if n == 2 else "03/03/2025") | dict.fromkeys(odd[8:], "x") for n in range(1, 40)]
    deliver(settings, "debt_2025-01_20250205.csv", as_csv([row(n) for n in range(1, 30)]))
    deliver(settings, "debt_2025-01_20250206.csv", as_csv([row(n) for n in range(1, 31)]))
    deliver(settings, "debt_2025-02_20250305.csv", as_csv(rows, header=odd))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)], header=HEADER[1:]))
    ingest(settings)
    folder = settings.receipts / "debt_advice"
    write_in_force(settings, area(make_contract(title="Debt advice cases of the whole of the area")))
    lists = {"list of deliveries": folder / "index.html", "list of feeds": settings.receipts / "index.html"}
    return lists | {r.outcome: folder / f"{r.delivery_id}.html" for r in read_receipts(settings, "debt_advice")}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.context.set_offline(True)
    yield opened
    opened.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", PAGES)
def test_axe_finds_no_fault(page: Page, pages: dict[str, Path], case: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(pages[case].as_uri())
    found = Axe().run(page, options={"runOnly": RULES})
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []


@pytest.mark.parametrize("case", PAGES)
def test_nothing_is_wider_than_a_phone(page: Page, pages: dict[str, Path], case: str) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(pages[case].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    too_wide = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert page.evaluate(too_wide) == 0


def test_headings_go_down_one_level_at_a_time_and_the_outcome_comes_first(page: Page, pages: dict[str, Path]) -> None:
    page.goto(pages["accepted_with_rejects"].as_uri())
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.locator("main > *").nth(2).inner_text().startswith("! Accepted, some rows set aside")


@pytest.mark.parametrize("case", CASES)
def test_outcome_and_severity_are_told_in_words_without_colours(page: Page, pages: dict[str, Path], case: str) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(pages[case].as_uri())
    texts = page.locator(".outcome strong, .checks .tag").all_inner_texts()
    words = ("Accepted", "Refused", "Superseded", "Refuses", "Rows set aside", "Warning", "For information")
    assert texts
    assert all(any(word in text for word in words) for text in texts)


def test_the_printed_page_is_a4_and_holds_everything(page: Page, pages: dict[str, Path], tmp_path: Path) -> None:
    page.goto(pages["accepted_with_rejects"].as_uri())
    page.emulate_media(media="print")
    assert page.locator("h2:visible").count() == page.locator("h2").count()
    pdf = page.pdf(prefer_css_page_size=True)
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf


def test_the_page_fetches_nothing(page: Page, pages: dict[str, Path]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in pages.values():
        page.goto(path.as_uri())
    assert sorted(asked) == sorted(path.as_uri() for path in pages.values())
