"""Published outputs of R ptable, R cellKey and the ONS package as oracles (data/cell_key_vectors, see its README)."""

import json
import os
import re
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from orchestration.release.cells import Cells, count_cells, sum_mod
from orchestration.release.noise import PerturbationTable
from orchestration.release.ptable import design_table
from tests.support.serving import WHOLE_WINDOW, serve_people

pytestmark = pytest.mark.acceptance
DATA = os.environ.get("JOINEDUP_ACCEPTANCE_DATA")
if not DATA:
    pytest.skip("JOINEDUP_ACCEPTANCE_DATA names no folder with cell_key_vectors", allow_module_level=True)
VECTORS = Path(DATA) / "cell_key_vectors"
R_TABLES = sorted((VECTORS / "ptable_r_1.0.0").glob("*.csv"))
COURSE_TABLE = {"largest": 2, "variance": 1.08, "never_below": 1, "monotone": (True, True, False, True)}
EIGHT_DIGITS = 10**8  # R cellKey's record keys have eight digits


def read_table(path: Path) -> dict[tuple[int, int], float]:
    """Return {(count, change): probability} of a perturbation table, whichever its separator."""
    separator = ";" if ";" in path.read_text().splitlines()[0] else ","
    frame = pl.read_csv(path, separator=separator, infer_schema=False).select(
        pl.col("i").cast(pl.Int64), pl.col("v").str.strip_chars().cast(pl.Int64), pl.col("p").cast(pl.Float64)
    )
    return {(count, change): probability for count, change, probability in frame.rows()}


def eight_digit_table(path: Path) -> PerturbationTable:
    """Return a perturbation table of the course with its own printed ends, in units of the eighth digit."""
    frame = pl.read_csv(path, separator=";", infer_schema=False).select(
        pl.col("i").cast(pl.Int64), pl.col("v").str.strip_chars().cast(pl.Int64), pl.col("p_int_ub").cast(pl.Float64)
    )
    rows = [frame.filter(pl.col("i") == count) for count in range(frame["i"].max() + 1)]
    return PerturbationTable(
        tuple(tuple(round(end * EIGHT_DIGITS) for end in row["p_int_ub"]) for row in rows),
        tuple(tuple(row["v"].to_list()) for row in rows),
    )


def parameters(name: str) -> dict[str, object]:
    """Return the arguments of `design_table` that a file name of R ptable stands for."""
    match = re.match(r"D(\d+)_V([\d.]+)_js(\d+)", name)
    assert match
    stay = re.search(r"pstay([\d.]+)(?:-([\d.]+))?", name)
    first = float(stay[1].rstrip(".")) if stay else 0.0
    largest = int(match[1])
    return {
        "largest": largest,
        "variance": float(match[2].rstrip(".")),
        "never_below": int(match[3]),
        "stay": () if not stay else (first,) * (largest - 1) + (float(stay[2]),) if stay[2] else (first,),
        "exact_variance": "optim4" in name,
        "monotone": (True, True, False, True) if "monoTTFT" in name else (True,),
    }


def differences(rows: object, expected: dict[tuple[int, int], float]) -> float:
    got = {(row.count, change): p for row in rows for change, p in zip(row.changes, row.probabilities, strict=True)}
    return max(abs(got.get(cell, 0.0) - expected.get(cell, 0.0)) for cell in got.keys() | expected.keys())


@pytest.mark.parametrize("path", R_TABLES, ids=lambda path: path.stem)
def test_the_designer_equals_r_ptable(path: Path) -> None:
    assert differences(design_table(**parameters(path.stem)), read_table(path)) < 1e-6


def test_there_are_23_tables_of_r_ptable() -> None:
    assert len(R_TABLES) == 23


def test_the_designer_equals_the_table_of_the_sas_distribution() -> None:
    expected = read_table_with_quotes(VECTORS / "ptable_d2_v108_js1.csv")
    assert differences(design_table(**COURSE_TABLE), expected) < 1e-6


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ptab1", COURSE_TABLE),
        ("ptab2", {"largest": 8, "variance": 3.0, "stay": (0.6,), "exact_variance": True}),
        ("ptab3", {"largest": 8, "variance": 3.0, "stay": (0.5,) * 7 + (0.3,), "exact_variance": True}),
        ("ptab6", {"largest": 8, "variance": 2.0, "stay": (0.6,), "exact_variance": True}),
    ],
)
def test_the_designer_equals_the_official_tables_of_the_census_course(name: str, arguments: dict[str, object]) -> None:
    assert differences(design_table(**arguments), read_table(VECTORS / "estp2023" / f"{name}.csv")) < 1e-6


def test_the_designer_equals_the_vector_of_ptables_own_unit_test() -> None:
    rows = design_table(largest=2, variance=1.05, never_below=1, monotone=(True, True, False, True))
    expected = [
        *(1, 0.50833333, 0.475, 0.01666667, 0.16155827, 0.55565037, 0.24246618, 0.04032518, 0.41231301, 0.28806097),
        *(0.18693903, 0.11268699, 0.07012498, 0.24450007, 0.37074990, 0.24450007, 0.07012498),
    ]
    assert [p for row in rows for p in row.probabilities] == pytest.approx(expected, abs=1e-6)


def read_table_with_quotes(path: Path) -> dict[tuple[int, int], float]:
    frame = pl.read_csv(path, separator=";", quote_char='"')
    return {(count, change): p for count, change, p in frame.select("i", "v", pl.col("p").cast(pl.Float64)).rows()}


@pytest.fixture(scope="module")
def census() -> pl.DataFrame:
    frame = pl.read_csv(VECTORS / "estp2023" / "microdata_10k_households.csv.gz", infer_schema=False)
    return frame.with_columns((pl.col("rkey").cast(pl.Float64) * EIGHT_DIGITS).round().cast(pl.UInt64).alias("key"))


