"""Tokens that several people may have: relatives and twins share some, and nothing is done on the word of one of them.

What belongs here: telling and refusing. What does not: finding a person's records (`records`).
"""

from collections.abc import Collection

import polars as pl

from orchestration.errors import GovernanceError
from orchestration.feeds.canonical import PERSONAL_TOKENS
from orchestration.feeds.token_bridges import bridge_pairs
from orchestration.rights.records import IDENTITY, MOST_ROUNDS, PAIR, Found, person_files
from orchestration.settings import Settings

BETTER = "Give a token that one person alone has, made of the NHS or National Insurance number."
MOST_LINES = 5


def refuse_shared(found: Found) -> None:
    """Raise GovernanceError where what was given may be of several people, linked or not yet."""
    if found.people > 1:
        raise GovernanceError(
            f"What was given belongs to {found.people} people (relatives and twins share some tokens), and nothing was "
            f"done. {BETTER}"
        )
    if found.unlinked:
        raise GovernanceError(
            f"{found.unlinked} records that have this token are not linked yet, so that nobody can tell whether they "
            f"are of one person, and nothing was done. Run `joinedup refresh` first. {BETTER}"
        )


def refuse_shared_tokens(settings: Settings, tokens: Collection[str]) -> None:
    """Raise GovernanceError, naming the places in the list, for tokens that may each be of several people."""
    given = pl.DataFrame(
        {"place": range(1, len(tokens) + 1), "token": list(tokens)}, schema_overrides={"place": pl.Int64}
    )
    holders = _holders(settings, _with_bridged(settings, given))
    path = settings.linkage / "key_registry.parquet"
    registry = (
        pl.read_parquet(path, columns=[*PAIR, "person_key"])
        if path.exists()
        else pl.DataFrame(schema=dict.fromkeys([*PAIR, "person_key"], pl.String()))
    )
    counted = (
        holders.join(registry.with_columns(pl.col(PAIR).cast(pl.String)), on=PAIR, how="left")
        .group_by("place")
        .agg(
            people=pl.col("person_key").drop_nulls().n_unique(),
            unlinked=(pl.col("person_key").is_null() & ~pl.col("is_certain")).sum(),
        )
        .filter((pl.col("people") > 1) | (pl.col("unlinked") > 0))
        .sort("place")
    )
    if counted.height:
        places = ", ".join(str(place) for place in counted["place"].head(MOST_LINES))
        more = f" and {counted.height - MOST_LINES} more" if counted.height > MOST_LINES else ""
        raise GovernanceError(
            f"Token {places}{more} of the list may be of several people (relatives and twins share some; records that "
            f"came since the last refresh are not linked yet), and nothing was done. {BETTER}"
        )


def _with_bridged(settings: Settings, given: pl.DataFrame) -> pl.DataFrame:
    """Return place and token, with the tokens of former and newer keys that stand for the same."""
    pairs = bridge_pairs(settings).select("previous", "current")
    both = pl.concat([pairs, pairs.select(previous="current", current="previous")]).unique()
    known = given
    for _ in range(MOST_ROUNDS):
        reached = known.join(both, left_on="token", right_on="previous").select(
            "place", pl.col("current").alias("token")
        )
        more = pl.concat([known, reached]).unique()
        if more.height == known.height:
            break
        known = more
    return known


def _holders(settings: Settings, given: pl.DataFrame) -> pl.DataFrame:
    """Return place, feed and source_ref of every record that has a token, and whether by one that nobody shares."""
    schema = {"place": pl.Int64, **dict.fromkeys(PAIR, pl.String), "is_certain": pl.Boolean}
    frames = [pl.DataFrame(schema=schema)]
    for path, feed in person_files(settings):
        rows = pl.scan_parquet(path)
        names = [name for name in (*PERSONAL_TOKENS, "trusted_ref") if name in rows.collect_schema()]
        held = (
            rows.select(pl.col("source_ref", *names).cast(pl.String))
            .unpivot(index="source_ref", variable_name="kind", value_name="token")
            .join(given.lazy(), on="token")
            .select("place", "source_ref", feed=pl.lit(feed), is_certain=pl.col("kind").is_in(IDENTITY))
        )
        frames.append(held.select(*schema).collect())
    return pl.concat(frames).group_by("place", *PAIR).agg(pl.col("is_certain").any())
