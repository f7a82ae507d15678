"""Stocks, engagement, funnels, disproportion and conflicts of a simulated area are those of its true lives.

Each test works the rule out once more over truth (docs/reference/truth.md), where people are who they are.
"""

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.area import load_area
from orchestration.settings import Settings
from seeds.simulate.pathways import SERVICES

FIRST, LAST = date(2023, 10, 1), date(2026, 9, 30)
NEWEST_YEAR = date(2025, 10, 1)
MANY = 50
"""Cases from which on a planted share far from its theme's must be seen."""


@pytest.fixture(scope="module")
def tables(small_area: Settings) -> dict[str, pl.DataFrame]:
    """Return the measures of the small area, and what its feeds told of people."""
    with duckdb.connect(str(small_area.warehouse / "build.duckdb"), read_only=True) as connection:
        names = ("funnel_plot", "stock_age", "engagement", "disproportion", "source_conflict", "recorded_need")
        names += ("household_need",)
        found = {f"mart_{name}": connection.sql(f"from marts.mart_{name}").pl() for name in names}
        found["stg_people"] = connection.sql("from staging.stg_people").pl()
        return found | {"int_service_windows": connection.sql("from intermediate.int_service_windows").pl()}


@pytest.fixture(scope="module")
def served(truth: Path) -> pl.DataFrame:
    """Return true stays that began by the end of the data."""
    spells = pl.read_parquet(truth / "true_spells.parquet")
    return spells.filter((pl.col("fate") == "served") & (pl.col("start_date") <= LAST))


def test_services_far_from_their_themes_planted_share_lie_outside_the_funnel(tables: dict[str, pl.DataFrame]) -> None:
    """By the planted chances of a start and of an end as planned, in standard errors from the theme's share."""
    plot = tables["mart_funnel_plot"].filter(pl.col("indicator").is_in(["started", "completed"]))
    far: list[tuple[float, str]] = []
    near: list[tuple[float, str]] = []
    for row in plot.filter((pl.col("compared_services") > 1) & (pl.col("total") >= MANY)).iter_rows(named=True):
        service, target = SERVICES[row["service_id"]], row["target_share"]
        planted = service.completed if row["indicator"] == "completed" else 1 - service.declined - service.withdrawn
        away = (planted - target) / (target * (1 - target) / row["total"]) ** 0.5
        (far if abs(away) > 3.5 else near if abs(away) < 1 else []).append((away, row["position"]))
    assert far
    assert len(near) >= 10
    assert all(place == ("above_998" if away > 0 else "below_998") for away, place in far)
    assert all(place not in ("above_998", "below_998") for _, place in near)


def test_who_is_open_at_a_months_end_and_how_long_is_that_of_the_truth(
    tables: dict[str, pl.DataFrame], served: pl.DataFrame
) -> None:
    """At the end of March 2026, by bands of weeks, for services whose feeds tell of that month and of no contacts."""
    day = date(2026, 3, 31)
    told = tables["int_service_windows"].filter(pl.col("observed_to_date") == LAST)["service_id"]
    feeds = ("community_mental_health", "social_prescribing")  # a kept contact is use too, and no true episode
    here = served.filter(pl.col("service_id").is_in(told.implode()) & ~pl.col("feed").is_in(feeds))
    standing = here.filter((pl.col("start_date") <= day) & (pl.col("end_date") > day)).unique(
        ["true_person_id", "service_id"]
    )
    weeks = (pl.lit(day) - pl.col("start_date")).dt.total_days() // 7
    found = tables["mart_stock_age"].filter(
        (pl.col("stock") == "open")
        & (pl.col("month_code") == "2026-03")
        & pl.col("service_id").is_in(here["service_id"].unique().implode())
    )
    assert found["cases"].sum() == pytest.approx(standing.height, rel=0.05)
    assert standing.height > 150
    for band, (low, high) in {"0-3": (0, 3), "12-17": (12, 17), "52-103": (52, 103)}.items():
        expected = standing.filter(weeks.is_between(low, high)).height
        assert found.filter(weeks_band=band)["cases"].sum() == pytest.approx(expected, rel=0.12, abs=4)


def test_who_was_here_before_and_who_is_new_is_that_of_the_truth(
    tables: dict[str, pl.DataFrame], served: pl.DataFrame
) -> None:
    """In the newest year, which has the whole look-back behind it, by day of the first use and the end before it."""
    alive = served.filter(pl.col("end_date") >= FIRST)
    used = alive.filter(pl.col("end_date") >= NEWEST_YEAR)
    before = alive.filter(pl.col("start_date") < NEWEST_YEAR).group_by("true_person_id").agg(pl.col("end_date").max())
    firsts = used.group_by("true_person_id").agg(pl.col("start_date").min())
    people = firsts.join(before, on="true_person_id", how="left").with_columns(
        continuing=(pl.col("end_date") >= NEWEST_YEAR).fill_null(False),
        days=(pl.col("start_date") - pl.col("end_date")).dt.total_days(),
    )
    row = tables["mart_engagement"].filter(period_code="Y2025").row(0, named=True)
    assert row["has_full_lookback"]
    assert row["people"] == pytest.approx(people.height, rel=0.03)
    assert row["continuing_people"] == pytest.approx(people["continuing"].sum(), rel=0.06)
    new = people.filter(~pl.col("continuing") & (pl.col("days").is_null() | (pl.col("days") > 730)))
    assert row["new_people"] == pytest.approx(new.height, rel=0.08)
    back = row["returned_people"] + row["re_engaged_people"] + row["unclear_people"]
    assert back == pytest.approx(people.height - new.height - people["continuing"].sum(), rel=0.12)


