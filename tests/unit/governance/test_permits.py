"""An agreement permits only while it is signed, started and not over; otherwise the reason is told."""

from datetime import date

import pytest

from orchestration.governance.permits import permits
from tests.support.deliveries import ITEMS, TODAY, make_agreement


def test_a_signed_agreement_in_its_term_permits_its_items() -> None:
    decision = permits(make_agreement(), "debt_advice", today=TODAY)
    assert (decision.allowed, decision.may_keep) == (True, True)
    assert decision.items == frozenset(ITEMS)


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2027, 12, 31)])
def test_the_first_and_the_last_day_belong_to_the_term(day: date) -> None:
    assert permits(make_agreement(), "debt_advice", today=day).allowed


@pytest.mark.parametrize(
    ("changes", "today", "reason"),
    [
        ({"status": "draft"}, TODAY, "is not signed (it is draft)"),
        ({"status": "in_review"}, TODAY, "is not signed (it is in review)"),
        ({"status": "suspended"}, TODAY, "is suspended"),
        ({"status": "suspended", "on_expiry": "keep"}, TODAY, "is suspended"),
        ({"status": "ended"}, TODAY, "ended"),
        ({"status": "expired"}, TODAY, "expired"),
        ({}, date(2028, 1, 1), "expired on 31 December 2027"),
        ({}, date(2023, 12, 31), "starts on 01 January 2024"),
        ({"feeds": {"other": {"items": ["sex"]}}}, TODAY, "does not cover feed debt_advice"),
    ],
)
def test_an_agreement_that_is_not_in_force_permits_nothing_and_says_why(
    changes: dict[str, object], today: date, reason: str
) -> None:
    decision = permits(make_agreement(**changes), "debt_advice", today=today)
    assert (decision.allowed, decision.may_keep, decision.items) == (False, False, frozenset())
    assert decision.reason == f"agreement isa_advice {reason}"


def test_an_agreement_may_let_rows_already_held_stay_after_its_end() -> None:
    decision = permits(make_agreement(on_expiry="keep"), "debt_advice", today=date(2028, 1, 1))
    assert (decision.allowed, decision.may_keep) == (False, True)


def test_a_missing_agreement_permits_nothing_and_is_named() -> None:
    decision = permits(None, "debt_advice", today=TODAY, agreement_id="isa_x")
    assert (decision.allowed, decision.reason) == (False, "agreement isa_x not found in agreements/")
