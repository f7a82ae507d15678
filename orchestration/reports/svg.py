"""The few SVG marks that the charts are made of, in points of the printed page and the colours of the release palette.

What belongs here: a mark as text. What does not: values, layout.
"""

from collections.abc import Sequence
from html import escape

from orchestration.release import palette

FONT = "Inter"
INK = palette.INK["light"]  # a printed page is light
FOCUS, CONTEXT = palette.FOCUS["light"]
ACCENT = palette.DUO["light"][1]
CATEGORIES = palette.CATEGORICAL["light"]
SHADES = palette.SEQUENTIAL["light"]
EMPTY = palette.HIDDEN["light"]
MUTED = "#484C50"  # captions and axes; 8.6:1 on white
LINE = "#D5D9DE"  # grid lines, which carry no information
CHARACTER_WIDTH = 0.56  # mean advance of Inter in ems over English labels; a little generous, so that nothing is cut
SMALL, BODY = 7.5, 8.5


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is in points."""
    return len(text) * size * CHARACTER_WIDTH


def wrap(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines no wider than `width`, at spaces."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(joined, size) > width:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def document(width: float, height: float, parts: Sequence[str]) -> str:
    """Wrap marks into one SVG."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" font-family="{FONT}">{"".join(parts)}</svg>'
    )


def label(
    x: float, y: float, text: str, *, size: float = BODY, anchor: str = "start", colour: str = INK, weight: int = 400
) -> str:
    """Write a text; `y` is its base line."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )


def axis_label(x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    """Write a mark of an axis: a scale or a date, not a value; its class says so."""
    return (
        f'<text class="axis" x="{x:.1f}" y="{y:.1f}" font-size="{SMALL}" text-anchor="{anchor}" '
        f'fill="{MUTED}">{escape(text)}</text>'
    )


def rectangle(x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0) -> str:
    """Draw a rectangle."""
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}" rx="{radius}"/>'


def rule(x0: float, x1: float, y: float) -> str:
    """Draw a grid line."""
    return f'<line x1="{x0:.1f}" y1="{y:.1f}" x2="{x1:.1f}" y2="{y:.1f}" stroke="{LINE}" stroke-width="0.6"/>'


def polyline(points: str, width: float) -> str:
    """Draw a line through points."""
    return f'<polyline points="{points}" fill="none" stroke="{FOCUS}" stroke-width="{width}" stroke-linejoin="round"/>'


def dot(x: float, y: float, colour: str) -> str:
    """Draw a point."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}"/>'


def band(start: tuple[float, float], end: tuple[float, float], *, thick: float, colour: str) -> str:
    """Draw a band of one thickness from one side to the other, bent like a river."""
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    there = f"M{x0:.1f},{y0:.1f} C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    y0, y1 = y0 + thick, y1 + thick
    back = f"L{x1:.1f},{y1:.1f} C{middle:.1f},{y1:.1f} {middle:.1f},{y0:.1f} {x0:.1f},{y0:.1f} Z"
    return f'<path d="{there} {back}" fill="{colour}" fill-opacity="0.28"/>'