def test_the_most_deprived_use_services_as_much_more_often_as_they_truly_do(
    tables: dict[str, pl.DataFrame], served: pl.DataFrame, truth: Path, small_area: Settings
) -> None:
    persons = pl.read_parquet(truth / "true_persons.parquet")
    geography = load_area(small_area.area_dir).geography
    assert geography is not None
    homes = pl.read_parquet(truth / "true_households.parquet").filter(pl.col("from_date") <= LAST)
    last = homes.sort("from_date").group_by("true_household_id").last()  # who moved counts where they live at last
    lived = last.join(geography.areas.select("lsoa_code", quintile="imd_quintile"), on="lsoa_code")
    persons = persons.drop("quintile").join(lived.select("true_household_id", "quintile"), on="true_household_id")
    users = persons.join(served.filter("is_in_window"), on="true_person_id", how="semi")
    rates = {
        quintile: users.filter(quintile=quintile).height / persons.filter(quintile=quintile).height
        for quintile in range(1, 6)
    }
    found = tables["mart_disproportion"].filter(
        (pl.col("group_kind") == "deprivation") & (pl.col("year_code") == "all")
    )
    ratios = dict(found.select("group_value", "rate_ratio").iter_rows())
    for quintile in range(1, 6):
        others = persons.filter(pl.col("quintile") != quintile)
        rest = users.filter(pl.col("quintile") != quintile).height / others.height
        assert ratios[str(quintile)] == pytest.approx(rates[quintile] / rest, rel=0.15)
    assert ratios["1"] > 1.2
    assert ratios["5"] < 0.8


@pytest.mark.parametrize("attribute", ["sex", "birth_month", "ethnicity"])
def test_conflicts_between_feeds_are_those_of_true_people(
    tables: dict[str, pl.DataFrame], truth: Path, attribute: str
) -> None:
    """The records that came, put together by who they truly are: what linkage adds or loses is little."""
    column = {"ethnicity": "ethnicity_code"}.get(attribute, attribute)
    stated = (
        tables["stg_people"]
        .join(pl.read_parquet(truth / "records.parquet"), on=["feed", "source_ref"])
        .drop_nulls(column)
        .filter(~pl.col(column).cast(pl.String).is_in(["refused", "not_obtained", "U"]))
    )
    people = stated.group_by("true_person_id").agg(feeds=pl.col("feed").n_unique(), values=pl.col(column).n_unique())
    known = people.filter(pl.col("feeds") > 1)
    expected = known.filter(pl.col("values") > 1).height / known.height
    row = tables["mart_source_conflict"].filter(year_code="all", attribute=attribute).row(0, named=True)
    assert row["people_compared"] > 100
    assert row["conflict_share"] == pytest.approx(expected, abs=0.03)


@pytest.fixture(scope="module")
def recorded(truth: Path) -> pl.DataFrame:
    """Return needs that partners wrote down in the window."""
    return pl.read_parquet(truth / "recorded_needs.parquet").filter(pl.col("recorded_date").is_between(FIRST, LAST))


def test_recorded_needs_and_those_that_nobody_met_are_those_of_the_truth(
    tables: dict[str, pl.DataFrame], recorded: pl.DataFrame, served: pl.DataFrame, small_area: Settings
) -> None:
    """A person counts once for a need, by its first record; met by a stay of a matching theme open within 90 days."""
    directory = load_area(small_area.area_dir).directory
    first = recorded.group_by("true_person_id", "need_code").agg(pl.col("recorded_date").min())
    matching = directory.needs.join(directory.services, left_on="service_theme", right_on="theme")
    met = (
        first.join(matching.select("need_code", service_id="id"), on="need_code")
        .join(served, on=["true_person_id", "service_id"])
        .filter(pl.col("end_date") >= pl.col("recorded_date"))
        .filter((pl.col("start_date") - pl.col("recorded_date")).dt.total_days() <= 90)
    )
    judged = first.filter((pl.lit(LAST) - pl.col("recorded_date")).dt.total_days() >= 90)
    unmet = judged.join(met, on=["true_person_id", "need_code"], how="anti")
    found = tables["mart_recorded_need"].filter(year_code="all")
    assert first.height > 60
    assert found["people"].sum() == pytest.approx(first.height, rel=0.08)
    assert found["people_judged"].sum() == pytest.approx(judged.height, rel=0.08)
    assert unmet.height > 15
    assert found["people_not_met"].sum() == pytest.approx(unmet.height, rel=0.1, abs=3)


def test_households_with_three_needs_are_those_of_the_truth(
    tables: dict[str, pl.DataFrame], recorded: pl.DataFrame
) -> None:
    """A household whose address was never told well enough to make a token of it is in none of them."""
    homes = recorded.group_by("true_household_id").agg(needs=pl.col("need_code").n_unique())
    three = homes.filter(pl.col("needs") >= 3).height
    found = tables["mart_household_need"].filter(year_code="all").sum()
    assert homes.height > 30
    assert 0.8 * homes.height < found["households"].item() <= homes.height
    share = found["households_with_3"].item() / found["households"].item()
    assert share == pytest.approx(three / homes.height, abs=0.1)
