"""What happens within episodes: contacts, recorded needs, results, and why an episode ended.

What belongs here: true happenings beside the episodes. What does not: how they are written (`writing`).
"""

import numpy as np
import polars as pl

from seeds.simulate.episodes import NAMES
from seeds.simulate.pathways import SERVICES

CONTACT_EVERY_DAYS = {"community_mental_health": 13, "social_prescribing": 16}
MOST_CONTACTS = 24
ATTENDANCE = {
    "community_mental_health": (
        ("attended", 0.74), ("attended_late", 0.04), ("did_not_attend", 0.10),
        ("cancelled_by_person", 0.07), ("cancelled_by_service", 0.05),
    ),
    "social_prescribing": (("attended", 0.85), ("did_not_attend", 0.09), ("cancelled_by_person", 0.06)),
}  # fmt: skip
CONTACT_TYPES = (("face_to_face", 0.62), ("telephone", 0.25), ("video", 0.13))
NEED_CODES = (
    ("good_education", 0.24), ("early_years", 0.08), ("mental_physical_health", 0.18), ("substance_use", 0.05),
    ("family_relationships", 0.17), ("safe_from_abuse", 0.07), ("crime_prevention", 0.05), ("domestic_abuse", 0.06),
    ("secure_housing", 0.04), ("financial_stability", 0.06),
)  # fmt: skip
LEVELS = (("low", 0.35), ("medium", 0.45), ("high", 0.20))
EARLY_ENDS = (("disengaged", 0.55), ("moved_away", 0.13), ("transferred", 0.14), ("died", 0.02), ("other", 0.16))
OUTCOME_SHARES = {True: 0.65, False: 0.10}
"""Planted chance of a money outcome after completed advice: high for people whom another service knew before, low for
others, and the same for each topic. Topics with more such people seem to do better; they do not.
"""
KNOWN_BEFORE_DAYS = 183

REFERRER_OF_FEED = {
    "housing_options": "housing", "council_tax_benefits": "council_other", "adult_social_care": "adult_social_care",
    "early_help": "children_services", "debt_advice": "voluntary", "community_mental_health": "health_other",
    "skills_employment": "education", "jobcentre_claims": "jobcentre", "drug_alcohol": "voluntary",
    "police_youth": "police", "housing_association": "housing", "social_prescribing": "gp",
}  # fmt: skip
FIRST_REFERRERS = {
    "adult_social_care": (("self", 0.25), ("family_friend", 0.25), ("gp", 0.20), ("hospital", 0.30)),
    "early_help": (
        ("education", 0.50), ("health_other", 0.15), ("self", 0.15), ("police", 0.08), ("children_services", 0.12),
    ),
    "community_mental_health": (
        ("gp", 0.48), ("self", 0.36), ("hospital", 0.10), ("employer", 0.02), ("education", 0.04),
    ),
    "police_youth": (("police", 0.75), ("education", 0.15), ("children_services", 0.10)),
    "social_prescribing": (("gp", 0.80), ("self", 0.10), ("health_other", 0.10)),
    "": (("self", 0.70), ("family_friend", 0.12), ("voluntary", 0.10), ("unknown", 0.08)),
}  # fmt: skip


def draw(random: np.random.Generator, options: tuple[tuple[str, float], ...], count: int) -> pl.Series:
    """Draw labels with their shares, which need not add up to one."""
    shares = np.cumsum([share for _, share in options])
    chosen = np.searchsorted(shares, random.random(count) * shares[-1], side="right")
    return pl.Series(np.array([label for label, _ in options], dtype=object)[chosen], dtype=pl.String)


def describe_episodes(random: np.random.Generator, episodes: pl.DataFrame) -> pl.DataFrame:
    """Add episode_ref, end_reason, outcome and referral_source, which names the partner that a referral came from."""
    count = episodes.height
    numbers = pl.Series(random.permutation(count) + 100_000)
    early = draw(random, EARLY_ENDS, count)
    declined = draw(random, (("not_eligible", 0.75), ("no_capacity", 0.25)), count)
    job = pl.Series(random.random(count) < 0.45) & pl.col("feed").is_in(["jobcentre_claims", "council_tax_benefits"])
    reason = (
        pl.when(pl.col("fate") == "declined")
        .then(declined)
        .when(pl.col("fate") == "withdrawn")
        .then(pl.lit("changed_mind"))
        .when("is_completed")
        .then(pl.when(job).then(pl.lit("found_work")).otherwise(pl.lit("completed")))
        .otherwise(early)
    )
    result = draw(random, (("in_work", 0.38), ("in_learning", 0.30), ("not_in_work_or_learning", 0.32)), count)
    origins = {number: REFERRER_OF_FEED[feed] for number, feed in enumerate(SERVICES[name].feed for name in NAMES)}
    handed_on = pl.col("came_from").replace_strict(origins, default=None, return_dtype=pl.String)
    described = episodes.with_columns(
        episode_ref=pl.col("feed").str.slice(0, 1).str.to_uppercase() + numbers.cast(pl.String).str.zfill(8),
        end_reason=reason,
        outcome=pl.when("is_completed").then(result),
        referral_source=handed_on,
    )
    first = pl.concat(
        [
            part.select("episode").with_columns(
                first=draw(random, FIRST_REFERRERS.get(str(feed), FIRST_REFERRERS[""]), part.height)
            )
            for (feed,), part in described.group_by("feed", maintain_order=True)
        ]
    )
    joined = described.join(first, on="episode", how="left", maintain_order="left")
    return joined.with_columns(referral_source=pl.coalesce("referral_source", "first")).drop("first")


