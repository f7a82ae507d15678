"""The records to be linked: what the person rows in force say, one record a source reference.

What belongs here: reading the accepted store, tokens as whole numbers, tokens that too many records share. What does
not: comparing records (`model`, `scoring`), grouping them (`clusters`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.feeds.canonical import TOKEN_FIELDS, empty_entity
from orchestration.linkage.model import RARE_NAME_HOLDERS

NUMBER_TOKENS = ("tok_nhs", "tok_ni")
ENCODED = (*TOKEN_FIELDS, "household_token")
ENCODED_DIGITS = 16
"""Splink compares whole numbers five times as fast as text; 64 of 128 bits make a chance agreement of two tokens among
four million records less likely than one in a million."""

MOST_RECORDS_A_TOKEN = dict.fromkeys(TOKEN_FIELDS, 500) | dict.fromkeys(NUMBER_TOKENS, 200) | {"household_token": 5000}
"""A token that more source references share is a placeholder that slipped through, not a person or a home."""
MOST_SHARE_A_TOKEN = {"tok_name": 0.004, "tok_sounds": 0.02}
"""Of records; for tokens without a date or a place. The commonest full name of Great Britain has about one in 2,000."""

ATTRIBUTES = ("birth_month", "sex", "ethnicity_code", "lsoa_code")


@dataclass(frozen=True)
class Records:
    """What linkage works on; a record is a source reference of a feed and `node` its number, in order of both.

    nodes: node, feed, source_ref, feed_no, guaranteed (two references of the feed are two people), is_linkable,
        latest known birth_month, sex, ethnicity_code, lsoa_code, and the NHS number's token (`nhs`, whole number).
    profiles: one row per node and different set of tokens: unique_id, node, feed_no, guaranteed, tokens as whole
        numbers, trusted (shared identifier), birth_month (months since year 0), sex, lsoa (as whole numbers), rare_name
        (tok_name where few records have it).
    residences: node, household_token, valid_from.
    shared_tokens: kind, records, feed (that has most of them): tokens left out because too many records share them.
    """

    nodes: pl.DataFrame
    profiles: pl.DataFrame
    residences: pl.DataFrame
    shared_tokens: pl.DataFrame


def read_people(folder: Path) -> pl.DataFrame:
    """Return what linking needs of the person rows in force of every feed, tokens as whole numbers (`needed`)."""
    found = [
        needed(pl.read_parquet(path)) for path in sorted(folder.glob("*.parquet")) if not path.name.startswith("_")
    ]
    return pl.concat([needed(empty_entity("person")), *found], how="vertical_relaxed", rechunk=False)


def needed(people: pl.DataFrame) -> pl.DataFrame:
    """Return person rows with the columns that linking reads: tokens as whole numbers, the household's also as text."""
    return people.select(
        "feed",
        "source_ref",
        "valid_from",
        "delivery_id",
        "source_row",
        *(_encode(name) for name in TOKEN_FIELDS),
        _encode("household_token").alias("home"),
        "household_token",
        _number(pl.col("trusted_ref")).alias("trusted"),
        *ATTRIBUTES,
    )


