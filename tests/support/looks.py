"""How a page looks, as data that holds on another machine: its blocks with place, size and style, not its pixels.

A picture differs with every version of a browser and of a font renderer. What a reader would notice does not: which
blocks stand beside which, how wide they are, in which colours and sizes of type. Heights follow the wrapping of text,
so they may differ by an eighth, and those of a text by a line; places and widths by a few pixels; colours, type and
corners not at all.
"""

from typing import Any

from playwright.sync_api import Page

Block = dict[str, Any]
SELECTOR = (
    "header.mantine-AppShell-header, nav, h1, .lede, .page-acts, .filters, .tile, .fig, .fig > h2, .fig > .sub, .plot, "
    ".fig-tools, figcaption, .card, .card > h2, h2.part, .notice, .tag, .page-foot, .term-word, .stages > li, .blank"
)
LOOK = """selector => [...document.querySelectorAll(selector)]
  .filter(node => (node.offsetParent !== null || node.closest('nav, header')) && !node.closest('details:not([open])'))
  .map(node => {
    const box = node.getBoundingClientRect(), style = getComputedStyle(node);
    const named = !['NAV', 'HEADER'].includes(node.tagName);  // Mantine's names of these are its own affair
    return {
      name: node.className && named ? String(node.className).split(' ')[0] : node.tagName.toLowerCase(),
      x: Math.round(box.x), y: Math.round(box.y + scrollY),
      width: Math.round(box.width), height: Math.round(box.height),
      style: [style.color, style.backgroundColor, style.fontSize, style.fontWeight, style.borderTopWidth,
              style.borderTopLeftRadius, style.display].join(' | ')};
  })"""
PLACE, SHARE, LINE = 6, 0.125, 30
TEXTS = {"h1", "h2", "lede", "sub", "figcaption", "part", "page-foot", "fig-tools"}


def look(page: Page) -> list[Block]:
    """Return the blocks of a page in reading order."""
    found: list[Block] = page.evaluate(LOOK, SELECTOR)
    return [block for block in found if block["width"] and block["height"]]


def differences(before: list[Block], now: list[Block]) -> list[str]:
    """Return what a reader would see otherwise, in words; nothing where the page looks the same."""
    names = [block["name"] for block in before], [block["name"] for block in now]
    if names[0] != names[1]:
        gone = [name for name in dict.fromkeys(names[0]) if names[0].count(name) > names[1].count(name)]
        come = [name for name in dict.fromkeys(names[1]) if names[1].count(name) > names[0].count(name)]
        return [f"blocks differ: {len(names[0])} before, {len(names[1])} now; gone {gone}, new {come}"]
    told: list[str] = []
    for place, (old, new) in enumerate(zip(before, now, strict=True)):
        name = f"{old['name']} (block {place})"
        told += [
            f"{name}: {key} {old[key]} -> {new[key]}" for key in ("x", "width") if abs(old[key] - new[key]) > PLACE
        ]
        least = LINE if old["name"] in TEXTS else PLACE
        if abs(old["height"] - new["height"]) > max(least, SHARE * old["height"]):
            told.append(f"{name}: height {old['height']} -> {new['height']}")
        if old["style"] != new["style"]:
            told.append(f"{name}: {old['style']} -> {new['style']}")
    beside = _beside(before), _beside(now)
    return told + [f"beside each other: {pair}" for pair in sorted(beside[0] ^ beside[1])]


def _beside(blocks: list[Block]) -> set[tuple[int, int]]:
    """Return pairs of blocks one after the other that stand side by side."""
    return {
        (place, place + 1)
        for place in range(len(blocks) - 1)
        if blocks[place + 1]["x"] >= blocks[place]["x"] + blocks[place]["width"]
        and abs(blocks[place + 1]["y"] - blocks[place]["y"]) < blocks[place]["height"]
    }