def draw_contacts(random: np.random.Generator, episodes: pl.DataFrame, *, feed: str, days: int) -> pl.DataFrame:
    """Return contacts of one feed.

    Columns: contact_ref, episode_ref, registration, service, contact_day, contact_type, attendance.
    """
    started = episodes.filter((pl.col("feed") == feed) & (pl.col("fate") == "served") & (pl.col("start_day") < days))
    length = (started["end_day"] - started["start_day"]).to_numpy()
    every = CONTACT_EVERY_DAYS[feed]
    count = np.clip(length // every + 1, 1, MOST_CONTACTS)
    row = np.repeat(np.arange(started.height), count)
    within = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
    day = started["start_day"].to_numpy()[row] + within * every + random.integers(0, 5, row.size)
    contacts = started.select("episode_ref", "registration", "service", "end_day")[row].with_columns(
        contact_day=pl.Series(day),
        contact_type=draw(random, CONTACT_TYPES, row.size),
        attendance=draw(random, ATTENDANCE[feed], row.size),
    )
    kept = contacts.filter((pl.col("contact_day") <= pl.col("end_day")) & (pl.col("contact_day") < days)).drop(
        "end_day"
    )
    numbered = pl.Series(random.permutation(kept.height) + 1_000_000).cast(pl.String)
    return kept.with_columns(contact_ref=pl.lit("K") + numbered).sort("contact_day", "contact_ref")


def draw_recorded_needs(random: np.random.Generator, episodes: pl.DataFrame, *, feed: str) -> pl.DataFrame:
    """Return assessed needs of one feed, one to four an episode.

    Columns: need_ref, episode_ref, registration, need_code, level, recorded_day.
    """
    started = episodes.filter((pl.col("feed") == feed) & (pl.col("fate") == "served"))
    count = 1 + np.minimum(random.poisson(0.9, started.height), 3)
    row = np.repeat(np.arange(started.height), count)
    needs = started.select("episode_ref", "registration", "start_day")[row].with_columns(
        need_code=draw(random, NEED_CODES, row.size),
        level=draw(random, LEVELS, row.size),
        recorded_day=pl.Series(started["start_day"].to_numpy()[row] + random.integers(0, 21, row.size)),
    )
    different = needs.unique(["episode_ref", "need_code"], keep="first", maintain_order=True).drop("start_day")
    return different.with_columns(need_ref=pl.format("N{}", pl.int_range(pl.len()) + 50_000))


def mark_known_before(episodes: pl.DataFrame) -> pl.DataFrame:
    """Add is_known_before: on some day of the half year before the start the person was with another service."""
    served = episodes.filter(pl.col("fate") == "served").select("person", "service", "start_day", "end_day")
    others = served.rename({"service": "other_service", "start_day": "other_start", "end_day": "other_end"})
    known = (
        episodes.select("episode", "person", "service", "start_day")
        .join(others, on="person")
        .filter(
            (pl.col("other_service") != pl.col("service"))
            & (pl.col("other_start") < pl.col("start_day"))
            & (pl.col("other_end") >= pl.col("start_day") - KNOWN_BEFORE_DAYS)
        )
    )
    return episodes.with_columns(is_known_before=pl.col("episode").is_in(known["episode"].unique().implode()))


def draw_outcomes(random: np.random.Generator, episodes: pl.DataFrame, *, feed: str) -> pl.DataFrame:
    """Return results of one feed, at most one an episode: episode_ref, outcome_ref, outcome_value (pounds, as text).

    The chance depends on whether another service knew the person before, and on nothing else.
    """
    completed = episodes.filter((pl.col("feed") == feed) & pl.col("is_completed"))
    chance = completed["is_known_before"].replace_strict(OUTCOME_SHARES, return_dtype=pl.Float64)
    chosen = completed.filter(pl.Series(random.random(completed.height)) < chance).select("episode_ref")
    pounds = np.round(random.lognormal(7.6, 0.9, chosen.height), -1).astype(np.int64)
    return chosen.with_columns(
        outcome_ref=pl.format("R{}", pl.int_range(pl.len()) + 70_000),
        outcome_value=pl.Series([f"{value:,}" for value in pounds.tolist()], dtype=pl.String),
    )
