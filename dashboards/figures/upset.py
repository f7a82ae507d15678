"""UpSet plot (Lex et al. 2014): people by exact combination. Never a Venn diagram beyond three sets."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboards.figures.bars import wrapped
from dashboards.figures.template import Scheme, colours, layout

ROW = 27


@dataclass(frozen=True, slots=True)
class Combination:
    """One combination: the sets it consists of (all of them, and no other) and its published count."""

    members: frozenset[str]
    people: int


def upset(
    sets: Sequence[str], sizes: Sequence[int | None], combinations: Sequence[Combination], *, scheme: Scheme
) -> go.Figure:
    """Draw combinations as columns, in the order given, over a matrix of dots; sizes of the sets beside their names."""
    palette = colours(scheme)
    figure = make_subplots(
        2,
        2,
        column_widths=[0.17, 0.83],
        row_heights=[0.5, 0.5],
        horizontal_spacing=0.01,
        vertical_spacing=0.02,
        specs=[[None, {}], [{}, {}]],
    )
    names = [" + ".join(name for name in sets if name in c.members) for c in combinations]
    many = [len(c.members) > 1 for c in combinations]
    figure.add_bar(
        x=list(range(len(combinations))),
        y=[c.people for c in combinations],
        marker={"color": [palette.bar if more else palette.rest for more in many]},
        width=0.66,
        customdata=names,
        hovertemplate="%{customdata}: %{y:,} people<extra></extra>",
        row=1,
        col=2,
    )
    for column, combination in enumerate(combinations):
        figure.add_annotation(
            x=column,
            y=combination.people,
            text=_short(combination.people),
            showarrow=False,
            yshift=9,
            font={"size": 11.5, "color": palette.ink},
            row=1,
            col=2,
        )
    _add_dots(figure, sets, combinations, scheme)
    figure.add_bar(
        x=[size or 0 for size in sizes],
        y=list(range(len(sets))),
        orientation="h",
        marker={"color": palette.rest},
        width=0.5,
        customdata=[
            (f"{name}: {'hidden' if size is None else format(size, ',')} people")
            for name, size in zip(sets, sizes, strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
        row=2,
        col=1,
    )
    for row, size in enumerate(sizes):
        figure.add_annotation(
            x=size or 0,
            y=row,
            text="hidden" if size is None else _short(size),
            showarrow=False,
            xanchor="left",
            xshift=4,
            font={"size": 12, "color": palette.muted},
            row=2,
            col=1,
        )
    _shape_axes(figure, sets, combinations, sizes, scheme)
    return figure


def _add_dots(figure: go.Figure, sets: Sequence[str], combinations: Sequence[Combination], scheme: Scheme) -> None:
    palette = colours(scheme)
    cells = [(column, row, sets[row] in c.members) for column, c in enumerate(combinations) for row in range(len(sets))]
    lines_x: list[float | None] = []
    lines_y: list[float | None] = []
    for column, combination in enumerate(combinations):
        rows = [row for row, name in enumerate(sets) if name in combination.members]
        lines_x += [column, column, None]
        lines_y += [min(rows), max(rows), None]
    figure.add_scatter(
        x=lines_x, y=lines_y, mode="lines", line={"color": palette.bar, "width": 2.6}, hoverinfo="skip", row=2, col=2
    )
    figure.add_scatter(
        x=[x for x, _, _ in cells],
        y=[y for _, y, _ in cells],
        mode="markers",
        marker={"size": 12, "color": [palette.bar if on else palette.faint for _, _, on in cells], "opacity": 1},
        hoverinfo="skip",
        row=2,
        col=2,
    )


def _shape_axes(
    figure: go.Figure,
    sets: Sequence[str],
    combinations: Sequence[Combination],
    sizes: Sequence[int | None],
    scheme: Scheme,
) -> None:
    height = 2 * (ROW * len(sets) + 20)
    top = max([c.people for c in combinations] or [1])
    figure.update_layout(layout(scheme, height=height, form="upset"), showlegend=False, bargap=0.3)
    figure.update_layout(margin={"l": 4, "r": 6, "t": 14, "b": 6})
    figure.update_xaxes(visible=False, fixedrange=True, range=[-0.6, max(len(combinations), 1) - 0.4], row=1, col=2)
    figure.update_xaxes(visible=False, fixedrange=True, range=[-0.6, max(len(combinations), 1) - 0.4], row=2, col=2)
    figure.update_xaxes(
        visible=False, fixedrange=True, range=[0, max([s or 0 for s in sizes] or [1]) * 1.55], row=2, col=1
    )
    figure.update_yaxes(visible=False, fixedrange=True, range=[0, top * 1.14], row=1, col=2)
    rows = [len(sets) - 0.5, -0.5]
    figure.update_yaxes(visible=False, fixedrange=True, range=rows, row=2, col=2)
    figure.update_yaxes(
        tickvals=list(range(len(sets))),
        ticktext=[wrapped(name, 26) for name in sets],
        range=rows,
        showgrid=False,
        ticks="",
        fixedrange=True,
        tickfont={"size": 13},
        zeroline=False,
        automargin=True,
        ticklabelstandoff=7,
        row=2,
        col=1,
    )


def _short(count: int) -> str:
    return f"{count:,}" if count < 10_000 else f"{count / 1000:.0f}k"
