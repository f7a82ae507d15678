"""Homes of the warehouse in which a figure was planted by construction: what a measure must recover, and how exactly.

What belongs here: episodes, needs and outcomes laid out by a stated share or number. What does not: hand-worked cases
of a rule (dbt unit tests) and lives drawn as a whole (seeds/simulate).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from orchestration.area.comparisons import SCHEMA as COMPARISONS
from orchestration.area.external_totals import SCHEMA as TOTALS
from orchestration.area.periods import add_months
from orchestration.area.personas import Persona, persona_tables
from orchestration.bench.warehouse_inputs import delivered, write_inputs

Rows = list[dict[str, Any]]

COHORTS = {
    # service entered: share of women, other use before, other use after, outcome
    "debt_advice": (0.7, 0.5, 0.2, 0.4),
    "benefits_help": (0.4, 0.3, 0.3, 0.2),
}
WORK = {"before": 0.6, "after": 0.25, "back_within_13_weeks": 0.2, "back_within_26_weeks": 0.3}
"""Use of mental health in the year before and after a move into work, and who comes back to the service left."""

USERS_OF_50 = {"E0100000A": 15, "E0100000B": 10, "E0100000C": 5}
"""Users among 50 residents of a sex and five years of age, by area; their deprivation quintiles are 1, 3 and 5."""

FEW, MANY_STAYS, WITH_SECOND_SERVICE = 100, 9, 200
"""Of 1,000 people with a cost, 100 have nine stays and all others one; 200 also use a service without a unit cost."""

MET, LATE, THREE_NEEDS = 0.6, 0.1, 0.4
"""Needs met within 90 days and after them; households of two with three different needs between them."""

CLASSES = {
    # share, chance of work, money, housing, health in the year
    "work": (0.5, {"skills_course": 0.9, "debt_advice": 0.85, "housing_options": 0.05, "mental_health": 0.05}),
    "health": (0.3, {"skills_course": 0.04, "debt_advice": 0.05, "housing_options": 0.02, "mental_health": 0.99}),
    "housing": (0.2, {"skills_course": 0.03, "debt_advice": 0.05, "housing_options": 0.99, "mental_health": 0.02}),
}
WAIT_DAYS, FIRST_COURSE, NO_AGE = 20, 0.7, 0.1
"""Days from referral to start; who of those with a course and debt advice began with the course; who has no age."""


def write_cohorts(home: Path, people: int, *, seed: int) -> None:
    """Write two cohorts of so many people each, and as many who move into work."""
    random = np.random.default_rng(seed)
    stays: Rows = []
    outcomes: Rows = []
    persons: Rows = []
    for service, (women, before, after, outcome) in COHORTS.items():
        for number in range(people):
            ref, month = f"{service}-{number}", add_months(date(2024, 10, 1), int(random.integers(0, 14)))
            day = month + timedelta(days=int(random.integers(0, 28)))
            persons.append(_person(ref, "F" if random.random() < women else "M"))
            stays.append(_stay(ref, service, day, day + timedelta(days=3)))
            for first, chance in ((-6, before), (1, after)):
                if random.random() < chance:
                    stays.append(_months(ref, "skills_course", month, first, 6))
            if random.random() < outcome:
                later = day + timedelta(days=int(random.integers(1, 90)))
                outcomes.append({"source_ref": ref, "outcome_code": "paid", "recorded_date": later})
    for number in range(people):
        ref, month = f"work-{number}", add_months(date(2024, 10, 1), int(random.integers(0, 10)))
        day = month + timedelta(days=14)
        persons.append(_person(ref, "F"))
        stays.append(_stay(ref, "housing_options", day - timedelta(days=60), day, reason="found_work"))
        for first, chance in ((-12, WORK["before"]), (1, WORK["after"])):
            if random.random() < chance:
                stays.append(_months(ref, "mental_health", month, first, 12))
        back = random.random()
        if back < WORK["back_within_26_weeks"]:
            again = day + timedelta(days=40 if back < WORK["back_within_13_weeks"] else 120)
            stays.append(_stay(ref, "housing_options", again, again + timedelta(days=5)))
    compared = ("advice", "Advice", "service:debt_advice", "service:benefits_help", "outcome:paid", 90)
    _write(
        home,
        {"person": (persons, ""), "episode": (stays, "episode_ref"), "outcome": (outcomes, "outcome_ref")},
        {"comparisons": pl.DataFrame([compared], schema=COMPARISONS, orient="row")},
    )


def write_rates(home: Path) -> None:
    """Write users of one service, as many of every year of age and either sex, in each of the three areas of the pack.

    Of 50 residents of a sex and five years of age 15, 10 or 5 use it, so that no standard changes the rate.
    """
    persons: Rows = []
    for area, each in USERS_OF_50.items():
        for sex in ("F", "M"):
            for age in range(95):
                for number in range(each // 5):
                    told = {"source_ref": f"{area}-{sex}-{age}-{number}", "sex": sex, "lsoa_code": area}
                    persons.append({**told, "birth_month": date(2024 - age, 10, 1), "valid_from": date(2020, 1, 1)})
    day = date(2025, 2, 3)
    stays = [_stay(person["source_ref"], "debt_advice", day, day + timedelta(days=9)) for person in persons]
    _write(home, {"person": (persons, ""), "episode": (stays, "episode_ref")}, {})


def write_costs(home: Path) -> None:
    """Write 1,000 people whose costs are known to the penny, and a total from elsewhere that is a quarter too high."""
    first = date(2024, 10, 3)
    stays = [
        _stay(f"p{number}", "debt_advice", day, day + timedelta(days=2))
        for number in range(1_000)
        for turn in range(MANY_STAYS if number < FEW else 1)
        for day in [first + timedelta(days=30 * turn)]
    ]
    stays += [
        _stay(f"p{number}", "benefits_help", first, first + timedelta(days=9))
        for number in range(500, 500 + WITH_SECOND_SERVICE)
    ]
    told = ("return", "people", "all", "Y2024", 1_250, 0.05, "An annual return")
    _write(
        home,
        {"episode": (stays, "episode_ref")},
        {"external_totals": pl.DataFrame([told], schema=TOTALS, orient="row")},
    )


def write_needs(home: Path) -> None:
    """Write 1,000 people with a need of help with debt, and 500 households of two."""
    stays: Rows = []
    needs: Rows = []
    for number in range(1_000):
        ref, day = f"p{number}", date(2024, 11, 1) + timedelta(days=number % 300)
        needs.append(_need(ref, "debt", day))
        if number < 1_000 * MET:
            stays.append(_stay(ref, "benefits_help", day + timedelta(days=1 + number % 90), date(2026, 1, 31)))
        elif number < 1_000 * (MET + LATE):
            stays.append(_stay(ref, "benefits_help", day + timedelta(days=91 + number % 60), date(2026, 1, 31)))
    homes: Rows = []
    for number in range(500):
        one, two, day = f"h{number}a", f"h{number}b", date(2024, 11, 5)
        several = number < 500 * THREE_NEEDS
        needs += [_need(one, "lonely", day), _need(two, "lonely", day)]
        needs += [_need(one, "secure_housing", day), _need(two, "debt", date(2025, 9, 5))] if several else []
        stays += [_stay(ref, "housing_options", day, day) for ref in (one, two)]
        homes += [{"person_key": ref, "household_key": f"h{number}"} for ref in (one, two)]
    persons = [_person(row["person_key"], "F") for row in homes]
    _write(
        home,
        {"person": (persons, ""), "episode": (stays, "episode_ref"), "need": (needs, "need_ref")},
        {},
        households=pl.DataFrame(homes),
    )


def write_classes(home: Path, people: int, *, seed: int) -> dict[str, str]:
    """Write people of three classes, with a persona and a lens, and return each one's class."""
    random = np.random.default_rng(seed)
    drawn = random.choice(list(CLASSES), people, p=[share for share, _ in CLASSES.values()])
    classes: dict[str, str] = {f"p{number}": str(name) for number, name in enumerate(drawn)}
    stays: Rows = []
    for ref, name in classes.items():
        used = [service for service, chance in CLASSES[name][1].items() if random.random() < chance]
        if "skills_course" in used and random.random() >= FIRST_COURSE:
            used.reverse()
        for turn, service in enumerate(used):
            day = date(2025, 11, 1) + timedelta(days=40 * turn)
            stays.append(_stay(ref, service, day, day + timedelta(days=9), waited=WAIT_DAYS))
    persons = [_person(ref, "F", aged=random.random() >= NO_AGE) for ref in classes]
    _write(home, {"person": (persons, ""), "episode": (stays, "episode_ref")}, persona_tables(dict(_personas())))
    return classes


