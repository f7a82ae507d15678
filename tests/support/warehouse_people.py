"""Four people whose figures can be worked out by hand, in the shape that the warehouse reads.

Ann: debt advice in two episodes five days apart (one spell) and mental health from before its end; an adult.
Bob: housing options, still open; turns 16 before the second reporting year; lives with Ann.
Cat: four services on one day, contacts only, and one appointment missed; sex, age and home not known.
Dan: referred, never started: known, but not a service user. One episode belongs to nobody in the linkage.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.bench.warehouse_inputs import delivered, reference_tables, write_inputs

Rows = list[dict[str, Any]]
PEOPLE: Rows = [
    {"feed": "alpha", "source_ref": "a1", "sex": "F", "birth_month": date(1985, 5, 1), "ethnicity_code": "refused"},
    {"feed": "beta", "source_ref": "b1", "sex": "F", "birth_month": date(1985, 6, 1), "ethnicity_code": "asian_indian"},
    {"feed": "alpha", "source_ref": "a2", "sex": "M", "birth_month": date(2008, 10, 1), "ethnicity_code": "nonsense"},
    {"feed": "beta", "source_ref": "b3", "sex": "U"},
    {"feed": "alpha", "source_ref": "a4", "sex": "M", "birth_month": date(1950, 1, 1)},
]
HOMES = {"a1": "E0100000A", "b1": "E0100000A", "a2": "E0100000C", "b3": "E0199999Z", "a4": "E0100000B"}
EPISODES: Rows = [
    {"feed": "alpha", "source_ref": "a1", "service_id": "debt_advice", "dates": ("2024-01-10", "2024-03-20")},
    {"feed": "beta", "source_ref": "b1", "service_id": "mental_health", "dates": ("2024-03-01", "2024-06-30")},
    {"feed": "alpha", "source_ref": "a1", "service_id": "debt_advice", "dates": ("2024-03-25", "2024-04-10")},
    {"feed": "alpha", "source_ref": "a2", "service_id": "housing_options", "dates": ("2024-05-01", None)},
    {"feed": "alpha", "source_ref": "a4", "service_id": "debt_advice", "dates": (None, None)},
    {"feed": "beta", "source_ref": "b9", "service_id": "debt_advice", "dates": ("2024-05-01", "2024-05-02")},
]
CAME_TO = ("debt_advice", "benefits_help", "housing_options", "skills_course")
LINKS = {"a1": "ann", "b1": "ann", "a2": "bob", "b3": "cat", "a4": "dan"}
CADENCES = ("daily", "weekly", "monthly", "quarterly", "yearly", "once")
PERIODS = (("2026-09", 5), ("2026-08", 5), ("2026-Q2", 30), ("2025", 400), (None, 7), (None, 0))


def write_four_people(home: Path) -> None:
    """Write the home of the four people, and feeds of every cadence for the rule of lateness."""
    reference = reference_tables()
    feeds, deliveries = _feeds_of_every_cadence(reference["feeds"])
    write_inputs(
        home,
        entities={
            "person": _rows([{**row, "lsoa_code": HOMES[row["source_ref"]]} for row in PEOPLE]),
            "episode": _rows([_episode(number, row) for number, row in enumerate(EPISODES)]),
            "contact": _rows(_contacts()),
            "need": _rows([_need("n1", "a1", "debt", date(2024, 1, 1)), _need("n2", "a2", "debt", date(2024, 5, 1))]),
        },
        linkage=_linkage(),
        reference={
            "feeds": feeds,
            "deliveries": deliveries,
            "checks": _checks(),
            "quality": _quality(),
            "lags": _lags(),
        },
    )


def _rows(rows: Rows) -> pl.DataFrame:
    provenance = {"partner": "council", "delivery_id": "d1", "source_file": "file.csv", "agreement_id": "agreement_1"}
    return pl.DataFrame([{**provenance, "source_row": number, **row} for number, row in enumerate(rows, start=1)])


def _episode(number: int, row: dict[str, Any]) -> dict[str, Any]:
    start, end = (date.fromisoformat(day) if day else None for day in row["dates"])
    kept = {name: value for name, value in row.items() if name != "dates"}
    return {
        **kept,
        "episode_ref": f"e{number}",
        "referral_date": date(2024, 1, 1),
        "start_date": start,
        "end_date": end,
    }


def _contacts() -> Rows:
    contact = {"feed": "beta", "source_ref": "b3", "contact_date": date(2025, 2, 3)}
    came = [{**contact, "contact_ref": f"c{s}", "service_id": s, "attendance": "attended"} for s in CAME_TO]
    missed = {"contact_ref": "missed", "service_id": "mental_health", "attendance": "did_not_attend"}
    return [*came, {**contact, **missed}]


def _need(reference: str, source_ref: str, code: str, day: date) -> dict[str, Any]:
    return {"feed": "alpha", "need_ref": reference, "source_ref": source_ref, "need_code": code, "recorded_date": day}


def _linkage() -> dict[str, pl.DataFrame]:
    keys = ["ann", "bob", "cat", "dan"]
    return {
        "person_links": pl.DataFrame(
            [
                {"feed": "alpha" if ref.startswith("a") else "beta", "source_ref": ref, "person_key": key}
                for ref, key in LINKS.items()
            ]
        ),
        "household_links": pl.DataFrame({"person_key": ["ann", "bob"], "household_key": "home"}),
        "record_keys": pl.DataFrame(
            {
                "unit": ["person"] * 4 + ["household"],
                "unit_key": [*keys, "home"],
                "record_key": [2**63 + 11, 22, 33, 44, 55],
            },
            schema_overrides={"record_key": pl.UInt64},
        ),
    }


def _feeds_of_every_cadence(feeds: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    template = feeds.row(0, named=True)
    more, rows = [], [delivered(datetime(2026, 10, 5, 9), "alpha", "d1", 6)]
    for cadence in CADENCES:
        more.append({**template, "feed": f"{cadence}_never", "cadence": cadence})
        for number, (period, days_ago) in enumerate(PERIODS):
            feed = f"{cadence}_{number}"
            more.append({**template, "feed": feed, "cadence": cadence, "late_after_days": 3 * number})
            at = datetime.fromordinal(date(2026, 10, 20).toordinal() - days_ago)
            rows.append({**delivered(at, feed, "d", 1), "period": period})
    return pl.concat([feeds, pl.DataFrame(more)]), pl.DataFrame(rows)


def _checks() -> pl.DataFrame:
    check = {"feed": "alpha", "check_id": "date_in_future"}
    return pl.DataFrame(
        [
            {**check, "delivery_id": "d1", "severity": "warning", "rows": 2},
            {**check, "delivery_id": "d0", "severity": "refuse_row", "rows": 3},
        ]
    )


def _quality() -> pl.DataFrame:
    worst = {
        "worst_place": "person.sex",
        "worst_score": 0.5,
        "worst_check": "missing",
        "worst_rows": 3,
        "failing_rows": 3,
    }
    quality = {"feed": "alpha", "dimension": "completeness", "score": 0.9, **worst}
    return pl.DataFrame([{**quality, "delivery_id": "d1"}, {**quality, "delivery_id": "d0", "score": 0.6}])


def _lags() -> pl.DataFrame:
    lag = {"feed": "alpha", "lag": "1-3", "lag_index": 2}
    return pl.DataFrame([{**lag, "delivery_id": "d1", "rows": 12}, {**lag, "delivery_id": "d0", "rows": 30}])
