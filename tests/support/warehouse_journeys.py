"""A crowd with three planted types of journeys, told month by month by nobody but the episodes: for the typology.

What belongs here: episodes drawn around a plan per type. What does not: what the types of real people would be.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from orchestration.bench.warehouse_inputs import delivered, write_inputs

START = date(2023, 10, 1)
LATEST_ENTRY_DAYS = 300
"""So that everybody is followed for 24 months."""
PLANS: dict[str, list[tuple[str, int, float]]] = {
    # service, day of the start since the first door, mean days
    "short help": [("debt_advice", 0, 120)],
    "long care": [("mental_health", 0, 800)],
    "housing, then work": [("housing_options", 0, 250), ("skills_course", 240, 420)],
}


def write_journeys(home: Path, people: int, *, seed: int) -> dict[str, str]:
    """Write the home of so many people, a third of each type, and return each one's planted type."""
    random = np.random.default_rng(seed)
    planted = {f"p{number}": list(PLANS)[number % len(PLANS)] for number in range(people)}
    provenance = {"partner": "council", "feed": "alpha", "delivery_id": "d1", "source_file": "file.csv"}
    rows = [episode for person, plan in planted.items() for episode in _episodes(random, person, PLANS[plan])]
    told = {**provenance, "agreement_id": "agreement_1", "status": "completed"}
    write_inputs(
        home,
        entities={
            "episode": pl.DataFrame(
                [{**told, "source_row": number, "episode_ref": f"e{number}", **row} for number, row in enumerate(rows)]
            )
        },
        linkage={
            "person_links": pl.DataFrame({"feed": "alpha", "source_ref": list(planted), "person_key": list(planted)})
        },
        reference={"deliveries": pl.DataFrame([delivered(datetime(2026, 10, 5), "alpha", "d1", len(rows))])},
    )
    return planted


def _episodes(random: np.random.Generator, person: str, plan: list[tuple[str, int, float]]) -> list[dict[str, Any]]:
    """Return the plan's episodes, a fifth longer or shorter; and for one in four a short visit elsewhere."""
    entry = START + timedelta(days=int(random.integers(0, LATEST_ENTRY_DAYS)))
    rows = [
        (service, entry + timedelta(days=after), max(1, int(days * random.normal(1, 0.2))))
        for service, after, days in plan
    ]
    if random.random() < 0.25:
        rows.append(("benefits_help", entry + timedelta(days=int(random.integers(100, 600))), 20))
    return [
        {"source_ref": person, "service_id": service, "referral_date": day, "start_date": day, "end_date": end}
        for service, day, length in rows
        for end in [day + timedelta(days=length)]
    ]