def prepare_records(people: pl.DataFrame, *, may_repeat: Iterable[str] = ()) -> Records:
    """Number the records; `people` are canonical person rows or what `needed` made of them.

    `may_repeat` names feeds in which one person has several references.

    Rows without a source reference cannot be pointed at by anything and are left out.
    """
    people = people if "home" in people.columns else needed(people)
    people = people.filter(pl.col("source_ref").is_not_null()).sort(
        "feed", "source_ref", "valid_from", "delivery_id", "source_row", nulls_last=False
    )
    keys = people.select("feed", "source_ref").unique().sort("feed", "source_ref").with_row_index("node")
    keys = keys.with_columns(
        pl.col("node").cast(pl.Int64),
        (pl.col("feed").rank("dense") - 1).cast(pl.Int64).alias("feed_no"),
        (~pl.col("feed").is_in(sorted(set(may_repeat)))).alias("guaranteed"),
    )
    rows = people.join(keys, on=["feed", "source_ref"], how="left", maintain_order="left")
    residences = rows.select("node", "household_token", "valid_from").drop_nulls("household_token")
    rows = rows.drop("household_token", "valid_from", "delivery_id", "source_row").rename({"home": "household_token"})
    encoded, shared = _without_shared_tokens(rows)
    encoded = encoded.with_columns(
        (pl.col("birth_month").dt.year().cast(pl.Int64) * 12 + pl.col("birth_month").dt.month() - 1).alias(
            "birth_month"
        ),
        pl.when(pl.col("sex").is_in(["F", "M"])).then(pl.col("sex") == "F").cast(pl.Int64).alias("sex"),
        _number(pl.col("lsoa_code")).alias("lsoa"),
        _rare_name().alias("rare_name"),
    )
    compared = [*ENCODED, "trusted", "birth_month", "sex", "lsoa", "rare_name"]
    profiles = (
        encoded.select("node", "feed_no", "guaranteed", *compared)
        .unique(maintain_order=True)
        .sort("node", *compared)
        .with_row_index("unique_id")
        .with_columns(pl.col("unique_id").cast(pl.Int64))
    )
    return Records(
        nodes=_nodes(keys, rows, profiles, encoded),
        profiles=profiles,
        residences=residences,
        shared_tokens=shared,
    )


def contract_repeats(one_person_per_reference: Mapping[str, bool]) -> list[str]:
    """Return the feeds in which two references may be one person."""
    return sorted(feed for feed, guaranteed in one_person_per_reference.items() if not guaranteed)


def _nodes(keys: pl.DataFrame, rows: pl.DataFrame, profiles: pl.DataFrame, encoded: pl.DataFrame) -> pl.DataFrame:
    identifying = [name for name in ENCODED if name != "household_token"]
    linkable = profiles.group_by("node").agg(
        pl.any_horizontal(pl.col(*identifying, "trusted").is_not_null()).any().alias("is_linkable")
    )
    latest = rows.group_by("node").agg(pl.col(name).drop_nulls().last() for name in ATTRIBUTES)
    nhs = encoded.group_by("node").agg(pl.col("tok_nhs").drop_nulls().last().alias("nhs"))
    return (
        keys.join(linkable, on="node", how="left")
        .join(latest, on="node", how="left")
        .join(nhs, on="node", how="left")
        .sort("node")
    )


def _number(text: pl.Expr) -> pl.Expr:
    """Return a whole number that stands for a text, the same in every run."""
    return pl.when(text.is_not_null()).then(text.hash(seed=0).reinterpret(signed=True))


def _rare_name() -> pl.Expr:
    holders = pl.col("node").n_unique().over("tok_name")
    return pl.when(pl.col("tok_name").is_not_null() & (holders <= RARE_NAME_HOLDERS)).then("tok_name")


def _encode(name: str) -> pl.Expr:
    """Read the first 16 hexadecimal digits as a signed whole number; what is no token becomes null."""
    return (
        pl.col(name)
        .str.slice(0, ENCODED_DIGITS)
        .str.to_integer(base=16, dtype=pl.UInt64, strict=False)
        .reinterpret(signed=True)
        .alias(name)
    )


def _without_shared_tokens(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Blank the tokens that more records share than one person can have; tell how many of each kind and of records."""
    found = []
    records = rows["node"].n_unique()
    for name, least in MOST_RECORDS_A_TOKEN.items():
        most = max(least, int(records * MOST_SHARE_A_TOKEN.get(name, 0)))
        counts = rows.filter(pl.col(name).is_not_null()).group_by(name).agg(pl.col("node").n_unique().alias("records"))
        shared = counts.filter(pl.col("records") > most)
        if shared.is_empty():
            continue
        whose = rows.join(shared, on=name).group_by(name).agg(pl.col("records").first(), pl.col("feed").mode().min())
        found += [
            {"kind": name, "records": records, "feed": feed}
            for records, feed in whose.select("records", "feed").sort("records", "feed", descending=True).iter_rows()
        ]
        rows = rows.with_columns(pl.when(~pl.col(name).is_in(shared[name].to_list())).then(pl.col(name)).alias(name))
    return rows, pl.DataFrame(found, schema={"kind": pl.String, "records": pl.Int64, "feed": pl.String})
