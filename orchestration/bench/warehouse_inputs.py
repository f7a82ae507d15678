"""Small typed inputs for the warehouse: the parquet that feeds, governance and linkage would have written.

What belongs here: tables in the shape of the seams, made by hand or at random. What does not: how they come about.
"""

from datetime import date, datetime
from pathlib import Path

import polars as pl

from orchestration.area import comparisons, external_totals, unit_costs
from orchestration.area.periods import periods
from orchestration.area.personas import persona_tables
from orchestration.feeds.canonical import FIELDS, PROVENANCE, empty_entity

FIRST_MONTH = date(2023, 10, 1)
MONTHS = 36
SERVICES = [
    # service_id, theme, sensitivity; service x_y belongs to theme x
    ("debt_advice", "money", "standard"),
    ("benefits_help", "money", "standard"),
    ("housing_options", "housing", "standard"),
    ("mental_health", "health", "sensitive"),
    ("skills_course", "work", "standard"),
]
AREAS = [("E0100000A", "E0200000A", 1), ("E0100000B", "E0200000A", 3), ("E0100000C", "E0200000B", 5)]
DISTRICT = "E0600000A"
UNIT_COSTS = [
    # service_id, who bears it, per, price year, cost, low, high, factor to 2024-25
    ("debt_advice", "charity", "episode", "2024-25", 200.0, 150.0, 300.0, 1.0),
    ("housing_options", "council", "week", "2023-24", 70.0, 70.0, 70.0, 1.1),
    ("mental_health", "nhs", "contact", "2024-25", 50.0, 40.0, 60.0, 1.0),
    ("mental_health", "council", "month", "2024-25", 30.4375, 20.0, 40.0, 1.0),
]
"""What a unit costs, all fiscal; benefits_help and skills_course have no unit cost."""
COMPARISONS = [("advice", "Debt advice and benefits help", "debt_advice", "benefits_help", "service:skills_course", 90)]

EXTERNAL_TOTALS = [("anybody", "people", "all", "all", 5, 0.5, "An annual return")]

REFERENCE_SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "deliveries": {
        "feed": pl.String(),
        "delivery_id": pl.String(),
        "period": pl.String(),
        "delivered_at": pl.Datetime(),
        "outcome": pl.String(),
        "delivered": pl.Int64(),
        "accepted": pl.Int64(),
        "quarantined": pl.Int64(),
        "superseded": pl.Int64(),
        "in_force": pl.Boolean(),
    },
    "checks": {
        "feed": pl.String(),
        "delivery_id": pl.String(),
        "check_id": pl.String(),
        "severity": pl.String(),
        "rows": pl.Int64(),
    },
    "quality": {
        "feed": pl.String(),
        "delivery_id": pl.String(),
        "dimension": pl.String(),
        "score": pl.Float64(),
        "worst_place": pl.String(),
        "worst_score": pl.Float64(),
        "worst_check": pl.String(),
        "worst_rows": pl.Int64(),
        "failing_rows": pl.Int64(),
    },
    "lags": {
        "feed": pl.String(),
        "delivery_id": pl.String(),
        "lag": pl.String(),
        "lag_index": pl.Int64(),
        "rows": pl.Int64(),
    },
}
LINKAGE_SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "person_links": {
        "feed": pl.String(),
        "source_ref": pl.String(),
        "person_key": pl.String(),
        "link_method": pl.String(),
        "match_probability": pl.Float64(),
    },
    "household_links": {
        "person_key": pl.String(),
        "household_key": pl.String(),
        "valid_from": pl.Date(),
        "valid_to": pl.Date(),
    },
    "record_keys": {"unit": pl.String(), "unit_key": pl.String(), "record_key": pl.UInt64()},
    "linkage_quality": {
        "feed": pl.String(),
        "group_kind": pl.String(),
        "group_value": pl.String(),
        "records": pl.Int64(),
        "linkable": pl.Int64(),
        "linked": pl.Int64(),
        "unlinkable": pl.Int64(),
        "match_rate": pl.Float64(),
    },
    "thresholds": {"threshold": pl.Float64(), "links": pl.Int64(), "people": pl.Int64()},
}


def write_inputs(
    home: Path,
    *,
    entities: dict[str, pl.DataFrame] | None = None,
    linkage: dict[str, pl.DataFrame] | None = None,
    reference: dict[str, pl.DataFrame] | None = None,
    geography: bool = True,
) -> None:
    """Write every table that the warehouse reads; what is not given is empty, typed and present."""
    for entity in FIELDS:
        folder = home / "accepted" / "in_force" / entity
        folder.mkdir(parents=True, exist_ok=True)
        empty_entity(entity).write_parquet(folder / "_schema.parquet")
        given = (entities or {}).get(entity)
        if given is not None:
            conform(given, {**PROVENANCE, **FIELDS[entity]}).write_parquet(folder / "given.parquet")
    area = {**persona_tables({}), **reference_tables(geography=geography), **(reference or {})}
    for table, schema in REFERENCE_SCHEMAS.items():
        area[table] = conform(area.get(table, pl.DataFrame()), schema)
    _write(home / "accepted" / "area", area)
    _write(
        home / "linkage",
        {table: conform((linkage or {}).get(table, pl.DataFrame()), s) for table, s in LINKAGE_SCHEMAS.items()},
    )
    (home / "warehouse").mkdir(exist_ok=True)


