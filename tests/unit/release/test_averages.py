"""Sums, averages and percentiles: cut off, noisy, and only where the people behind them are shown."""

from collections.abc import Callable

import polars as pl
import pytest

from orchestration.release import Gate, Refused, Request
from orchestration.release.averages import averages, percentile_band
from orchestration.release.engine import CellKeyProtection, Evidence
from orchestration.release.noise import Noise
from orchestration.release.policy import POLICIES
from orchestration.settings import Settings
from tests.support.snapshot import serving_tables

BY = {"service": ("service",), "both": ("service", "sex"), "area": ("msoa", "theme")}


@pytest.mark.parametrize("by", BY.values(), ids=BY)
def test_a_sum_is_shown_only_where_its_people_are(gate: Gate, by: tuple[str, ...]) -> None:
    sums, people = (gate.answer(Request(measure, by, {}, "Y2025")) for measure in ("spells", "people"))
    shown = {row[:-1] for row in people.rows if row[-1] is not None}
    assert {row[:-1] for row in sums.rows if row[-1] is not None} <= shown
    assert any(row[-1] for row in sums.rows)


def runs(months: int) -> int:
    return (months & ~(months << 1)).bit_count()


@pytest.mark.parametrize(("measure", "amount"), [("months_of_use", int.bit_count), ("spells", runs)])
def test_a_published_sum_is_near_the_true_sum(gate: Gate, measure: str, amount: Callable[[int], int]) -> None:
    uses = serving_tables(people=3000, seed=1)["srv_person_service"]
    year = ((1 << 12) - 1) << 24
    months = uses.with_columns(months=pl.col("month_mask").map_elements(lambda m: amount(m & year), pl.Int64))
    truth = {
        service: (total, people)
        for service, total, people in months.filter(pl.col("months") > 0)
        .group_by("service_id")
        .agg(pl.col("months").sum(), pl.len())
        .rows()
    }
    table = gate.answer(Request(measure, ("service",), {}, "Y2025"))
    for code, figure in table.rows:
        if isinstance(figure, int):
            total, people = truth[str(code)]
            assert abs(figure - total) <= 5 * max(0.2 * 12, total / people) + 2.5 + 0.02 * total


def test_a_sum_that_two_people_make_is_hidden(published: Settings) -> None:
    policy = POLICIES["dashboard"]
    protection = CellKeyProtection(Noise(b"k" * 32, policy), policy)
    assert protection.publish_sum(Evidence((20, 7), (), (100, 60, 31))) is None
    assert protection.publish_sum(Evidence((20, 7), (), (100, 12, 12))) is not None


def test_a_sum_of_ones_is_no_better_measured_than_the_count() -> None:
    policy = POLICIES["dashboard"]
    protection = CellKeyProtection(Noise(b"k" * 32, policy), policy)
    sums = {protection.publish_sum(Evidence((60, key), (), (60, 1, 1))) for key in range(400)}
    counts = {protection.publish((60, key), (), 10) for key in range(400)}
    assert sums == counts == {55, 60, 65}


def test_an_average_is_the_published_sum_over_the_published_people(gate: Gate) -> None:
    sums, people = (gate.answer(Request(name, ("service",), {}, "Y2025")) for name in ("months_of_use", "people"))
    found = averages(sums, people)
    figures = {row[:-1]: (row[-1], count[-1]) for row, count in zip(sums.rows, people.rows, strict=True)}
    for code, average in found.items():
        amount, count = figures[code]
        assert average == (None if amount is None or count is None else round(int(amount) / int(count), 1))
    assert all(1 <= average <= 12 for average in found.values() if average is not None)


def test_an_average_of_two_questions_is_refused(gate: Gate) -> None:
    sums = gate.answer(Request("months_of_use", ("service",), {}, "Y2025"))
    with pytest.raises(Refused, match="same rows"):
        averages(sums, gate.answer(Request("people", ("service",), {}, "Y2024")))


def test_the_bands_of_a_service_are_published_and_give_its_median(gate: Gate) -> None:
    table = gate.answer(Request("length_of_use", ("service", "months_used"), {}, "all"))
    figures = [row[-1] for row in table.rows if row[0] == "debt_advice"]
    assert len(figures) == 5
    assert percentile_band([row if isinstance(row, int) else None for row in figures], None) is not None


@pytest.mark.parametrize(
    ("figures", "total", "band"),
    [
        ((20, 50, 30, None, None), 100, 1),
        ((20, None, 30, 20, 15), 100, 2),
        ((40, None, None, None, 40), 160, None),  # the hidden bands could move it
        ((None, None, None, None, None), 100, None),
        ((0, 0, 0, 0, 5), 5, None),
    ],
)
def test_a_percentile_is_a_band_that_hidden_figures_cannot_move(
    figures: tuple[int | None, ...], total: int, band: int | None
) -> None:
    assert percentile_band(figures, total) == band
