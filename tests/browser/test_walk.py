"""A walk through every page at two widths, and the tasks people come for."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboards.app import PAGES
from orchestration.settings import Settings
from tests.browser.conftest import Opener, new_context, served, settle, watch
from tests.support.snapshot import make_snapshot

PATHS = [page.PATH for page in PAGES]
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """async levels => {
  const result = await axe.run(document, {runOnly: {type: 'tag', values: levels}});
  return result.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html.slice(0, 160)}`));
}"""
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", PATHS)
def test_every_page_opens_without_an_error_and_fits_the_window(opened: Opener, path: str, width: int) -> None:
    page = opened(path, width=width)
    expect(page.locator("main h1")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.documentElement.lang") == "en-GB"


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_no_violation_in_light_colours(opened: Opener, axe_source: str, path: str) -> None:
    assert violations(opened(path), axe_source) == []


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_no_violation_in_dark_colours(
    opened: Opener, warm_dark: BrowserContext, axe_source: str, path: str
) -> None:
    assert violations(opened(path, context=warm_dark), axe_source) == []


def test_axe_finds_no_violation_where_the_gate_refuses_or_a_menu_is_open(opened: Opener, axe_source: str) -> None:
    refused = opened("/who?period=2023-Q4&use=service:recovery_service&group=ethnic_group:asian")
    assert violations(refused, axe_source) == []
    menu = opened("/together")
    menu.get_by_role("combobox", name="People").click()
    expect(menu.get_by_role("option", name="Female", exact=True)).to_be_visible()
    assert violations(menu, axe_source) == []


def test_no_chart_offers_to_upload_itself(opened: Opener) -> None:
    page = opened("/who")
    page.locator(".js-plotly-plot").first.hover()
    assert page.locator("[data-title^=Share], .modebar-btn").count() == 0


def test_a_link_reproduces_the_view_for_somebody_else(browser: Browser, opened: Opener) -> None:
    page = opened("/who")
    choose(page, "People", "Female")
    expect(page).to_have_url(re.compile("group=sex%3AF"))
    settle(page)
    said, lede = page.locator("#who-said-status").inner_text(), page.locator(".lede").inner_text()
    assert "female" in said
    other = new_context(browser)
    again = opened(page.url.removeprefix(re.match(r"https?://[^/]+", page.url).group(0)), context=other)  # type: ignore[union-attr]
    assert again.locator("#who-said-status").inner_text() == said
    assert again.locator(".lede").inner_text() == lede
    expect(again.get_by_role("combobox", name="People")).to_have_value("Female")
    other.close()


def test_back_undoes_a_filter_and_the_control_follows(opened: Opener) -> None:
    page = opened("/who")
    before = page.locator(".lede").inner_text()
    choose(page, "People", "Male")
    expect(page.locator(".lede")).not_to_have_text(before)
    page.go_back()
    expect(page.locator(".lede")).to_have_text(before)
    expect(page.get_by_role("combobox", name="People")).to_have_value("Everyone")


def test_a_filter_keeps_the_focus_where_the_reader_was(opened: Opener) -> None:
    page = opened("/together")
    choose(page, "People", "Female")
    expect(page).to_have_url(re.compile("group="))
    settle(page)
    assert page.evaluate("document.activeElement.id") == "together-group-select"


def test_two_filters_lock_the_third_and_can_be_cleared(opened: Opener) -> None:
    page = opened("/who?group=sex:F&use=theme:housing")
    expect(page.get_by_role("combobox", name="Area")).to_be_disabled()
    page.get_by_role("link", name="Clear filters").click()
    expect(page.get_by_role("combobox", name="Area")).to_be_enabled()


def test_the_pages_can_be_walked_by_keyboard_and_the_heading_takes_the_focus(opened: Opener) -> None:
    page = opened("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.get_by_role("navigation").get_by_role("link", name="Journeys").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title("Journeys - Joined Up")


def test_the_numbers_of_a_chart_open_as_a_table(opened: Opener) -> None:
    page = opened("/who")
    figure = page.locator("#who-use-figure")
    figure.get_by_text("Show the numbers").click()
    expect(figure.get_by_role("table")).to_be_visible()


def test_a_chart_downloads_as_csv(opened: Opener) -> None:
    page = opened("/who")
    with page.expect_download() as waiting:
        page.locator("#who-use-figure").get_by_role("link", name="Download").click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert waiting.value.suggested_filename.endswith(".csv")
    assert text.startswith("theme,theme_label,value")


def test_the_colour_scheme_redraws_the_charts(browser: Browser, opened: Opener) -> None:
    own = new_context(browser)  # the choice is remembered
    page = opened("/who", context=own)
    fill = "() => getComputedStyle(document.querySelector('#who-use-graph .bars path')).fill"
    light = page.evaluate(fill)
    page.get_by_role("button", name="Switch between light and dark colours").click()
    page.wait_for_function(f"before => ({fill})() !== before", arg=light)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    settle(page)
    own.close()


def test_the_menu_opens_on_a_phone_and_closes_with_a_choice(opened: Opener) -> None:
    page = opened("/", width=390)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("navigation").get_by_role("link", name="Sharing").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who shares what, and until when?")
    expect(page.get_by_role("button", name="Menu")).to_have_attribute("aria-expanded", "false")


def test_a_page_prints_with_its_charts_and_without_the_menu(opened: Opener) -> None:
    page = opened("/who")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.locator("#who-use-graph .main-svg").first).to_be_visible()


def test_a_new_snapshot_is_picked_up_without_a_restart(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings: Settings = make_snapshot(tmp_path_factory.mktemp("renewed"), people=2000, seed=11)
    problems: list[str] = []
    context = new_context(browser)
    page = context.new_page()
    with served(settings) as address:
        watch(page, address, problems)
        page.goto(f"{address}/who")
        settle(page)
        first, people = page.locator("#page-snapshot-text").inner_text(), page.locator(".lede").inner_text()
        make_snapshot(settings.home, people=2600, seed=12)
        page.get_by_role("navigation").get_by_role("link", name="Services together").click()
        settle(page)
        page.get_by_role("navigation").get_by_role("link", name="Who uses services").click()
        expect(page.locator("#page-snapshot-text")).not_to_have_text(first)
        expect(page.locator(".lede")).not_to_have_text(people)
        context.close()
    assert problems == []


def violations(page: Page, axe_source: str, *, is_settled: bool = True) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 AA with every table and certificate opened.

    A fault must be there twice, a settled page apart (a second, where a page never settles): on a busy machine a
    curtain may still be fading at first sight.
    """
    if not page.locator("figure.shown").count():  # a chart shown alone is looked at as it is
        page.locator("main details").evaluate_all("all => all.forEach(one => one.open = true)")
    page.evaluate(axe_source)
    found: list[str] = page.evaluate(AXE, LEVELS)
    if found:
        page.wait_for_timeout(1_000)
        if is_settled:
            settle(page)
        found = page.evaluate(AXE, LEVELS)
    return found


def choose(page: Page, label: str, option: str) -> None:
    """Choose in a filter as a person would."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
