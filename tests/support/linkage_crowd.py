"""A small invented crowd known to several feeds, with the noise that identifiers have, and the truth about it.

Only for linkage's own tests; the demo area's simulator is another thing, so that linkage is not fitted to either.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.feeds.canonical import empty_entity
from orchestration.feeds.tokens import make_tokens

KEY = hashlib.sha256(b"linkage crowd").digest()
FORENAMES = """
Elizabeth James Sarah Mohammed Olivia Jack Amelia Harry Grace Oscar Sophie George Chloe Thomas Emily William Ruby
Daniel Hannah Samuel Leah Adam Zara Nathan Freya Kieran Priya Omar Erin Callum Aisha Dylan Bethan Rhys Megan Piotr
Agnieszka Tariq Naomi Joel Imogen Luca Skye Ewan Tamsin Hugo Orla Kofi Yasmin Reece
"""
SHORT = {"Elizabeth": "Liz", "James": "Jim", "Thomas": "Tom", "William": "Bill", "Samuel": "Sam", "Daniel": "Danny"}
SYLLABLES = "bar ben cor dal den fal gar hol kin lam mar nor pen ros sal ten vor wes thorn ley ford ton wick man"
LSOAS = [f"E0109{number:04d}" for number in range(40)]


@dataclass(frozen=True)
class Crowd:
    """people: canonical person rows of every feed. truth: feed, source_ref, true_person_id."""

    people: pl.DataFrame
    truth: pl.DataFrame


def make_crowd(
    count: int, *, seed: int = 7, feeds: tuple[str, ...] = ("alpha", "beta", "gamma", "delta"), share: float = 0.5
) -> Crowd:
    """Invent `count` people, about 3 in 100 of them twins, each known to each feed with probability `share`."""
    rng = np.random.default_rng(seed)
    names = FORENAMES.split()
    surnames = [f"{a}{b}".capitalize() for a in SYLLABLES.split() for b in SYLLABLES.split()]
    weights = 1 / np.arange(1, len(surnames) + 1) ** 0.7
    homes = rng.integers(0, max(count // 2, 1), count)
    frame = {
        "person": np.arange(count),
        "forename": rng.choice(names, count),
        "surname": rng.choice(surnames, count, p=weights / weights.sum()),
        "born": rng.integers(-12_000, 18_000, count),
        "home": homes,
        "sex": rng.choice(["F", "M"], count),
        "has_nhs": rng.random(count) < 0.95,
    }
    for twin in range(1, count, 66):
        for column in ("surname", "born", "home"):
            frame[column][twin] = frame[column][twin - 1]
        if frame["forename"][twin] == frame["forename"][twin - 1]:
            frame["forename"][twin] = names[(names.index(frame["forename"][twin]) + 1) % len(names)]
    base = pl.DataFrame(frame)
    rows, truth = [], []
    for number, feed in enumerate(feeds):
        known = base.filter(pl.Series(rng.random(count) < share))
        clear = _as_written(known, rng, holds_nhs=number % 2 == 0)
        refs = [f"{feed[0].upper()}{n:06d}" for n in rng.permutation(known.height)]
        rows.append(person_rows(clear, feed=feed, source_refs=refs))
        truth.append(pl.DataFrame({"feed": feed, "source_ref": refs, "true_person_id": known["person"]}))
    return Crowd(pl.concat(rows), pl.concat(truth))


def _as_written(known: pl.DataFrame, rng: np.random.Generator, *, holds_nhs: bool) -> pl.DataFrame:
    """Write people down as a front desk does: nicknames, slips, swapped day and month, moves, missing numbers."""
    size = known.height
    slip, nick, swap, moved, married = (rng.random(size) < rate for rate in (0.04, 0.5, 0.01, 0.1, 0.02))
    listed = rng.random(size) < 0.75
    other_homes, other_names = rng.integers(0, 10_000, size), rng.choice(SYLLABLES.split(), size)
    rows = []
    for i, row in enumerate(known.iter_rows(named=True)):
        born = dt.date(1980, 1, 1) + dt.timedelta(days=int(row["born"]))
        if swap[i] and born.day <= 12:
            born = dt.date(born.year, born.day, born.month)
        home = int(other_homes[i]) + 10_000 if moved[i] else int(row["home"])
        surname = f"Mc{other_names[i]}" if married[i] else row["surname"]
        rows.append(
            {
                "forename": SHORT.get(row["forename"], row["forename"]) if nick[i] else row["forename"],
                "surname": surname[:3] + surname[4:] if slip[i] else surname,
                "birth_date": born,
                "sex": row["sex"],
                "nhs_number": nhs_number(row["person"]) if holds_nhs and row["has_nhs"] and listed[i] else None,
                "postcode": f"ZX{home // 100 % 90 + 1} {home % 10}{'ABDEFGHJLN'[home // 10 % 10]}A",
                "uprn": str(100_000 + home),
                "lsoa_code": LSOAS[home % len(LSOAS)],
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


def person_rows(clear: pl.DataFrame, *, feed: str, source_refs: list[str], **constants: object) -> pl.DataFrame:
    """Turn clear-text rows into canonical person rows of a feed; `constants` fill further canonical fields."""
    empty = empty_entity("person")
    made = make_tokens(clear, KEY).with_columns(
        pl.Series("source_ref", source_refs, dtype=pl.String),
        pl.lit(feed).alias("feed"),
        pl.lit(f"partner_{feed}").alias("partner"),
        pl.lit("d1").alias("delivery_id"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("source_row"),
    )
    extra = {name: clear[name] for name in ("sex", "lsoa_code", "trusted_ref", "valid_from") if name in clear.columns}
    if "birth_date" in clear.columns:
        extra["birth_month"] = clear["birth_date"].dt.month_start()
    made = made.with_columns(**extra, **{name: pl.lit(value) for name, value in constants.items()})
    return made.select(
        (pl.col(name) if name in made.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in empty.schema.items()
    )


def nhs_number(person: int) -> str:
    """Return a well-formed NHS number of the range kept for tests (999), different for each person."""
    stem = 999_000_000 + person * 7
    while True:
        digits = str(stem)
        check = (11 - sum(int(d) * (10 - i) for i, d in enumerate(digits)) % 11) % 11
        if check < 10:
            return f"{digits}{check}"
        stem += 1
