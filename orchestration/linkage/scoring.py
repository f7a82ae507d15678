"""Pairs of records worth comparing, and how strongly each pair looks like one person.

What belongs here: blocking rules with their pair counts, Splink's scores, and which evidence may or must never link.
What does not: where the weights come from (`training`), grouping pairs into people (`clusters`).
"""

from dataclasses import dataclass

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from orchestration.linkage.model import (
    DIFFERENT_NHS,
    FULL_NAME_AT_POSTCODE,
    NAME_ELSE,
    NEAR_BIRTH,
    NOT_COMPARABLE,
    SAME_NAME,
    SAME_NHS,
    SAME_NI,
    SURNAME_FORENAME_DIFFERS,
    Model,
    level_of_pair,
    splink_settings,
)

WORTH_COMPARING = "l.node <> r.node and (l.feed_no <> r.feed_no or not l.guaranteed)"
"""Two references of a feed that guarantees one person one reference are two people without looking."""

BLOCKING: dict[str, str] = {
    "NHS number": "l.tok_nhs = r.tok_nhs",
    "NI number": "l.tok_ni = r.tok_ni",
    "name and date of birth": "l.tok_name_dob = r.tok_name_dob",
    "sound of name and date of birth": "l.tok_phonetic_dob = r.tok_phonetic_dob",
    "forename and date of birth": "l.tok_forename_dob = r.tok_forename_dob",
    "surname and date of birth": "l.tok_surname_dob = r.tok_surname_dob",
    "name, day and month in either order": "l.tok_name_swapped_dob = r.tok_name_swapped_dob",
    "forename, postcode, month of birth": (
        "l.tok_forename_postcode = r.tok_forename_postcode and l.birth_month = r.birth_month"
    ),
    "surname, postcode, month of birth": (
        "l.tok_surname_postcode = r.tok_surname_postcode and l.birth_month = r.birth_month"
    ),
    "full name and postcode": (
        "l.tok_forename_postcode = r.tok_forename_postcode and l.tok_surname_postcode = r.tok_surname_postcode"
    ),
}
SCORE_DECIMALS = 6

PAIRS_SCHEMA = {
    "node_l": pl.Int64,
    "node_r": pl.Int64,
    "match_weight": pl.Float64,
    "match_probability": pl.Float64,
    "is_trusted": pl.Boolean,
    "is_same_name": pl.Boolean,
    "may_link": pl.Boolean,
    "is_veto": pl.Boolean,
}


@dataclass(frozen=True)
class Scored:
    """pairs: one row per pair of records, node_l < node_r (PAIRS_SCHEMA). blocking: rule, pairs, new_pairs."""

    pairs: pl.DataFrame
    blocking: pl.DataFrame


def no_pairs() -> Scored:
    """Return the result of comparing nothing."""
    nothing = pl.DataFrame(schema={"match_key": pl.Int64})
    return Scored(pl.DataFrame(schema=PAIRS_SCHEMA), _blocking_counts(nothing))


def rules() -> tuple[str, ...]:
    """Return the blocking rules as Splink takes them."""
    return tuple(f"{condition} and {WORTH_COMPARING}" for condition in BLOCKING.values())


def score_pairs(connection: duckdb.DuckDBPyConnection, model: Model) -> Scored:
    """Score every pair that a blocking rule finds in table `profiles`; the best of a pair's profiles counts.

    Scores are rounded, so that a difference in the last bit of a sum never changes who is whom.
    """
    api = DuckDBAPI(connection)
    linker = Linker(api.register("profiles"), splink_settings(model, rules()), log_level=None, validate_settings=False)
    table = linker.inference.predict(warning_mode="never").physical_name
    scored = connection.sql(
        "select least(l.node, r.node) as node_l, greatest(l.node, r.node) as node_r, match_weight, match_probability, "
        f'{level_of_pair("identity")} as identity, {level_of_pair("name")} as "name", '
        f"{level_of_pair('address')} as address, "
        f"cast(match_key as integer) as match_key from {table} "
        "join profiles l on l.unique_id = unique_id_l join profiles r on r.unique_id = unique_id_r"
    ).pl()
    return Scored(pairs=_judge(scored), blocking=_blocking_counts(scored))


def _judge(scored: pl.DataFrame) -> pl.DataFrame:
    """Decide what each pair's evidence allows.

    - An NHS number that agrees links, unless nothing else does (then the score decides).
    - Different NHS numbers never link.
    - Same surname and date of birth with another forename is what twins look like: only a number may link it.
    - A link without a number needs the month of birth and sex at least, or births within 13 months and the full name at
      one postcode: father and son share name and address.
    """
    identity, name = pl.col("identity"), pl.col("name")
    number_agrees = identity.is_in([SAME_NHS, SAME_NI])
    veto = (identity == DIFFERENT_NHS) | ((name == SURNAME_FORENAME_DIFFERS) & ~number_agrees)
    near = (name == NEAR_BIRTH) & (pl.col("address") == FULL_NAME_AT_POSTCODE)
    weak = name.is_in([NEAR_BIRTH, NAME_ELSE, NOT_COMPARABLE]) & ~near & ~number_agrees
    judged = scored.with_columns(
        pl.col("match_weight").round(SCORE_DECIMALS),
        pl.col("match_probability").round(SCORE_DECIMALS),
        ((identity == SAME_NHS) & (name != NAME_ELSE)).alias("is_trusted"),
        (name == SAME_NAME).alias("is_same_name"),
        (~veto & ~weak).alias("may_link"),
        veto.alias("is_veto"),
    )
    # One record may have several profiles (moves, corrected names): the strongest pair of profiles speaks for it.
    return (
        judged.group_by("node_l", "node_r")
        .agg(
            pl.col("match_weight").filter(pl.col("may_link")).max().fill_null(pl.col("match_weight").max()),
            pl.col("match_probability").filter(pl.col("may_link")).max().fill_null(pl.col("match_probability").max()),
            pl.col("is_trusted").any(),
            pl.col("is_same_name").any(),
            pl.col("may_link").any(),
            (pl.col("is_veto").any() & ~pl.col("may_link").any()).alias("is_veto"),
        )
        .select(*PAIRS_SCHEMA)
        .cast(PAIRS_SCHEMA)  # type: ignore[arg-type]
        .sort("node_l", "node_r")
    )


def _blocking_counts(scored: pl.DataFrame) -> pl.DataFrame:
    """Return how many pairs each rule adds to those before it."""
    counts = scored.group_by("match_key").len().rows()
    found = dict(counts)
    return pl.DataFrame(
        [{"rule": rule, "new_pairs": found.get(number, 0)} for number, rule in enumerate(BLOCKING)],
        schema={"rule": pl.String, "new_pairs": pl.Int64},
    )
