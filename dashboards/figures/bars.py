"""Bars: ranked horizontal bars, columns in a fixed order, and the age pyramid."""

from collections.abc import Callable, Collection, Sequence

import plotly.graph_objects as go

from dashboards.figures.numbers import HIDDEN, HIDDEN_SHORT, count_text
from dashboards.figures.template import Scheme, colours, layout

LINE = 18  # pixels a line of a label takes
WRAP = 26  # letters of a label before it breaks, so that bars keep their room on a phone
ROW = 34  # pixels a bar takes, with its gap
NUMBER_ROOM = 62  # pixels at the right for the number beyond the longest bar
TOLD_HIDDEN = f"<i>{HIDDEN.replace(' or ', '<br>or ')}</i>"  # in two lines, for the width of a phone
Values = Sequence[float | None]
Interval = Sequence[tuple[float, float] | None]


def ranked_bars(
    labels: Sequence[str],
    values: Values,
    *,
    scheme: Scheme,
    unit: str,
    highlight: Collection[str] = (),
    write: Callable[[float | None], str] | None = None,
) -> go.Figure:
    """Draw horizontal bars, the first label at the top, each with its number; hidden ones say so instead of a bar.

    `highlight` colours the bars that the finding names and greys the rest.
    """
    palette = colours(scheme)
    write = write or _whole
    ends = [value for value in values if value is not None] or [1.0]
    figure = go.Figure(
        go.Bar(
            x=[0 if value is None else value for value in values],
            y=list(range(len(labels))),
            orientation="h",
            marker={"color": _shades(labels, highlight, palette.bar, palette.rest)},
            width=0.68,
            customdata=[
                f"{label}: {_told(value, write)} {unit if value is not None else ''}"
                for label, value in zip(labels, values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for row, value in enumerate(values):
        figure.add_annotation(
            x=value or 0,
            y=row,
            text=TOLD_HIDDEN if value is None else f"<b>{write(value)}</b>",
            showarrow=False,
            xanchor="left",
            align="left",
            xshift=6,
            font={"size": 11 if value is None else 13, "color": palette.muted if value is None else palette.ink},
        )
    lines = max([wrapped(label, WRAP).count("<br>") + 1 for label in labels], default=1)
    figure.update_layout(layout(scheme, height=height_of(len(labels), lines), form="bars"))
    figure.update_layout(margin={"l": 8, "r": NUMBER_ROOM, "t": 4, "b": 8}, bargap=0.3)
    figure.update_xaxes(visible=False, range=[0, max(ends)], fixedrange=True)
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=[wrapped(label, WRAP) for label in labels],
        autorange="reversed",
        showgrid=False,
        ticks="",
        fixedrange=True,
        automargin=True,
    )
    return figure


def height_of(rows: int, lines: int = 1) -> int:
    """Return the height in pixels of ranked bars whose labels take so many lines, for a neighbour as high."""
    return max(ROW, LINE * lines) * rows + 16


def columns(
    labels: Sequence[str],
    values: Values,
    *,
    scheme: Scheme,
    unit: str,
    highlight: Collection[str] = (),
    write: Callable[[float | None], str] | None = None,
    intervals: Interval | None = None,
    axis_title: str = "",
    height: int = 320,
) -> go.Figure:
    """Draw vertical bars in a fixed order (age, deprivation, number of services), each with its number above.

    `intervals` are (low, high) of each value, drawn as lines.
    """
    palette = colours(scheme)
    write = write or _whole
    highs = _highs(values, intervals)
    room = max(6, 48 // max(len(labels), 1))  # letters a label may take before it breaks, so that none is turned
    figure = go.Figure(
        go.Bar(
            x=[wrapped(label, room) for label in labels],
            y=[0 if value is None else value for value in values],
            marker={"color": _shades(labels, highlight, palette.mid if intervals else palette.bar, palette.rest)},
            width=0.66,
            error_y=_error_bars(values, intervals, palette.ink),
            customdata=[
                f"{label}: {_told(value, write)} {unit if value is not None else ''}"
                for label, value in zip(labels, values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    for label, value, high in zip(labels, values, highs, strict=True):
        figure.add_annotation(
            x=wrapped(label, room),
            y=high or 0,
            text=f"<i>{HIDDEN_SHORT}</i>" if value is None else f"<b>{write(value)}</b>",
            showarrow=False,
            yanchor="bottom",
            yshift=2,
            font={"size": 13, "color": palette.muted if value is None else palette.ink},
        )
    figure.update_layout(layout(scheme, height=height, form="columns"))
    figure.update_layout(margin={"l": 8, "r": 8, "t": 18, "b": 8})
    top = max([high for high in highs if high is not None] or [1.0])
    figure.update_yaxes(visible=False, range=[0, top * 1.12], fixedrange=True)
    figure.update_xaxes(
        title={"text": axis_title, "font": {"size": 13}} if axis_title else None,
        showgrid=False,
        ticks="",
        tickangle=0,
        fixedrange=True,
        automargin=True,
        type="category",
    )
    return figure


def pyramid(
    bands: Sequence[str], left: Values, right: Values, *, scheme: Scheme, names: tuple[str, str], unit: str
) -> go.Figure:
    """Draw an age pyramid, the oldest band at the top: `left` and `right` hold one value a band, youngest first."""
    palette = colours(scheme)
    top = max([value for value in (*left, *right) if value is not None] or [1.0])
    figure = go.Figure()
    for name, values, sign, colour in ((names[0], left, -1, palette.pair[0]), (names[1], right, 1, palette.pair[1])):
        figure.add_bar(
            name=name,
            y=list(bands),
            x=[sign * (value or 0) for value in values],
            orientation="h",
            marker={"color": colour},
            width=0.72,
            customdata=[
                f"{name}, {band}: {_told(value, _whole)} {unit if value is not None else ''}"
                for band, value in zip(bands, values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
        for band, value in zip(bands, values, strict=True):
            figure.add_annotation(
                x=sign * (value or 0),
                y=band,
                text=HIDDEN_SHORT if value is None else f"{value:,.0f}",
                showarrow=False,
                xanchor="right" if sign < 0 else "left",
                xshift=4 * sign,
                font={"size": 12.5, "color": palette.muted if value is None else palette.ink},
            )
    figure.update_layout(
        layout(scheme, height=ROW * len(bands) + 20, form="pyramid"), barmode="overlay", showlegend=False
    )
    figure.update_layout(margin={"l": 8, "r": 8, "t": 4, "b": 8})
    figure.update_xaxes(visible=False, range=[-top * 1.36, top * 1.36], fixedrange=True)
    figure.update_yaxes(showgrid=False, ticks="", fixedrange=True, type="category", automargin=True)
    return figure


def wrapped(label: str, width: int = 30) -> str:
    """Break a long label over lines, so that bars keep their room."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)


def _shades(labels: Sequence[str], highlight: Collection[str], named: str, rest: str) -> list[str]:
    return [named if not highlight or label in highlight else rest for label in labels]


def _whole(value: float | None) -> str:
    return count_text(None if value is None else round(value))


def _told(value: float | None, write: Callable[[float | None], str]) -> str:
    return HIDDEN if value is None else write(value)


def _highs(values: Values, intervals: Interval | None) -> list[float | None]:
    """Return where each bar with its error bar ends, to put the number beyond it."""
    bounds = intervals or [None] * len(values)
    return [bound[1] if bound and value is not None else value for value, bound in zip(values, bounds, strict=True)]


def _error_bars(values: Values, intervals: Interval | None, colour: str) -> dict[str, object] | None:
    if intervals is None:
        return None
    pairs = [(value or 0, bound or (value or 0, value or 0)) for value, bound in zip(values, intervals, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value for value, (_, high) in pairs],
        "arrayminus": [value - low for value, (low, _) in pairs],
        "color": colour,
        "thickness": 1.4,
        "width": 4,
    }
