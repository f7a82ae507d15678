"""Ten things that people come for, done by keyboard alone: Tab, Enter, Space, arrows, Escape; no pointer, no script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Opener, new_context, settle

pytestmark = pytest.mark.browser
MOST_TABS = 120
HELD = """() => { const held = document.activeElement;
  const text = (held.getAttribute('aria-label') || held.textContent || '').trim();
  return {tag: held.tagName, text, id: held.id}; }"""


def tab_to(page: Page, words: str, tag: str = "", back: bool = False) -> None:
    """Press Tab until the focus is on what begins with these words, as a person would; fail when it never comes."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        held = page.evaluate(HELD)
        if (held["text"].startswith(words) or held["id"] == words) and tag in ("", held["tag"]):
            assert page.evaluate(
                "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
                " || getComputedStyle(document.activeElement).boxShadow !== 'none'"
            ), "the focus can be seen"
            return
    pytest.fail(f"{words!r} was not reached in {MOST_TABS} presses of Tab")


def start(opened: Opener, path: str) -> Page:
    """Open a page and go past its navigation by the skip link."""
    page = opened(path)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    return page


def pick(page: Page, control: str, option: str) -> None:
    """Choose in a filter by the arrow keys."""
    tab_to(page, control)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name=option, exact=True)).to_be_visible()
    for _ in range(40):
        page.keyboard.press("ArrowDown")
        chosen = page.locator("[data-combobox-selected]:visible")
        if chosen.count() and chosen.first.inner_text() == option:
            break
    page.keyboard.press("Enter")


def test_1_go_to_another_page(opened: Opener) -> None:
    page = opened("/")
    tab_to(page, "Flow and waits", "A")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title("Flow and waits - Joined Up")


def test_2_narrow_a_page_to_a_group_and_come_back(opened: Opener) -> None:
    page = start(opened, "/who")
    before = page.locator(".lede").inner_text()
    pick(page, "who-group-select", "Female")
    expect(page).to_have_url(re.compile("group=sex%3AF"))
    settle(page)
    expect(page.locator(".lede")).not_to_have_text(before)
    tab_to(page, "Clear filters", "A")
    page.keyboard.press("Enter")
    expect(page.locator(".lede")).to_have_text(before)


def test_3_read_the_numbers_of_a_chart(opened: Opener) -> None:
    page = start(opened, "/who")
    tab_to(page, "Show the numbers", "SUMMARY")
    page.keyboard.press("Space")
    expect(page.locator("#who-use-figure").get_by_role("table")).to_be_visible()


def test_4_have_a_chart_explained_and_a_word_of_it(opened: Opener) -> None:
    page = start(opened, "/who")
    tab_to(page, "Explain this chart", "SUMMARY")
    page.keyboard.press("Enter")
    expect(page.locator("#who-use-figure").get_by_text("How to read it")).to_be_visible()
    tab_to(page, "Different people", "BUTTON")
    tip = page.locator("#who-use-figure .explain .term-tip").first
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_5_take_the_figures_along_as_a_file(opened: Opener) -> None:
    page = start(opened, "/who")
    tab_to(page, "Download (CSV)", "A")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename.endswith(".csv")


def test_6_save_a_chart_as_a_picture(opened: Opener) -> None:
    page = start(opened, "/who")
    tab_to(page, "Save or share", "SUMMARY")
    page.keyboard.press("Enter")
    tab_to(page, "Save as image", "BUTTON")
    with page.expect_download() as waiting:
        page.keyboard.press("Space")
    assert waiting.value.suggested_filename == "who-use.png"


def test_7_present_charts_and_leave(opened: Opener) -> None:
    page = start(opened, "/together")
    tab_to(page, "Present the charts", "BUTTON")
    page.keyboard.press("Enter")
    expect(page.locator("figure.shown")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.locator("#together-couse-figure.shown")).to_be_visible()
    tab_to(page, "Leave", "BUTTON")
    page.keyboard.press("Enter")
    expect(page.locator("figure.shown")).to_have_count(0)
    assert page.evaluate(HELD)["text"].startswith("Present the charts")


def test_8_see_where_a_figure_comes_from(opened: Opener) -> None:
    page = start(opened, "/places")
    tab_to(page, "How this was made", "SUMMARY")
    page.keyboard.press("Enter")
    expect(page.locator("details.made[open]").first).to_contain_text("Protection")


def test_9_compare_two_groups(opened: Opener) -> None:
    page = start(opened, "/cohorts")
    pick(page, "cohorts-other-select", "Male")
    expect(page).to_have_url(re.compile("other=sex%3AM"))
    expect(page.locator("#cohorts-said-status")).to_contain_text("people male")


def test_10_read_in_dark_colours_and_find_the_accessibility_statement(browser: Browser, opened: Opener) -> None:
    own = new_context(browser)
    page = opened("/about", context=own)
    tab_to(page, "Switch between light and dark", "BUTTON")
    page.keyboard.press("Space")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    settle(page)
    tab_to(page, "Accessibility statement", "A")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Accessibility statement")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    own.close()


def test_a_wide_chart_and_a_wide_table_scroll_by_keyboard(opened: Opener) -> None:
    page = opened("/together", width=390)
    wide = page.locator(".wide-chart").first
    wide.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.wide-chart').scrollLeft > 0")
