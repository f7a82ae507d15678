"""Service use: referrals, waits, starts and ends that needs lead to, one wave of onward referrals after another.

What belongs here: true episodes. What does not: how partners record and deliver them (`records`, `deliveries`).
Days are whole numbers from the first day of the window.
"""

import numpy as np
import polars as pl

from seeds.simulate.pathways import (
    AT_ONCE_SERVICES,
    ENTRY,
    NEEDS,
    ONWARD,
    ONWARD_LAG_DAYS,
    SERVICES,
    WAIT_EXTRA_DAYS,
    WAIT_LONG_MSOA,
    WAIT_SERVICE,
)
from seeds.simulate.people import MIDPOINT, Residents

MOST_WAVES = 6
ENTRY_LAG_DAYS = 30
RETURN_LAG_DAYS = 110
WAIT_SPREAD, LENGTH_SPREAD = 0.55, 0.7
NAMES = list(SERVICES)
NUMBER = {name: index for index, name in enumerate(NAMES)}
NEVER = 10_000_000
"""A day that never comes, for episodes that did not start."""

SCHEMA = {
    "person": pl.Int64,
    "service": pl.Int64,
    "referral_day": pl.Int64,
    "came_from": pl.Int64,
    "need": pl.String,
    "parent": pl.Int64,
}


def draw_episodes(
    random: np.random.Generator, residents: Residents, needs: pl.DataFrame, *, start: np.datetime64, days: int
) -> pl.DataFrame:
    """Return true episodes in order of person and referral.

    Columns: episode, uid and parent (the episode that made the referral, or -1), person, need, service (number in
    NAMES), came_from (service number, -1 for none, -2 for a return), is_return, referral_day, start_day and end_day
    (NEVER and -1 where there is none), decision_day (when a referral was declined or withdrawn, else NEVER), fate
    ('served', 'declined', 'withdrawn'), is_completed. Episodes may start or end after the window: deliveries show only
    what had happened by then.
    """
    age = residents.people["age"].to_numpy() + (start - MIDPOINT).astype(int) / 365.25 + days / 730
    wave = _run(random, _entries(random, needs, age, days), residents, start).with_row_index("uid")
    waves = [wave]
    for _ in range(MOST_WAVES):
        referrals = pl.concat([_onward(random, wave, age, days), _returns(random, wave, days)])
        if referrals.is_empty():
            break
        known = sum(earlier.height for earlier in waves)
        wave = _run(random, referrals, residents, start).with_row_index("uid", offset=known)
        waves.append(wave)
    everything = pl.concat(waves).filter(
        (pl.col("end_day") >= 0) | ((pl.col("fate") != "served") & (pl.col("referral_day") >= 0))
    )
    order = ("person", "service", "referral_day", "start_day", "end_day")
    kept = _without_overlaps(everything.sort(order, maintain_order=True))
    return kept.sort("person", "referral_day", "service", maintain_order=True).with_row_index("episode")


def _entries(random: np.random.Generator, needs: pl.DataFrame, age: np.ndarray, days: int) -> pl.DataFrame:
    """Return first referrals: some spells of need never lead to any, which is the unseen need of every area."""
    found = [pl.DataFrame(schema=SCHEMA)]
    for need, doors in ENTRY.items():
        spells = needs.filter(pl.col("need") == need)
        person, onset = spells["person"].to_numpy(), spells["onset_day"].to_numpy()
        seeks = random.random(person.size) < NEEDS[need].seek
        services = np.array([NUMBER[name] for name in doors])
        shares = np.array(list(doors.values()))
        service = services[np.searchsorted(np.cumsum(shares), random.random(person.size) * shares.sum(), side="right")]
        day = onset + np.ceil(random.exponential(ENTRY_LAG_DAYS, person.size)).astype(np.int64)
        usable = seeks & _old_enough(service, age[person]) & (day < days)
        found.append(_referrals(person[usable], service[usable], day[usable], -1, need))
    return pl.concat(found)


def _onward(random: np.random.Generator, wave: pl.DataFrame, age: np.ndarray, days: int) -> pl.DataFrame:
    """Return referrals from one service to another: at most one an episode, with the planted probability."""
    found = [pl.DataFrame(schema=SCHEMA)]
    for origin, targets in ONWARD.items():
        here = wave.filter((pl.col("service") == NUMBER[origin]) & (pl.col("fate") == "served"))
        draw = random.random(here.height)
        lag = np.ceil(random.exponential(ONWARD_LAG_DAYS, here.height)).astype(np.int64)
        chosen = np.searchsorted(np.cumsum(list(targets.values())), draw, side="right")
        goes = chosen < len(targets)
        service = np.array([*(NUMBER[name] for name in targets), 0])[chosen]
        person = here["person"].to_numpy()
        day = here["start_day"].to_numpy() + lag
        goes &= _old_enough(service, age[person]) & (day < days)
        found.append(
            _referrals(person[goes], service[goes], day[goes], NUMBER[origin], None).with_columns(
                need=here.filter(goes)["need"], parent=here.filter(goes)["uid"].cast(pl.Int64)
            )
        )
    return pl.concat(found)


