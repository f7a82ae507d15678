"""Bridges over a change of linkage keys, kept for all feeds together, and rows in force brought to the newest key.

What belongs here: storing bridges, joining them, translating tokens. What does not: where the pairs come from
(`token_keys`), linking, which only ever sees the outcome.

A partner that has gone over to a new key sends pairs of tokens. Rows of any feed that still bear the former token, be
it an older delivery or a partner that has not gone over yet, get its successor. Two rows that had a token in common
have one in common afterwards, and two that had none have none, so that linking finds the same people and they keep
their keys. Bridges outlast the deliveries they came with, since rows of the former key do too.
"""

from pathlib import Path

import polars as pl

from orchestration.feeds.atomic import write_parquet
from orchestration.feeds.receipts import read_receipts
from orchestration.feeds.token_keys import BRIDGE, KINDS, empty_bridge
from orchestration.settings import Settings

MOST_CHANGES = 20
"""Changes of key that are followed in a row; a ring of tokens, which no honest partner sends, ends here."""


def bridge_path(settings: Settings, feed: str, delivery_id: str) -> Path:
    """Return where the bridge of one delivery lies, if it has one."""
    return settings.accepted / "token_bridges" / feed / f"{delivery_id}.parquet"


def put_bridge(settings: Settings, feed: str, delivery_id: str, bridge: pl.DataFrame) -> None:
    """Keep the bridge of a delivery, in place of the one that an earlier reading of it gave."""
    path = bridge_path(settings, feed, delivery_id)
    if bridge.height:
        write_parquet(path, bridge)
    else:
        path.unlink(missing_ok=True)


def read_bridge(settings: Settings) -> pl.DataFrame:
    """Return all bridges as one, without those of refused deliveries: one row a kind and former token.

    A former token for which two feeds name different successors has none: one of them is wrong.
    """
    pairs = bridge_pairs(settings)
    return _to_newest(pairs.filter(pl.len().over("kind", "previous") == 1))


def bridge_pairs(settings: Settings) -> pl.DataFrame:
    """Return every pair of tokens as partners sent them, one step of a change of key each."""
    root = settings.accepted / "token_bridges"
    found = [empty_bridge()]
    for folder in sorted(root.iterdir()) if root.is_dir() else ():
        refused = {r.delivery_id for r in read_receipts(settings, folder.name) if r.outcome == "refused"}
        found += [pl.read_parquet(path) for path in sorted(folder.glob("*.parquet")) if path.stem not in refused]
    return pl.concat(found).unique()


def translated(people: pl.DataFrame, bridge: pl.DataFrame) -> pl.DataFrame:
    """Return person rows with every former token replaced by its successor."""
    for kind in KINDS:
        pairs = bridge.filter(pl.col("kind") == kind)
        if pairs.height and kind in people.columns:
            table = pairs.select(pl.col("previous").alias(kind), "current")
            newest = people.select(kind).join(table, on=kind, how="left", maintain_order="left")["current"]
            people = people.with_columns(pl.coalesce(newest, pl.col(kind)).alias(kind))
    return people


def _to_newest(pairs: pl.DataFrame) -> pl.DataFrame:
    """Follow chains, so that one step leads from the token of any former key to that of the newest."""
    step = pairs.select("kind", current="previous", newer="current")
    for _ in range(MOST_CHANGES):
        further = pairs.join(step, on=["kind", "current"], how="left", maintain_order="left")
        if further["newer"].null_count() == further.height:
            break
        pairs = further.select("kind", "previous", current=pl.coalesce("newer", "current"))
    return pairs.select(*BRIDGE).sort(*BRIDGE)