def census_cells(census: pl.DataFrame, dimensions: tuple[str, ...], **attributes: str) -> Cells:
    with serve_people(census["key"], **{name: census[column] for name, column in attributes.items()}) as connection:
        return count_cells(
            connection, measure="people", dimensions=dimensions, period=WHOLE_WINDOW, keys=sum_mod(EIGHT_DIGITS)
        )


def with_levels(cells: Cells, *levels: int) -> Cells:
    """Return cells with the totals of every hierarchy added: at each position a code's prefixes and "Total"."""
    summed: Cells = {}
    for code, (count, key) in cells.items():
        widened: list[tuple[str, ...]] = [()]
        for index, value in enumerate(code):
            prefixes = [value[:length] for length in range(1, len(value) + 1)] if levels[index] else [value]
            widened = [(*start, step) for start in widened for step in ("Total", *prefixes)]
        for wide in widened:
            before, before_key = summed.get(wide, (0, 0))
            summed[wide] = before + count, (before_key + key) % EIGHT_DIGITS
    return summed


def test_cell_keys_and_noise_equal_r_cellkey_on_33_hierarchical_cells(census: pl.DataFrame) -> None:
    table = eight_digit_table(VECTORS / "estp2023" / "ptab1.csv")
    cells = with_levels(census_cells(census, ("sex", "ethnic_group"), sex="SEX", ethnic_group="COC_M"), 0, 1)
    expected = pl.read_csv(VECTORS / "estp2023" / "expected_ex4_sex_by_cocm_ptab1.csv", infer_schema=False)
    assert expected.height == 33
    for sex, country, row_nr, change, key in expected.rows():
        count, cell_key = cells[sex, country]
        assert cell_key / EIGHT_DIGITS == pytest.approx(float(key), abs=1e-8)
        assert table.change(count, cell_key) == int(change)
        assert row_nr


def test_noise_equals_r_cellkey_on_48_filtered_cells(census: pl.DataFrame) -> None:
    table = eight_digit_table(VECTORS / "estp2023" / "ptab1.csv")
    women = census.filter(pl.col("SEX") == "2")
    cells = with_levels(census_cells(women, ("msoa",), msoa="NUTS3"), 1)
    expected = pl.read_csv(VECTORS / "estp2023" / "expected_ex8_female_by_nuts3_ptab1.csv", infer_schema=False)
    assert expected.height == 48
    for area, count, _weighted, published, _weighted_published in expected.rows():
        # 13 and 130 are one set of people: R prints them by their own codes.
        true, cell_key = cells[(area,)]
        assert true == int(count)
        assert true + table.change(true, cell_key) == int(published)


def test_the_noise_of_1584_cells_equals_r_cellkey(census: pl.DataFrame) -> None:
    table = eight_digit_table(VECTORS / "estp2023" / "ptab2.csv")
    cells = with_levels(
        census_cells(census, ("sex", "ethnic_group", "msoa"), sex="SEX", ethnic_group="COC_M", msoa="NUTS3"), 0, 1, 1
    )
    facts = json.loads((VECTORS / "estp2023" / "expected_facts.json").read_text())["ex5"]
    noise = Counter(table.change(count, key) for count, key in cells.values())
    noise[0] += facts["cells"] - len(cells)  # empty cells keep their zero
    expected = pl.read_csv(VECTORS / "estp2023" / "expected_ex5_noise_histogram_sex_cocm_nuts3_ptab2.csv")
    assert dict(noise) == {-change: count for change, count in expected.select("noise", "cells").rows()}
    ones = [(count, key) for count, key in cells.values() if count == 1]
    assert len(ones) == facts["ones"]
    assert sum(table.change(count, key) == 8 for count, key in ones) == facts["ones_to_9"]


def test_single_look_ups_equal_those_of_the_course() -> None:
    table = eight_digit_table(VECTORS / "estp2023" / "ptab1.csv")
    facts = json.loads((VECTORS / "estp2023" / "expected_facts.json").read_text())
    for case in facts["ex1_lookup"]:
        key = int(case["ckey"] * EIGHT_DIGITS + 1e-6) % EIGHT_DIGITS
        assert table.change(case["i"], key) == case["pert"]


def test_cell_keys_noise_and_figures_equal_the_200_cells_of_ons() -> None:
    micro = pl.read_csv(VECTORS / "ons" / "micro.csv", infer_schema=False)
    with serve_people(
        micro["record_key"].cast(pl.UInt64), sex=micro["var1"], age_band=micro["var5"], ethnic_group=micro["var8"]
    ) as connection:
        dimensions = ("sex", "age_band", "ethnic_group")
        cells = count_cells(connection, measure="people", dimensions=dimensions, period=WHOLE_WINDOW, keys=sum_mod(256))
    dense = pl.read_csv(VECTORS / "ons" / "ptable_10_5.csv.gz").sort("pcv", "ckey")
    rows = [dense.filter(pl.col("pcv") == count)["pvalue"].to_list() for count in range(1, 751)]
    ends = tuple(range(1, 257))
    table = PerturbationTable(((256,), *(ends for _row in rows)), ((0,), *map(tuple, rows)), repeated=250)
    expected = pl.read_csv(VECTORS / "ons" / "expected_var1_var5_var8.csv", infer_schema=False)
    assert expected.height == 200
    for *code, count, key, _row, change, published in expected.rows():
        true, cell_key = cells.get(tuple(code), (0, 0))
        assert (true, cell_key) == (int(count), int(key))
        noise = table.change(true, cell_key) if true else 0
        assert noise == int(change)
        assert (true + noise if true + noise >= 10 else None) == (int(published) if published else None)
