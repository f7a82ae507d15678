"""Findings are true sentences: they claim no more than the published numbers carry."""

from datetime import date
from typing import Any

from dashboards.figures.sankey import Flow
from dashboards.figures.timeline import Span
from dashboards.figures.upset import Combination
from dashboards.findings import journeys, sharing, summary, together, trust, who
from dashboards.findings.comparing import Rate, change_words, clearly_higher, hidden_words, leaders, ranked

TODAY = date(2026, 10, 20)


def test_hidden_counts_rank_last_and_are_not_taken_for_zero() -> None:
    assert ranked([("a", None), ("b", 10), ("c", 30)]) == [("c", 30), ("b", 10), ("a", None)]


def test_counts_too_near_to_tell_apart_share_the_lead() -> None:
    assert leaders([("a", 100), ("b", 85), ("c", 60)]) == [("a", 100), ("b", 85)]
    assert (
        who.by_use([("a", 100), ("b", 85), ("c", 60)], 200, noun="theme") == "a and b reach most people: about 100 each"
    )


def test_one_clear_leader_is_named_with_its_share() -> None:
    assert (
        who.by_use([("Debt", 300), ("Housing", None)], 600, noun="theme")
        == "Debt reaches most people: 300, 50% of those counted"
    )


def test_no_visible_theme_is_said_and_not_an_error() -> None:
    assert "No theme reaches enough people" in who.by_use([("Debt", None)], None, noun="theme")


def test_a_rate_is_higher_only_when_intervals_do_not_overlap() -> None:
    assert clearly_higher(Rate("a", 500, 1000), Rate("b", 300, 1000))
    assert not clearly_higher(Rate("a", 40, 1000), Rate("b", 30, 1000))
    assert not clearly_higher(Rate("a", 500, 1000), Rate("b", None, 1000))


def test_deprivation_is_compared_only_between_visible_ends() -> None:
    rates = [Rate(str(n), count, 1000) for n, count in enumerate((600, 500, 400, 300, 200), 1)]
    assert "3.0 times as likely" in who.by_deprivation(rates)
    assert "cannot be compared" in who.by_deprivation([*rates[:4], Rate("5", None, 1000)])
    assert who.by_deprivation([Rate(str(n), 100, 1000) for n in range(5)]).startswith("No clear difference")


def test_neighbourhoods_are_named_only_when_they_differ_from_the_whole() -> None:
    rates = [Rate("High", 400, 1000), Rate("Middle", 200, 1000), Rate("Low", 90, 1000)]
    assert (
        who.by_area(rates, 200.0)
        == "Use is clearly higher in High and clearly lower in Low than in the area as a whole"
    )
    assert who.by_area([Rate("a", 200, 1000), Rate("b", 205, 1000)], 200.0).startswith("No neighbourhood differs")


def test_a_trend_compares_the_same_months_and_ignores_the_start_of_the_data() -> None:
    months = [(f"m{n}", 100 if n < 3 else 1000) for n in range(36)]
    assert "no clear change" in who.over_time(months)
    risen = [(f"m{n}", 1000 if n < 33 else 1200) for n in range(36)]
    assert who.over_time(risen) == "About 1,200 people a month, up 20% on a year before"


def test_a_small_move_is_no_change_and_a_hidden_year_no_comparison() -> None:
    assert change_words(110, 100, before_label="2025") == "No clear change from 100 in 2025."
    assert change_words(150, 100, before_label="2025") == "Up 50% from 100 in 2025."
    assert change_words(None, 100, before_label="2025").startswith("No comparable figure")


def test_hidden_figures_are_counted_in_words() -> None:
    assert hidden_words([1, 2], "figure") == ""
    assert hidden_words([None, 2, None], "figure") == " 2 figures are hidden to protect small groups."


def test_the_commonest_combination_counts_two_themes_or_more() -> None:
    found = [Combination(frozenset(["Debt"]), 500), Combination(frozenset(["Debt", "Housing"]), 90)]
    assert (
        together.combinations(found, 900)
        == "The commonest combination is debt and housing: 90 people use exactly these, 10% of those counted"
    )
    assert together.combinations(found[:1], 900).startswith("No combination of two or more")


def test_co_use_reads_from_both_sides() -> None:
    pairs = [("Debt", "Housing", 50, 100), ("Housing", "Debt", 50, 500)]
    assert together.co_use(pairs) == "50% of people using debt also use housing"
    assert together.asymmetry(pairs) == "Read from the other side, 10% of people using housing also use debt."


def test_shares_are_not_told_where_part_of_the_whole_is_hidden() -> None:
    sentence = together.how_many([("One", 100), ("Two", None), ("Three", 20), ("Four or more", 10)], "at the same time")
    assert "%" not in sentence
    assert "part of the rest is hidden" in sentence


