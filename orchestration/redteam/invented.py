"""A small invented warehouse in the serving schema, and a snapshot of it: for attacks, tests and trying out pages.

Everything is drawn from one seeded generator; no dbt, no linkage. Not a model of real life: services are used more in
deprived areas, and themes follow one another, so that pages have something to show.
"""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from orchestration.area.periods import periods
from orchestration.publishing import publish
from orchestration.redteam.invented_events import event_tables
from orchestration.redteam.invented_operations import operation_tables
from orchestration.serving_schema import SERVING
from orchestration.settings import Settings, repository_root

FIRST_MONTH = date(2023, 10, 1)
MONTHS = 36
THEMES = {
    "debt": "Debt and money",
    "housing": "Housing",
    "mental_health": "Mental health",
    "employment": "Skills and employment",
    "social_care": "Social care",
    "families": "Children and families",
    "substance_use": "Drugs and alcohol",
    "welfare": "Benefits and welfare",
}
SERVICES = {
    "debt_advice": ("Debt advice", "debt"),
    "money_guidance": ("Money guidance", "debt"),
    "housing_options": ("Housing options", "housing"),
    "tenancy_support": ("Tenancy support", "housing"),
    "talking_therapy": ("Talking therapy", "mental_health"),
    "community_mental_health": ("Community mental health team", "mental_health"),
    "skills_coaching": ("Skills coaching", "employment"),
    "job_club": ("Job club", "employment"),
    "adult_social_care": ("Adult social care", "social_care"),
    "family_early_help": ("Family early help", "families"),
    "parenting_course": ("Parenting course", "families"),
    "recovery_service": ("Recovery service", "substance_use"),
    "council_tax_support": ("Council tax support", "welfare"),
    "jobcentre": ("Jobcentre claim", "welfare"),
}
SENSITIVE = ("recovery_service",)
AGE_BANDS = ("0-15", "16-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+", "unknown")
AGE_GROUPS = ("0-15", "16-24", "25-64", "25-64", "25-64", "25-64", "65+", "65+", "unknown")
MSOAS = 12


def make_snapshot(home: Path, people: int = 3000, seed: int = 1) -> Settings:
    """Write a warehouse under `home`, publish it, and return the settings of that home (calling again republishes)."""
    settings = make_warehouse(home, people, seed)
    publish(settings, accept_movement=True)
    return settings


def make_warehouse(home: Path, people: int = 3000, seed: int = 1) -> Settings:
    """Write `warehouse/build.duckdb` with every serving table for an invented place, and return the settings."""
    return write_warehouse(home, serving_tables(people=people, seed=seed))


def write_warehouse(home: Path, tables: dict[str, pl.DataFrame]) -> Settings:
    """Write `warehouse/build.duckdb` with the tables given, and return the settings of that home."""
    settings = Settings(area_dir=repository_root() / "seeds" / "demo_area", home=home)
    settings.make_folders()
    if not settings.release_secret_file.exists():
        # One secret for all runs, so that the noise is the same in every run.
        settings.release_secret_file.write_text("5eed" * 16 + "\n")
        settings.release_secret_file.chmod(0o600)
    path = settings.warehouse / "build.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema serving")
        for name, frame in tables.items():
            connection.register("frame", frame)
            connection.execute(f"create table serving.{name} as from frame")
            connection.unregister("frame")
    return settings