def _personas() -> Iterable[tuple[str, Any]]:
    asked = {"all_of": ["skills_course"], "any_of": ["debt_advice", "benefits_help"]}
    persona = {"id": "course_and_debt", "name": "C", "situation": "S", "not_known": ["Why"]}
    rule = {"ages": {"from": 18, "to": 66}, "services": asked}
    yield "course_and_debt", ("persona", Persona.model_validate({**persona, "cohort": rule}))
    lens = {"id": "housing", "name": "H", "situation": "S", "cohort": {"themes": {"any_of": ["housing"]}}}
    yield "housing", ("lens", Persona.model_validate(lens))


def _person(ref: str, sex: str, *, aged: bool = True) -> dict[str, Any]:
    return {"source_ref": ref, "sex": sex, "birth_month": date(1990, 1, 1) if aged else None}


def _stay(
    ref: str, service: str, start: date, end: date, *, reason: str = "completed", waited: int = 0
) -> dict[str, Any]:
    told = {"source_ref": ref, "service_id": service, "status": "completed", "end_reason": reason}
    return {**told, "referral_date": start - timedelta(days=waited), "start_date": start, "end_date": end}


def _months(ref: str, service: str, month: date, first: int, count: int) -> dict[str, Any]:
    begin = add_months(month, first)
    return _stay(ref, service, begin, add_months(begin, count) - timedelta(days=1))


