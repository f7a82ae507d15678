"""A warehouse's inputs straight from the simulator's true lives: no deliveries, no linkage, any size in seconds.

What belongs here: what the simulator drew, as if every partner had recorded it at once and all links were known. What
does not: anything planted here; the simulator plants.
"""

import zlib
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.area import load_area
from orchestration.bench.warehouse_inputs import write_inputs
from orchestration.settings import repository_root
from seeds.simulate.episodes import NAMES, draw_episodes
from seeds.simulate.happenings import describe_episodes, draw_outcomes, mark_known_before
from seeds.simulate.needs import draw_needs
from seeds.simulate.pathways import SERVICES
from seeds.simulate.people import draw_residents
from seeds.simulate.simulation import _areas

ADVICE = "debt_advice"
"""The feed whose outcomes are drawn."""
START, DAYS = np.datetime64("2023-10-01"), 1096


def true_episodes(people: int, *, seed: int) -> pl.DataFrame:
    """Return the true episodes of an area, with is_known_before, and the outcome of those that have one."""
    area = load_area(repository_root() / "seeds" / "demo_area")
    geography = area.geography
    assert geography is not None

    def stream(name: str) -> np.random.Generator:
        return np.random.default_rng([seed, zlib.crc32(name.encode())])

    residents = draw_residents(
        stream("people"),
        people=people,
        areas=_areas(geography.areas, geography.population),
        population=geography.population.sort("lsoa_code", "sex", "age_from"),
        window=(START, START + DAYS),
    )
    needs = draw_needs(stream("needs"), residents.people, start=START, days=DAYS)
    drawn = draw_episodes(stream("episodes"), residents, needs, start=START, days=DAYS)
    feeds = {number: SERVICES[name].feed for number, name in enumerate(NAMES)}
    told = drawn.with_columns(
        feed=pl.col("service").replace_strict(feeds),
        service_id=pl.col("service").replace_strict(dict(enumerate(NAMES))),
    )
    marked = mark_known_before(describe_episodes(stream("episode details"), told))
    outcomes = draw_outcomes(stream("outcomes"), marked, feed=ADVICE)
    lived = residents.people.select("person", "sex", "birth_date")
    return marked.join(outcomes, on="episode_ref", how="left").join(lived, on="person")


def write_truth(home: Path, episodes: pl.DataFrame, *, comparisons: pl.DataFrame) -> None:
    """Write a home in which one feed has delivered these episodes and outcomes, each person under one reference."""
    told = {
        "feed": "alpha", "partner": "council", "delivery_id": "d1", "source_file": "file.csv", "agreement_id": "a1"
    }  # fmt: skip
    last = date(2026, 9, 30)
    day = {name: pl.lit(START).cast(pl.Date) + pl.duration(days=f"{name}_day") for name in ("referral", "start", "end")}
    rows = episodes.select(
        **{name: pl.lit(value) for name, value in told.items()},
        source_row=pl.int_range(1, pl.len() + 1),
        source_ref=pl.format("p{}", "person"),
        episode_ref="episode_ref",
        service_id="service_id",
        referral_date=day["referral"],
        start_date=day["start"],
        end_date=pl.when(day["end"] <= last).then(day["end"]),
        status=pl.lit(None, pl.String),
    )
    outcomes = (
        episodes.with_row_index("source_row", offset=1)
        .filter(pl.col("outcome_ref").is_not_null() & (day["end"] <= last))
        .select(
            "source_row",
            "outcome_ref",
            **{name: pl.lit(value) for name, value in told.items()},
            source_ref=pl.format("p{}", "person"),
            outcome_code=pl.lit("financial_stability"),
            recorded_date=day["end"],
        )
    )
    people = episodes.unique("person", maintain_order=True).select(
        "sex",
        **{name: pl.lit(value) for name, value in told.items()},
        source_row=pl.int_range(1, pl.len() + 1),
        source_ref=pl.format("p{}", "person"),
        birth_month=pl.col("birth_date").dt.month_start(),
    )
    services = episodes.select("service_id").unique().sort("service_id")
    write_inputs(
        home,
        entities={"person": people, "episode": rows, "outcome": outcomes},
        linkage={
            "person_links": people.select("feed", "source_ref", person_key="source_ref"),
            "record_keys": people.select(
                unit=pl.lit("person"), unit_key="source_ref", record_key=pl.col("source_row").cast(pl.UInt64)
            ),
        },
        reference={
            "comparisons": comparisons,
            "services": services.with_columns(
                service_name="service_id", organization_id=pl.lit("council"), organization_name=pl.lit("Council"),
                theme=pl.lit("any"), theme_name=pl.lit("Any"), sensitivity=pl.lit("standard"), status=pl.lit("active"),
            ),
        },
    )  # fmt: skip
