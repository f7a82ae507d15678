"""The tools of a chart in a real browser: picture, link, words that explain themselves, presentation, paper."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Opener, new_context, settle
from tests.browser.test_walk import choose

pytestmark = pytest.mark.browser
WHO = "#who-use-figure"


def share(page: Page, frame: str = WHO) -> Locator:
    """Open a chart's panel of ways to take it along."""
    figure = page.locator(frame)
    figure.get_by_text("Save or share").click()
    return figure


def test_a_saved_picture_holds_chart_source_and_certificate(opened: Opener) -> None:
    page = opened("/who")
    page.evaluate("""() => {  // what is written on the canvas is told here too
      window.written = [];
      const own = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        written.push(text);
        return own.call(this, text, ...place);
      };
    }""")
    with page.expect_download() as waiting:
        share(page).get_by_role("button", name="Save as image").click()
    expect(page.locator(f"{WHO} .share-said")).to_have_text(re.compile("Saved"))
    assert waiting.value.suggested_filename == "who-use.png"
    image = Image.open(waiting.value.path())
    assert image.format == "PNG"
    assert image.width >= 1440
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}
    assert (18, 67, 109) in colours, "the bars are in the picture"
    told = " ".join(page.evaluate("window.written"))
    for words in (
        "Source:",
        "Birth certificate",
        "Protection:",
        "hidden below 10",
        "Snapshot: snapshot-",
        "Agreements:",
    ):
        assert words in told
    assert page.locator(f"{WHO} h2").inner_text().replace("\n", " ") in told


def test_a_picture_and_a_link_are_copied(browser: Browser, opened: Opener, address: str) -> None:
    own = new_context(browser)
    own.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page = opened("/who?group=sex:F", context=own)
    figure = share(page)
    figure.get_by_role("button", name="Copy as image").click()
    expect(figure.locator(".share-said")).to_have_text(re.compile("Copied"))
    kinds = page.evaluate("async () => (await navigator.clipboard.read()).flatMap(item => item.types)")
    assert kinds == ["image/png"]
    figure.get_by_role("button", name="Copy link").click()
    expect(figure.locator(".share-said")).to_have_text(re.compile("Link copied"))
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}/who?group=sex:F#who-use-figure"
    own.close()


def test_a_link_to_a_chart_brings_it_into_view_with_the_focus_on_its_heading(opened: Opener) -> None:
    page = opened("/who#who-area-figure")
    heading = page.locator("#who-area-figure h2")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    choose(page, "People", "Female")
    expect(page).to_have_url(re.compile("group=sex%3AF"))
    settle(page)
    assert page.evaluate("document.activeElement.id") == "who-group-select", "a filter moves nobody to the chart again"


def test_what_fails_is_told_beside_the_button(browser: Browser, opened: Opener) -> None:
    own = new_context(browser)
    own.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page = opened("/who", context=own)
    figure = share(page)
    figure.get_by_role("button", name="Copy as image").click()
    expect(figure.locator(".share-said")).to_have_text(re.compile("That did not work: .*save it instead"))
    figure.get_by_role("button", name="Copy link").click()
    expect(figure.locator(".share-said")).to_have_text(re.compile("^The link: http"))
    own.close()


def test_a_word_is_explained_on_hover_stays_under_the_pointer_and_closes_by_escape(opened: Opener) -> None:
    page = opened("/who")
    word = page.locator(f"{WHO} .sub .term-word").first
    tip = page.locator(f"{WHO} .sub .term-tip").first
    expect(tip).to_be_hidden()
    word.hover()
    expect(tip).to_be_visible()
    tip.hover()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.mouse.move(2, 2)
    word.hover()
    expect(tip).to_be_visible()


def test_a_word_is_explained_on_focus_and_its_tooltip_is_its_description(opened: Opener) -> None:
    page = opened("/who", width=390)
    word = page.locator(f"{WHO} .sub .term-word").first
    word.focus()
    tip = page.locator(f"{WHO} .sub .term-tip").first
    expect(tip).to_be_visible()
    expect(word).to_have_accessible_description(tip.inner_text())
    box = tip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(word).to_be_focused()


