"""The truth: who is who, who used what, and what was planted. Written apart; nothing but tests may read it.

What belongs here: the files of `truth/` (docs/reference/truth.md describes them). What does not: deliveries.
"""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl

from seeds.simulate.episodes import NAMES, NUMBER, most_at_once
from seeds.simulate.habits import MISHAPS, STOPS_BEFORE_END
from seeds.simulate.happenings import OUTCOME_SHARES
from seeds.simulate.pathways import (
    AT_ONCE_SERVICES,
    AT_ONCE_SHARE,
    DEPRIVATION,
    NEED_FOLLOWS,
    ONWARD,
    SERVICES,
    SURGE_FACTOR,
    SURGE_FROM_MONTH,
    SURGE_SERVICE,
    WAIT_EXTRA_DAYS,
    WAIT_LONG_MSOA,
    WAIT_SERVICE,
    WAIT_USUAL_MSOA,
)
from seeds.simulate.people import Residents
from seeds.simulate.records import Registers

SETTLED_DAYS = 365
"""Realised transition shares are taken of episodes that started at least this long before the data end."""


def write_truth(
    folder: Path,
    *,
    residents: Residents,
    needs: pl.DataFrame,
    registers: Registers,
    recorded: list[pl.DataFrame],
    start: np.datetime64,
    days: int,
    arguments: dict[str, int],
) -> None:
    """Write records, true_persons, true_households, true_spells, true_needs, recorded_needs and planted.json."""
    folder.mkdir(parents=True, exist_ok=True)
    episodes = registers.episodes
    records = registers.registrations.select(
        "feed",
        "source_ref",
        true_person_id=pl.format("p{}", "person"),
        true_household_id=pl.format("h{}", "household"),
        true_address_id=pl.format("a{}", "address"),
    )
    records.sort("feed", "source_ref").write_parquet(folder / "records.parquet")
    _persons(residents, episodes, days).write_parquet(folder / "true_persons.parquet")
    _households(residents).write_parquet(folder / "true_households.parquet")
    _spells(registers, residents, start, days).write_parquet(folder / "true_spells.parquet")
    _steps(episodes, days).write_parquet(folder / "true_transitions.parquet")
    needs.with_columns(
        true_person_id=pl.format("p{}", "person"),
        onset_date=_day(pl.col("onset_day"), start),
        end_date=_day(pl.col("end_day"), start),
    ).select("true_person_id", "need", "onset_date", "end_date", "brought_on_by").write_parquet(
        folder / "true_needs.parquet"
    )
    _recorded_needs(recorded, registers, start).write_parquet(folder / "recorded_needs.parquet")
    planted = {
        "arguments": arguments,
        "people": residents.people.height,
        "people_using_anything": episodes.filter(_in_window(days))["person"].n_unique(),
        "people_with_a_referral": episodes["person"].n_unique(),
        "at_once": _at_once(residents, episodes, days),
        "transitions": _transitions(episodes, days),
        "waiting": _waiting(episodes, residents, start, days),
        "surge": _surge(episodes, days),
        "stopped_feeds": {feed: f"no delivery for the last {left} months" for feed, left in STOPS_BEFORE_END.items()},
        "mishaps": [asdict(mishap) for mishap in MISHAPS],
        "deprivation_gradient": list(DEPRIVATION),
        "needs_that_follow": NEED_FOLLOWS,
        "money_outcomes": {
            "planted_known_before": OUTCOME_SHARES[True],
            "planted_not_known_before": OUTCOME_SHARES[False],
            "planted_ratio_between_topics": 1.0,
        },
        "feeds": {
            feed: {"people": part["person"].n_unique(), "episodes": part.height}
            for (feed,), part in episodes.group_by("feed", maintain_order=True)
        },
    }
    text = json.dumps(planted, indent=2, sort_keys=True)
    (folder / "planted.json").write_text(text + "\n", encoding="utf-8")


def _in_window(days: int) -> pl.Expr:
    return (pl.col("fate") == "served") & (pl.col("start_day") < days) & (pl.col("end_day") >= 0)


def _persons(residents: Residents, episodes: pl.DataFrame, days: int) -> pl.DataFrame:
    most = most_at_once(episodes, days=days)
    used = episodes.filter(_in_window(days)).group_by("person").agg(services_used=pl.col("service").n_unique())
    codes = pl.Series(residents.lsoa_codes)
    people = residents.people
    return (
        people.with_columns(lsoa_code=codes.gather(people["lsoa"]), birth_month=pl.col("birth_date").dt.month_start())
        .join(used, on="person", how="left", maintain_order="left")
        .join(most, on="person", how="left", maintain_order="left")
        .select(
            true_person_id=pl.format("p{}", "person"),
            true_household_id=pl.format("h{}", "household"),
            sex="sex",
            birth_month="birth_month",
            ethnicity_code="ethnicity",
            first_lsoa_code="lsoa_code",
            quintile="quintile",
            services_used=pl.col("services_used").fill_null(0),
            most_at_once=pl.col("at_once").fill_null(0),
        )
    )


