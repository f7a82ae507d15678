"""A cell is missing for a reason, never zero; a column of dates has one format or none."""

from datetime import date

import polars as pl
import pytest

from orchestration.feeds import values


def reason(*cells: str | None) -> list[str | None]:
    return (
        pl.DataFrame({"c": list(cells)}, schema={"c": pl.String})
        .select(values.missing_reason(pl.col("c")))
        .to_series()
        .to_list()
    )


def read(
    cells: list[str], formats: list[str], *, is_typed: bool = False, pivot: int | None = None
) -> list[date | None]:
    chosen = values.decide_format(pl.Series(cells), formats, pivot)
    assert chosen
    frame = pl.DataFrame({"c": cells}).select(values.date(pl.col("c"), chosen, is_typed=is_typed, pivot=pivot))
    return frame.to_series().to_list()


def test_a_typed_date_is_read_beside_a_written_one() -> None:
    cells = ["2025-03-01", "02/03/2025"]
    assert read(cells, ["%d/%m/%Y"], is_typed=True) == [date(2025, 3, 1), date(2025, 3, 2)]
    assert read(cells, ["%d/%m/%Y"]) == [None, date(2025, 3, 2)]


def test_small_numbers_that_were_suppressed_are_missing_and_never_zero() -> None:
    assert reason("*", "**", "under 5", "<5", "< 10", "Fewer than 5", "suppressed") == ["suppressed"] * 7


def test_null_words_are_missing() -> None:
    assert reason("NULL", "n/a", "N/A", "#N/A", "None", "-", ".", "nan", "Not applicable") == ["null_marker"] * 9


def test_values_are_not_missing() -> None:
    assert reason("0", "5", "Nantwich", "under", "a.b") == [None] * 5
    assert reason(None) == ["blank"]


@pytest.mark.parametrize(
    ("cells", "formats", "expected"),
    [
        (["01/02/2025", "13/02/2025"], ["%d/%m/%Y", "%m/%d/%Y"], date(2025, 2, 1)),
        (["01/02/2025", "02/13/2025"], ["%d/%m/%Y", "%m/%d/%Y"], date(2025, 1, 2)),
        (["2025-02-01 10:30:00"], ["%Y-%m-%d"], date(2025, 2, 1)),
        (["03-Feb-25"], ["%d-%b-%y"], date(2025, 2, 3)),
        (["20250203"], ["%Y%m%d"], date(2025, 2, 3)),
        (["03/02/25", "28/02/25"], ["%d/%m/%Y", "%d/%m/%y"], date(2025, 2, 3)),
        (["02/2025"], ["%m/%Y"], date(2025, 2, 1)),
        (["3/2/2025 09:05:00 AM"], ["%d/%m/%Y %I:%M:%S %p"], date(2025, 2, 3)),
    ],
)
def test_the_whole_column_decides_its_format(cells: list[str], formats: list[str], expected: date) -> None:
    assert read(cells, formats)[0] == expected


def test_a_column_that_two_formats_read_differently_is_undecided_and_no_row_is_guessed() -> None:
    assert values.decide_format(pl.Series(["01/02/2025", "03/04/2025"]), ["%d/%m/%Y", "%m/%d/%Y"]) is None


def test_two_formats_that_agree_on_every_value_are_no_conflict() -> None:
    assert values.decide_format(pl.Series(["02/02/2025", None]), ["%d/%m/%Y", "%m/%d/%Y"]) == "%d/%m/%Y"


def test_a_value_in_another_format_than_its_column_is_unread() -> None:
    cells = ["13/02/2025", "14/02/2025", "02/15/2025"]
    assert read(cells, ["%d/%m/%Y", "%m/%d/%Y"]) == [date(2025, 2, 13), date(2025, 2, 14), None]


@pytest.mark.parametrize(
    ("pivot", "cells", "expected"),
    [
        (1930, ["03/02/30", "03/02/29"], [date(1930, 2, 3), date(2029, 2, 3)]),
        (1926, ["31/12/25", "01/01/26"], [date(2025, 12, 31), date(1926, 1, 1)]),
        (1901, ["29/02/00", "29/02/04"], [date(2000, 2, 29), date(1904, 2, 29)]),
        (1900, ["29/02/00"], [None]),
        (1970, ["28/02/99", "01/03/00"], [date(1999, 2, 28), date(2000, 3, 1)]),
    ],
)
def test_years_of_two_digits_lie_in_the_hundred_years_from_the_pivot(
    pivot: int, cells: list[str], expected: list[date | None]
) -> None:
    assert read(cells, ["%d/%m/%y"], pivot=pivot) == expected


def test_days_that_a_spreadsheet_counts_are_dates_where_the_contract_says_so() -> None:
    cells = ["45717", "45717.75", "61", "59", "60", "0", "2958466", "-1", "3 March 2025"]
    expected = [date(2025, 3, 1), date(2025, 3, 1), date(1900, 3, 1), date(1900, 2, 28), None, None, None, None, None]
    assert read(cells, ["excel"]) == expected
    assert read(["44255"], ["excel1904"]) == [date(2025, 3, 1)]


def test_a_column_of_counted_days_and_one_of_compact_dates_are_told_apart() -> None:
    assert read(["20250301", "20250302"], ["excel", "%Y%m%d"]) == [date(2025, 3, 1), date(2025, 3, 2)]
    assert read(["45717", "45718"], ["%Y%m%d", "excel"]) == [date(2025, 3, 1), date(2025, 3, 2)]


def test_september_is_september_with_four_letters_too() -> None:
    assert read(["3 Sept 2025", "3 Sep 2025"], ["%d %b %Y"]) == [date(2025, 9, 3)] * 2


def test_the_errors_of_a_spreadsheet_are_missing_values() -> None:
    assert reason("#REF!", "#DIV/0!", "#VALUE!", "#NAME?") == ["null_marker"] * 4
