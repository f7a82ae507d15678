"""One simulation from beginning to end: people, needs, services, registers, deliveries, truth.

What belongs here: the order of the steps and their random streams. Every step draws from a stream of its own, named
after it, so that a change in one leaves the draws of the others alone.
"""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.area import Area, load_area
from orchestration.area.geography import Geography
from orchestration.area.periods import add_months
from orchestration.errors import AreaPackError, ConfigurationError
from orchestration.settings import repository_root
from seeds.simulate.deliveries import Holdings, write_deliveries
from seeds.simulate.episodes import draw_episodes, plant_at_once
from seeds.simulate.habits import HABITS
from seeds.simulate.happenings import (
    CONTACT_EVERY_DAYS,
    describe_episodes,
    draw_contacts,
    draw_outcomes,
    draw_recorded_needs,
    mark_known_before,
)
from seeds.simulate.needs import draw_needs
from seeds.simulate.pathways import AT_ONCE_SHARE
from seeds.simulate.people import draw_residents
from seeds.simulate.records import Registers, register
from seeds.simulate.truth import write_truth

LEAST_PEOPLE = 100
LEAST_MONTHS = 3
YOUNG_SHARE = 1.25
"""A small area with this many times the usual share of people of 20 to 39 is one of the young, rented ones."""
Progress = Callable[[str], None]


def simulate(
    *,
    people: int = 20_000,
    months: int = 36,
    seed: int = 1,
    out: Path,
    area: Area | None = None,
    progress: Progress | None = None,
) -> None:
    """Write `out/landing/<feed>/…` and `out/truth/…` for a fictional area of `people` residents.

    The window is the last `months` months of the area's reporting window. Same arguments, same bytes. Only the partners
    of the demo area are known; another `area` may change its contracts but not its feeds.
    """
    tell = progress or (lambda _: None)
    place = area or load_area(repository_root() / "seeds" / "demo_area")
    geography = _check(place, people, months)
    first = add_months(place.profile.reporting.first_month, place.profile.reporting.months - months)
    end = add_months(first, months)
    days = (end - first).days
    start = np.datetime64(first)

    def stream(name: str) -> np.random.Generator:
        return np.random.default_rng([seed, zlib.crc32(name.encode())])

    tell(f"Drawing {people:,} residents")
    residents = draw_residents(
        stream("people"),
        people=people,
        areas=_areas(geography.areas, geography.population),
        population=geography.population.sort("lsoa_code", "sex", "age_from"),
        window=(start, start + days),
    )
    tell("Living through needs and services")
    needs = draw_needs(stream("needs"), residents.people, start=start, days=days)
    episodes = draw_episodes(stream("episodes"), residents, needs, start=start, days=days)
    episodes = plant_at_once(stream("at once"), episodes, people=people, share=AT_ONCE_SHARE, days=days)
    tell("Entering people in the partners' registers")
    registers = register(stream("registers"), residents, episodes, place.contracts, start=start)
    described = mark_known_before(describe_episodes(stream("episode details"), registers.episodes))
    registers = Registers(described, registers.registrations, registers.versions)
    recorded: list[pl.DataFrame] = []
    for feed in sorted(HABITS):
        tell(f"Writing deliveries: {place.contracts[feed].title}")
        holdings = _holdings(stream(f"holdings {feed}"), place, registers, feed, days)
        recorded += [] if holdings.needs.is_empty() else [holdings.needs]
        write_deliveries(
            stream(f"deliveries {feed}"),
            holdings,
            landing=out / "landing",
            start=first,
            months=months,
            today=max(place.today, end),
        )
    tell("Writing the truth apart")
    write_truth(
        out / "truth",
        residents=residents,
        needs=needs,
        registers=registers,
        recorded=recorded,
        start=start,
        days=days,
        arguments={"people": people, "months": months, "seed": seed},
    )


def _holdings(random: np.random.Generator, area: Area, registers: Registers, feed: str, days: int) -> Holdings:
    """Gather what one partner holds."""
    contract = area.contracts[feed]
    mine = registers.registrations.filter(pl.col("feed") == feed).select("registration", "source_ref")
    people = registers.versions.join(mine, on="registration", how="inner", maintain_order="left")
    until = pl.when(pl.col("fate") == "served").then("end_day").otherwise("decision_day")
    episodes = registers.episodes.filter(pl.col("feed") == feed).with_columns(until_day=until)
    nothing = pl.DataFrame()
    contacts = draw_contacts(random, episodes, feed=feed, days=days) if feed in CONTACT_EVERY_DAYS else nothing
    needs = draw_recorded_needs(random, episodes, feed=feed) if "need" in contract.entities else nothing
    if "outcome" in contract.entities:
        results = draw_outcomes(random, episodes, feed=feed)
        episodes = episodes.join(results, on="episode_ref", how="left", maintain_order="left")
    return Holdings(contract, episodes, people, contacts, needs)


def _areas(areas: pl.DataFrame, population: pl.DataFrame) -> pl.DataFrame:
    """Return lsoa_code, msoa_code, imd_quintile and is_young of every small area."""
    young = pl.col("age_from").is_between(20, 39)
    shares = population.group_by("lsoa_code").agg(young=pl.col("persons").filter(young).sum() / pl.col("persons").sum())
    usual = float(population.filter(young)["persons"].sum()) / float(population["persons"].sum())
    return (
        areas.select("lsoa_code", "msoa_code", pl.col("imd_quintile").fill_null(3).cast(pl.Int64))
        .join(shares, on="lsoa_code", how="left")
        .with_columns(is_young=(pl.col("young") > YOUNG_SHARE * usual).fill_null(False))
        .sort("lsoa_code")
    )


def _check(area: Area, people: int, months: int) -> Geography:
    """Return the geography that residents are drawn from; raise what the caller can mend."""
    window = area.profile.reporting.months
    if people < LEAST_PEOPLE:
        raise ConfigurationError(f"{people} people are too few to simulate an area: give at least {LEAST_PEOPLE}.")
    if not LEAST_MONTHS <= months <= window or months % LEAST_MONTHS:
        raise ConfigurationError(
            f"{months} months cannot be simulated: give a multiple of 3 from 3 to {window}, the area's window."
        )
    if not area.profile.fictional:
        raise AreaPackError(
            f"{area.path}: '{area.name}' is not marked as fictional; only a fictional place is simulated."
        )
    if area.geography is None or area.geography.population.is_empty():
        raise AreaPackError(f"{area.path / 'geography'}: the simulation needs a population to draw residents from.")
    missing = sorted(set(HABITS) - set(area.contracts))
    if missing:
        raise AreaPackError(
            f"{area.path / 'feeds'}: no contract for {', '.join(missing)}, which the simulation writes."
        )
    return area.geography
