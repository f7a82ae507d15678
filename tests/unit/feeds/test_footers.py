"""What stands under a table's last record is no person, whatever it says; a poor record elsewhere stays one."""

from pathlib import Path

import pytest

from orchestration.feeds.receipts import Receipt
from tests.support.deliveries import as_csv, check, found, row

ROWS = [row(number) for number in range(3)]


def with_end(tmp_path: Path, end: str, start: str = "") -> Receipt:
    header, records = as_csv(ROWS).split("\n", 1)
    return check(tmp_path, f"{header}\n{start}{records}{end}")


@pytest.mark.parametrize(
    "end",
    [
        "Signed: John Smith,,,,,,,\n",
        "Printed on 3 March 2025\n",
        ",,Page 1 of 1,,,,,\n",
        "Notes: none,,,,,,,\n\nSigned,,,,,,,\n",
        "Count: 3\n",
    ],
)
def test_rows_of_one_cell_under_the_last_record_are_a_footer(tmp_path: Path, end: str) -> None:
    receipt = with_end(tmp_path, end)
    assert (receipt.entities["person"].delivered, receipt.entities["person"].accepted) == (3, 3)
    assert receipt.files[0].set_aside["footer_rows"] == sum(bool(line) for line in end.splitlines())


@pytest.mark.parametrize("end", ["\x1a", "\x1a\n", "\f", "\f\n", "\x0c\x1a"])
def test_the_marks_that_end_a_file_are_no_record(tmp_path: Path, end: str) -> None:
    receipt = with_end(tmp_path, end)
    assert (receipt.files[0].rows, receipt.files[0].set_aside) == (3, {"blank_rows": 1, "footer_rows": 0})


@pytest.mark.parametrize("word", ["Sum", "Average", "Mean", "Median", "Count"])
def test_a_row_of_sums_or_averages_is_put_aside_as_a_total(tmp_path: Path, word: str) -> None:
    receipt = with_end(tmp_path, f"{word},,,,,,,12\n")
    assert found(receipt)["totals_row"] == 2  # for the person and the episode of the row
    assert receipt.entities["person"].quarantined == 1


def test_rows_of_one_cell_are_records_where_another_record_is_one_too(tmp_path: Path) -> None:
    receipt = with_end(tmp_path, "P9,,,,,,,\n", start="P8,,,,,,,\n")
    assert (receipt.files[0].rows, receipt.files[0].set_aside["footer_rows"]) == (5, 0)


def test_many_rows_of_one_cell_are_no_footer(tmp_path: Path) -> None:
    receipt = with_end(tmp_path, "".join(f"P{number},,,,,,,\n" for number in range(100, 121)))
    assert (receipt.files[0].rows, receipt.files[0].set_aside["footer_rows"]) == (24, 0)
