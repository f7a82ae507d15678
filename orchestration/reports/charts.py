"""Charts as plain SVG for a printed page: no browser, no JavaScript, text stays text.

What belongs here: drawing published values, and the alternative text that says the same values in words. What does
not: asking for values, deciding what they mean. A value of None is a hidden one: it is drawn as hidden, never as zero.
Lengths are points of the printed page, so that a font size here is the size a reader sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
HIDDEN = "hidden"
SMALL, BODY = 7.5, 8.5


@dataclass(frozen=True)
class Drawing:
    """One chart: the SVG text and the same numbers in words, for a reader who cannot see it."""

    svg: str
    alternative: str


def number(value: int | None) -> str:
    """Write a published count with thousands separated, or say that it is hidden."""
    return HIDDEN if value is None else f"{value:,}"


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is in points."""
    return len(text) * size * CHARACTER_WIDTH


def bars(
    rows: Sequence[tuple[str, int | None]], *, what: str, width: float, focus: Sequence[str] = (), bar: float = 15
) -> Drawing:
    """Draw one horizontal bar a row in the order given; rows in `focus` stand out."""
    gap = 6.0
    left = max((text_width(label, BODY) for label, _ in rows), default=0) + 8
    right = 12 + max((text_width(number(value), BODY) for _, value in rows), default=0)
    greatest = max((value for _, value in rows if value is not None), default=0) or 1
    scale = (width - left - right) / greatest
    parts = []
    for index, (label, value) in enumerate(rows):
        top = index * (bar + gap)
        base = top + bar * 0.5 + BODY * 0.36
        parts.append(_text(left - 8, base, label, anchor="end"))
        if value is None:
            parts.append(_text(left, base, HIDDEN, colour=MUTED))
            continue
        colour = FOCUS if not focus or label in focus else CONTEXT
        parts.append(_rectangle(left, top, value * scale, bar, colour, radius=1.5))
        parts.append(_text(left + value * scale + 5, base, number(value), weight=600))
    listed = "; ".join(f"{label}: {number(value)}" for label, value in rows)
    return Drawing(_svg(width, len(rows) * (bar + gap) - gap, parts), f"Bar chart of {what}. {listed}.")


def matrix(labels: Sequence[str], values: dict[tuple[str, str], int | None], *, what: str, width: float) -> Drawing:
    """Draw the lower triangle of a symmetric table of pairs; a darker cell is a greater count.

    `values` is keyed by pairs of labels in either order; a pair that is absent is drawn as hidden.
    """
    rows, columns = list(labels[1:]), list(labels[:-1])
    left = max((text_width(label, BODY) for label in rows), default=0) + 8
    cell, height = (width - left) / max(len(columns), 1), 21.0
    found = {(row, column): _either(values, row, column) for row in rows for column in columns}
    greatest = max((value for value in found.values() if value is not None), default=0) or 1
    parts, said = [], []
    for i, row in enumerate(rows):
        top = i * height
        parts.append(_text(left - 8, top + height * 0.5 + BODY * 0.36, row, anchor="end"))
        for j, column in enumerate(columns[: i + 1]):
            value = found[row, column]
            said.append(f"{row} with {column}: {number(value)}")
            x, middle = left + j * cell, top + height * 0.5
            fill = EMPTY if value is None else _shade(value / greatest)
            parts.append(_rectangle(x + 0.75, top + 0.75, cell - 1.5, height - 1.5, fill, radius=1.5))
            shown = "–" if value is None else number(value)
            ink = MUTED if value is None else palette.ink_on(fill)
            parts.append(_text(x + cell / 2, middle + BODY * 0.36, shown, anchor="middle", colour=ink))
    foot = len(rows) * height
    column_lines = [_wrap(column, cell - 4, SMALL) for column in columns]
    for j, lines in enumerate(column_lines):
        for k, line in enumerate(lines):
            parts.append(_text(left + (j + 0.5) * cell, foot + 10 + k * 9, line, anchor="middle", size=SMALL))
    depth = foot + 6 + 9 * max((len(lines) for lines in column_lines), default=0)
    return Drawing(_svg(width, depth, parts), f"Table of pairs showing {what}. {'; '.join(said)}.")


