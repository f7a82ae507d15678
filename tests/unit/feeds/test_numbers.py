"""Numbers are read as accountants write them, and what is not clearly a number is not read at all."""

import polars as pl
import pytest

from orchestration.feeds.numbers import number


def read(*cells: str | None, decimal: str = ".", whole: bool = False) -> list[float | None]:
    frame = pl.DataFrame({"c": list(cells)}, schema={"c": pl.String})
    return frame.select(number(pl.col("c"), whole=whole, decimal=decimal)).to_series().to_list()


def test_currency_signs_before_and_after_are_no_part_of_a_number() -> None:
    assert read("£1,234.50", "€ 5", "5 GBP", "usd 7.25", "$0", "-£5", "£-5") == [1234.5, 5, 5, 7.25, 0, -5, -5]


def test_thousands_are_separated_by_commas_blanks_or_apostrophes() -> None:
    assert read("1,234", "12,345,678.9", "1 234", "1\u00a0234", "1'234", "1’234", "1234") == [
        1234, 12345678.9, 1234, 1234, 1234, 1234, 1234,
    ]  # fmt: skip


@pytest.mark.parametrize("cell", ["1,5", "1,23,456", "12,34.5", "1.2.3", "1,234 567", "1e5", "ten", "5GBP6", "--5", ""])
def test_what_is_not_clearly_a_number_is_not_read(cell: str) -> None:
    assert read(cell) == [None]


def test_brackets_and_a_minus_behind_mean_less_than_zero() -> None:
    assert read("(5.00)", "(£1,000)", "£(20)", "5-", "1,000.50-", "−3", "–3") == [-5, -1000, None, -5, -1000.5, -3, -3]


def test_a_minus_inside_brackets_is_a_slip_and_not_read() -> None:
    assert read("(-5)", "-5-") == [None, None]


def test_a_percentage_is_its_figure() -> None:
    assert read("12%", "12.5 %", "-3%") == [12, 12.5, -3]


def test_a_decimal_comma_is_one_only_where_it_is_declared() -> None:
    assert read("1.234,5", "1.234", "0,75", "€ 1 000,5", "1,234.5", decimal=",") == [1234.5, 1234, 0.75, 1000.5, None]


def test_whole_numbers_are_whole() -> None:
    assert read("4.0", "4.5", "1,000", "£7", whole=True) == [4, None, 1000, 7]


def test_missing_stays_missing_and_never_becomes_zero() -> None:
    assert read(None, "*", "n/a") == [None, None, None]
