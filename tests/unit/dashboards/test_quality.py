"""The quality part of /trust: faults over time as small lines, and six dimensions that hide no worst field."""

from datetime import date
from typing import Any

import pytest

from dashboards.figures.lines import FILL, small_lines
from dashboards.figures.template import Scheme
from dashboards.findings import quality
from dashboards.pages.trust_quality import quality_parts
from dashboards.visit import Visit
from orchestration.area import load_area
from orchestration.release import Gate
from orchestration.settings import Settings

JULY, AUGUST, SEPTEMBER = date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30)


def history(rows: int | None, day: date = JULY, severity: str = "warning", **more: Any) -> dict[str, Any]:
    given = {"feed": "debt", "check_id": "x", "rows_delivered": 100, "period_end_date": day.isoformat()}
    return given | {"rows": rows, "severity": severity} | more


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_lines_share_one_scale_and_leave_gaps(scheme: Scheme) -> None:
    series = [[(JULY, 0.4), (AUGUST, None), (SEPTEMBER, 0.2)], [(JULY, 0.1)]]
    figure = small_lines(
        ["Debt", "Housing"], series, scheme=scheme, write=lambda share: f"{share:.0%}" if share else "-"
    )
    first, second = figure.data[1], figure.data[3]
    assert first.y == pytest.approx((1 + FILL, None, 1 + FILL / 2))
    assert first.connectgaps is False
    assert second.y == pytest.approx((FILL / 4,))
    assert [note.text for note in figure.layout.annotations] == ["<b>20%</b>", "<b>10%</b>"]


def test_small_shares_do_not_look_like_large_ones() -> None:
    figure = small_lines(["Debt"], [[(JULY, 0.01)]], scheme="light", write=str)
    assert figure.data[1].y == pytest.approx((FILL * 0.2,))


def test_lines_of_nothing_are_drawn_empty() -> None:
    assert len(small_lines([], [], scheme="light", write=str).data) == 0


def test_the_share_of_a_period_is_that_of_its_most_frequent_grave_check() -> None:
    rows = [history(20), history(30, check_id="y"), history(90, severity="information"), history(None, AUGUST)]
    rows.append(history(10, SEPTEMBER, rows_delivered=None))
    assert quality.fault_shares(rows) == {"debt": [(JULY, 0.3), (AUGUST, 0.0), (SEPTEMBER, None)]}


def test_a_delivery_refused_whole_counts_with_all_its_rows() -> None:
    rows = [history(0, severity="refuse_delivery"), history(None, AUGUST, "refuse_delivery")]
    assert quality.fault_shares(rows) == {"debt": [(JULY, 0.0), (AUGUST, 1.0)]}


def test_the_finding_names_the_feed_whose_newest_period_has_most_faults() -> None:
    shares = {"debt": [(JULY, 0.5), (AUGUST, 0.1)], "housing": [(JULY, 0.2)], "new": [(JULY, None)]}
    assert quality.fault_finding(shares, {"housing": "Housing"}) == (
        "Housing has the most faults now: one check finds 20% of its rows"
    )
    assert quality.fault_finding({"debt": [(JULY, 0.0)]}, {}).startswith("No check finds fault")


def score(**more: Any) -> dict[str, Any]:
    worst = {"worst_place": "person.tok_nhs", "worst_score": 42, "worst_check": "missing", "rows_delivered": 400}
    return {"score": 97, **worst} | more


def test_a_mean_is_never_written_without_its_worst_field() -> None:
    assert quality.score_text(score()) == "97 %; token of the NHS number (person) 42 %"
    assert quality.is_fatal(score())
    assert not quality.is_fatal(score(worst_score=80))


def test_what_is_not_told_says_why() -> None:
    assert quality.score_text(None) == "not measured"
    assert quality.score_text(score(score=None)) == "fewer than 10 rows at fault"
    assert quality.score_text(score(score=None, rows_delivered=None)) == "few rows"
    assert quality.score_text(score(worst_check="", worst_score=100)) == "97 %"
    assert quality.score_text(score(worst_place="missing_column", worst_score=0)) == "97 %; missing column 0 %"


def test_the_page_shows_both_parts_with_their_figures(published: Settings) -> None:
    here = Visit(Gate(published), load_area(published.area_dir), {}, "light")
    text = str(quality_parts(here, here.gate.feeds()))
    assert "trust-faults" in text
    assert "97 %; token of the NHS number (person) 42 %" in text
    assert "fewer than 10 rows at fault" in text


def lag(name: str, rows: int | None, day: date = AUGUST, feed: str = "debt") -> dict[str, Any]:
    order = ["<0", "0", "1-3", "4-6", "7-10", "11+"]
    day_text = day.isoformat()
    return {"feed": feed, "period_end_date": day_text, "lag": name, "lag_index": order.index(name), "rows": rows}


def test_lags_are_shares_of_the_newest_period_and_few_events_are_no_share() -> None:
    rows = [
        lag("11+", 60),
        lag("1-3", 20),
        lag("0", None),
        lag("<0", 0),
        lag("0", 500, JULY),
        lag("0", None, feed="few"),
    ]
    found = quality.newest_lags(rows)
    assert found == {"debt": {"<0": 0.0, "0": None, "1-3": 0.25, "11+": 0.75}}
    assert list(found["debt"]) == ["<0", "0", "1-3", "11+"]
    assert quality.lag_finding(found, {"debt": "Debt advice"}) == (
        "Debt advice tells of its events soonest: 25% within ten days"
    )
    assert quality.lag_finding({"debt": {"1-3": None, "11+": 1.0}}, {}) == "No feed tells of its events within ten days"
    assert quality.lag_finding({}, {}) == "How soon events are told of is not known yet"