def _households(residents: Residents) -> pl.DataFrame:
    """Return one row per household and home that it lived in."""
    codes = pl.Series(residents.lsoa_codes)
    count, spells = residents.address.shape
    never = np.datetime64("2900-01-01")
    begins = np.column_stack([np.full(count, np.datetime64("1900-01-01")), residents.moved])
    rows = pl.DataFrame(
        {
            "true_household_id": np.repeat(np.arange(count), spells),
            "true_address_id": residents.address.ravel(),
            "lsoa": residents.lsoa.ravel(),
            "from_date": begins.ravel().astype("datetime64[D]"),
        }
    )
    return rows.filter(pl.col("from_date") < pl.lit(never).cast(pl.Date)).select(
        true_household_id=pl.format("h{}", "true_household_id"),
        true_address_id=pl.format("a{}", "true_address_id"),
        lsoa_code=codes.gather(rows.filter(pl.col("from_date") < pl.lit(never).cast(pl.Date))["lsoa"]),
        from_date="from_date",
    )


def _spells(registers: Registers, residents: Residents, start: np.datetime64, days: int) -> pl.DataFrame:
    """Return every true episode, with its dates as they will be once all is known."""
    household = residents.people["household"].to_numpy()[registers.episodes["person"].to_numpy()]
    on = start + registers.episodes["referral_day"].to_numpy().astype("timedelta64[D]")
    _, lsoa = residents.home_at(household, on)
    names = dict(enumerate(NAMES))
    refs = registers.registrations.select("registration", "source_ref")
    served = pl.col("fate") == "served"
    return (
        registers.episodes.with_columns(lsoa_code=pl.Series(residents.lsoa_codes).gather(pl.Series(lsoa)))
        .join(refs, on="registration", how="left", maintain_order="left")
        .select(
            "feed",
            "episode_ref",
            "source_ref",
            true_person_id=pl.format("p{}", "person"),
            service_id=pl.col("service").replace_strict(names, return_dtype=pl.String),
            need="need",
            came_from_service=pl.col("came_from").replace_strict(names, default=None, return_dtype=pl.String),
            is_return="is_return",
            referral_date=_day(pl.col("referral_day"), start),
            start_date=pl.when(served).then(_day(pl.col("start_day").clip(None, 10_000), start)),
            end_date=pl.when(served).then(_day(pl.col("end_day"), start)),
            fate="fate",
            is_completed="is_completed",
            lsoa_code_at_referral="lsoa_code",
            is_in_window=_in_window(days),
        )
    )


def _recorded_needs(recorded: list[pl.DataFrame], registers: Registers, start: np.datetime64) -> pl.DataFrame:
    """Return what partners write down of needs: who, which need, and the day."""
    kept = ("feed", "need_ref", "true_person_id", "true_household_id", "need_code", "recorded_date")
    if not recorded:
        return pl.DataFrame(schema=dict.fromkeys(kept[:-1], pl.String) | {kept[-1]: pl.Date})
    whose = registers.registrations.select("registration", "feed", "person", "household")
    named = pl.concat(recorded).join(whose, on="registration", how="inner", maintain_order="left")
    return named.with_columns(
        true_person_id=pl.format("p{}", "person"),
        true_household_id=pl.format("h{}", "household"),
        recorded_date=_day(pl.col("recorded_day"), start),
    ).select(kept)


