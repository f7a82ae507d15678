"""Real columns whose types people have annotated are read as those types, by the contract's words for them."""

import json

import polars as pl
import pytest

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds import values
from orchestration.feeds.numbers import number
from orchestration.feeds.rawtables import read_table
from tests.support.acceptance import acceptance_data

pytestmark = pytest.mark.acceptance

FOLDER = "csv_ptype_annotated"
NUMBERS = {"integer": True, "float": False}
HEADLESS = {"auto": [f"column {number}" for number in range(26)]}
NOT_REPORTED = {"mass_6": ["NR"]}
"""Words for 'missing' that only their partner uses: they stay unread, and are counted on the receipt."""
DAY_FIRST = {("accident2016", 4), ("inspection_outcomes", 15)}
ANSWERS = {"Yes", "No", "Y", "N"}


def columns(kinds: set[str]) -> list[tuple[str, int, str, pl.Series]]:
    """Return file, position, annotated type and the cells that hold something, for every column of these types."""
    found = []
    for name, types in json.loads(acceptance_data(FOLDER, "annotations.json").read_text(encoding="utf-8")).items():
        declared = DeliveryFile(pattern=".*", header=HEADLESS.get(name, []))
        table = read_table(acceptance_data(FOLDER, f"{name}.csv"), declared, [])
        assert len(types) == len(table.columns)
        for place, (column, kind) in enumerate(zip(table.columns, types, strict=True)):
            cells = table.frame.select(pl.col(column).alias("c"))
            cells = cells.filter(values.missing_reason(pl.col("c")).is_null())
            if kind in kinds and cells.height:
                found.append((name, place, kind, cells["c"]))
    return found


def unread(cells: pl.Series, made: pl.Expr) -> list[str]:
    return cells.to_frame("c").filter(made.is_null())["c"].unique().sort().to_list()


def test_every_cell_of_an_annotated_number_is_read() -> None:
    found = columns(set(NUMBERS))
    assert len(found) > 60
    for name, place, kind, cells in found:
        left = unread(cells, number(pl.col("c"), whole=NUMBERS[kind]))
        assert left in ([], NOT_REPORTED.get(name, [])), (name, place)


def test_british_dates_are_decided_by_their_column_and_all_read() -> None:
    found = {(name, place): cells for name, place, _, cells in columns({"date", "date-eu"})}
    for where in DAY_FIRST:
        read = values.decide_dates(found[where], ["%m/%d/%Y", "%d/%m/%Y"])
        assert (read.chosen, read.dates.null_count()) == ("%d/%m/%Y", 0)


def test_timestamps_are_read_as_days() -> None:
    ((_, _, _, cells),) = [found for found in columns({"date-non-std"}) if found[0] == "survey"]
    assert values.decide_dates(cells, ["%Y-%m-%d"]).dates.null_count() == 0


def test_yes_and_no_are_read_and_other_answers_are_not_taken_for_either() -> None:
    found = columns({"boolean"})
    assert len(found) > 10
    for name, place, _, cells in found:
        left = unread(cells, values.boolean(pl.col("c")))
        assert not ANSWERS & set(left), (name, place)
        assert set(cells.unique()) - set(left) <= ANSWERS, (name, place)
