"""Figures hold exactly the data they are given, say what is hidden, and can be read in both schemes."""

import json

import pytest

from dashboards.figures.bars import columns, pyramid, ranked_bars
from dashboards.figures.change import dumbbell
from dashboards.figures.dots import dots
from dashboards.figures.matrix import matrix
from dashboards.figures.numbers import HIDDEN, rate_text
from dashboards.figures.points import ranked_points
from dashboards.figures.sankey import Flow, folded, sankey
from dashboards.figures.template import Scheme, colours, ink_on, mix
from dashboards.figures.trend import short_month, sparkline, tick_places, trend
from dashboards.figures.upset import Combination, upset
from orchestration.release.palette import CARD, contrast

SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def annotations(figure: object) -> list[str]:
    return [note["text"] for note in json.loads(figure.to_json())["layout"]["annotations"]]  # type: ignore[attr-defined]


def test_ranked_bars_hold_their_values_and_say_what_is_hidden() -> None:
    figure = ranked_bars(["Debt", "Housing"], [120, None], scheme="light", unit="people")
    assert list(figure.data[0].x) == [120, 0]
    assert [text.replace("<br>", " ") for text in annotations(figure)] == ["<b>120</b>", f"<i>{HIDDEN}</i>"]
    assert HIDDEN in figure.data[0].customdata[1]


def test_the_bar_that_the_finding_names_is_the_only_one_in_colour() -> None:
    figure = ranked_bars(["Debt", "Housing"], [120, 60], scheme="light", unit="people", highlight=["Debt"])
    assert list(figure.data[0].marker.color) == [colours("light").bar, colours("light").rest]


def test_columns_draw_intervals_around_their_values() -> None:
    figure = columns(["1", "2"], [10.0, None], scheme="light", unit="", write=rate_text, intervals=[(8.0, 13.0), None])
    assert list(figure.data[0].error_y.array) == [3.0, 0]
    assert list(figure.data[0].error_y.arrayminus) == [2.0, 0]


def test_a_pyramid_puts_the_left_side_on_negative_numbers_but_never_writes_them() -> None:
    figure = pyramid(["0-15", "16-24"], [10, None], [20, 30], scheme="light", names=("Female", "Male"), unit="")
    assert list(figure.data[0].x) == [-10, 0]
    assert list(figure.data[1].x) == [20, 30]
    assert not any("-" in text for text in annotations(figure))


def test_a_hidden_month_is_a_gap_in_the_line_and_not_a_zero() -> None:
    figure = trend(["a", "b", "c"], [10, None, 30], scheme="light", unit="people")
    assert list(figure.data[0].y) == [10, None, 30]
    assert figure.data[0].connectgaps is False


def test_a_trend_of_hidden_months_only_is_drawn_empty() -> None:
    assert trend(["a"], [None], scheme="light", unit="people").data[0].y == (None,)
    assert len(sparkline([None, None], scheme="light").data) == 1


def test_month_ticks_are_few_and_end_with_the_latest() -> None:
    assert tick_places(36)[-1] == 35
    assert len(tick_places(36)) <= 7
    assert short_month("September 2026") == "Sep<br>2026"


def test_a_matrix_leaves_hidden_cells_blank_with_a_dot() -> None:
    figure = matrix(["a", "b"], ["a", "b"], [[None, 0.5], [None, None]], [["", "x"], ["hidden", ""]], scheme="light")
    assert [list(line) for line in figure.data[0].z] == [[None, 0.5], [None, None]]
    assert list(figure.data[1].text) == ["50%", "·"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_labels_on_matrix_cells_can_be_read_everywhere_on_the_scale(scheme: Scheme) -> None:
    scale = colours(scheme).sequential
    shades = [mix(scale, step / 50) for step in range(51)]
    assert min(contrast(ink_on(shade), shade) for shade in shades) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_chart_text_and_marks_stand_out_from_the_card(scheme: Scheme) -> None:
    found = colours(scheme)
    assert contrast(found.ink, CARD[scheme]) >= 7
    assert contrast(found.muted, CARD[scheme]) >= 4.5
    assert all(contrast(colour, CARD[scheme]) >= 3 for colour in (found.bar, found.mid, found.rest, *found.pair))


def test_an_upset_plot_has_a_column_a_combination_and_a_dot_a_set() -> None:
    found = [Combination(frozenset("a"), 100), Combination(frozenset("ab"), 40)]
    figure = upset(["a", "b"], [140, None], found, scheme="light")
    assert list(figure.data[0].y) == [100, 40]
    dots_drawn = next(trace for trace in figure.data if getattr(trace, "mode", "") == "markers")
    assert len(dots_drawn.x) == 4
    assert "hidden" in annotations(figure)


def test_folding_a_sankey_loses_nobody() -> None:
    flows = [Flow(1, f"t{n}", "none", 10 + n) for n in range(12)] + [Flow(1, "t1", "t11", 40)]
    small = folded(flows, keep=4)
    assert sum(flow.people for flow in small) == sum(flow.people for flow in flows)
    assert len({flow.source for flow in small}) == 5


def test_a_sankey_puts_each_step_in_its_own_column() -> None:
    flows = [Flow(1, "a", "b", 50), Flow(1, "a", "none", 30), Flow(2, "b", "c", 20), Flow(3, "c", "none", 10)]
    node = sankey(flows, {"a": "A"}, scheme="light").data[0].node
    by_label: dict[str, set[float]] = {}
    for label, place in zip(node.label, node.x, strict=True):
        by_label.setdefault(label, set()).add(round(place, 2))
    assert by_label["A"] == {0.0}
    assert by_label["No further service"] == {0.33, 1.0}


def test_a_dumbbell_writes_hidden_rows_as_hidden() -> None:
    figure = dumbbell(
        ["a", "b"], [100, None], [120, None], ["120, up 20%", "hidden"], scheme="light", highlight=[True, False]
    )
    assert f"<i>{HIDDEN}</i>" in annotations(figure)


def test_points_are_filled_only_where_they_differ_from_the_whole() -> None:
    figure = ranked_points(
        ["a", "b"], [30.0, 21.0], [(25.0, 36.0), (17.0, 26.0)],
        scheme="light", write=rate_text, unit="", whole=20.0, whole_label="All",
    )  # fmt: skip
    found = colours("light")
    assert list(figure.data[1].marker.color) == [found.bar, found.card]


def test_dots_write_hidden_values_as_hidden() -> None:
    figure = dots(["a", "b"], [0.9, None], scheme="light", whole=0.8, whole_label="All")
    assert f"<i>{HIDDEN}</i>" in annotations(figure)
    assert "<b>90%</b>" in annotations(figure)
