"""What holds of the simulator's parts for every input."""

import io

import fastexcel
import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.feeds.identifiers import standardise
from seeds.simulate.episodes import NAMES, NEVER, concurrency_at_starts, most_at_once, plant_at_once
from seeds.simulate.people import postcode_of, uprn_of
from seeds.simulate.place import largest_remainder
from seeds.simulate.workbook import workbook_bytes

TEXT = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="\x7f"), min_size=1, max_size=12)


@settings(deadline=None)
@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=60), st.integers(0, 5_000))
def test_shares_of_a_whole_add_up_to_it_and_are_at_most_one_from_exact(weights: list[float], total: int) -> None:
    given_weights = np.array(weights)
    shares = largest_remainder(given_weights, total)
    assert shares.sum() == total
    assert np.all(np.abs(shares - given_weights / given_weights.sum() * total) <= 1)


@given(st.lists(st.tuples(TEXT, st.none() | TEXT, st.none() | st.dates()), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_workbook_gives_back_the_text_and_dates_that_were_put_in(rows: list[tuple[object, ...]]) -> None:
    table = pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String, "c": pl.Date}, orient="row")
    table = table.with_columns(c=pl.when(pl.col("c") >= pl.date(1900, 3, 1)).then("c"))
    data = workbook_bytes({"Sheet & one": ([["above"]], table, [["below"]])})
    assert data == workbook_bytes({"Sheet & one": ([["above"]], table, [["below"]])})
    read = fastexcel.read_excel(io.BytesIO(data).getvalue())
    assert read.sheet_names == ["Sheet & one"]
    grid = read.load_sheet(0, header_row=None, dtypes="string").to_polars()
    found = grid.slice(2, table.height)
    assert found.get_column(grid.columns[0]).to_list() == table["a"].to_list()
    if table["b"].null_count() < table.height:
        assert found.get_column(grid.columns[1]).to_list() == table["b"].to_list()
    dates = [d and f"{d:%Y-%m-%d}" for d in table["c"].to_list()]
    if any(dates):
        assert [v and v[:10] for v in found.get_column(grid.columns[2]).to_list()] == dates


EPISODES = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, len(NAMES) - 1), st.integers(-50, 300), st.integers(1, 120)),
    min_size=1,
    max_size=60,
)


def frame_of(rows: list[tuple[int, int, int, int]]) -> pl.DataFrame:
    spans = pl.DataFrame(rows, schema=["person", "service", "start_day", "length"], orient="row")
    return (
        spans.unique(["person", "service"], maintain_order=True)
        .with_columns(
            end_day=pl.col("start_day") + pl.col("length"),
            referral_day=pl.col("start_day"),
            came_from=pl.lit(-1, pl.Int64),
            need=pl.lit("debt"),
            decision_day=pl.lit(NEVER, pl.Int64),
            fate=pl.lit("served"),
            is_completed=pl.lit(True),
            is_return=pl.lit(False),
            uid=pl.lit(0, pl.UInt32),
            parent=pl.lit(-1, pl.Int64),
        )
        .drop("length")
        .with_row_index("episode")
    )


@given(EPISODES)
@settings(max_examples=60, deadline=None)
def test_most_at_once_is_what_counting_day_by_day_gives(rows: list[tuple[int, int, int, int]]) -> None:
    episodes = frame_of(rows)
    days = 250
    counted: dict[int, int] = {}
    for (person,), mine in episodes.group_by("person"):
        spans = mine.select("service", "start_day", "end_day").rows()
        most = max(len({s for s, a, b in spans if a <= day <= b}) for day in range(days))
        if most:
            counted[int(str(person))] = most
    assert dict(most_at_once(episodes, days=days).select("person", "at_once").iter_rows()) == counted


@given(EPISODES, st.integers(0, 4), st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_the_planted_share_holds_exactly_wherever_enough_people_use_something(
    rows: list[tuple[int, int, int, int]], target: int, seed: int
) -> None:
    episodes = frame_of(rows)
    users = concurrency_at_starts(episodes, days=250)["person"].n_unique()
    planted = plant_at_once(np.random.default_rng(seed), episodes, people=100, share=target / 100, days=250)
    reached = most_at_once(planted, days=250).filter(pl.col("at_once") >= 4).height
    assert reached == min(target, users)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(0, 89)), min_size=1, max_size=50))
def test_invented_addresses_are_usable_and_a_property_number_is_never_shared(homes: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame(homes, schema=["address", "lsoa"], orient="row").unique("address", maintain_order=True)
    made = frame.select(postcode=postcode_of(pl.col("address"), pl.col("lsoa")), uprn=uprn_of(pl.col("address")))
    standard = standardise(made)
    assert standard["postcode"].null_count() == 0
    assert standard["uprn"].n_unique() == frame.height
