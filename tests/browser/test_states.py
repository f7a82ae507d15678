"""axe-core finds nothing in any state: narrow, open, refused, empty, loading, failing, presenting, printed, dark."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace

import polars as pl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from dashboards.app import PAGES
from orchestration.area import load_area
from orchestration.publishing import publish
from orchestration.redteam.invented import serving_tables, write_warehouse
from orchestration.settings import repository_root
from tests.browser.conftest import Opener, new_context, served, settle
from tests.browser.test_walk import PATHS, violations
from tests.support.ink import faint_texts
from tests.support.snapshot import make_snapshot

pytestmark = pytest.mark.browser
CHARTS = [page.PATH for page in PAGES if page.PAGE not in ("own", "about", "accessibility", "cohorts", "decisions")]
REFUSED = (
    "/who?period=2023-Q4&use=service:recovery_service&group=ethnic_group:asian",
    "/who?use=theme:debt&group=sex:F&area=msoa:E02000003",
    "/together?group=age_group:16-24&area=msoa:E02000003",
    "/flow?use=service:recovery_service&group=ethnic_group:other",
    "/cohorts?one=persona:between_jobs&other=sex:F",
    "/personas?paper=a4",
    "/no-such-page",
)


@pytest.mark.parametrize("path", [*PATHS, "/personas?paper=a3"])
def test_nothing_is_wrong_at_320_pixels(opened: Opener, axe_source: str, path: str) -> None:
    page = opened(path, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page, axe_source) == []


@pytest.mark.parametrize(("path", "scheme"), [(path, ("light", "dark")[n % 2]) for n, path in enumerate(REFUSED)])
def test_refusals_wrong_links_and_sheets_are_without_fault(
    opened: Opener, warm_dark: BrowserContext, axe_source: str, path: str, scheme: str
) -> None:
    page = opened(path, context=warm_dark if scheme == "dark" else None)
    assert violations(page, axe_source) == []


def _tooltip(page: Page) -> None:
    page.locator(".term-word").first.focus()
    expect(page.locator(".term-tip").first).to_be_visible()


def _menu(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("navigation").get_by_role("link", name="Sharing")).to_be_visible()


def _select(page: Page) -> None:
    page.get_by_role("combobox", name="People").click()
    expect(page.get_by_role("option", name="Female", exact=True)).to_be_visible()


def _present(page: Page) -> None:
    page.get_by_role("button", name="Present the charts one by one").click()
    expect(page.locator("figure.shown")).to_be_visible()


def _share(page: Page) -> None:
    page.locator("figure").get_by_text("Save or share").first.click()
    page.get_by_role("button", name="Save as image").first.click()
    expect(page.locator(".share-said").first).not_to_be_empty()


def _hover(page: Page) -> None:
    bar = page.locator("#who-use-graph .bars .point path").first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + 12, box["y"] + box["height"] / 2, steps=4)
    expect(page.locator(".hoverlayer .hovertext").first).to_be_attached()


@pytest.mark.parametrize("state", [_tooltip, _menu, _select, _present, _share, _hover])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_whatever_is_open_is_without_fault(
    opened: Opener, warm_dark: BrowserContext, axe_source: str, state: Callable[[Page], None], scheme: str
) -> None:
    page = opened("/who", context=warm_dark if scheme == "dark" else None)
    state(page)
    assert violations(page, axe_source) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", CHARTS)
def test_text_inside_charts_stands_out(opened: Opener, warm_dark: BrowserContext, path: str, scheme: str) -> None:
    """axe-core does not look into the drawings."""
    page = opened(path, context=warm_dark if scheme == "dark" else None)
    seen, faint = faint_texts(page)
    assert seen > 0
    assert faint == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_skeletons_are_without_fault(browser: Browser, address: str, axe_source: str, scheme: str) -> None:
    context = new_context(browser, scheme)
    page = context.new_page()
    page.route("**/_dash-component-suites/**", lambda route: route.abort())
    page.goto(f"{address}/who")
    expect(page.locator(".skeleton i").nth(4)).to_be_visible()
    assert violations(page, axe_source, is_settled=False) == []
    held: list[Route] = []
    page.unroute_all()
    page.route("**/_dash-update-component*", lambda route: held.append(route))  # noqa: PLW0108 - the driver marks it
    page.goto(f"{address}/who")
    expect(page.get_by_role("navigation")).to_be_visible()
    page.wait_for_function("() => document.getElementById('_pages_content') !== null")
    assert page.locator("main h1").count() == 0
    assert violations(page, axe_source, is_settled=False) == []
    context.close()


def test_a_callback_that_fails_leaves_a_page_that_can_be_left(browser: Browser, address: str, axe_source: str) -> None:
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{address}/who")
    settle(page)
    page.route("**/_dash-update-component*", lambda route: route.fulfill(status=500, body="broken"))
    page.get_by_role("navigation").get_by_role("link", name="Journeys").click()
    expect(page).to_have_url(f"{address}/journeys")
    expect(page.get_by_role("alert")).to_contain_text("could not be fetched")
    assert violations(page, axe_source, is_settled=False) == []
    page.unroute_all()
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("What journeys do people take through services?")
    context.close()


@pytest.fixture
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an app whose snapshot goes away while it runs."""
    settings = make_snapshot(tmp_path_factory.mktemp("lost"), people=1500)
    with served(settings) as address:
        (settings.published / "current").unlink()
        yield address


