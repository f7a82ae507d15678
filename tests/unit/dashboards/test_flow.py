"""Flow, needs, personas and places: curves from bands, limits of a funnel plot, groups of a map, and true sentences."""

import math

import pytest
from scipy.stats.contingency import relative_risk

from dashboards.figures.balance import balance
from dashboards.figures.funnel_plot import Place, funnel_plot, limit, outside
from dashboards.figures.paired import paired
from dashboards.figures.places import fifths, place_map, rings
from dashboards.figures.steps import Curve, spread, steps
from dashboards.findings import cohorts, flow, needs, personas
from dashboards.findings.cohorts import Pair
from dashboards.pages.flow_charts import wait_curve
from dashboards.pages.flow_stays import return_curve

SQUARE = [[0.0, 51.0], [1.0, 51.0], [1.0, 52.0], [0.0, 51.0]]


def test_a_wait_curve_counts_declined_referrals_as_no_start_and_leaves_out_who_waits() -> None:
    bands = {"0-7": 40, "8-28": 30, "29-56": 10, "57-126": 10, "127+": 0, "declined": 10, "waiting": 500}
    curve = wait_curve("Housing", bands)
    assert curve == Curve("Housing", (7, 28, 56, 126), (0.4, 0.7, 0.8, 0.9), 100)


def test_a_wait_curve_stops_at_the_first_hidden_band() -> None:
    curve = wait_curve("Housing", {"0-7": 40, "8-28": None, "29-56": 20, "declined": 40})
    assert curve == Curve("Housing", (7,), (0.4,), 100)
    assert wait_curve("Housing", {"0-7": None, "8-28": 40}) is None


def test_a_return_curve_goes_only_as_far_as_everybody_was_followed() -> None:
    bands = {"0-90": 30, "91-180": 10, "181-365": 10, "366-730": 10, "not_returned": 140}
    assert return_curve("As planned", bands, 180) == Curve("As planned", (90, 180), (0.15, 0.2), 200)
    assert return_curve("As planned", bands, 0) is None
    assert return_curve("As planned", bands | {"not_returned": None}, 180) is None


def test_limits_of_the_funnel_plot_are_those_of_a_binomial_share() -> None:
    low, high = limit(0.2, 400, 1.959964)
    assert (low, high) == pytest.approx((0.2 - 0.0392, 0.2 + 0.0392), abs=1e-4)
    assert limit(0.01, 10, 3.09)[0] == 0.0
    places = [Place("like the rest", 400, 84), Place("far above", 400, 130), Place("small and above", 20, 8)]
    assert [place.label for place in outside(places, 0.2)] == ["far above"]
    assert "far above (32%) differs from the 20% of endings" in flow.endings(places, 0.2)
    assert "no service differs" in flow.endings(places[:1], 0.2)
    named = funnel_plot(places, 0.2, scheme="light", size_title="People").data[-1].text
    assert list(named) == ["", "far above", ""]


def test_labels_at_the_ends_of_curves_do_not_cover_each_other() -> None:
    assert spread([0.5, 0.1, 0.51], least=0.05) == pytest.approx([0.5, 0.1, 0.55])
    figure = steps([Curve("a", (30, 90), (0.1, 0.2), 100)], scheme="dark", verb="came back")
    assert list(figure.data[0].y) == [0, 0.1, 0.2]
    assert figure.data[0].line.shape == "hv"


def test_people_leaving_are_drawn_below_the_line_and_hidden_months_are_gaps_with_words() -> None:
    figure = balance(["May", "June"], [30, None], [10, 20], scheme="light", names=("began", "ended"))
    assert [list(bars.y) for bars in figure.data] == [[30, 0], [-10, -20]]
    assert "fewer than 10" in figure.data[0].customdata[1]


def test_areas_fall_into_groups_of_about_one_size_and_hidden_ones_into_none() -> None:
    values = {str(n): float(n) for n in range(10)} | {"hidden": None}
    groups, bounds = fifths(values, 5)
    assert bounds == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert groups["9"] == 4
    assert groups["hidden"] is None


def test_a_map_draws_the_outer_ring_of_every_part() -> None:
    parts = {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE, SQUARE]]}
    assert list(rings(parts)) == [SQUARE, SQUARE]
    boundaries = {
        "features": [{"properties": {"code": "E1"}, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}]
    }
    figure = place_map(boundaries, {"E1": None}, {"E1": "Abbot ward: hidden"}, scheme="light", count=5)
    assert figure.data[0].text == "Abbot ward: hidden"


def test_sentences_claim_no_more_than_what_is_published() -> None:
    assert flow.waits([("Up to 7 days", None)], None) == "Too few people started to say how long they waited"
    assert flow.waits([("Up to 7 days", 40), ("8 to 28 days", 90)], 25).endswith("90 people; 25 are still waiting")
    assert flow.path(None, 10, 10) == "Too few people were referred to follow them"
    assert flow.path(200, 150, None) == "75% of people referred started"
    assert flow.balance([30, None], [40, 10]) == "About as many people came as left"
    assert flow.balance([130] * 4, [40] * 4) == "More people came than left, month by month added up: 360"
    assert flow.sooner([Curve("Debt", (7, 28), (0.5, 0.9), 10), Curve("Housing", (7, 28), (0.2, 0.4), 10)]) == (
        "Debt starts 90% of its referrals within 28 days, housing 40%"
    )
    assert flow.sooner([Curve("Debt", (7,), (0.5,), 10)]) == "Too much is hidden to compare starts within 28 days"
    assert needs.met([("Housing", 30, None)]) == "Too much is hidden to compare how often needs are met"
    assert needs.met([("Housing", 30, 10), ("Debt", 10, 30)]).startswith("75% of people with the need “debt”")
    assert personas.size(None, 100, "2025") == "In 2025 too few people fit this situation to say how many."
    assert personas.reader("adviser", "Debt advice", 50, 200).startswith("A debt adviser meets 25% of them")
    assert "by definition all" in personas.reader("officer", "Work", None, 200)


def test_a_ratio_of_shares_has_the_interval_of_katz() -> None:
    pair = Pair("Housing", 60, 30, 200, 200)
    ratio, low, high = pair.risk_ratio or (0.0, 0.0, 0.0)
    spread = 1.959964 * math.sqrt(1 / 60 - 1 / 200 + 1 / 30 - 1 / 200)
    assert (ratio, low, high) == pytest.approx((2.0, 2 * math.exp(-spread), 2 * math.exp(spread)))
    oracle = relative_risk(60, 200, 30, 200).confidence_interval(0.95)
    assert (low, high) == pytest.approx((oracle.low, oracle.high), rel=1e-4)
    assert pair.standardised_difference == pytest.approx(0.15 / math.sqrt((0.21 + 0.1275) / 2))
    assert pair.is_clear
    assert not Pair("Housing", 60, None, 200, 200).is_clear
    assert not Pair("Housing", 62, 60, 200, 200).is_clear
    assert cohorts.differences([pair], ("A", "B")) == "Housing: 30% of A, 15% of B"
    assert cohorts.differences([Pair("x", None, 1, 2, 3)], ("A", "B")) == "No row differs clearly between the two"


def test_two_populations_are_told_apart_by_shape_and_joined_where_they_differ_clearly() -> None:
    figure = paired(["a", "b"], ([0.1, None], [0.3, 0.2]), scheme="light", names=("one", "other"), clear=[True, False])
    assert [trace.marker.symbol for trace in figure.data if trace.mode == "markers"] == ["circle", "diamond-open"]
    assert [list(trace.x) for trace in figure.data if trace.mode == "lines"] == [[0.1, 0.3]]
