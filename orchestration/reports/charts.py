"""Charts as plain SVG for a printed page: no browser, no JavaScript, text stays text.

What belongs here: drawing published values, and the alternative text that says the same values in words. What does
not: asking for values, deciding what they mean. A value of None is a hidden one: it is drawn as hidden, never as zero.
Lengths are points of the printed page, so that a font size here is the size a reader sees.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestration.release import palette
from orchestration.reports import svg

HIDDEN = "hidden"
NODE_GAP = 5.0


@dataclass(frozen=True)
class Drawing:
    """One chart: the SVG text and the same numbers in words, for a reader who cannot see it."""

    svg: str
    alternative: str


def number(value: int | None) -> str:
    """Write a published count with thousands separated, or say that it is hidden."""
    return HIDDEN if value is None else f"{value:,}"


def bars(
    rows: Sequence[tuple[str, int | None]], *, what: str, width: float, focus: Sequence[str] = (), bar: float = 15
) -> Drawing:
    """Draw one horizontal bar a row in the order given; rows in `focus` stand out."""
    gap = 6.0
    left = max((svg.text_width(label, svg.BODY) for label, _ in rows), default=0) + 8
    right = 12 + max((svg.text_width(number(value), svg.BODY) for _, value in rows), default=0)
    greatest = max((value for _, value in rows if value is not None), default=0) or 1
    scale = (width - left - right) / greatest
    parts = []
    for index, (label, value) in enumerate(rows):
        top = index * (bar + gap)
        base = top + bar * 0.5 + svg.BODY * 0.36
        parts.append(svg.label(left - 8, base, label, anchor="end"))
        if value is None:
            parts.append(svg.label(left, base, HIDDEN, colour=svg.MUTED))
            continue
        colour = svg.FOCUS if not focus or label in focus else svg.CONTEXT
        parts.append(svg.rectangle(left, top, value * scale, bar, colour, radius=1.5))
        parts.append(svg.label(left + value * scale + 5, base, number(value), weight=600))
    listed = "; ".join(f"{label}: {number(value)}" for label, value in rows)
    return Drawing(svg.document(width, len(rows) * (bar + gap) - gap, parts), f"Bar chart of {what}. {listed}.")


def matrix(labels: Sequence[str], values: dict[tuple[str, str], int | None], *, what: str, width: float) -> Drawing:
    """Draw the lower triangle of a symmetric table of pairs; a darker cell is a greater count.

    Each label stands on the diagonal: at the end of its row and at the top of its column. `values` is keyed by pairs of
    labels in either order; a pair that is absent is drawn as hidden.
    """
    height = 22.0
    room = [(width - svg.text_width(label, svg.BODY) - 6) / index for index, label in enumerate(labels) if index]
    cell = min([*room, 36.0])
    found = {(row, column): _either(values, row, column) for i, row in enumerate(labels) for column in labels[:i]}
    greatest = max((value for value in found.values() if value is not None), default=0) or 1
    parts, said = [], []
    for i, row in enumerate(labels):
        base = (i + 0.5) * height + svg.BODY * 0.36
        parts.append(svg.label(i * cell + 5, base, row, weight=600))
        for j, column in enumerate(labels[:i]):
            value = found[row, column]
            said.append(f"{column} with {row}: {number(value)}")
            fill = svg.EMPTY if value is None else _shade(value / greatest)
            parts.append(svg.rectangle(j * cell + 0.75, i * height + 0.75, cell - 1.5, height - 1.5, fill, radius=1.5))
            shown, ink = ("–", svg.MUTED) if value is None else (number(value), palette.ink_on(fill))
            parts.append(svg.label((j + 0.5) * cell, base, shown, anchor="middle", colour=ink))
    return Drawing(
        svg.document(width, len(labels) * height, parts), f"Table of pairs showing {what}. {'; '.join(said)}."
    )


def trend(points: Sequence[tuple[str, int | None]], *, what: str, width: float, height: float = 110) -> Drawing:
    """Draw a line from an axis at zero through published values, at least one; a hidden value breaks the line."""
    shown = [value for _, value in points if value is not None]
    left, right, top, bottom = 34.0, 30.0, 14.0, 18.0
    ceiling = _round_up(max(shown, default=0))
    step = (width - left - right) / max(len(points) - 1, 1)

    def place(index: int, value: int) -> tuple[float, float]:
        return left + index * step, top + (height - top - bottom) * (1 - value / ceiling)

    parts = []
    for mark in (0, ceiling // 2, ceiling):
        y = place(0, mark)[1]
        parts.append(svg.rule(left, width - right, y))
        parts.append(svg.axis_label(left - 6, y + svg.SMALL * 0.36, number(mark), anchor="end"))
    every = max(1, -(-len(points) * 40 // int(width - left - right)))  # a date label needs about 40 points
    for index, (label, _) in enumerate(points):
        if (len(points) - 1 - index) % every == 0:
            parts.append(svg.axis_label(left + index * step, height - 4, label))
    for run in _runs(points):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(index, value) for index, value in run))
        parts.append(svg.polyline(path, 2))
        parts += [svg.dot(*place(index, value), svg.FOCUS) for index, value in run]
    index, value = next((i, v) for i, (_, v) in reversed(list(enumerate(points))) if v is not None)
    x, y = place(index, value)
    parts.append(svg.label(x, y - 7, number(value), anchor="middle", weight=600))
    listed = "; ".join(f"{label}: {number(value)}" for label, value in points)
    return Drawing(svg.document(width, height, parts), f"Line chart of {what}. {listed}.")


def flows(links: Sequence[tuple[str, str, int]], *, what: str, width: float, height: float = 150) -> Drawing:
    """Draw bands from a left column to a right one; each band's thickness and number is one published value.

    `height` grows where labels need more room. Only published links are drawn, so a side's total is at least what its
    bands show and is not written down.
    """
    if not links:
        return message("Nothing large enough to show", what=what, width=width)
    sides = (_totals(links, 0), _totals(links, 1))
    lines = tuple({label: svg.wrap(label, width * 0.27, svg.BODY) for label in side} for side in sides)
    margins = tuple(
        max(svg.text_width(line, svg.BODY) for wrapped in side.values() for line in wrapped) + 9 for side in lines
    )
    slots = tuple({label: 10.0 * len(wrapped) for label, wrapped in side.items()} for side in lines)
    height = max(height, *(1.2 * _depth(side, slot, 0.0) for side, slot in zip(sides, slots, strict=True)))
    scale = min(_scale(side, slot, height) for side, slot in zip(sides, slots, strict=True))
    tops = tuple(_stack(side, slot, scale, height) for side, slot in zip(sides, slots, strict=True))
    used = (dict.fromkeys(sides[0], 0.0), dict.fromkeys(sides[1], 0.0))
    x0, x1, bar = margins[0], width - margins[1], 4.0
    order = [list(side) for side in sides]
    parts: list[str] = []
    names: list[str] = []
    for left, right, value in sorted(links, key=lambda link: (order[0].index(link[0]), order[1].index(link[1]))):
        thick = value * scale
        y0, y1 = tops[0][left] + used[0][left], tops[1][right] + used[1][right]
        used[0][left] += thick
        used[1][right] += thick
        colour = svg.CATEGORIES[order[0].index(left) % len(svg.CATEGORIES)]
        parts.append(svg.band((x0 + bar, y0), (x1 - bar, y1), thick=thick, colour=colour))
        names.append(
            svg.label(x0 + bar + 4, y0 + thick / 2 + svg.SMALL * 0.36, number(value), size=svg.SMALL, weight=600)
        )
    for side, (x, anchor, text_x) in enumerate(((x0, "end", x0 - 5), (x1 - bar, "start", x1 + 5))):
        for label, total in sides[side].items():
            top, wrapped = tops[side][label], lines[side][label]
            parts.append(svg.rectangle(x, top, bar, total * scale, svg.INK))
            base = top + total * scale / 2 + svg.BODY * 0.36 - 5.0 * (len(wrapped) - 1)
            names += [svg.label(text_x, base + 10 * k, line, anchor=anchor) for k, line in enumerate(wrapped)]
    listed = "; ".join(f"{left} to {right}: {number(value)}" for left, right, value in links)
    return Drawing(svg.document(width, height, parts + names), f"Flow diagram of {what}. {listed}.")


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
        parts.append(svg.polyline(joined, 1.4))
        if run[-1][0] == len(values) - 1:
            parts.append(svg.dot(*path[-1], svg.ACCENT))
    listed = "; ".join(f"{label}: {number(value)}" for label, value in points)
    return Drawing(svg.document(width, height, parts), f"Small line chart of {what}. {listed}.")


def message(text: str, *, what: str, width: float) -> Drawing:
    """Draw a line of text where a chart would be, because there is nothing that may be drawn."""
    parts = [
        svg.rectangle(0, 0, width, 40, svg.EMPTY, radius=2),
        svg.label(width / 2, 23, text, anchor="middle", colour=svg.MUTED),
    ]
    return Drawing(svg.document(width, 40, parts), f"No chart of {what}. {text}.")


def _either(values: dict[tuple[str, str], int | None], one: str, other: str) -> int | None:
    return values[one, other] if (one, other) in values else values.get((other, one))


def _totals(links: Sequence[tuple[str, str, int]], side: int) -> dict[str, int]:
    totals: dict[str, int] = {}
    for link in links:
        label = str(link[side])
        totals[label] = totals.get(label, 0) + link[2]
    return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))


def _scale(side: dict[str, int], slots: dict[str, float], height: float) -> float:
    """Return points a person so that every node keeps room for its label: each halving step keeps what still fits."""
    low, high = 0.0, height / sum(side.values())
    for _ in range(30):
        middle = (low + high) / 2
        if _depth(side, slots, middle) > height:
            high = middle
        else:
            low = middle
    return low


def _depth(side: dict[str, int], slots: dict[str, float], scale: float) -> float:
    return sum(max(total * scale, slots[label]) for label, total in side.items()) + NODE_GAP * (len(side) - 1)


def _stack(side: dict[str, int], slots: dict[str, float], scale: float, height: float) -> dict[str, float]:
    """Return the top of each node, the whole column centred; a node is centred in its slot."""
    top, tops = max((height - _depth(side, slots, scale)) / 2, 0), {}
    for label, total in side.items():
        room = max(total * scale, slots[label])
        tops[label] = top + (room - total * scale) / 2
        top += room + NODE_GAP
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
    return svg.SHADES[min(int(share * (len(svg.SHADES) - 1) + 0.5), len(svg.SHADES) - 1)]