def trend(points: Sequence[tuple[str, int | None]], *, what: str, width: float, height: float = 110) -> Drawing:
    """Draw a line from an axis at zero through published values; a hidden value breaks the line."""
    shown = [value for _, value in points if value is not None]
    left, right, top, bottom = 34.0, 30.0, 14.0, 18.0
    ceiling = _round_up(max(shown, default=0))
    step = (width - left - right) / max(len(points) - 1, 1)

    def place(index: int, value: int) -> tuple[float, float]:
        return left + index * step, top + (height - top - bottom) * (1 - value / ceiling)

    parts = []
    for mark in (0, ceiling // 2, ceiling):
        y = place(0, mark)[1]
        parts.append(_rule(left, width - right, y))
        parts.append(_text(left - 6, y + SMALL * 0.36, number(mark), anchor="end", size=SMALL, colour=MUTED))
    every = max(1, -(-len(points) * 40 // int(width - left - right)))  # a date label needs about 40 points
    for index, (label, _) in enumerate(points):
        if (len(points) - 1 - index) % every == 0:
            parts.append(_text(left + index * step, height - 4, label, anchor="middle", size=SMALL, colour=MUTED))
    for run in _runs(points):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(index, value) for index, value in run))
        parts.append(_polyline(path, 2))
        parts += [_dot(*place(index, value), FOCUS) for index, value in run]
    ends = [(index, value) for index, (_, value) in enumerate(points) if value is not None]
    for index, value in ends[:1] + ends[1:][-1:]:
        x, y = place(index, value)
        parts.append(_text(x, y - 6, number(value), anchor="middle", weight=600))
    listed = "; ".join(f"{label}: {number(value)}" for label, value in points)
    return Drawing(_svg(width, height, parts), f"Line chart of {what}. {listed}.")


def flows(links: Sequence[tuple[str, str, int]], *, what: str, width: float, height: float = 170) -> Drawing:
    """Draw bands from a left column to a right one; each band's thickness and number is one published value.

    Only published links are drawn, so a side's total is at least what its bands show and is not written down.
    """
    if not links:
        return message("Nothing large enough to show", what=what, width=width)
    sides = (_totals(links, 0), _totals(links, 1))
    margin = tuple(max(text_width(label, BODY) for label in side) + 8 for side in sides)
    gap = 9.0
    scale = min((height - gap * (len(side) - 1)) / sum(side.values()) for side in sides)
    tops = tuple(_stack(side, scale, gap, height) for side in sides)
    used = tuple(dict.fromkeys(side, 0.0) for side in sides)
    x0, x1, bar = margin[0], width - margin[1], 5.0
    parts: list[str] = []
    names: list[str] = []
    order = [list(side) for side in sides]
    for left, right, value in sorted(links, key=lambda link: (order[0].index(link[0]), order[1].index(link[1]))):
        thick = value * scale
        y0, y1 = tops[0][left] + used[0][left], tops[1][right] + used[1][right]
        used[0][left] += thick
        used[1][right] += thick
        colour = CATEGORIES[order[0].index(left) % len(CATEGORIES)]
        parts.append(_band((x0 + bar, y0), (x1 - bar, y1), thick=thick, colour=colour))
        names.append(_text(x0 + bar + 5, y0 + thick / 2 + SMALL * 0.36, number(value), size=SMALL, weight=600))
    for side, (x, anchor, text_x) in enumerate(((x0, "end", x0 - 5), (x1 - bar, "start", x1 + 5))):
        for label, total in sides[side].items():
            top = tops[side][label]
            parts.append(_rectangle(x, top, bar, total * scale, INK))
            names.append(_text(text_x, top + total * scale / 2 + BODY * 0.36, label, anchor=anchor))
    listed = "; ".join(f"{left} to {right}: {number(value)}" for left, right, value in links)
    return Drawing(_svg(width, height, parts + names), f"Flow diagram of {what}. {listed}.")


def sparkline(
    values: Sequence[int | None], *, what: str, labels: Sequence[str], width: float = 60, height: float = 18
) -> Drawing:
    """Draw a small line without axes; the last value is marked. Zero is not its base: it shows shape, not size."""
    shown = [value for value in values if value is not None]
    low, high = (min(shown), max(shown)) if shown else (0, 1)
    span = (high - low) or 1
    step = (width - 6) / max(len(values) - 1, 1)
    points = list(zip(labels, values, strict=True))
    parts = []
    for run in _runs(points):
        path = [(3 + index * step, height - 3 - (height - 6) * (value - low) / span) for index, value in run]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in path)
        parts.append(_polyline(joined, 1.4))
        if run[-1][0] == len(values) - 1:
            parts.append(_dot(*path[-1], ACCENT))
    listed = "; ".join(f"{label}: {number(value)}" for label, value in points)
    return Drawing(_svg(width, height, parts), f"Small line chart of {what}. {listed}.")


