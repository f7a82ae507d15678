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


def read(cells: list[str], formats: list[str], *, is_typed: bool = False) -> list[date | None]:
    chosen = values.decide_format(pl.Series(cells), formats)
    assert chosen
    frame = pl.DataFrame({"c": cells}).select(values.date(pl.col("c"), chosen, is_typed=is_typed))
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


def test_numbers_lose_their_signs_and_separators_only() -> None:
    cells = pl.DataFrame({"c": ["£1,234.50", "12%", "-3", "1e5", "ten", "4.0"]})
    decimals, wholes = cells.select(
        values.number(pl.col("c"), whole=False).alias("d"), values.number(pl.col("c"), whole=True).alias("w")
    )
    assert decimals.to_list() == [1234.5, 12.0, -3.0, None, None, 4.0]
    assert wholes.to_list() == [None, 12, -3, None, None, 4]