def _returns(random: np.random.Generator, wave: pl.DataFrame, days: int) -> pl.DataFrame:
    """Return second referrals to the same service some time after an episode ended."""
    served = wave.filter((pl.col("fate") == "served") & (pl.col("end_day") < days))
    chance = np.array([SERVICES[name].returns for name in NAMES])[served["service"].to_numpy()]
    back = random.random(served.height) < chance
    lag = 14 + np.ceil(random.exponential(RETURN_LAG_DAYS, served.height)).astype(np.int64)
    day = served["end_day"].to_numpy() + lag
    back &= day < days
    service = served["service"].to_numpy()[back]
    returned = _referrals(served["person"].to_numpy()[back], service, day[back], -2, None)
    return returned.with_columns(need=served.filter(back)["need"], parent=served.filter(back)["uid"].cast(pl.Int64))


def _run(
    random: np.random.Generator, referrals: pl.DataFrame, residents: Residents, start: np.datetime64
) -> pl.DataFrame:
    """Let referrals run their course: declined, withdrawn while waiting, or started and one day ended."""
    service = referrals["service"].to_numpy()
    paths = [SERVICES[name] for name in NAMES]
    count = service.size
    referral = referrals["referral_day"].to_numpy()
    wait = np.round(np.array([p.wait for p in paths])[service] * random.lognormal(0, WAIT_SPREAD, count))
    wait += _extra_wait(referrals, residents, start)
    length = np.ceil(np.array([p.days for p in paths])[service] * random.lognormal(0, LENGTH_SPREAD, count))
    draw = random.random(count)
    declined = np.array([p.declined for p in paths])[service]
    withdrawn = np.array([p.withdrawn for p in paths])[service]
    fate = np.where(draw < declined, "declined", np.where(draw < declined + withdrawn, "withdrawn", "served"))
    served = fate == "served"
    begin = np.where(served, referral + wait, NEVER).astype(np.int64)
    end = np.where(served, begin + length, -1).astype(np.int64)
    decision = np.where(fate == "withdrawn", referral + np.ceil(wait * random.random(count)), referral + 3)
    completed = random.random(count) < np.array([p.completed for p in paths])[service]
    return referrals.with_columns(
        start_day=pl.Series(begin),
        end_day=pl.Series(end),
        decision_day=pl.Series(np.where(served, NEVER, decision).astype(np.int64)),
        fate=pl.Series(fate, dtype=pl.String),
        is_completed=pl.Series(completed & served),
        is_return=pl.col("came_from") == -2,
    )


def _extra_wait(referrals: pl.DataFrame, residents: Residents, start: np.datetime64) -> np.ndarray:
    """Return the planted extra days of waiting: one service, for those who live in one neighbourhood at referral."""
    extra = np.zeros(referrals.height)
    if WAIT_LONG_MSOA not in residents.msoa_codes:
        return extra
    here = np.flatnonzero(referrals["service"].to_numpy() == NUMBER[WAIT_SERVICE])
    person = referrals["person"].to_numpy()[here]
    day = start + referrals["referral_day"].to_numpy()[here].astype("timedelta64[D]")
    _, lsoa = residents.home_at(residents.people["household"].to_numpy()[person], day)
    extra[here[residents.lsoa_msoa[lsoa] == residents.msoa_codes.index(WAIT_LONG_MSOA)]] = WAIT_EXTRA_DAYS
    return extra


def _without_overlaps(episodes: pl.DataFrame) -> pl.DataFrame:
    """Drop a referral made while an episode of the same person in the same service still runs or waits."""
    until = pl.max_horizontal(
        pl.when(pl.col("fate") == "served").then("end_day").otherwise("decision_day"), "referral_day"
    )
    before = until.cum_max().shift(1).over("person", "service")
    return episodes.filter(before.is_null() | (pl.col("referral_day") > before + 5))


def most_at_once(episodes: pl.DataFrame, *, days: int) -> pl.DataFrame:
    """Return, per person with a started episode in the window, the most services open on one day: person, at_once.

    An episode counts from the day it starts to the day it ends, both included, within the window.
    """
    return concurrency_at_starts(episodes, days=days).group_by("person").agg(at_once=pl.col("open").max())


