"""The contrast of text inside drawn charts, which axe-core does not see: a text's colour against what is behind it."""

import io
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from orchestration.release.palette import contrast

TEXTS = """() => [...document.querySelectorAll('.js-plotly-plot svg text')]
  .filter(text => text.textContent.trim() && text.getBoundingClientRect().width > 1 && !text.closest('.hoverlayer'))
  .map(text => { const box = text.getBoundingClientRect(), style = getComputedStyle(text);
    return [text.textContent.slice(0, 40), box.x + scrollX, box.y + scrollY, box.width, box.height, style.fill,
            parseFloat(style.fontSize), parseInt(style.fontWeight)]; })"""


def faint_texts(page: Page) -> tuple[int, list[str]]:
    """Return how many texts were looked at, and those under 4.5:1 (3:1 for large text) against their background.

    The background is the commonest colour of the picture around a text; text covers less of its box than that.
    """
    rows: list[list[Any]] = page.evaluate(TEXTS)
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    faint: list[str] = []
    for text, x, y, width, height, fill, size, weight in rows:
        box = (max(0, int(x) - 2), max(0, int(y) - 1), min(picture.width, int(x + width) + 2),
               min(picture.height, int(y + height) + 1))  # fmt: skip
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        counted = picture.crop(box).getcolors(1 << 20) or []
        ground = "#{:02X}{:02X}{:02X}".format(*max(counted)[1])
        ink = "#{:02X}{:02X}{:02X}".format(
            *(int(float(part)) for part in fill[fill.index("(") + 1 : -1].split(",")[:3])
        )
        needed = 3.0 if size >= 24 or (size >= 18.66 and weight >= 700) else 4.5
        if contrast(ink, ground) < needed:
            faint.append(f"{text!r} {ink} on {ground}")
    return len(rows), faint
