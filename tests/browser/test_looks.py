"""Key pages look as recorded in tests/golden/looks, and nothing moves while they arrive.

Record anew after a change that is meant (and look at the pages first):
JOINEDUP_RECORD_LOOKS=1 python -m pytest tests/browser/test_looks.py
"""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import Opener, new_context, settle
from tests.browser.test_walk import PATHS
from tests.support.looks import differences, look

pytestmark = pytest.mark.browser
GOLDEN = Path(__file__).parent.parent / "golden" / "looks"
KEY = ("/", "/who", "/together", "/personas?paper=a4", "/about", "/accessibility")
LAYOUT_SHIFTS = """() => { window.shifts = [];
  const note = list => list.getEntries().filter(one => !one.hadRecentInput).forEach(one => shifts.push(one.value));
  new PerformanceObserver(note).observe({type: 'layout-shift', buffered: true}); }"""
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"
GOOD_SHIFT = 0.1  # the “good” of Core Web Vitals; pages here are measured at 0.001 to 0.03


def name_of(path: str, width: int, scheme: str) -> Path:
    page = path.strip("/").replace("?", "-").replace("=", "-") or "summary"
    return GOLDEN / f"{page}-{width}-{scheme}.json"


VIEWS = [
    *((path, width, "light") for path in KEY for width in (1440, 390)),
    *((path, 1440, "dark") for path in KEY[:2]),
]


@pytest.mark.parametrize(("path", "width", "scheme"), VIEWS)
def test_key_pages_look_as_recorded(
    opened: Opener, warm_dark: BrowserContext, path: str, width: int, scheme: str
) -> None:
    page = opened(path, width=width, context=warm_dark if scheme == "dark" else None)
    record, now = name_of(path, width, scheme), look(page)
    if os.environ.get("JOINEDUP_RECORD_LOOKS"):
        record.parent.mkdir(exist_ok=True)
        lines = ",\n".join(json.dumps(block) for block in now)
        record.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    assert differences(json.loads(record.read_text(encoding="utf-8")), now) == []


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (".figs { display: block !important; }", "width"),
        (":root { --card: #fffbe6 !important; }", "rgb(255, 251, 230)"),
        (".tile .k { display: none; } .tile .v { font-size: 5rem !important; }", "height"),
        (".fig-tools { display: none !important; }", "gone ['fig-tools'"),
        (".page { max-width: 900px !important; }", "width"),
        ("h1 { font-weight: 400 !important; }", "400"),
        (".tiles { grid-template-columns: 1fr !important; }", "beside each other"),
    ],
)
def test_a_broken_style_is_noticed(opened: Opener, fault: str, told: str) -> None:
    page = opened("/")
    page.add_style_tag(content=fault)
    page.evaluate(TWO_FRAMES)
    before = json.loads(name_of("/", 1440, "light").read_text(encoding="utf-8"))
    assert any(told in line for line in differences(before, look(page)))


def test_letters_a_little_wider_are_not_noticed(opened: Opener) -> None:
    """Another machine draws the same typeface a little differently."""
    page = opened("/")
    page.add_style_tag(content="main, main * { letter-spacing: .12px !important; }")
    page.evaluate(TWO_FRAMES)
    before = json.loads(name_of("/", 1440, "light").read_text(encoding="utf-8"))
    assert differences(before, look(page)) == []


def shifted(page: Page, address: str) -> float:
    """Return how much of a page moved while it arrived (Cumulative Layout Shift)."""
    page.goto(address)
    settle(page)
    page.evaluate(TWO_FRAMES)
    return float(page.evaluate("shifts.reduce((sum, one) => sum + one, 0)"))


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_jumps_while_a_page_arrives(browser: Browser, address: str, width: int) -> None:
    context = new_context(browser)
    context.add_init_script(f"({LAYOUT_SHIFTS})()")
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    jumps = {path: shifted(page, address + path) for path in PATHS}
    assert {path: jump for path, jump in jumps.items() if jump >= GOOD_SHIFT} == {}
    context.close()


def test_a_jump_is_noticed(browser: Browser, address: str) -> None:
    """The measure is alive: a page whose charts keep no place for themselves jumps."""
    context = new_context(browser)
    context.add_init_script(f"({LAYOUT_SHIFTS})()")
    page = context.new_page()
    page.route(
        "**/assets/app.css*",
        lambda route: route.fulfill(
            body=".plot, .plot > div, .spark, .spark > div { height: auto !important; min-height: 0 !important; }"
            "h1 { animation: jump 300ms steps(1); } @keyframes jump { from { margin-bottom: 600px; } }",
            content_type="text/css",
        ),
    )
    page.emulate_media(reduced_motion="no-preference")
    page.goto(f"{address}/who")
    settle(page)
    page.wait_for_function("limit => shifts.reduce((sum, one) => sum + one, 0) >= limit", arg=GOOD_SHIFT)
    context.close()


def test_something_stands_there_before_any_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/who")
    bones = [bone.bounding_box() for bone in page.locator(".skeleton i").all()]
    assert len(bones) == 7
    assert all(box and box["width"] > 100 and box["height"] > 15 for box in bones)
    context.close()


def test_the_skeleton_goes_when_the_page_has_come(opened: Opener) -> None:
    assert not opened("/who").locator(".skeleton").is_visible()