def test_moves_between_near_equals_name_no_winner() -> None:
    cells = [("A", "B", 50, 100), ("B", "C", 45, 100), ("C", "A", 40, 100)]
    assert journeys.moves(cells).startswith("Many ways lead on")
    assert (
        journeys.moves([("A", "B", 50, 100)]) == "The commonest move to another theme is from A to B: 50 people, "
        "50% of those whose use of the first ended or led on"
    )


def test_the_share_of_single_step_journeys_is_at_least_because_steps_can_be_hidden() -> None:
    flows = [Flow(1, "a", "none", 60), Flow(1, "a", "b", 30)]
    assert journeys.steps(flows, {"b": "Housing"}, 200) == (
        "At least 30% of journeys have one theme so far; of those that go on and can be shown, most turn to housing"
    )


def test_only_clear_changes_are_named_on_the_summary() -> None:
    found = [summary.Change("Up", 130, 100), summary.Change("Still", 105, 100), summary.Change("Hidden", None, 100)]
    assert summary.changes(found) == "Up grew most, by 30%; no theme fell clearly"
    assert summary.changes(found[1:]) == "No theme changed clearly from the year before"


def feed(**facts: Any) -> dict[str, Any]:
    return {
        "feed": "f", "title": "Debt advice", "partner_name": "Advice", "permitted": True, "reason": None,
        "is_late": False, "newest_record_date": "2026-09-30", "rows_delivered": 1000, "rows_quarantined": 10,
        "people_match_rate": 90,
    } | facts  # fmt: skip


def agreement(**facts: Any) -> dict[str, Any]:
    return {"title": "Agreement", "in_force": True, "expires_on": "2028-01-01"} | facts


def test_trust_lights_turn_when_a_feed_is_late_or_not_permitted() -> None:
    good = trust.lights([feed()], [], [{"people": 1000}, {"people": 1010}], [agreement()], TODAY)
    assert [light.tone for light in good] == [
        "good",
        "good",
        "good",
        "warn",
        "good",
    ]  # no match rates by group are known
    late = trust.lights([feed(is_late=True), feed(permitted=False, reason="draft")], [], [], [agreement()], TODAY)
    assert [light.tone for light in late[:3]] == ["warn", "good", "warn"]
    assert late[4].tone == "warn"


def test_no_delivery_at_all_is_a_problem() -> None:
    assert trust.lights([], [], [], [], TODAY)[1].tone == "bad"


def test_a_refused_delivery_is_told_until_another_comes_in_its_place() -> None:
    refused = feed(refused_waiting=1, refused_waiting_at="2026-10-07T09:30:00")
    (said,) = trust.attention([refused], [agreement()], TODAY)
    assert "the delivery of 7 October 2026 was refused and has not been mended" in said
    assert "2 deliveries were refused" in trust.attention([refused | {"refused_waiting": 2}], [agreement()], TODAY)[0]
    light = trust.lights([refused], [], [], [agreement()], TODAY)[0]
    assert light.tone == "warn"
    assert "a delivery was refused" in light.sentence
    for mended in ({"refused_waiting": 0}, {}):
        assert trust.attention([feed(**mended)], [agreement()], TODAY) == []
        assert trust.lights([feed(**mended)], [], [], [agreement()], TODAY)[0].tone == "good"


def test_attention_lists_missing_late_and_ending_in_that_order() -> None:
    found = trust.attention(
        [feed(is_late=True), feed(permitted=False, reason="it is a draft")], [agreement(expires_on="2026-12-31")], TODAY
    )
    assert "not in the figures" in found[0]
    assert "late" in found[1]
    assert "expires on 31 December 2026" in found[2]


def test_groups_are_compared_within_feeds_and_not_across_them() -> None:
    rows = [
        {"feed": name, "group_kind": kind, "group_value": value, "records": records, "match_rate": rate}
        for name, kind, value, records, rate in (
            ("a", "all", "all", 1000, 90), ("a", "sex", "F", 900, 90), ("a", "sex", "M", 100, 90),
            ("b", "all", "all", 1000, 20), ("b", "sex", "F", 100, 20), ("b", "sex", "M", 900, 20),
        )
    ]  # fmt: skip
    assert set(trust.group_gaps(rows).values()) == {0.0}
    assert trust.match_rate(rows) == 0.55
    assert "equally often" in trust.evenness_finding(rows, {})


def test_the_next_agreement_to_end_is_one_in_force() -> None:
    spans = [
        Span("Draft", date(2026, 1, 1), date(2026, 11, 1), False, ""),
        Span("Signed", date(2024, 1, 1), date(2026, 12, 31), True, ""),
    ]
    assert sharing.next_to_end(spans, TODAY).startswith("Signed is the next agreement to end, in about 2 months")


def test_the_summary_does_not_call_people_few_whose_figures_are_withheld() -> None:
    said = summary.lede(None, None, during="2025", area="Tidewell", is_withheld=True)
    assert "may not be shown until the next refresh" in said
    assert "Too few" in summary.lede(None, None, during="2025", area="Tidewell")
