"""What an invented place's feeds, checks, agreements and linkage look like on the trust page: nothing about people."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from orchestration.serving_schema import SERVING

QUALITY_PERIODS = (("2026-07", date(2026, 7, 31)), ("2026-08", date(2026, 8, 31)), ("2026-09", date(2026, 9, 30)))

LAGS = {"<0": 0, "0": 4, "1-3": 40, "4-6": 60, "7-10": 100, "11+": 900}

QUALITIES = (
    ("completeness", 0.97, "person.tok_nhs", 0.42, "missing", 232, 260),
    ("validity", 0.99, "person.sex", 0.98, "code_not_in_list", 3, 7),
)


def operation_tables(feeds: dict[str, str], rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    rows = []
    for index, (feed, title) in enumerate(feeds.items()):
        accepted, quarantined, superseded = (int(value) for value in rng.integers((2000, 0, 0), (9000, 60, 900)))
        permitted = index != 10
        rows.append(
            {
                "feed": feed,
                "partner_name": f"{title.removesuffix(' records')} organisation",
                "title": title,
                "agreement_id": f"isa-{1 + index % 5}",
                "permitted": permitted,
                "reason": None if permitted else "the agreement isa-1 expired on 30 June 2026",
                "newest_record_date": date(2026, 9, 28),
                "newest_delivery_at": datetime(2026, 10, 8, 9, 30, tzinfo=UTC).replace(tzinfo=None),
                "newest_period": "2026-09",
                "rows_delivered": accepted + quarantined + superseded,
                "rows_accepted": accepted,
                "rows_quarantined": quarantined,
                "rows_superseded": superseded,
                "deliveries": 36,
                "deliveries_refused": 3 if index == 6 else 0,
                "refused_waiting": 1 if index == 6 else 0,
                "refused_waiting_at": datetime(2026, 10, 7, 9, 30) if index == 6 else None,
                "is_late": index == 4,
                "people_match_rate": float(rng.uniform(0.82, 0.99)),
            }
        )
    groups = [
        ("all", "all"),
        ("sex", "F"),
        ("sex", "M"),
        ("age_band", "16-24"),
        ("age_band", "35-44"),
        ("deprivation", "1"),
    ]
    linkage = [
        (row["feed"], kind, value, int(rng.integers(200, 4000)), float(rng.uniform(0.8, 0.99)))
        for row in rows
        for kind, value in groups
    ]
    agreements = [
        {
            "agreement_id": f"isa-{number}",
            "title": f"Information-sharing agreement {number}",
            "status": "active",
            "starts_on": date(2023, 4, 1),
            "expires_on": date(2027 if number > 1 else 2026, 6, 30),
            "review_on": date(2026, 4, 1),
            "in_force": number > 1,
        }
        for number in range(1, 6)
    ]
    return {
        "srv_feed": pl.DataFrame(rows, infer_schema_length=None),
        "srv_check": pl.DataFrame(
            [(row["feed"], "birth_month_in_past", "reject", int(rng.integers(0, 40)), 36) for row in rows],
            schema=["feed", "check_id", "severity", "rows", "deliveries"],
            orient="row",
        ),
        "srv_check_history": pl.DataFrame(
            [
                (row["feed"], period, day, "birth_month_in_past", "warning", int(rng.integers(0, 40)), 400)
                for row in rows
                for period, day in QUALITY_PERIODS
            ],
            schema=list(SERVING["srv_check_history"]),
            orient="row",
        ),
        "srv_quality": pl.DataFrame(
            [
                (row["feed"], period, day, *quality, 400)
                for row in rows
                for period, day in QUALITY_PERIODS
                for quality in QUALITIES
            ],
            schema=list(SERVING["srv_quality"]),
            orient="row",
        ),
        "srv_lag": pl.DataFrame(
            [
                (row["feed"], period, day, lag, index, count)
                for row in rows
                for period, day in QUALITY_PERIODS
                for index, (lag, count) in enumerate(LAGS.items())
            ],
            schema=list(SERVING["srv_lag"]),
            orient="row",
        ),
        "srv_linkage": pl.DataFrame(
            linkage, schema=["feed", "group_kind", "group_value", "records", "match_rate"], orient="row"
        ),
        "srv_threshold": pl.DataFrame(
            {"threshold": [0.5, 0.9, 0.95, 0.99], "links": [9000, 8600, 8400, 7900], "people": [2700, 2760, 2800, 2890]}
        ),
        "srv_agreement": pl.DataFrame(agreements),
        "srv_snapshot": pl.DataFrame({"built_at": [datetime(2026, 10, 20, 6, 0)], "data_to": [date(2026, 9, 30)]}),
    }