def _need(ref: str, code: str, day: date) -> dict[str, Any]:
    return {"source_ref": ref, "need_code": code, "recorded_date": day}


def _write(
    home: Path,
    entities: dict[str, tuple[Rows, str]],
    reference: dict[str, pl.DataFrame],
    *,
    households: pl.DataFrame | None = None,
) -> None:
    told = {"feed": "alpha", "partner": "council", "delivery_id": "d1", "source_file": "f.csv", "agreement_id": "a1"}
    frames = {
        entity: pl.DataFrame(
            [
                {**told, "source_row": number, **({reference_of: f"r{number}"} if reference_of else {}), **row}
                for number, row in enumerate(rows)
            ],
            infer_schema_length=None,
        )
        for entity, (rows, reference_of) in entities.items()
    }
    refs = pl.concat([frame.select("source_ref") for frame in frames.values()]).unique().sort("source_ref")
    links = refs.select("source_ref", feed=pl.lit("alpha"), person_key="source_ref")
    keys = refs.select(unit=pl.lit("person"), unit_key="source_ref", record_key=pl.int_range(pl.len()).cast(pl.UInt64))
    linkage = {"person_links": links, "record_keys": keys}
    write_inputs(
        home,
        entities=frames,
        linkage=linkage | ({"household_links": households} if households is not None else {}),
        reference={"deliveries": pl.DataFrame([delivered(datetime(2026, 10, 5), "alpha", "d1", 1)]), **reference},
    )
