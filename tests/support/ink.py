"""The contrast of text inside drawn charts, which axe-core does not see: a text's colour against what is behind it."""

import io
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page

from orchestration.release.palette import contrast

TEXTS = """graph => { const frame = graph.getBoundingClientRect();
  return [...graph.querySelectorAll('svg text')]
    .filter(text => text.textContent.trim() && text.getBoundingClientRect().width > 1 && !text.closest('.hoverlayer'))
    .map(text => { const box = text.getBoundingClientRect(), style = getComputedStyle(text);
      return [text.textContent.slice(0, 40), box.x - frame.x, box.y - frame.y, box.width, box.height, style.fill,
              parseFloat(style.fontSize), parseInt(style.fontWeight)]; }); }"""


def faint_texts(page: Page) -> tuple[int, list[str]]:
    """Return how many texts were looked at, and those under 4.5:1 (3:1 for large text) against their background."""
    seen, faint = 0, list[str]()
    for graph in page.locator(".plot .js-plotly-plot").all():
        rows, found = _of_chart(graph)
        seen, faint = seen + rows, faint + found
    return seen, faint


def _of_chart(graph: Locator) -> tuple[int, list[str]]:
    """The background is the commonest colour around a text, which covers less of its box than that."""
    picture = Image.open(io.BytesIO(graph.screenshot())).convert("RGB")
    rows: list[list[Any]] = graph.evaluate(TEXTS)
    faint: list[str] = []
    for text, x, y, width, height, fill, size, weight in rows:
        box = (max(0, int(x) - 2), max(0, int(y) - 1), min(picture.width, int(x + width) + 2),
               min(picture.height, int(y + height) + 1))  # fmt: skip
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        counted = picture.crop(box).getcolors(1 << 20) or []
        ground = _hex(*max(counted)[1])  # type: ignore[misc]
        ink = _hex(*(int(float(part)) for part in fill[fill.index("(") + 1 : -1].split(",")[:3]))
        needed = 3.0 if size >= 24 or (size >= 18.66 and weight >= 700) else 4.5
        if contrast(ink, ground) < needed:
            faint.append(f"{text!r} {ink} on {ground}")
    return len(rows), faint


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02X}{green:02X}{blue:02X}"
