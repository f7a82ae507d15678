"""Charts say in words what they draw, and never draw a hidden value as a number."""

import re
from xml.etree import ElementTree as ET

import pytest

from orchestration.reports import charts
from orchestration.reports.charts import Drawing

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [("One", 1570), ("Two", 925), ("Three", None)]
PAIRS = {("Housing", "Debt"): 420, ("Work", "Housing"): 55, ("Work", "Debt"): None}
LINKS = [("Debt and money", "Housing", 150), ("Housing", "Work", 45), ("Debt and money", "Work", 30)]
DRAWINGS = {
    "bars": charts.bars(ROWS, what="people by services used", width=240),
    "matrix": charts.matrix(["Debt", "Housing", "Work"], PAIRS, what="people who used both", width=240),
    "trend": charts.trend([("Apr", 130), ("May", None), ("Jun", 145), ("Jul", 160)], what="people by month", width=240),
    "flows": charts.flows(LINKS, what="moves", width=270),
    "sparkline": charts.sparkline([110, 120, 125], labels=["a", "b", "c"], what="people by quarter"),
}


def values(drawing: Drawing) -> list[str]:
    """Return the texts of a drawing that are figures and not marks of an axis."""
    texts = [e.text or "" for e in ET.fromstring(drawing.svg).iter(f"{SVG}text") if e.get("class") != "axis"]
    return [text for text in texts if re.fullmatch(r"[\d,]+", text)]


@pytest.mark.parametrize("name", DRAWINGS)
def test_each_figure_of_a_chart_stands_in_its_alternative_text(name: str) -> None:
    drawing = DRAWINGS[name]
    assert [v for v in values(drawing) if v not in drawing.alternative] == []


@pytest.mark.parametrize(
    ("name", "figures"), [("bars", ["1,570", "925"]), ("matrix", ["420", "55"]), ("flows", ["150", "30", "45"])]
)
def test_a_chart_writes_each_value_it_draws(name: str, figures: list[str]) -> None:
    assert sorted(values(DRAWINGS[name])) == sorted(figures)


@pytest.mark.parametrize("name", ["bars", "matrix", "trend"])
def test_a_hidden_value_is_said_to_be_hidden(name: str) -> None:
    assert ": hidden" in DRAWINGS[name].alternative


def test_a_line_never_bridges_a_hidden_value() -> None:
    lines = [e.get("points", "").split() for e in ET.fromstring(DRAWINGS["trend"].svg).iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [1, 2]


def test_a_hidden_value_has_no_bar() -> None:
    assert len(list(ET.fromstring(DRAWINGS["bars"].svg).iter(f"{SVG}rect"))) == 2


def test_flows_keep_every_node_inside_the_drawing() -> None:
    many = [(f"A long theme name {i}", f"Another long name {i}", 10 + 200 * (i == 0)) for i in range(7)]
    drawing = charts.flows(many, what="moves", width=270, height=150)
    rects = [(float(r.get("y", 0)), float(r.get("height", 0))) for r in ET.fromstring(drawing.svg).iter(f"{SVG}rect")]
    depth = float(ET.fromstring(drawing.svg).get("height", 0))
    assert [(y, height) for y, height in rects if y < 0 or y + height > depth + 0.2] == []


def test_text_from_the_directory_is_escaped() -> None:
    drawing = charts.bars([("Drugs & alcohol <new>", 50)], what="people", width=240)
    assert "Drugs & alcohol <new>" in [e.text for e in ET.fromstring(drawing.svg).iter(f"{SVG}text")]


def test_nothing_to_draw_is_said_and_not_an_empty_picture() -> None:
    assert "Nothing large enough" in charts.flows([], what="moves", width=270).alternative
