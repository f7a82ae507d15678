"""What needs attention and how sure a reader can be, from operational facts alone."""

from datetime import date
from typing import Any

from orchestration.reports.trust import MOST_ROWS, Trust, attention, least_linked, partner_rows

AS_OF = date(2026, 10, 20)


def feed(**changed: Any) -> dict[str, Any]:
    return {
        "feed": "debt",
        "title": "Debt advice",
        "partner_name": "Advice Centre",
        "permitted": True,
        "reason": None,
        "newest_record_date": "2026-09-28",
        "newest_delivery_at": "2026-10-08T09:30:00",
        "is_late": False,
        "rows_delivered": 1000,
        "rows_quarantined": None,
        "people_match_rate": 91,
    } | changed


def agreement(**changed: Any) -> dict[str, Any]:
    return {"title": "Sharing for design", "in_force": True, "expires_on": "2027-06-30", "review_on": None} | changed


def trust(*feeds: dict[str, Any], agreements: list[dict[str, Any]] | None = None, linkage: Any = ()) -> Trust:
    return Trust(feeds=feeds, agreements=agreements or [], linkage=linkage, as_of=AS_OF)


def test_nothing_needs_attention_when_all_feeds_are_in_and_no_agreement_ends_soon() -> None:
    assert attention(trust(feed(), agreements=[agreement()])) == []


def test_a_feed_without_permission_is_left_out_with_its_reason() -> None:
    facts = trust(feed(permitted=False, reason="the agreement expired on 30 June 2026"))
    assert attention(facts)[0][:2] == ("Debt advice is left out", "The agreement expired on 30 June 2026.")
    assert facts.missing() == ["Advice Centre"]


def test_a_refused_delivery_without_another_in_its_place_is_told_before_late_ones() -> None:
    refused = feed(title="Housing", refused_waiting=1, refused_waiting_at="2026-10-07T09:30:00")
    rows = attention(trust(feed(is_late=True), refused))
    assert rows[0][0] == "Housing: a delivery was refused"
    assert "7 October 2026" in rows[0][1]
    assert "receipt" in rows[0][2]
    assert attention(trust(feed(refused_waiting=0, refused_waiting_at=None))) == []


def test_a_feed_that_never_delivered_is_missing() -> None:
    facts = trust(feed(newest_delivery_at=None, newest_record_date=None))
    assert attention(facts)[0][0] == "Debt advice has sent nothing"
    assert partner_rows(facts) == [["Debt advice", "–", "–", "nothing sent"]]


def test_a_late_feed_is_told_with_the_date_of_its_newest_records() -> None:
    assert "28 September 2026" in attention(trust(feed(is_late=True)))[0][1]


def test_an_agreement_that_ends_within_90_days_is_told_and_a_later_one_is_not() -> None:
    soon, later = agreement(expires_on="2026-12-31"), agreement(expires_on="2027-03-01")
    assert [row[0] for row in attention(trust(feed(), agreements=[later, soon]))] == ["“Sharing for design” ends soon"]


def test_an_agreement_that_has_ended_is_not_said_to_end_soon() -> None:
    assert attention(trust(feed(), agreements=[agreement(in_force=False, expires_on="2026-11-01")])) == []


def test_overdue_reviews_share_one_row() -> None:
    rows = attention(trust(feed(), agreements=[agreement(review_on="2026-04-01")] * 3))
    assert [row[0] for row in rows] == ["3 agreements await review"]


def test_a_feed_that_loses_one_row_in_twenty_is_told() -> None:
    assert attention(trust(feed(rows_quarantined=50))) == []
    assert attention(trust(feed(rows_quarantined=120)))[0][1].startswith("12% of the rows")


def test_a_long_list_is_cut_and_says_so() -> None:
    rows = attention(trust(*[feed(is_late=True)] * 20))
    assert len(rows) == MOST_ROWS
    assert rows[-1][0] == "14 more"


def test_the_group_that_is_clearly_least_linked_is_named() -> None:
    def rate(kind: str, value: str, percent: int) -> dict[str, Any]:
        return {"feed": "debt", "group_kind": kind, "group_value": value, "records": 500, "match_rate": percent}

    labels = {("age_band", "16-24"): "people aged 16 to 24", ("sex", "F"): "female"}
    linkage = [rate("all", "all", 90), rate("age_band", "16-24", 70), rate("sex", "F", 89)]
    assert least_linked(trust(linkage=linkage), labels) == "people aged 16 to 24 (70%)"
    assert least_linked(trust(linkage=[rate("all", "all", 90), rate("sex", "F", 89)]), labels) == ""
