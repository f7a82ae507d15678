"""The life course: when needs begin and end, and how one brings on the next.

What belongs here: spells of need. What does not: services (`episodes`). Days are whole numbers from the first day of
the window; spells may begin before it, because a partner's first delivery holds people who came long ago.
"""

import numpy as np
import polars as pl

from seeds.simulate.pathways import (
    DEPRIVATION,
    FRAILTY_SHAPE,
    NEED_FOLLOWS,
    NEED_LAG_DAYS,
    NEEDS,
    SURGE_FACTOR,
    SURGE_FROM_MONTH,
)
from seeds.simulate.people import MIDPOINT

BURN_IN_DAYS = 720
"""Two years before the window: long spells then stand open on its first day as they would in life."""
MOST_LINKS = 4
HIGHEST_RISK = 8.0
DAYS_PER_MONTH = 30.44
SPREAD = 0.7
"""Standard deviation of the logarithm of a spell's length."""


def draw_needs(random: np.random.Generator, people: pl.DataFrame, *, start: np.datetime64, days: int) -> pl.DataFrame:
    """Return spells of need: person, need, onset_day, end_day, brought_on_by (null for a first cause)."""
    risk = _risk(random, people["quintile"].to_numpy())
    age = people["age"].to_numpy() + (start - MIDPOINT).astype(int) / 365.25 + days / 730
    household = people["household"].to_numpy()
    first = [_onsets(random, name, age=age, risk=risk, household=household, days=days) for name in NEEDS]
    links = [pl.concat(first)]
    for _ in range(MOST_LINKS):
        following = _following(random, links[-1], age, days)
        if following.is_empty():
            break
        links.append(following)
    return pl.concat(links).sort("person", "onset_day", "need", maintain_order=True)


def _risk(random: np.random.Generator, quintile: np.ndarray) -> np.ndarray:
    """Return each person's relative risk, mean about one: a gamma frailty times the deprivation gradient."""
    frailty = np.minimum(random.gamma(FRAILTY_SHAPE, 1 / FRAILTY_SHAPE, quintile.size), HIGHEST_RISK)
    risk: np.ndarray = frailty * np.array(DEPRIVATION)[quintile - 1]
    return risk


def _onsets(
    random: np.random.Generator,
    name: str,
    *,
    age: np.ndarray,
    risk: np.ndarray,
    household: np.ndarray,
    days: int,
) -> pl.DataFrame:
    """Return first causes: a Poisson number a person over the burn-in and the window."""
    need = NEEDS[name]
    horizon = days + BURN_IN_DAYS
    eligible = (age >= need.ages[0]) & (age < need.ages[1])
    rate = need.yearly * (1 - need.gradient + need.gradient * risk) * eligible * horizon / 365.25
    count = random.poisson(rate)
    person = np.repeat(np.arange(age.size), count)
    onset = random.integers(-BURN_IN_DAYS, days, person.size)
    if name == "debt":
        person, onset = _with_surge(random, person, onset)
    if need.household:
        person, onset = _share_with_household(random, person, onset, household, eligible)
    return _spells(random, name, person, onset, None)


def _with_surge(random: np.random.Generator, person: np.ndarray, onset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Repeat a share of the onsets after the surge began, each for another person of the same kind."""
    late = np.flatnonzero(onset >= SURGE_FROM_MONTH * DAYS_PER_MONTH)
    again = late[random.random(late.size) < SURGE_FACTOR - 1]
    shifted = np.clip(onset[again] + random.integers(-20, 21, again.size), onset.min(initial=0), onset.max(initial=0))
    return np.concatenate([person, random.permutation(person[again])]), np.concatenate([onset, shifted])


def _share_with_household(
    random: np.random.Generator, person: np.ndarray, onset: np.ndarray, household: np.ndarray, eligible: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Add the other adults of the household in six of ten cases."""
    spells = pl.DataFrame({"first": person, "onset": onset, "household": household[person]})
    members = pl.DataFrame({"person": np.flatnonzero(eligible), "household": household[eligible]})
    joined = spells.join(members, on="household", how="inner", maintain_order="left_right")
    keep = (joined["first"] == joined["person"]).to_numpy() | (random.random(joined.height) < 0.6)
    kept = joined.filter(keep)
    return kept["person"].to_numpy(), kept["onset"].to_numpy()


def _following(random: np.random.Generator, causes: pl.DataFrame, age: np.ndarray, days: int) -> pl.DataFrame:
    """Return the needs that spells of need bring on; one spell brings on at most one of each kind."""
    found = [causes.clear()]
    for cause, effects in NEED_FOLLOWS.items():
        spells = causes.filter(pl.col("need") == cause)
        person, onset = spells["person"].to_numpy(), spells["onset_day"].to_numpy()
        for effect, chance in effects.items():
            need = NEEDS[effect]
            lag = np.ceil(random.exponential(NEED_LAG_DAYS, person.size)).astype(np.int64)
            struck = random.random(person.size) < chance
            old_enough = (age[person] >= need.ages[0]) & (age[person] < need.ages[1])
            hit = struck & old_enough & (onset + lag < days)
            found.append(_spells(random, effect, person[hit], (onset + lag)[hit], cause))
    return pl.concat(found)


def _spells(
    random: np.random.Generator, need: str, person: np.ndarray, onset: np.ndarray, cause: str | None
) -> pl.DataFrame:
    length = np.ceil(NEEDS[need].days * random.lognormal(0, SPREAD, person.size)).astype(np.int64)
    return pl.DataFrame(
        {"person": person.astype(np.int64), "onset_day": onset.astype(np.int64), "end_day": onset + length}
    ).select(
        "person",
        pl.lit(need).alias("need"),
        "onset_day",
        "end_day",
        pl.lit(cause, dtype=pl.String).alias("brought_on_by"),
    )