def serving_tables(*, people: int, seed: int) -> dict[str, pl.DataFrame]:
    """Return every serving table as a frame, in the grain and columns of the serving schema."""
    rng = np.random.default_rng(seed)
    reference = _reference_tables(rng)
    masks = _draw_uses(rng, people)
    used = masks.any(axis=1)
    masks = masks[used]
    count = len(masks)
    band = rng.choice(9, count, p=[0.13, 0.14, 0.18, 0.17, 0.14, 0.1, 0.07, 0.065, 0.005])
    sex = rng.choice(["F", "M", "U"], count, p=[0.53, 0.465, 0.005])
    ethnic = rng.choice(
        ["white", "asian", "black", "mixed", "other", "unknown"], count, p=[0.78, 0.07, 0.05, 0.04, 0.02, 0.04]
    )
    msoa = rng.integers(0, MSOAS, count)
    deprivation = np.clip(1 + (msoa * 5) // MSOAS + rng.integers(-1, 2, count), 1, 5)
    household = rng.permutation(np.repeat(np.arange(count), 2)[:count])
    person_no = np.arange(count, dtype=np.int64)
    years = {"Y2023": 0, "Y2024": 1, "Y2025": 2}
    attributes = pl.DataFrame(
        {
            "person_no": person_no,
            "sex": sex,
            "msoa_code": [f"E0200{index:04d}" for index in msoa],
            "lad_code": [_district(index) for index in msoa],
            "deprivation": [str(value) for value in deprivation],
            "ethnic_group": ethnic,
            "age_band": [AGE_BANDS[index] for index in band],
            "age_group": [AGE_GROUPS[index] for index in band],
        }
    )
    month_of_year = {code: ((1 << 12) - 1) << (12 * index) for code, index in years.items()} | {
        "all": (1 << MONTHS) - 1
    }
    anything = np.bitwise_or.reduce(masks, axis=1)
    person_year = pl.concat(
        attributes.filter(pl.Series((anything & mask) != 0)).with_columns(year_code=pl.lit(code))
        for code, mask in month_of_year.items()
    )
    codes = list(SERVICES)
    themes = list(THEMES)
    uses = [
        pl.DataFrame(
            {
                "person_no": person_no,
                "service_id": [code] * count,
                "theme": [SERVICES[code][1]] * count,
                "month_mask": masks[:, index],
            }
        ).filter(pl.col("month_mask") != 0)
        for index, code in enumerate(codes)
    ]
    person_service = pl.concat(uses)
    household_service = (
        person_service.with_columns(household_no=pl.Series(household[person_service["person_no"].to_numpy()]))
        .group_by("household_no", "service_id", "theme", maintain_order=True)
        .agg(pl.col("month_mask").bitwise_or())
    )
    return reference | {
        "srv_person": pl.DataFrame(
            {"person_no": person_no, "record_key": _record_keys(rng, count), "household_no": household}
        ),
        "srv_person_year": person_year,
        "srv_person_service": person_service,
        "srv_person_period": _person_periods(masks, codes, themes),
        **_moves(masks, codes, rng),
        **event_tables(person_service, person_year, list(periods(FIRST_MONTH, MONTHS)), np.random.default_rng(seed)),
        "srv_household": attributes.select("msoa_code", "lad_code", "deprivation")
        .with_columns(household_no=pl.Series(household))
        .unique("household_no", keep="first", maintain_order=True)
        .with_columns(
            record_key=pl.Series(_record_keys(rng, len(np.unique(household)))),
            household_type=pl.Series(
                rng.choice(["AO", "AC", "CO", "UN"], len(np.unique(household)), p=[0.55, 0.4, 0.02, 0.03])
            ),
        ),
        "srv_household_service": household_service,
    }


def _record_keys(rng: np.random.Generator, count: int) -> NDArray[np.uint64]:
    return rng.integers(0, np.iinfo(np.uint64).max, count, dtype=np.uint64, endpoint=True)


def _draw_uses(rng: np.random.Generator, people: int) -> NDArray[np.int64]:
    """Return month masks, shape (people, services): a spell starts in a random month and lasts some months."""
    masks = np.zeros((people, len(SERVICES)), dtype=np.int64)
    need = rng.gamma(1.2, 1.0, people)
    popularity = rng.uniform(0.05, 0.22, len(SERVICES))
    full = (1 << MONTHS) - 1
    for index in range(len(SERVICES)):
        for _spell in range(2):
            starts = rng.random(people) < np.clip(popularity[index] * need * 0.7, 0, 0.9)
            start = rng.integers(0, MONTHS, people)
            length = np.minimum(rng.geometric(0.25, people), 30)
            spell = ((np.int64(1) << length) - 1) << start & full
            masks[:, index] |= np.where(starts, spell, 0)
    return masks


def _person_periods(masks: NDArray[np.int64], codes: list[str], themes: list[str]) -> pl.DataFrame:
    theme_bits = np.array([1 << themes.index(SERVICES[code][1]) for code in codes], dtype=np.int64)
    frames = []
    for period in periods(FIRST_MONTH, MONTHS):
        active = (masks & period.month_mask) != 0
        used = active.sum(axis=1)
        months = range(period.first_month_index, period.first_month_index + period.month_count)
        at_once = np.max([((masks >> month) & 1).sum(axis=1) for month in months], axis=0)
        frames.append(
            pl.DataFrame(
                {
                    "person_no": np.arange(len(masks), dtype=np.int64),
                    "period_code": [period.code] * len(masks),
                    "period_level": [period.level] * len(masks),
                    "services_used": _how_many(used),
                    "services_at_once": _how_many(at_once),
                    "theme_mask": np.bitwise_or.reduce(np.where(active, theme_bits, 0), axis=1),
                }
            ).filter(pl.Series(used > 0))
        )
    return pl.concat(frames)


def _how_many(counts: NDArray[np.int64]) -> list[str]:
    return ["4+" if count >= 4 else str(max(int(count), 1)) for count in counts]


def _moves(masks: NDArray[np.int64], codes: list[str], rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Return srv_transition and srv_journey: services in the order of their first month, ties in a random order."""
    by_index = {
        period.first_month_index: period for period in periods(FIRST_MONTH, MONTHS) if period.level == "quarter"
    }
    transitions, journeys = [], []
    for person, row in enumerate(masks.tolist()):
        starts = [((mask & -mask).bit_length() - 1, rng.random(), index) for index, mask in enumerate(row) if mask]
        order = [(month, codes[index]) for month, _tie, index in sorted(starts)]
        names = ["START", *(code for _month, code in order), "END"]
        for step in range(len(names) - 1):
            month = order[min(step, len(order) - 1)][0]
            quarter = by_index[month - month % 3]
            before, after = names[step], names[step + 1]
            transitions.append(
                (person, quarter.year_code, quarter.code, before, after, _theme(before), _theme(after), step + 1)
            )
        steps = [_theme(code) for _month, code in order][:4]
        first = by_index[order[0][0] - order[0][0] % 3]
        journeys.append((person, first.year_code, *steps, *["none"] * (4 - len(steps)), order[0][1], steps[0]))
    return {
        "srv_transition": pl.DataFrame(
            transitions,
            schema=list(SERVING["srv_transition"]),
            orient="row",
        ),
        "srv_journey": pl.DataFrame(
            journeys,
            schema=list(SERVING["srv_journey"]),
            orient="row",
        ),
    }


def _district(index: int) -> str:
    return "E07009001" if index < MSOAS * 2 // 3 else "E07009002"


def _theme(code: str) -> str:
    return SERVICES[code][1] if code in SERVICES else code


def _reference_tables(rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    names = ("Abbot", "Bridge", "Castle", "Dene", "East", "Ferry", "Green", "Hill", "Kings", "Lower", "Mill", "North")
    areas = [
        (f"E0200{index:04d}", f"{name} ward", "msoa", _district(index), 6000 + 100 * index)
        for index, name in enumerate(names)
    ] + [("E07009001", "Avonmere", "lad", None, 50000), ("E07009002", "Westhope", "lad", None, 30000)]
    feeds = {code: f"{name} records" for code, (name, _theme_code) in SERVICES.items()}
    return {
        "srv_service": pl.DataFrame(
            [
                (code, name, theme, "sensitive" if code in SENSITIVE else "standard", f"{name} organisation")
                for code, (name, theme) in SERVICES.items()
            ],
            schema=["service_id", "service_name", "theme", "sensitivity", "organization_name"],
            orient="row",
        ),
        "srv_theme": pl.DataFrame(
            [(code, name, index) for index, (code, name) in enumerate(THEMES.items())],
            schema=["theme", "theme_name", "theme_index"],
            orient="row",
        ),
        "srv_area": pl.DataFrame(areas, schema=list(SERVING["srv_area"]), orient="row"),
        "srv_population": pl.DataFrame(
            [
                (code, parent, sex, band, str(1 + index * 5 // MSOAS), int(population / 18))
                for index, (code, _name, level, parent, population) in enumerate(areas)
                if level == "msoa"
                for sex in "FM"
                for band in AGE_BANDS[:-1]
            ],
            schema=list(SERVING["srv_population"]),
            orient="row",
        ),
        "srv_period": pl.DataFrame(
            [
                (one.code, one.label, one.level, one.year_code, one.first_month_index, one.month_count, one.month_mask)
                for one in periods(FIRST_MONTH, MONTHS)
            ],
            schema=list(SERVING["srv_period"]),
            orient="row",
        ),
        **operation_tables(feeds, rng),
    }
