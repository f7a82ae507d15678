"""The page on costs: arithmetic on published sums, figures that hold their data, and sentences that claim no saving."""

import polars as pl
import pytest

from dashboards.costing import UnitCost, by_payer, by_service, per_person, pounds, unit_costs
from dashboards.figures.lorenz import Band, curve, lorenz
from dashboards.figures.numbers import HIDDEN
from dashboards.figures.ranges import ranked_ranges
from dashboards.findings import costs as findings

TABLE = [
    UnitCost("advice", "council", 100, 0.8, 1.2),
    UnitCost("care", "council", 300, 0.5, 1.5),
    UnitCost("care", "nhs", 100, 1.0, 1.0),
]


def test_a_service_ranges_with_its_unit_costs_and_a_hidden_one_has_no_range() -> None:
    assert by_service({"advice": 1000, "care": None}, TABLE) == {"advice": (800, 1200)}
    assert by_service({"care": 4000}, TABLE) == {"care": (2500, 5500)}


def test_a_payer_ranges_as_its_services_together() -> None:
    found = by_payer({"advice": 1000, "care": 4000}, {"council": 4000, "nhs": 1000, "others": 10}, TABLE)
    assert found["council"] == pytest.approx((4000 * (800 + 1500) / 4000, 4000 * (1200 + 4500) / 4000))
    assert found["nhs"] == (1000, 1000)
    assert "others" not in found


def test_only_fiscal_unit_costs_count() -> None:
    names = {"service_id": ["a", "b", "c"], "borne_by": ["x"] * 3, "cost_type": ["fiscal", "social", "fiscal"]}
    table = pl.DataFrame(
        {**names, "cost_gbp": [10.0, 10.0, 0.0], "cost_low_gbp": [5.0] * 3, "cost_high_gbp": [20.0] * 3}
    )
    assert unit_costs(table) == [UnitCost("a", "x", 10, 0.5, 2)]


def test_an_average_needs_both_figures() -> None:
    assert per_person({"1": 500, "2": None, "3": 10}, {"1": 10, "2": 10, "3": None}) == {"1": 50, "2": None, "3": None}


@pytest.mark.parametrize(
    ("value", "text"), [(None, "hidden"), (12_345, "£12,300"), (999_499, "£999,000"), (12_345_678, "£12.3 million")]
)
def test_pounds_are_written_with_three_digits(value: float | None, text: str) -> None:
    assert pounds(value) == text


def test_the_curve_adds_up_from_the_band_that_costs_least_a_person() -> None:
    bands = [Band("Four or more", 10, 600), Band("One", 90, 400)]
    assert curve(bands) == [(0, 0), (0.9, 0.4), (1, 1)]
    figure = lorenz(bands, scheme="light", people="people", amount="cost")
    assert list(figure.data[1].x) == [0, 0.9, 1]
    assert list(figure.data[1].y) == [0, 0.4, 1]


def test_ranges_hold_low_and_high_and_say_what_is_hidden() -> None:
    figure = ranked_ranges(["Council", "NHS"], [100, None], [(80, 130), None], scheme="dark", write=pounds)
    assert list(figure.data[0].error_x.array) == [30, 0]
    assert list(figure.data[0].error_x.arrayminus) == [20, 0]
    assert HIDDEN in figure.data[0].customdata[1]


def test_findings_claim_no_more_than_is_shown() -> None:
    assert findings.by_payer([("Council", 600), ("NHS", 400)]).endswith("about £600, 60%")
    assert "about as much" in findings.by_payer([("Council", 600), ("NHS", 590)])
    assert "cannot be shown" in findings.by_payer([("Council", None)])
    assert "no saving" in findings.lede(10_000, during="2025")
    assert findings.concentration([Band("One", 90, 400), Band("Four or more", 10, 600)]) == (
        "People using four or more services are 10% of those shown and account for 60% of the cost"
    )
    assert "Too few" in findings.concentration([Band("One", 90, 400)])
    assert findings.sensitivity({"a": "Advice"}, {"a": (800, 1200)}).endswith("by £400")
