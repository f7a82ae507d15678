"""The key a person keeps from refresh to refresh, and the record of every merge and split.

What belongs here: matching today's clusters to yesterday's keys. What does not: how clusters come about (`clusters`).
Pure: frames in, frames out.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

import polars as pl

REGISTRY_SCHEMA = {"feed": pl.String, "source_ref": pl.String, "person_key": pl.String, "first_seen": pl.Date}
EVENTS_SCHEMA = {
    "event_date": pl.Date,
    "event": pl.String,
    "person_key": pl.String,
    "other_key": pl.String,
    "records": pl.Int64,
    "reason": pl.String,
}
KEY_DIGITS = 20

MERGED = "records that were two people are now linked as one"
MERGED_BY_NEW = "a record not seen before links records that were two people"
SPLIT = "records that were one person are no longer linked"
SPLIT_BY_LOSS = "records that were one person are no longer linked, and one of that person is gone"
FIRST_SEEN = "records not seen before"


@dataclass(frozen=True)
class Keyed:
    """keys: feed, source_ref, person_key of today's records. registry: of every record ever seen. events: new ones."""

    keys: pl.DataFrame
    registry: pl.DataFrame
    events: pl.DataFrame


def assign_keys(members: pl.DataFrame, registry: pl.DataFrame, *, today: dt.date) -> Keyed:
    """Give each cluster a key: the one that most of its records had, if it also holds most of that key's records.

    members: feed, source_ref, cluster (one row a record). A key goes to the cluster with most of its records (ties: the
    cluster whose smallest record comes first); a cluster that is chosen by several keys keeps the one with most records
    in it (ties: the smaller key), and the others are merged into it. Other clusters get a new key, made of their first
    record, so that the same records always get the same keys. Records that are gone keep their key, so that a delivery
    that comes back brings the same people.
    """
    members = members.sort("feed", "source_ref")
    known = members.join(registry, on=["feed", "source_ref"], how="left", maintain_order="left")
    order = (
        known.group_by("cluster", maintain_order=True)
        .agg(pl.col("feed").first(), pl.col("source_ref").first(), pl.len().alias("size"))
        .with_row_index("place")
    )
    held = (
        known.filter(pl.col("person_key").is_not_null())
        .group_by("cluster", "person_key")
        .len("records")
        .join(order.select("cluster", "place"), on="cluster")
    )
    chosen = held.sort(["person_key", "records", "place"], descending=[False, True, False]).unique(
        "person_key", keep="first", maintain_order=True
    )
    kept = chosen.sort(["place", "records", "person_key"], descending=[False, True, False]).unique(
        "cluster", keep="first", maintain_order=True
    )
    fresh = order.join(kept, on="cluster", how="anti").sort("place")
    taken = set(registry["person_key"].to_list())
    new_keys = [_new_key(feed, reference, taken) for feed, reference in fresh.select("feed", "source_ref").iter_rows()]
    cluster_keys = pl.concat(
        [
            kept.select("cluster", pl.col("person_key").alias("key")),
            fresh.select("cluster", pl.Series("key", new_keys, dtype=pl.String)),
        ]
    )
    keyed = members.join(cluster_keys, on="cluster", how="left", maintain_order="left")
    merged = chosen.join(cluster_keys, on="cluster").filter(pl.col("person_key") != pl.col("key"))
    bridged = known.filter(pl.col("person_key").is_null())["cluster"].unique()
    lessened = registry.join(members, on=["feed", "source_ref"], how="anti")["person_key"].unique()
    events = _events(held, merged, cluster_keys, fresh, today=today).with_columns(
        _reason(cluster_keys, bridged, lessened)
    )
    return Keyed(
        keys=keyed.select("feed", "source_ref", pl.col("key").alias("person_key")),
        registry=_registry(keyed, registry, merged, today),
        events=events,
    )


def _reason(cluster_keys: pl.DataFrame, bridged: pl.Series, lessened: pl.Series) -> pl.Expr:
    """Return why: a merge through a record not seen before, a split where a record is gone, or neither."""
    by_new = cluster_keys.filter(pl.col("cluster").is_in(bridged.to_list()))["key"].to_list()
    return (
        pl.when((pl.col("event") == "merge") & pl.col("person_key").is_in(by_new))
        .then(pl.lit(MERGED_BY_NEW))
        .when((pl.col("event") == "split") & pl.col("other_key").is_in(lessened.to_list()))
        .then(pl.lit(SPLIT_BY_LOSS))
        .otherwise("reason")
        .alias("reason")
    )


def _new_key(feed: str, reference: str, taken: set[str]) -> str:
    """Return a key that no one ever had; the number only rises when a person splits off and comes back."""
    number = 0
    while True:
        text = f"joinedup person\x1f{feed}\x1f{reference}\x1f{number}"
        key = "P" + hashlib.sha256(text.encode()).hexdigest()[:KEY_DIGITS]
        if key not in taken:
            taken.add(key)
            return key
        number += 1


def _events(
    held: pl.DataFrame,
    merged: pl.DataFrame,
    cluster_keys: pl.DataFrame,
    fresh: pl.DataFrame,
    *,
    today: dt.date,
) -> pl.DataFrame:
    merges = merged.select(
        pl.lit("merge").alias("event"), pl.col("key").alias("person_key"), pl.col("person_key").alias("other_key"),
        "records", pl.lit(MERGED).alias("reason"),
    )  # fmt: skip
    survivor = merged.select("person_key", pl.col("key").alias("survivor"))
    parts = (
        held.join(cluster_keys, on="cluster")
        .join(survivor, on="person_key", how="left")
        .with_columns(pl.coalesce("survivor", "person_key").alias("stays_with"))
        .filter(pl.col("key") != pl.col("stays_with"))
    )
    splits = parts.select(
        pl.lit("split").alias("event"), pl.col("key").alias("person_key"), pl.col("person_key").alias("other_key"),
        "records", pl.lit(SPLIT).alias("reason"),
    )  # fmt: skip
    unseen = fresh.join(held, on="cluster", how="anti").join(cluster_keys, on="cluster")
    news = unseen.select(
        pl.lit("new").alias("event"), pl.col("key").alias("person_key"),
        pl.lit(None, dtype=pl.String).alias("other_key"), pl.col("size").alias("records"),
        pl.lit(FIRST_SEEN).alias("reason"),
    )  # fmt: skip
    columns = [*EVENTS_SCHEMA]
    found = pl.concat([frame.cast({"records": pl.Int64}) for frame in (merges, splits, news)])
    return (
        found.with_columns(pl.lit(today).alias("event_date"))
        .select(columns)
        .sort("event", "person_key", "other_key", nulls_last=False)
    )


def _registry(keyed: pl.DataFrame, registry: pl.DataFrame, merged: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Return the key of every record ever seen; records that are gone follow the merges of their key."""
    now = keyed.join(registry.select("feed", "source_ref", "first_seen"), on=["feed", "source_ref"], how="left").select(
        "feed", "source_ref", pl.col("key").alias("person_key"), pl.col("first_seen").fill_null(today)
    )
    gone = (
        registry.join(keyed, on=["feed", "source_ref"], how="anti")
        .join(merged.select("person_key", "key"), on="person_key", how="left")
        .select("feed", "source_ref", pl.coalesce("key", "person_key").alias("person_key"), "first_seen")
    )
    return pl.concat([now, gone]).sort("feed", "source_ref")
