"""The tables that linkage leaves for the warehouse, made from what linking found.

What belongs here: columns and rows of those tables. What does not: finding links (`linking`), measures (`diagnostics`).
Pure: frames in, frames out.
"""

import hashlib
import hmac

import numpy as np
import polars as pl

from orchestration.linkage.clusters import Labels

RECORD_KEY_BYTES = 8


def person_links(nodes: pl.DataFrame, links: pl.DataFrame, labels: Labels, keys: pl.DataFrame) -> pl.DataFrame:
    """Return one row a record; its strength is that of its strongest link, the one whose loss would set it free."""
    inside = links.filter(pl.Series(labels[links["node_l"].to_numpy()] == labels[links["node_r"].to_numpy()]))
    ends = pl.concat(
        [inside.select(pl.col(side).alias("node"), "is_trusted", "match_probability") for side in ("node_l", "node_r")]
    )
    strength = ends.group_by("node").agg(pl.col("is_trusted").any(), pl.col("match_probability").max())
    size = np.bincount(labels, minlength=len(labels))[labels]
    return (
        nodes.select("node", "feed", "source_ref", "is_linkable")
        .with_columns(keys["person_key"], pl.Series("size", size))
        .join(strength, on="node", how="left", maintain_order="left")
        .select(
            "feed",
            "source_ref",
            "person_key",
            pl.when(~pl.col("is_linkable"))
            .then(pl.lit("unlinkable"))
            .when(pl.col("size") == 1)
            .then(pl.lit("single"))
            .when("is_trusted")
            .then(pl.lit("trusted"))
            .otherwise(pl.lit("probabilistic"))
            .alias("link_method"),
            "match_probability",
        )
    )


def linked_elsewhere(nodes: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    return nodes.select("node", "feed", "is_linkable").with_columns(
        (keys.with_columns(pl.col("feed").n_unique().over("person_key"))["feed"] > 1).alias("is_linked")
    )


def by_kind(nodes: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per record and kind of group: feed, source_ref, group_kind, group_value."""
    return (
        nodes.select("node", "feed", "source_ref")
        .join(groups, on="node", maintain_order="left")
        .unpivot(
            index=["feed", "source_ref"], on=[*groups.columns[1:]], variable_name="group_kind", value_name="group_value"
        )
    )


def record_keys(people: pl.Series, households: pl.Series, secret: bytes) -> pl.DataFrame:
    """Return the key of each person and household that carries its noise in the release engine."""
    frames = []
    for unit, keys in (("person", people), ("household", households)):
        different = keys.unique().sort()
        values = [
            int.from_bytes(hmac.digest(secret, key.encode(), hashlib.sha256)[:RECORD_KEY_BYTES], "big")
            for key in different.to_list()
        ]
        frames.append(
            pl.DataFrame(
                {"unit": [unit] * len(values), "unit_key": different, "record_key": values},
                schema={"unit": pl.String, "unit_key": pl.String, "record_key": pl.UInt64},
            )
        )
    return pl.concat(frames)
