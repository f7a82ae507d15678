"""Mistakes in recording who somebody is: nicknames, typing slips, swapped days and months, missing and wrong numbers.

What belongs here: how a true identity becomes what one partner wrote down. What does not: tokens (`records`), dirt of
files (`dirt`). Rates differ by partner, and slips are commoner for names that clerks find unfamiliar, so that linkage
is worse for some groups: the unfairness that match rates by group exist to show.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.feeds.identifiers import NO_FIXED_ABODE, nicknames

UNFAMILIAR = 2.5
"""How much commoner slips are for names outside the English pool."""
SHORTENED_LEAST = 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Quality:
    """How one partner records identity: shares of records that have a number, and rates of each slip."""

    nhs: float = 0.0
    ni: float = 0.0
    uprn: float = 0.6
    postcode: float = 0.93
    nickname: float = 0.05
    typo: float = 0.028
    day_month: float = 0.009
    wrong_date: float = 0.014
    order: float = 0.003
    old_address: float = 0.06
    no_abode: float = 0.0
    ethnicity_refused: float = 0.03
    ethnicity_missing: float = 0.08


QUALITY: dict[str, Quality] = {
    "housing_options": Quality(ni=0.72, uprn=0.70, no_abode=0.06, nickname=0.05),
    "council_tax_benefits": Quality(ni=0.93, uprn=0.99, nickname=0.02, typo=0.012, old_address=0.01),
    "adult_social_care": Quality(nhs=0.93, uprn=0.92, nickname=0.03, ethnicity_missing=0.05),
    "early_help": Quality(nhs=0.55, uprn=0.85, nickname=0.06, order=0.006),
    "debt_advice": Quality(ni=0.55, uprn=0.35, nickname=0.09, typo=0.03, ethnicity_refused=0.09),
    "community_mental_health": Quality(nhs=0.97, uprn=0.55, nickname=0.03, typo=0.015, ethnicity_missing=0.14),
    "skills_employment": Quality(ni=0.82, uprn=0.30, typo=0.025),
    "jobcentre_claims": Quality(ni=0.99, uprn=0.80, nickname=0.015, typo=0.010),
    "drug_alcohol": Quality(nhs=0.82, uprn=0.40, nickname=0.08, no_abode=0.05, ethnicity_missing=0.05),
    "police_youth": Quality(uprn=0.50, nickname=0.10, typo=0.035, day_month=0.012, order=0.008, ethnicity_missing=0.20),
    "housing_association": Quality(ni=0.45, uprn=0.98, nickname=0.06, old_address=0.01),
    "social_prescribing": Quality(nhs=0.92, uprn=0.45, nickname=0.05),
}


def record_identities(random: np.random.Generator, true: pl.DataFrame) -> pl.DataFrame:
    """Return what partners wrote down, one row a registration in the order of `true`.

    true: feed, forename, surname, birth_date, nhs_number, ni_number, sex, ethnicity, culture. Returns the same
    identifying columns with slips and gaps, `sex` (U where not recorded) and `ethnicity` (a group or a reason).
    """
    size = true.height
    rates = {name: _by_feed(true["feed"], name) for name in Quality.__dataclass_fields__}
    unfamiliar = np.where(true["culture"].to_numpy() != "", UNFAMILIAR, 1.0)
    forename = true["forename"].to_numpy().copy()
    surname = true["surname"].to_numpy().copy()
    chosen = np.flatnonzero(random.random(size) < rates["nickname"])
    forename[chosen] = _shorten(random, forename[chosen])
    for names in (forename, surname):
        chosen = np.flatnonzero(random.random(size) < rates["typo"] * unfamiliar)
        names[chosen] = _mistype(random, names[chosen])
    swapped = random.random(size) < rates["order"] * unfamiliar
    forename[swapped], surname[swapped] = surname[swapped], forename[swapped].copy()
    sex_draw = random.random(size)
    sex = np.where(sex_draw < 0.01, "U", true["sex"].to_numpy())
    reason = random.random(size)
    refused = rates["ethnicity_refused"]
    ethnicity = np.where(
        reason < refused,
        "refused",
        np.where(reason < refused + rates["ethnicity_missing"], "not_obtained", true["ethnicity"].to_numpy()),
    )
    return pl.DataFrame(
        {
            "forename": pl.Series(forename, dtype=pl.String),
            "surname": pl.Series(surname, dtype=pl.String),
            "birth_date": _misdate(random, true["birth_date"], rates["day_month"], rates["wrong_date"]),
            "nhs_number": _misnumber(random, true["nhs_number"], rates["nhs"]),
            "ni_number": _misnumber(random, true["ni_number"], rates["ni"]),
            "sex": pl.Series(sex, dtype=pl.String),
            "ethnicity": pl.Series(ethnicity, dtype=pl.String),
        }
    )


def record_addresses(random: np.random.Generator, homes: pl.DataFrame) -> pl.DataFrame:
    """Return postcode, uprn and lsoa as written down; null where they are not known.

    homes: feed, postcode, uprn, lsoa_code, and former_postcode, former_uprn, former_lsoa (null without a former home).
    """
    size = homes.height
    rate = {
        name: pl.Series(random.random(size) < _by_feed(homes["feed"], name))
        for name in ("uprn", "postcode", "old_address", "no_abode")
    }
    slip = pl.Series(random.random(size) < 0.01)
    lost = pl.Series(random.random(size) < 0.012)
    old = rate["old_address"] & homes["former_uprn"].is_not_null()
    nowhere = rate["no_abode"]
    chosen = homes.select(
        postcode=pl.when(old).then("former_postcode").otherwise("postcode"),
        uprn=pl.when(old).then("former_uprn").otherwise("uprn"),
        lsoa_code=pl.when(old).then("former_lsoa").otherwise("lsoa_code"),
    )
    return chosen.select(
        postcode=pl.when(nowhere)
        .then(pl.lit(f"{NO_FIXED_ABODE} 3VZ"))
        .when(rate["postcode"])
        .then(pl.when(slip).then(pl.col("postcode").str.head(-1) + "Z").otherwise("postcode")),
        uprn=pl.when(rate["uprn"] & ~nowhere).then("uprn"),
        lsoa_code=pl.when(~lost & ~nowhere).then("lsoa_code"),
    )


def _by_feed(feeds: pl.Series, name: str) -> np.ndarray:
    table = {feed: float(getattr(quality, name)) for feed, quality in QUALITY.items()}
    rates: np.ndarray = feeds.replace_strict(table, return_dtype=pl.Float64).to_numpy()
    return rates


def _shorten(random: np.random.Generator, names: np.ndarray) -> list[str]:
    """Return a short form for each name: a usual one, or its first letters."""
    forms = defaultdict(list)
    for short, full in nicknames().items():
        forms[full].append(short.title())
    for short, full in nicknames().items():
        forms[short] = [full.title(), *(form for form in forms[full] if form.upper() != short)]
    draws = random.random((len(names), 2))
    shortened = []
    for name, (usual, which) in zip(names.tolist(), draws.tolist(), strict=True):
        known = forms.get(name.upper())
        if known and usual < 0.8:
            shortened.append(known[int(which * len(known))])
        else:
            shortened.append(name[: 3 + int(which * 2)] if len(name) >= SHORTENED_LEAST else name)
    return shortened


def _mistype(random: np.random.Generator, names: np.ndarray) -> list[str]:
    """Return each name with one slip: a letter left out, doubled, changed, or two exchanged."""
    draws = random.random((len(names), 3))
    slipped = []
    for name, (kind, where, letter) in zip(names.tolist(), draws.tolist(), strict=True):
        at = 1 + int(where * max(len(name) - 2, 1))
        if kind < 0.3:
            slipped.append(name[:at] + name[at + 1 :])
        elif kind < 0.5:
            slipped.append(name[:at] + name[at : at + 1] + name[at:])
        elif kind < 0.75:
            slipped.append(name[:at] + LETTERS[int(letter * 26)] + name[at + 1 :])
        else:
            slipped.append(name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :])
    return slipped


def _misdate(random: np.random.Generator, dates: pl.Series, swap: np.ndarray, wrong: np.ndarray) -> pl.Series:
    """Return dates of birth with day and month exchanged where that is possible, the year one off, or a wrong day."""
    frame = dates.to_frame("date").with_columns(
        swap=pl.Series(random.random(len(dates)) < swap),
        wrong=pl.Series(random.random(len(dates)) < wrong),
        kind=pl.Series(random.integers(0, 3, len(dates))),
    )
    year, month, day = pl.col("date").dt.year(), pl.col("date").dt.month(), pl.col("date").dt.day()
    least_day = pl.min_horizontal(day, 28)
    off = (
        pl.when(pl.col("kind") == 0)
        .then(pl.date(year - 1, month, least_day))
        .when(pl.col("kind") == 1)
        .then(pl.date(year, month, least_day % 28 + 1))
        .otherwise(pl.date(year, month % 12 + 1, least_day))
    )
    return frame.select(
        pl.when(pl.col("swap") & (day <= 12))
        .then(pl.date(year, pl.min_horizontal(day, 12), month))
        .when("wrong")
        .then(off)
        .otherwise("date")
        .alias("birth_date")
    ).to_series()


def _misnumber(random: np.random.Generator, numbers: pl.Series, known: np.ndarray) -> pl.Series:
    """Return numbers where they are known; half a percent have two digits exchanged, which check digits catch."""
    draw = random.random(len(numbers))
    slip = random.random(len(numbers)) < 0.005
    number = pl.col("number")
    exchanged = number.str.slice(0, 4) + number.str.slice(5, 1) + number.str.slice(4, 1) + number.str.slice(6)
    return (
        pl.DataFrame({"number": numbers, "known": draw < known, "slip": slip})
        .select(pl.when("known").then(pl.when("slip").then(exchanged).otherwise(number)))
        .to_series()
    )
