"""The URL holds the whole state of a view, and refusals lead to a view that is granted."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from dash import no_update

from dashboards.choices import area_filter, group_filter, limited, period_filter, read_choices, use_filter
from dashboards.components.filters import Filter, changed_search
from dashboards.visit import ANY, Visit, coarser_address, download_address, query_string
from orchestration.release import Refused, Request


def test_values_that_narrow_nothing_are_left_out_of_the_url() -> None:
    assert query_string({"period": "Y2025", "group": ANY, "area": ""}) == "?period=Y2025"
    assert query_string({"group": ANY}) == ""


def test_a_control_that_says_what_the_url_says_moves_nowhere() -> None:
    assert changed_search(["period", "group"], ["Y2025", ANY], "?period=Y2025") is no_update
    assert changed_search(["period", "group"], ["Y2025", "sex:F"], "?period=Y2025") == "?period=Y2025&group=sex%3AF"
    assert changed_search(["group"], [None], None) is no_update


def test_an_unknown_value_in_a_link_falls_back_to_the_default() -> None:
    item = Filter(
        "area", "Area", [{"value": ANY, "label": "All"}, {"group": "x", "items": [{"value": "msoa:1", "label": "One"}]}]
    )
    assert item.values() == [ANY, "msoa:1"]
    assert item.chosen({"area": "msoa:1"}) == "msoa:1"
    assert item.chosen({"area": "msoa:<script>"}) == ANY


def test_two_narrowings_lock_the_third_before_it_is_clicked(visit: Callable[..., Visit]) -> None:
    here = visit("/who", use="theme:debt", group="sex:F")
    filters = [
        period_filter(here.catalogue, ("year", "all")), use_filter(here.catalogue), group_filter(here.catalogue),
        area_filter(here.catalogue),
    ]  # fmt: skip
    chosen = read_choices(here, filters)
    assert chosen.where == {"theme": "debt", "sex": "F"}
    assert [bool(item.locked) for item in limited(filters, chosen)] == [False, False, False, True]


def test_the_latest_year_is_shown_when_the_url_names_no_period(visit: Callable[..., Visit]) -> None:
    here = visit("/who")
    chosen = read_choices(here, [period_filter(here.catalogue, ("year", "all"))])
    assert chosen.period == here.catalogue.periods_of("year")[-1].code
    assert chosen.during.startswith("the 12 months to")


def test_a_download_address_says_the_same_as_its_request() -> None:
    asked = Request(measure="people", by=("age_band", "sex"), where={"theme": ("debt",)}, period="Y2025")
    parts = parse_qs(urlsplit(download_address(asked)).query)
    back = Request.parse(measure=parts["measure"][0], by=parts["by"], where=parts["where"], period=parts["period"][0])
    assert back == asked


def test_a_refusal_leads_to_the_coarser_view_of_the_same_page(visit: Callable[..., Visit]) -> None:
    here = visit("/who", period="2025-Q1", group="sex:F", view="x")
    refused = Refused(
        "too few", coarser=Request(measure="people", by=("theme",), where={"sex": ("F",)}, period="Y2025")
    )
    assert coarser_address(here, refused) == "/who?view=x&period=Y2025&group=sex%3AF"


def test_a_refusal_without_an_offer_leads_to_everyone_and_never_in_a_circle(visit: Callable[..., Visit]) -> None:
    assert coarser_address(visit("/who", period="Y2025", group="sex:F"), Refused("no")) == "/who?period=Y2025"
    assert coarser_address(visit("/who", period="Y2025"), Refused("no")) is None


@pytest.mark.parametrize("measure", ["no_such_measure", "people"])
def test_a_page_gets_a_refusal_as_an_answer_and_not_as_an_error(visit: Callable[..., Visit], measure: str) -> None:
    assert isinstance(visit().ask(measure, period="not-a-period"), Refused)
