"""A crowd of which it is planted what their needs did before and after they began a service: for paired measures.

What belongs here: needs and outcomes drawn by half year around a start. What does not: what any service truly does.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from orchestration.bench.warehouse_inputs import delivered, write_inputs


class Turn(NamedTuple):
    """Planted chances of a recorded need in the half years earlier, before and after, and of an outcome after."""

    earlier: float
    before: float
    after: float
    outcome: float


TURNS = {
    "debt_advice": Turn(0.2, 0.6, 0.2, 0.5),  # people come at their worst, and nothing but time changes that
    "mental_health": Turn(0.6, 0.6, 0.3, 0.0),  # needs that stood for long halve
    "skills_course": Turn(0.4, 0.4, 0.4, 0.1),  # nothing happens
}
NEED, OUTCOME = "debt", "financial_stability"
WEEKS = {"earlier": (-49, -30), "before": (-22, -6), "after": (6, 22)}
"""Weeks from the start that surely lie in the half year, whichever day of the month it is."""


def write_turns(home: Path, people: int, *, seed: int) -> None:
    """Write a home of so many people a service."""
    random = np.random.default_rng(seed)
    starts = [
        (f"{service}-{number}", service, date(2024, 10, 1) + timedelta(days=int(random.integers(0, 400))))
        for service in TURNS
        for number in range(people)
    ]
    write_inputs(
        home,
        entities={
            "episode": _rows(
                [
                    {"source_ref": ref, "service_id": service, "referral_date": day, "start_date": day, "end_date": day}
                    for ref, service, day in starts
                ],
                "episode_ref",
            ),
            "need": _rows(
                [
                    {"source_ref": ref, "need_code": NEED, "recorded_date": _day(random, day, when)}
                    for ref, service, day in starts
                    for when in WEEKS
                    if random.random() < getattr(TURNS[service], when)
                ],
                "need_ref",
            ),
            "outcome": _rows(
                [
                    {"source_ref": ref, "outcome_code": OUTCOME, "recorded_date": _day(random, day, "after")}
                    for ref, service, day in starts
                    if random.random() < TURNS[service].outcome
                ],
                "outcome_ref",
            ),
        },
        linkage={
            "person_links": pl.DataFrame(
                {"feed": "alpha", "source_ref": [ref for ref, _, _ in starts], "person_key": [r for r, _, _ in starts]}
            )
        },
        reference={"deliveries": pl.DataFrame([delivered(datetime(2026, 10, 5), "alpha", "d1", len(starts))])},
    )


def _day(random: np.random.Generator, start: date, when: str) -> date:
    first, last = WEEKS[when]
    return start + timedelta(days=7 * int(random.integers(first, last)))


def _rows(rows: list[dict[str, Any]], reference: str) -> pl.DataFrame:
    told = {"feed": "alpha", "partner": "council", "delivery_id": "d1", "source_file": "f.csv", "agreement_id": "a1"}
    return pl.DataFrame(
        [{**told, "source_row": number, reference: f"{reference}{number}", **row} for number, row in enumerate(rows)]
    )
