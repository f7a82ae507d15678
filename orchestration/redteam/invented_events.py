"""Invented starts, exits, referrals, needs and personas in the serving schema, drawn from the months of use."""

import numpy as np
import polars as pl

from orchestration.area.periods import Period

ARRIVALS = ("new", "returned", "from_other")
EXIT_KINDS = ("planned", "unplanned", "transferred", "moved_or_died", "unknown")
RETURN_BANDS = ("0-90", "91-180", "181-365", "366-730", "not_returned")
WAITS = ("0-7", "8-28", "29-56", "57-126", "127+", "waiting", "declined", "withdrawn")
STARTED = WAITS[:5]
STAY_ENDINGS = ("open", *EXIT_KINDS)
NEEDS = {"secure_housing": ("Secure housing", "housing"), "financial_stability": ("Financial stability", "debt")}
PAYERS = ("council", "government", "nhs")
NEEDS_MET = ("met", "not_met", "too_early")
PERSONAS = {
    "between_jobs": ("Between jobs", "persona", "theme", "employment"),
    "in_arrears": ("In arrears", "persona", "theme", "housing"),
    "money": ("Money and benefits", "lens", "theme", "debt"),
}


def event_tables(
    person_service: pl.DataFrame, person_year: pl.DataFrame, periods: list[Period], rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """Return the tables of events (srv_arrival, srv_episode, srv_cost, srv_exit, srv_referral, srv_need) and personas.

    `person_service` has person_no, service_id, theme and month_mask; `person_year` person_no and year_code.
    """
    months = _months(periods)
    begun = _runs(person_service, months, pl.col("month_mask") & ~(pl.col("month_mask") * 2))
    left = _runs(person_service, months, pl.col("month_mask") & ~(pl.col("month_mask") // 2))
    return {
        "srv_arrival": begun.with_columns(arrival=_drawn(rng, ARRIVALS, len(begun))),
        "srv_episode": begun.with_columns(episodes=1),
        "srv_cost": _costs(person_service, periods),
        "srv_payer": pl.DataFrame({"payer": sorted(set(PAYERS))}),
        "srv_exit": left.with_columns(
            exit_kind=_drawn(rng, EXIT_KINDS, len(left)), return_band=_drawn(rng, RETURN_BANDS, len(left))
        ),
        "srv_referral": begun.drop("month_code")
        .with_columns(wait=_drawn(rng, WAITS, len(begun)), stay_ending=_drawn(rng, STAY_ENDINGS, len(begun)))
        .with_columns(
            stay_ending=pl.when(pl.col("wait").is_in(STARTED)).then("stay_ending").otherwise(pl.lit("not_started"))
        )
        .unique(maintain_order=True),
        "srv_need": begun.filter(pl.Series(rng.random(len(begun)) < 0.2))
        .select("person_no", "quarter_code", "year_code")
        .with_columns(
            need=pl.when(pl.col("person_no") % 2 == 0)
            .then(pl.lit(sorted(NEEDS)[0]))
            .otherwise(pl.lit(sorted(NEEDS)[1]))
        )
        .pipe(lambda frame: frame.with_columns(need_met=_drawn(rng, NEEDS_MET, len(frame))))
        .unique(maintain_order=True),
        "srv_need_theme": pl.DataFrame(
            [(code, name, theme) for code, (name, theme) in NEEDS.items()],
            schema=["need", "need_name", "theme"],
            orient="row",
        ),
        **_personas(person_service, person_year, periods),
    }


def _months(periods: list[Period]) -> pl.DataFrame:
    quarters = [one for one in periods if one.level == "quarter"]
    rows = [
        (month.code, quarter.code, month.year_code, month.month_mask)
        for month in periods
        if month.level == "month"
        for quarter in quarters
        if quarter.month_mask & month.month_mask
    ]
    return pl.DataFrame(rows, schema=["month_code", "quarter_code", "year_code", "mask"], orient="row")


def _costs(person_service: pl.DataFrame, periods: list[Period]) -> pl.DataFrame:
    """Price each month of use, dearer from theme to theme; themes take turns in who pays."""
    years = [(one.code, one.month_mask) for one in periods if one.level == "year"]
    place = pl.col("theme").rank("dense")
    return (
        person_service.join(pl.DataFrame(years, schema=["year_code", "mask"], orient="row"), how="cross")
        .with_columns(months=(pl.col("month_mask") & pl.col("mask")).bitwise_count_ones(), place=place.cast(pl.Int64))
        .filter(pl.col("months") > 0)
        .with_columns(
            payer=(pl.col("place") % len(PAYERS)).replace_strict(dict(enumerate(PAYERS))),
            whole_gbp=pl.col("months").cast(pl.Int64) * pl.col("place") * 40,
        )
        .select("person_no", "service_id", "theme", "payer", "whole_gbp", "year_code")
    )


def _runs(person_service: pl.DataFrame, months: pl.DataFrame, ends: pl.Expr) -> pl.DataFrame:
    return (
        person_service.with_columns(ends=ends)
        .join(months, how="cross")
        .filter(pl.col("ends") & pl.col("mask") != 0)
        .select("person_no", "service_id", "theme", "month_code", "quarter_code", "year_code")
    )


def _drawn(rng: np.random.Generator, values: tuple[str, ...], count: int) -> pl.Series:
    return pl.Series(rng.choice(values, count))


def _personas(
    person_service: pl.DataFrame, person_year: pl.DataFrame, periods: list[Period]
) -> dict[str, pl.DataFrame]:
    masks = pl.DataFrame(
        [(one.code, one.month_mask) for one in periods if one.level in ("year", "all")],
        schema=["year_code", "mask"],
        orient="row",
    )
    members = pl.concat(
        person_service.filter(pl.col("theme") == theme)
        .join(masks, how="cross")
        .filter(pl.col("month_mask") & pl.col("mask") != 0)
        .select("person_no", "year_code")
        .unique(maintain_order=True)
        .join(person_year.select("person_no", "year_code"), on=["person_no", "year_code"], how="semi")
        .with_columns(persona=pl.lit(persona))
        for persona, (_name, _kind, _feature, theme) in PERSONAS.items()
    )
    return {
        "srv_persona_member": members,
        "srv_persona": pl.DataFrame(
            [(code, name, kind, f"Whoever uses {theme}.", "1") for code, (name, kind, _, theme) in PERSONAS.items()],
            schema=["persona", "persona_name", "persona_kind", "situation", "persona_version"],
            orient="row",
        ),
        "srv_persona_rule": pl.DataFrame(
            [(code, feature, theme) for code, (_, _, feature, theme) in PERSONAS.items()],
            schema=["persona", "feature_kind", "feature_code"],
            orient="row",
        ),
        "srv_persona_lack": pl.DataFrame(
            [(code, 1, "What people hope for") for code in PERSONAS],
            schema=["persona", "lack_no", "lack"],
            orient="row",
        ),
    }
