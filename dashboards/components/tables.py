"""Tables as HTML: the twin of a chart, with hidden cells in words."""

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components.attributes import aria
from dashboards.figures.numbers import HIDDEN

Cell = str | int | float | None


def data_table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, texts: int = 1) -> html.Div:
    """Draw a table whose first column is the row's header. None is a hidden count and reads so, never as zero.

    `texts` is how many of the first columns are words; the others are numbers and stand at the right.
    """
    head = html.Tr(
        [html.Th(name, scope="col", className="n" if i >= texts else None) for i, name in enumerate(columns)]
    )
    body = [html.Tr([_cell(value, i, texts) for i, value in enumerate(row)]) for row in rows]
    table = html.Table([html.Caption(caption), html.Thead(head), html.Tbody(body)], className="tbl")
    return html.Div(table, className="tbl-wrap", tabIndex=0, role="group", **aria(label=caption))


def _cell(value: Cell, place: int, texts: int) -> html.Th | html.Td:
    text = _written(value)
    if place == 0:
        return html.Th(text, scope="row")
    names = [name for name, wanted in (("n", place >= texts), ("hidden", value is None)) if wanted]
    return html.Td(text, className=" ".join(names) or None)


def _written(value: Cell) -> str:
    if value is None:
        return HIDDEN
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else value


def plain_table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, texts: int = 1) -> html.Div:
    """Draw a table of words and components, nothing of it a protected figure; the first column is the row's header."""
    head = html.Tr(
        [html.Th(name, scope="col", className="n" if i >= texts else None) for i, name in enumerate(columns)]
    )
    body = [
        html.Tr(
            [
                html.Th(row[0], scope="row"),
                *[html.Td(cell, className="n" if i >= texts else None) for i, cell in enumerate(row[1:], 1)],
            ]
        )
        for row in rows
    ]
    table = html.Table([html.Caption(caption), html.Thead(head), html.Tbody(body)], className="tbl")
    return html.Div(table, className="tbl-wrap", tabIndex=0, role="group", **aria(label=caption))