def conform(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return the frame with exactly the schema's columns and types; a column that is not given is null."""
    if strange := set(frame.columns) - set(schema):
        raise ValueError(f"unknown columns {sorted(strange)}")
    missing = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items() if name not in frame.columns]
    if frame.width == 0:
        return pl.DataFrame(schema=schema)
    return frame.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def reference_tables(*, geography: bool = True) -> dict[str, pl.DataFrame]:
    """Return the area's own tables: five services in four themes, three small areas, 36 months from October 2023."""
    areas = pl.DataFrame(
        [
            {
                "lsoa_code": lsoa,
                "lsoa_name": f"Small area {lsoa[-1]}",
                "msoa_code": msoa,
                "msoa_name": f"Neighbourhood {msoa[-1]}",
                "lad_code": DISTRICT,
                "lad_name": "Testborough",
                "imd_decile": quintile * 2,
                "imd_quintile": quintile,
                "imd_year": 2025,
            }
            for lsoa, msoa, quintile in AREAS
        ]
    )
    population = pl.DataFrame(
        [
            {
                "lsoa_code": lsoa,
                "sex": sex,
                "age_from": start,
                "age_to": 120 if start == 90 else start + 4,
                "persons": 50.0,
            }
            for lsoa, _, _ in AREAS
            for sex in ("F", "M")
            for start in range(0, 91, 5)
        ]
    )
    return {
        "services": _services(),
        "organizations": pl.DataFrame(
            {"organization_id": ["council"], "organization_name": ["Council"], "sector": ["public"]}
        ),
        "areas": areas if geography else areas.clear(),
        "population": population if geography else population.clear(),
        "periods": _periods(),
        "feeds": _feeds(),
        "agreements": _agreements(),
        "needs": pl.DataFrame(
            {
                "need_code": ["debt", "secure_housing", "lonely"],
                "need_name": ["Problem debt", "Secure housing", "Loneliness"],
                "service_theme": ["money", "housing", "community"],
            }
        ),
        "unit_costs": _unit_costs(),
        "comparisons": pl.DataFrame(
            [(key, name, f"service:{a}", f"service:{b}", *rest) for key, name, a, b, *rest in COMPARISONS],
            schema=comparisons.SCHEMA,
            orient="row",
        ),
        "external_totals": pl.DataFrame(EXTERNAL_TOTALS, schema=external_totals.SCHEMA, orient="row"),
    }


def _unit_costs() -> pl.DataFrame:
    names = ("service_id", "borne_by", "per", "price_year", "cost_gbp", "cost_low_gbp", "cost_high_gbp", "deflator")
    given = pl.DataFrame(UNIT_COSTS, schema=names, orient="row").with_columns(
        cost_type=pl.lit("fiscal"), told_price_year=pl.lit("2024-25"), confidence=pl.lit("medium")
    )
    return conform(given, {name: kind() for name, kind in unit_costs.SCHEMA.items()})


def _services() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "service_id": service,
                "service_name": service.replace("_", " ").capitalize(),
                "organization_id": "council",
                "organization_name": "Council",
                "theme": theme,
                "theme_name": theme.capitalize(),
                "sensitivity": sensitivity,
                "status": "active",
            }
            for service, theme, sensitivity in SERVICES
        ]
    )


def _feeds() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "feed": feed,
                "partner": "council",
                "partner_name": "Council",
                "title": f"Feed {feed}",
                "agreement_id": "agreement_1",
                "cadence": "monthly",
                "late_after_days": 14,
                "permitted": True,
                "reason": "in force",
            }
            for feed in ("alpha", "beta", "gamma")
        ]
    )


def _agreements() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "agreement_id": ["agreement_1"],
            "title": ["Sharing to design services"],
            "status": ["signed"],
            "starts_on": [date(2023, 1, 1)],
            "expires_on": [date(2027, 1, 1)],
            "review_on": [date(2026, 6, 1)],
            "in_force": [True],
        }
    )


def _periods() -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "period_code": p.code,
                "period_label": p.label,
                "period_level": p.level,
                "year_code": p.year_code,
                "first_month_index": p.first_month_index,
                "month_count": p.month_count,
                "month_mask": p.month_mask,
                "start_date": p.start,
                "end_date": p.end,
            }
            for p in periods(FIRST_MONTH, MONTHS)
        ]
    )


def _write(folder: Path, tables: dict[str, pl.DataFrame]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")


def delivered(at: datetime, feed: str, delivery_id: str, rows: int) -> dict[str, object]:
    """Return one row of the account of deliveries, all rows accepted."""
    return {
        "feed": feed,
        "delivery_id": delivery_id,
        "period": f"{at:%Y-%m}",
        "delivered_at": at,
        "outcome": "accepted",
        "delivered": rows,
        "accepted": rows,
        "quarantined": 0,
        "superseded": 0,
        "in_force": True,
    }