def _steps(episodes: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return how often one service's start followed another's, START and END included."""
    names = dict(enumerate(NAMES))
    started = episodes.filter(_in_window(days)).sort("person", "start_day", "service", "episode", maintain_order=True)
    named = started.select("person", service=pl.col("service").replace_strict(names, return_dtype=pl.String))
    before = named.select(
        from_service=pl.col("service").shift(1).over("person").fill_null("START"), to_service="service"
    )
    last = named.group_by("person", maintain_order=True).agg(from_service=pl.col("service").last())
    after = last.select("from_service", to_service=pl.lit("END"))
    return pl.concat([before, after]).group_by("from_service", "to_service").agg(steps=pl.len()).sort(pl.all())


def _at_once(residents: Residents, episodes: pl.DataFrame, days: int) -> dict[str, object]:
    most = most_at_once(episodes, days=days)
    reached = most.filter(pl.col("at_once") >= AT_ONCE_SERVICES).height
    spread = {str(k): v for k, v in most.group_by("at_once").len().sort("at_once").iter_rows()}
    return {
        "services": AT_ONCE_SERVICES,
        "planted_share_of_residents": AT_ONCE_SHARE,
        "people": reached,
        "realised_share_of_residents": reached / residents.people.height,
        "people_by_most_at_once": spread,
        "definition": "most services with a started, not ended episode on one day of the window, both ends included",
    }


def _transitions(episodes: pl.DataFrame, days: int) -> list[dict[str, object]]:
    """Return planted onward probabilities with what came of them among settled episodes.

    All shares are of episodes in `from_service` that started in the window and a year or more before its end.
    `realised_referral`: those that led to a referral that stands. It lies below the planted chance where age rules the
    service out or the person is in it already. `realised_next_start`: those whose person's next started episode, in
    whatever way it came about, is in `to_service`.
    """
    started = episodes.filter(_in_window(days)).sort("person", "start_day", "service", "episode", maintain_order=True)
    following = started.with_columns(next_service=pl.col("service").shift(-1).over("person"))
    found: list[dict[str, object]] = []
    for origin, targets in ONWARD.items():
        number = NUMBER[origin]
        settled = pl.col("start_day").is_between(0, days - SETTLED_DAYS)
        here = following.filter((pl.col("service") == number) & settled)
        handed = episodes.filter((pl.col("came_from") == number) & pl.col("parent").is_in(here["uid"].implode()))
        for target, chance in targets.items():
            found.append(
                {
                    "from_service": origin,
                    "to_service": target,
                    "planted": chance,
                    "episodes": here.height,
                    "realised_referral": handed.filter(pl.col("service") == NUMBER[target]).height
                    / max(here.height, 1),
                    "realised_next_start": _share(here, pl.col("next_service") == NUMBER[target]),
                }
            )
    return found


def _share(frame: pl.DataFrame, condition: pl.Expr) -> float | None:
    return float(frame.select(condition.fill_null(False).mean()).item()) if frame.height else None


def _waiting(episodes: pl.DataFrame, residents: Residents, start: np.datetime64, days: int) -> dict[str, object]:
    here = episodes.filter(
        (pl.col("service") == NUMBER[WAIT_SERVICE]) & (pl.col("fate") == "served") & (pl.col("start_day") < days)
    )
    household = residents.people["household"].to_numpy()[here["person"].to_numpy()]
    on = start + here["referral_day"].to_numpy().astype("timedelta64[D]")
    _, lsoa = residents.home_at(household, on)
    wait = (here["start_day"] - here["referral_day"]).to_numpy()
    areas = {}
    for code in (WAIT_LONG_MSOA, WAIT_USUAL_MSOA):
        known = residents.msoa_codes.index(code) if code in residents.msoa_codes else -1
        values = wait[residents.lsoa_msoa[lsoa] == known]
        areas[code] = {
            "episodes": int(values.size),
            "mean_days": float(values.mean()) if values.size else None,
            "median_days": float(np.median(values)) if values.size else None,
        }
    return {
        "service": WAIT_SERVICE,
        "long_msoa": WAIT_LONG_MSOA,
        "usual_msoa": WAIT_USUAL_MSOA,
        "planted_extra_days": WAIT_EXTRA_DAYS,
        "realised": areas,
        "planted_median_wait_days": SERVICES[WAIT_SERVICE].wait,
    }


def _surge(episodes: pl.DataFrame, days: int) -> dict[str, object]:
    """Return referrals to the service in the surge against the twelve months before it."""
    first = round(SURGE_FROM_MONTH * 30.44)
    here = episodes.filter((pl.col("service") == NUMBER[SURGE_SERVICE]) & (pl.col("need") == "debt"))
    during = here.filter(pl.col("referral_day").is_between(first, min(first + 364, days - 1))).height
    before = here.filter(pl.col("referral_day").is_between(first - 365, first - 1)).height
    return {
        "service": SURGE_SERVICE,
        "from_month_index": SURGE_FROM_MONTH,
        "planted_factor": SURGE_FACTOR,
        "referrals_twelve_months_before": before,
        "referrals_twelve_months_from": during,
    }


def _day(number: pl.Expr, start: np.datetime64) -> pl.Expr:
    return pl.lit(start).cast(pl.Date) + pl.duration(days=number)