@pytest.fixture
def nearly_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a snapshot of so few people that hardly a figure can be shown."""
    with served(make_snapshot(tmp_path_factory.mktemp("few"), people=40)) as address:
        yield address


@pytest.fixture
def withheld(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a snapshot with a feed whose agreement was suspended after it was published."""
    folder = tmp_path_factory.mktemp("withheld")
    shutil.copytree(repository_root() / "seeds" / "demo_area", folder / "area")
    tables = serving_tables(people=2000, seed=5)
    feeds, agreements = ("debt_advice", "council_tax_benefits"), ("isa-05-debt-advice", "isa-02-revenues")
    named = tables["srv_feed"].head(2).with_columns(feed=pl.Series(feeds), agreement_id=pl.Series(agreements))
    tables["srv_feed"] = named
    settings = replace(write_warehouse(folder / "var", tables), area_dir=folder / "area")
    publish(settings, load_area(settings.area_dir))
    path = settings.area_dir / "agreements" / f"{agreements[0]}.yaml"
    path.write_text(path.read_text().replace("status: signed", "status: suspended"), encoding="utf-8")
    with served(settings) as address:
        yield address


SILENT = {"nearly_nobody": ("/who", "Too few people to publish"), "withheld": ("/", "Some figures are withheld now")}


@pytest.mark.parametrize("state", SILENT)
def test_pages_without_figures_say_so_without_fault(
    browser: Browser, axe_source: str, request: pytest.FixtureRequest, state: str
) -> None:
    address = request.getfixturevalue(state)
    path, said = SILENT[state]
    context = new_context(browser)
    page = context.new_page()
    faults: dict[str, list[str]] = {}
    for each in ("/", "/who", "/together", "/flow", "/needs", "/personas", "/places", "/cohorts"):
        page.goto(address + each)
        settle(page)
        faults[each] = violations(page, axe_source)
        if each == path:
            expect(page.get_by_text(said).first).to_be_visible()
    assert {each: found for each, found in faults.items() if found} == {}
    context.close()


def test_a_page_that_cannot_be_drawn_says_why_without_fault(browser: Browser, lost: str, axe_source: str) -> None:
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{lost}/who")
    expect(page.get_by_role("heading", name="This page cannot be shown now")).to_be_visible()
    assert violations(page, axe_source) == []
    context.close()


def test_what_looks_for_faults_finds_them(opened: Opener, axe_source: str) -> None:
    """The guards are alive: a button without a name, a picture without words and pale labels are noticed."""
    page = opened("/who")
    page.add_style_tag(content=".js-plotly-plot text { fill: rgb(200, 200, 200) !important; }")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button><img src=\"data:,\">')"
    )
    _, faint = faint_texts(page)
    assert len(faint) > 10
    found = violations(page, axe_source)
    assert {line.split(":")[0] for line in found} == {"button-name", "image-alt"}