def test_presentation_shows_one_chart_at_a_time_in_the_address_and_ends_where_it_began(opened: Opener) -> None:
    page = opened("/together")
    start = page.get_by_role("button", name="Present the charts one by one")
    start.press("Enter")
    shown = page.locator("figure.shown")
    expect(shown).to_have_count(1)
    expect(shown.locator("h2")).to_be_focused()
    expect(page).to_have_url(re.compile("#present=all$"))
    expect(page.get_by_role("region", name="Presentation").get_by_role("status")).to_contain_text("Chart 1 of")
    size = "() => parseFloat(getComputedStyle(document.querySelector('figure.shown h2')).fontSize)"
    assert page.evaluate(size) >= 28
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("#present=together-couse-figure$"))
    expect(page.locator("#together-couse-figure.shown")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    assert page.evaluate("document.querySelector('nav').closest('[inert]') !== null"), "nothing behind takes the focus"
    page.keyboard.press("Escape")
    expect(page.locator("figure.shown")).to_have_count(0)
    expect(start).to_be_focused()
    assert "#" not in page.url
    assert page.locator("[inert]").count() == 0


def test_a_link_opens_the_presentation_and_the_pointer_finds_the_points(opened: Opener) -> None:
    page = opened("/together?group=sex:F#present=together-couse-figure")
    expect(page.locator("#together-couse-figure.shown")).to_be_visible()
    graph = page.locator("#together-couse-graph .js-plotly-plot")
    page.wait_for_function("() => document.querySelector('#together-couse-figure .plot').style.width !== ''")
    rows, columns = graph.evaluate("node => [node.data[0].z.length, node.data[0].z[0].length]")
    box = graph.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5 / columns, box["y"] + box["height"] * 1.5 / rows, steps=3)
    names = graph.evaluate("node => [node.data[0].y[1], node.data[0].x[0]]")
    expect(graph.locator(".hoverlayer")).to_contain_text(re.sub(r"(<br>| \().*", "", str(names[0]))[:8])


def test_a_chart_is_itself_again_after_a_presentation(opened: Opener) -> None:
    page = opened("/who")
    plot = page.locator(f"{WHO} .plot")
    before = plot.bounding_box()
    share(page).get_by_role("button", name="Show large, alone").click()
    expect(page.locator(f"{WHO}.shown")).to_be_visible()
    page.get_by_role("button", name="Leave").click()
    share(page)
    share(page)
    page.wait_for_function(
        "before => { const box = document.querySelector('#who-use-figure .plot .main-svg').getBoundingClientRect();"
        " return Math.abs(box.width - before.width) < 2 && Math.abs(box.height - before.height) < 2; }",
        arg=before,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_white_and_says_where_it_is_from(browser: Browser, opened: Opener, scheme: str) -> None:
    own = new_context(browser, scheme)
    page = opened("/who?group=sex:F", context=own)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark" if scheme == "dark" else "light")
    foot = page.evaluate(
        "[...document.querySelectorAll('style')].map(s => s.textContent).find(t => t.includes('@bottom-left'))"
    )
    assert "/who?group=sex:F" in foot
    assert page.locator("#page-snapshot-text").text_content() in foot
    assert "printed " in foot
    for place in (".fig", "body"):
        expect(page.locator(place).first).to_have_css("background-color", "rgb(255, 255, 255)")
    for hidden in (".mantine-AppShell-navbar", ".fig-tools", ".page-acts", ".term-tip", ".present-bar"):
        assert not page.locator(hidden).first.is_visible()
    own.close()


def test_an_address_cannot_write_into_the_style_of_the_paper(opened: Opener) -> None:
    page = opened("/who?group=%22%3B%7D%20body%7Bdisplay%3Anone%7D%5C")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    rules = page.evaluate(
        "[...document.styleSheets].filter(sheet => !sheet.href).flatMap(sheet => [...sheet.cssRules])"
        ".filter(rule => rule.selectorText === 'body').length"
    )
    page.emulate_media(media="print")
    assert page.locator("main h1").is_visible()
    assert rules == 0


@pytest.mark.parametrize(("paper", "size"), [("a4", (842, 595)), ("a3", (1191, 842))])
def test_a_persona_is_one_sheet_of_its_paper(opened: Opener, tmp_path: Path, paper: str, size: tuple[int, int]) -> None:
    page = opened(f"/personas?paper={paper}")
    sheets = page.locator(".sheet").count()
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(boxes) == sheets > 1
    assert all(abs(float(w) - size[0]) < 2 and abs(float(h) - size[1]) < 2 for w, h in boxes)


def test_no_chart_is_cut_on_paper(opened: Opener) -> None:
    page = opened("/together")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.set_viewport_size({"width": 700, "height": 1000})
    page.emulate_media(media="print")
    settle(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.plot .main-svg')]"
        ".every(svg => svg.getBoundingClientRect().right <= innerWidth + 1)"
    )


def test_charts_of_operations_offer_no_picture(opened: Opener) -> None:
    """Operations have no certificate, and so no picture; their numbers are not published figures."""
    page = opened("/trust")
    assert page.locator("figure.fig").count() > 0
    bare = page.locator("figure.fig:not(:has(details.made))")
    assert bare.count() > 0
    assert bare.locator("[data-act=save-image]").count() == 0