def concurrency_at_starts(episodes: pl.DataFrame, *, days: int) -> pl.DataFrame:
    """Return per started episode how many of the person's services are open on the day it starts, itself included.

    The most at once is always reached on a day on which something starts (or on the window's first day).
    """
    started = episodes.filter((pl.col("fate") == "served") & (pl.col("start_day") < days) & (pl.col("end_day") >= 0))
    spans = started.select("episode", "person", "service", "end_day", start_day=pl.col("start_day").clip(0))
    others = spans.select("person", o_service="service", o_start="start_day", o_end="end_day")
    return (
        spans.join(others, on="person", how="inner")
        .filter((pl.col("o_start") <= pl.col("start_day")) & (pl.col("o_end") >= pl.col("start_day")))
        .group_by("episode", "person", "start_day")
        .agg(open=pl.col("o_service").n_unique())
        .sort("episode")
    )


def plant_at_once(
    random: np.random.Generator, episodes: pl.DataFrame, *, people: int, share: float, days: int
) -> pl.DataFrame:
    """Make exactly round(share × people) residents have four or more services at once, and nobody else.

    Of those who reach four by themselves the surplus lose the referrals that took them there; when too few do, episodes
    of people who had three at once are lengthened or a fourth service is added on the busiest day.
    """
    target = round(share * people)
    most = most_at_once(episodes, days=days).sort("person")
    reached = most.filter(pl.col("at_once") >= AT_ONCE_SERVICES)["person"].to_numpy()
    if reached.size > target:
        surplus = random.permutation(reached)[target:]
        episodes = _trim(episodes, np.sort(surplus), days)
    elif reached.size < target:
        for level in range(AT_ONCE_SERVICES - 1, 0, -1):
            missing = target - most_at_once(episodes, days=days).filter(pl.col("at_once") >= AT_ONCE_SERVICES).height
            candidates = most.filter(pl.col("at_once") == level)["person"].to_numpy()
            episodes = _top_up(episodes, np.sort(random.permutation(candidates)[:missing]), days)
    return (
        episodes.drop("episode")
        .sort("person", "referral_day", "service", maintain_order=True)
        .with_row_index("episode")
    )


def _trim(episodes: pl.DataFrame, people: np.ndarray, days: int) -> pl.DataFrame:
    """Drop the episodes on whose first day these people have too many services, until none has."""
    while True:
        busy = concurrency_at_starts(episodes.filter(pl.col("person").is_in(people)), days=days)
        over = busy.filter(pl.col("open") >= AT_ONCE_SERVICES)
        if over.is_empty():
            return episodes
        first = over.sort("person", "start_day", "episode").unique("person", keep="last", maintain_order=True)
        episodes = episodes.filter(~pl.col("episode").is_in(first["episode"].implode()))


TOP_UP = (
    "benefits_advice",
    "link_worker",
    "community_food",
    "energy_advice",
    "wellbeing_group",
    "household_support_fund",
)
"""Open to any adult: what people who already use several services are offered besides."""


def _top_up(episodes: pl.DataFrame, people: np.ndarray, days: int) -> pl.DataFrame:
    """Give these people further services on their busiest day until they have four."""
    if not people.size:
        return episodes
    busiest = (
        concurrency_at_starts(episodes.filter(pl.col("person").is_in(people)), days=days)
        .sort("person", "open", "start_day", descending=[False, True, False])
        .unique("person", keep="first", maintain_order=True)
    )
    used: dict[int, set[int]] = {}
    for person, service in episodes.filter(pl.col("person").is_in(people)).select("person", "service").iter_rows():
        used.setdefault(person, set()).add(service)
    rows = []
    for person, day, have in busiest.select("person", "start_day", "open").iter_rows():
        free = [name for name in TOP_UP if NUMBER[name] not in used[person]]
        rows += [(person, NUMBER[name], day) for name in free[: AT_ONCE_SERVICES - have]]
    added = pl.DataFrame(rows, schema=["person", "service", "day"], orient="row")
    new = added.select(
        "person",
        "service",
        referral_day=pl.col("day") - 7,
        came_from=pl.lit(-1, dtype=pl.Int64),
        need=pl.lit("low_income"),
        start_day="day",
        end_day=pl.col("day") + 60,
        decision_day=pl.lit(NEVER, dtype=pl.Int64),
        fate=pl.lit("served"),
        is_completed=pl.lit(True),
        is_return=pl.lit(False),
    )
    return pl.concat([episodes.drop("episode"), new], how="diagonal_relaxed").with_row_index("episode")


def _old_enough(service: np.ndarray, age: np.ndarray) -> np.ndarray:
    least = np.array([SERVICES[name].ages[0] for name in NAMES])
    most = np.array([SERVICES[name].ages[1] for name in NAMES])
    fits: np.ndarray = (age >= least[service]) & (age < most[service] + 1)
    return fits


def _referrals(person: np.ndarray, service: np.ndarray, day: np.ndarray, origin: int, need: str | None) -> pl.DataFrame:
    frame = pl.DataFrame({"person": person, "service": service, "referral_day": day})
    columns = frame.with_columns(came_from=pl.lit(origin), need=pl.lit(need, dtype=pl.String), parent=pl.lit(-1))
    return columns.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
