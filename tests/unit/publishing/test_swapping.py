"""Some people stand in the neighbourhood of somebody like them, once and for good; nothing else changes."""

from pathlib import Path

import polars as pl
import pytest

from orchestration.area.policies import Swapping
from orchestration.redteam.attacks.lone_person import swapped
from tests.support.snapshot import serving_tables

AREA = ["msoa_code", "deprivation"]


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return serving_tables(people=3000, seed=8)


def moved(tables: dict[str, pl.DataFrame], after: pl.DataFrame) -> pl.DataFrame:
    before = tables["srv_person_year"].sort("year_code", "person_no")
    joined = before.join(after, on=["person_no", "year_code"], suffix="_after")
    return joined.filter((pl.col("msoa_code") != pl.col("msoa_code_after")) & (pl.col("year_code") == "all"))


def test_a_few_in_a_hundred_are_swapped_and_the_rare_far_more_often(
    tables: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    after, share = swapped(tables, tmp_path / "swaps.parquet")
    assert 0.03 < share < 0.5
    cell = ["msoa_code", "age_band", "sex", "ethnic_group"]
    people = tables["srv_person_year"].filter(year_code="all").with_columns(alike=pl.len().over(cell))
    chosen = set(moved(tables, after)["person_no"])
    rare, others = (people.filter(condition)["person_no"] for condition in (pl.col("alike") <= 2, pl.col("alike") > 20))
    assert len(chosen & set(rare)) / len(rare) > 0.3
    assert len(chosen & set(others)) / len(others) < 0.2


def test_figures_without_neighbourhood_are_not_touched(tables: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    after, _share = swapped(tables, tmp_path / "swaps.parquet")
    before = tables["srv_person_year"].sort("year_code", "person_no")
    assert after.drop(AREA).select(before.drop(AREA).columns).equals(before.drop(AREA))
    for year in ("all", "Y2025"):
        keys = ["age_band", "sex", "msoa_code"]
        counted = [frame.filter(year_code=year).group_by(keys).len().sort(keys) for frame in (before, after)]
        assert year != "all" or counted[0].equals(counted[1])


def test_a_pair_stays_a_pair_when_others_come_and_go(tables: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    kept = tmp_path / "swaps.parquet"
    swapped(tables, kept)
    first = set(pl.read_parquet(kept).rows())
    half = tables["srv_person"].filter(pl.col("person_no") % 10 != 0)
    fewer = tables | {
        "srv_person": half,
        "srv_person_year": tables["srv_person_year"].join(half, on="person_no", how="semi"),
    }
    swapped(fewer, kept)
    present = set(half["record_key"])
    still = {pair for pair in first if set(pair) <= present}
    assert still <= set(pl.read_parquet(kept).rows())
    assert all(set(pair) <= present for pair in pl.read_parquet(kept).rows())


def test_two_publishes_of_the_same_data_swap_the_same_people(tables: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    once = swapped(tables, tmp_path / "swaps.parquet")[0]
    assert swapped(tables, tmp_path / "swaps.parquet")[0].equals(once)
    assert swapped(tables, tmp_path / "other.parquet")[0].equals(once)


def test_the_file_of_pairs_is_for_its_owner_only(tables: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    swapped(tables, tmp_path / "swaps.parquet")
    assert (tmp_path / "swaps.parquet").stat().st_mode & 0o077 == 0


def test_nobody_is_swapped_where_the_area_has_decided_so(tables: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    after, share = swapped(tables, tmp_path / "swaps.parquet", Swapping(rare=0, others=0))
    assert share == 0
    assert moved(tables, after).is_empty()