def message(text: str, *, what: str, width: float) -> Drawing:
    """Draw a line of text where a chart would be, because there is nothing that may be drawn."""
    parts = [_rectangle(0, 0, width, 40, EMPTY, radius=2), _text(width / 2, 23, text, anchor="middle", colour=MUTED)]
    return Drawing(_svg(width, 40, parts), f"No chart of {what}. {text}.")


def _either(values: dict[tuple[str, str], int | None], one: str, other: str) -> int | None:
    return values[one, other] if (one, other) in values else values.get((other, one))


def _totals(links: Sequence[tuple[str, str, int]], side: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    for link in links:
        label = str(link[side])
        totals[label] = totals.get(label, 0) + link[2]
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))


def _stack(side: dict[str, int], scale: float, gap: float, height: float) -> dict[str, float]:
    spare = height - sum(side.values()) * scale - gap * (len(side) - 1)
    top, tops = max(spare / 2, 0), {}
    for label, total in side.items():
        tops[label] = top
        top += total * scale + gap
    return tops


def _runs(points: Sequence[tuple[str, int | None]]) -> list[list[tuple[int, int]]]:
    """Split at hidden values, so that a line never bridges what is not known."""
    runs: list[list[tuple[int, int]]] = [[]]
    for index, (_, value) in enumerate(points):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((index, value))
    return [run for run in runs if run]


def _round_up(value: int) -> int:
    """Return the next even-halved 'round' number above, for an axis whose middle is also round."""
    size = 10
    while True:
        for step in (1, 2, 4, 6, 8):
            if step * size >= value:
                return step * size
        size *= 10


def _shade(share: float) -> str:
    """Return a step of the sequential scale, light for little."""
    return SHADES[min(int(share * (len(SHADES) - 1) + 0.5), len(SHADES) - 1)]


def _wrap(text: str, width: float, size: float) -> list[str]:
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(joined, size) > width:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" font-family="{FONT}">{"".join(parts)}</svg>'
    )


def _text(
    x: float, y: float, text: str, *, size: float = BODY, anchor: str = "start", colour: str = INK, weight: int = 400
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )


def _rectangle(x: float, y: float, width: float, height: float, fill: str, *, radius: float = 0) -> str:
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}" rx="{radius}"/>'


def _rule(x0: float, x1: float, y: float) -> str:
    return f'<line x1="{x0:.1f}" y1="{y:.1f}" x2="{x1:.1f}" y2="{y:.1f}" stroke="{LINE}" stroke-width="0.6"/>'


def _polyline(points: str, width: float) -> str:
    return f'<polyline points="{points}" fill="none" stroke="{FOCUS}" stroke-width="{width}" stroke-linejoin="round"/>'


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{colour}"/>'


def _band(start: tuple[float, float], end: tuple[float, float], *, thick: float, colour: str) -> str:
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    there = f"M{x0:.1f},{y0:.1f} C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    y0, y1 = y0 + thick, y1 + thick
    back = f"L{x1:.1f},{y1:.1f} C{middle:.1f},{y1:.1f} {middle:.1f},{y0:.1f} {x0:.1f},{y0:.1f} Z"
    return f'<path d="{there} {back}" fill="{colour}" fill-opacity="0.28"/>'
