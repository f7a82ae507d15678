"""Periods nest: month in quarter in year in the whole window."""

from datetime import date

import pytest

from orchestration.area.periods import periods
from orchestration.errors import AreaPackError

FOUND = periods(date(2023, 10, 1), 36)
BY_CODE = {period.code: period for period in FOUND}


def test_a_window_of_three_years_has_36_months_12_quarters_3_years_and_itself() -> None:
    assert len(FOUND) == 36 + 12 + 3 + 1
    assert FOUND[-1].code == "all"


def test_codes_and_labels_say_when() -> None:
    assert BY_CODE["2025-03"].label == "March 2025"
    assert BY_CODE["2023-Q4"].label == "October to December 2023"
    assert BY_CODE["Y2025"].label == "12 months to September 2026"
    assert BY_CODE["2025-03"].year_code == "Y2024"


def test_any_two_periods_are_nested_or_apart() -> None:
    for one in FOUND:
        for other in FOUND:
            common = one.month_mask & other.month_mask
            assert common in (0, one.month_mask, other.month_mask)


def test_a_year_is_the_sum_of_its_months() -> None:
    months = [p.month_mask for p in FOUND if p.level == "month" and p.year_code == "Y2024"]
    assert sum(months) == BY_CODE["Y2024"].month_mask


@pytest.mark.parametrize(
    ("first", "months"), [(date(2023, 11, 1), 36), (date(2023, 10, 1), 30), (date(2023, 10, 1), 72)]
)
def test_a_window_that_does_not_nest_is_refused(first: date, months: int) -> None:
    with pytest.raises(AreaPackError, match="do not nest"):
        periods(first, months)
