"""A random crowd of any size for the warehouse: for timings and identities, never for hand-checked figures."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.bench.warehouse_inputs import AREAS, SERVICES, delivered, write_inputs

SPAN_DAYS = 1080
START = date(2023, 10, 1)
FEEDS = ("alpha", "beta")
DATED = {"episode": "start_date", "contact": "contact_date", "need": "recorded_date"}
"""The column that dates the rows of an entity."""


def write_crowd(
    home: Path, people: int, *, seed: int = 1, contacts_each: float = 5.0, known_to: date | None = None
) -> None:
    """Write a home in which each person has about two records, three episodes and some contacts.

    `known_to` is the last day of what has been delivered: what begins later is missing, and what ends later has no end
    yet. All else is the same for each such day.
    """
    random = np.random.default_rng(seed)
    records = _records(people, random)
    entities = {
        "episode": _episodes(records, 3 * people, random),
        "contact": _contacts(records, int(contacts_each * people), random),
        "need": _needs(records, people // 2, random),
    }
    linkage = _linkage(records, people, random)
    reference = {}
    if known_to is not None:
        entities = {entity: as_known(rows, DATED[entity], known_to) for entity, rows in entities.items()}
        at = datetime.combine(known_to, time(12)) + timedelta(days=5)
        told = [delivered(at, feed, "d1", people) | {"period": f"{known_to:%Y-%m}"} for feed in FEEDS]
        reference["deliveries"] = pl.DataFrame(told)
    write_inputs(home, entities={"person": records, **entities}, linkage=linkage, reference=reference)


def as_known(rows: pl.DataFrame, dated: str, day: date) -> pl.DataFrame:
    """Return the rows dated up to a day, without ends that came after it."""
    known = rows.filter(pl.col(dated) <= day)
    if "end_date" not in known.columns:
        return known
    return known.with_columns(end_date=pl.when(pl.col("end_date") <= day).then(pl.col("end_date")))


def _provenance(rows: int) -> dict[str, object]:
    return {
        "partner": "council",
        "delivery_id": "d1",
        "source_file": "file.csv",
        "source_row": np.arange(1, rows + 1),
        "agreement_id": "agreement_1",
    }


def _days(random: np.random.Generator, rows: int) -> pl.Series:
    return pl.Series(np.datetime64(START) + random.integers(0, SPAN_DAYS, rows)).cast(pl.Date)


def _records(people: int, random: np.random.Generator) -> pl.DataFrame:
    count = 2 * people
    who = np.concatenate([np.arange(people), random.integers(0, people, count - people)])
    months = pl.Series((np.datetime64("1940-01") + random.integers(0, 960, people)).astype("datetime64[D]")).cast(
        pl.Date
    )
    sexes = random.choice(["F", "M"], people)
    return pl.DataFrame(
        {
            **_provenance(count),
            "feed": np.where(np.arange(count) < people, "alpha", "beta"),
            "source_ref": [f"r{i}" for i in range(count)],
            "birth_month": months.gather(who),
            "sex": sexes[who],
            "ethnicity_code": random.choice(["white_british", "asian_indian", "refused"], count),
            "lsoa_code": random.choice([area[0] for area in AREAS], count),
            "valid_from": _days(random, count),
            "trusted_ref": [f"p{i}" for i in who],
        }
    )


def _use(records: pl.DataFrame, rows: int, random: np.random.Generator) -> dict[str, object]:
    chosen = random.integers(0, records.height, rows)
    return {
        **_provenance(rows),
        "feed": records["feed"].gather(chosen),
        "source_ref": records["source_ref"].gather(chosen),
    }


def _episodes(records: pl.DataFrame, rows: int, random: np.random.Generator) -> pl.DataFrame:
    starts = _days(random, rows)
    lengths = random.exponential(90, rows).astype(int)
    return pl.DataFrame(
        {
            **_use(records, rows, random),
            "episode_ref": [f"e{i}" for i in range(rows)],
            "service_id": random.choice([s[0] for s in SERVICES], rows),
            "referral_date": starts,
            "start_date": starts,
            "end_date": pl.Series(starts.to_numpy() + lengths).cast(pl.Date),
            "status": "completed",
        }
    ).with_columns(end_date=pl.when(pl.col("end_date") > date(2026, 9, 15)).then(None).otherwise(pl.col("end_date")))


def _contacts(records: pl.DataFrame, rows: int, random: np.random.Generator) -> pl.DataFrame:
    return pl.DataFrame(
        {
            **_use(records, rows, random),
            "contact_ref": [f"c{i}" for i in range(rows)],
            "service_id": random.choice([s[0] for s in SERVICES[:2]], rows),
            "contact_date": _days(random, rows),
            "attendance": random.choice(["attended", "did_not_attend"], rows, p=[0.9, 0.1]),
        }
    )


def _needs(records: pl.DataFrame, rows: int, random: np.random.Generator) -> pl.DataFrame:
    return pl.DataFrame(
        {
            **_use(records, rows, random),
            "need_ref": [f"n{i}" for i in range(rows)],
            "need_code": random.choice(["debt", "secure_housing", "lonely"], rows),
            "recorded_date": _days(random, rows),
        }
    )


def _linkage(records: pl.DataFrame, people: int, random: np.random.Generator) -> dict[str, pl.DataFrame]:
    persons = pl.Series([f"p{i}" for i in range(people)])
    households = pl.Series([f"h{i // 3}" for i in range(people)])
    units = pl.concat([persons, households.unique().sort()])
    return {
        "person_links": records.select(
            "feed",
            "source_ref",
            person_key="trusted_ref",
            link_method=pl.lit("trusted"),
            match_probability=pl.lit(1.0),
        ),
        "household_links": pl.DataFrame({"person_key": persons, "household_key": households, "valid_from": START}),
        "record_keys": pl.DataFrame(
            {
                "unit": ["person"] * people + ["household"] * (units.len() - people),
                "unit_key": units,
                "record_key": random.integers(0, 2**64 - 1, units.len(), dtype=np.uint64),
            }
        ),
        "linkage_quality": pl.DataFrame(
            {
                "feed": ["alpha", "beta"],
                "group_kind": "all",
                "group_value": "all",
                "records": people,
                "linkable": people,
                "linked": people,
                "unlinkable": 0,
                "match_rate": 1.0,
            }
        ),
        "thresholds": pl.DataFrame({"threshold": [0.99, 0.9], "links": [people, people], "people": [people, people]}),
    }
