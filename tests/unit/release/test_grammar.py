"""The closed grammar: what can be said, and what is refused with which alternative."""

import pytest

from orchestration.release import Refused, Request


def test_equal_questions_have_one_canonical_text() -> None:
    one = Request.parse(measure="people", by=["age_band,sex"], where=["service=b,a"], period="Y2025")
    other = Request("people", ("age_band", "sex"), {"service": ("a", "b", "a")}, "Y2025")
    assert one == other
    assert one.canonical() == "people by age_band,sex where service=a,b period Y2025 policy dashboard"
    assert hash(one) == hash(other)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"measure": "persons"}, "no measure 'persons'.*people"),
        ({"measure": "people", "by": ["tenure"]}, "no dimension at all"),
        ({"measure": "people", "by": ["from_theme"]}, "not a dimension of the measure 'people'"),
        ({"measure": "people", "by": ["sex", "sex"]}, "twice"),
        ({"measure": "people", "by": ["sex", "service", "age_band", "msoa"]}, "4 attributes.*at most 3"),
        ({"measure": "people", "by": ["sex", "service"], "where": ["msoa=a", "age_group=65+"]}, "at most 3"),
        ({"measure": "people", "by": ["msoa", "lad"]}, "one hierarchy"),
        ({"measure": "people", "by": ["lad"], "where": ["msoa=E1"]}, "one hierarchy"),
        ({"measure": "people", "by": ["age_group"], "where": ["age_band=0-15"]}, "one hierarchy"),
        ({"measure": "people", "by": ["msoa", "deprivation"]}, "slivers"),
        ({"measure": "people", "period": "2025"}, "not a period"),
        ({"measure": "people", "period": "2025-13"}, "not a period"),
        ({"measure": "people", "period": "2025-01-01..2025-02-03"}, "not a period"),
        ({"measure": "transitions", "by": ["from_theme,to_theme"], "period": "2025-03"}, "not published by month"),
        ({"measure": "people", "by": ["month"], "period": "2025-03"}, "one month already"),
        ({"measure": "people_using_both", "by": ["service_a"]}, "service_a \\+ service_b"),
        ({"measure": "people_using_both", "by": ["service_a", "theme_b"]}, "needs one of these"),
        ({"measure": "people", "where": ["sex"]}, "expected dimension=value"),
        ({"measure": "people", "where": ["sex="]}, "names no value"),
        ({"measure": "people", "policy": "none"}, "no release policy"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused_with_its_reason(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(Refused, match=message):
        Request.parse(**arguments)  # type: ignore[arg-type]


def test_a_coarser_filter_on_a_finer_dimension_counts_as_one_attribute() -> None:
    request = Request("people", ("msoa", "sex", "age_band"), {"lad": ("L1",)}, "all")
    assert request.attributes == ("age_band", "msoa", "sex")


def test_a_refusal_never_repeats_a_long_or_strange_word() -> None:
    with pytest.raises(Refused) as caught:
        Request("people", ("'; drop table srv_person; --\u202e" * 50,))
    assert "\u202e" not in str(caught.value)
    assert len(caught.value.reason) < 150


def test_a_request_cannot_be_changed_after_it_was_checked() -> None:
    request = Request("people", ("sex",), {"service": ("a",)})
    with pytest.raises(TypeError):
        request.where["msoa"] = ("x",)  # type: ignore[index]
    with pytest.raises(AttributeError):
        request.measure = "households"  # type: ignore[misc]
