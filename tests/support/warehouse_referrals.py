"""A random crowd of referrals with every ending, some in a feed that stopped: for checks of measures against libraries.

What belongs here: referrals, starts, ends and contacts at random. What does not: figures that were worked out by hand.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from orchestration.bench.warehouse_inputs import AREAS, SERVICES, delivered, write_inputs

START = date(2023, 10, 1)
DATA_END = date(2026, 9, 30)
STOPPED = date(2026, 3, 31)
"""Last day that the feed `beta` shows."""
ENDINGS = (
    ("completed", "completed"),
    ("completed", "found_work"),
    ("ended_early", "disengaged"),
    ("ended_early", "moved_away"),
    ("ended_early", "transferred"),
)
Rows = list[dict[str, Any]]


def write_referrals(home: Path, people: int, *, seed: int) -> None:
    """Write a home with two feeds, each person in one of them, and about three referrals a person."""
    random = np.random.default_rng(seed)
    refs = [(("alpha", "beta")[i % 2], f"r{i}", f"p{i}") for i in range(people)]
    episodes = [row for feed, ref, _ in refs for row in _referrals(random, feed, ref)]
    write_inputs(
        home,
        entities={
            "person": _rows([_person(random, feed, ref) for feed, ref, _ in refs]),
            "episode": _rows([{"episode_ref": f"e{i}", **row} for i, row in enumerate(episodes)]),
            "contact": _rows(_contacts(random, episodes)),
        },
        linkage={
            "person_links": pl.DataFrame(
                [{"feed": feed, "source_ref": ref, "person_key": key} for feed, ref, key in refs]
            ),
            "record_keys": pl.DataFrame(
                {
                    "unit": "person",
                    "unit_key": [key for _, _, key in refs],
                    "record_key": random.integers(0, 2**64 - 1, people, dtype=np.uint64),
                }
            ),
        },
        reference={
            "deliveries": pl.DataFrame(
                [
                    {**delivered(datetime(2026, 10, 5), "alpha", "d1", 1), "period": "2026-09"},
                    {**delivered(datetime(2026, 4, 20), "beta", "d1", 1), "period": "2026-Q1"},
                ]
            )
        },
    )


def _rows(rows: Rows) -> pl.DataFrame:
    told = {"partner": "council", "delivery_id": "d1", "source_file": "file.csv", "agreement_id": "agreement_1"}
    return pl.DataFrame([{**told, "source_row": number, **row} for number, row in enumerate(rows, start=1)])


def _person(random: np.random.Generator, feed: str, ref: str) -> dict[str, Any]:
    return {
        "feed": feed,
        "source_ref": ref,
        "birth_month": date(int(random.integers(1935, 2020)), int(random.integers(1, 13)), 1),
        "sex": str(random.choice(["F", "M"])),
        "lsoa_code": AREAS[int(random.integers(len(AREAS)))][0],
    }


def _referrals(random: np.random.Generator, feed: str, ref: str) -> Rows:
    return [_referral(random, feed, ref) for _ in range(int(random.integers(1, 6)))]


def _referral(random: np.random.Generator, feed: str, ref: str) -> dict[str, Any]:
    """Return what a partner knows on its last day: a start or an end after it is not there yet."""
    shown_to = DATA_END if feed == "alpha" else STOPPED
    referral = START + timedelta(days=int(random.integers(-200, (shown_to - START).days)))
    start = referral + timedelta(days=int(random.exponential(40)))
    end = start + timedelta(days=int(random.exponential(120)))
    row: dict[str, Any] = {
        "feed": feed,
        "source_ref": ref,
        "service_id": SERVICES[int(random.integers(len(SERVICES)))][0],
        "referral_date": referral,
    }
    fate = random.random()
    if fate < 0.2:
        row |= {"status": "declined" if fate < 0.1 else "withdrawn"}
        decided = referral + timedelta(days=int(random.exponential(20)))
        return row | {"end_date": decided} if random.random() < 0.7 and decided <= shown_to else row
    if start > shown_to:
        return row | {"status": "waiting"}
    if end > shown_to:
        return row | {"start_date": start, "status": "open"}
    status, reason = ENDINGS[int(random.integers(len(ENDINGS)))]
    return row | {"start_date": start, "end_date": end, "status": status, "end_reason": reason}


def _contacts(random: np.random.Generator, episodes: Rows) -> Rows:
    return [
        {
            "feed": row["feed"],
            "source_ref": row["source_ref"],
            "service_id": row["service_id"],
            "contact_ref": f"c{number}",
            "contact_date": row["referral_date"] + timedelta(days=int(random.exponential(30))),
            "attendance": str(random.choice(["attended", "did_not_attend"], p=[0.8, 0.2])),
        }
        for number, row in enumerate(episodes)
        if "start_date" in row and row["feed"] == "alpha"
    ]
