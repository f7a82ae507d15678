"""What is remembered between refreshes, so that a delivery is compared with what is known and not everything anew.

Remembered are, for each record, a fingerprint of its tokens, and every pair that was compared with what the evidence
allowed; no token. A record whose fingerprint has changed, for whatever reason (a correction, a token that became too
common), counts as new. Old pairs stay, pairs with a new record are scored by the same model: the result is that of
scoring everything, to the pair. The model itself is learned anew once a quarter of the records have changed.

What belongs here: fingerprints, which records are new, reading and writing the index. What does not: scores.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.feeds.atomic import write_bytes
from orchestration.feeds.tokens import TOKEN_VERSION
from orchestration.linkage.model import LEVELS, NOTHING_TO_COMPARE, Model
from orchestration.linkage.records import Records
from orchestration.linkage.scoring import BLOCKING, PAIRS_SCHEMA, judge_sql

MOST_CHANGED = 0.25
"""Share of the records that may be new or gone since the model was learned before it is learned anew."""
MANIFEST, RECORDS, PAIRS = "index.json", "index_records.parquet", "index_pairs.parquet"


@dataclass(frozen=True)
class Index:
    """records: node, feed, source_ref, fingerprint. pairs: PAIRS_SCHEMA by nodes. trained_on: records learned from."""

    records: pl.DataFrame
    pairs: pl.DataFrame
    model: Model
    trained_on: int


@dataclass(frozen=True)
class Change:
    """fresh: nodes to be compared. kept: pairs known already, by today's nodes."""

    fresh: pl.Series
    kept: pl.DataFrame


def layout() -> str:
    """Return a digest of all that a stored pair depends on besides the model's numbers."""
    levels = [(name, [(level.label, level.condition) for level in found]) for name, found in LEVELS.items()]
    text = json.dumps([TOKEN_VERSION, levels, NOTHING_TO_COMPARE, BLOCKING, judge_sql(), pl.__version__])
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprints(records: Records) -> pl.DataFrame:
    """Return node, feed, source_ref and a fingerprint of everything that comparing the record reads."""
    compared = [name for name in records.profiles.columns if name not in ("unique_id", "node", "feed_no")]
    marks = records.profiles.select("node", pl.struct(compared).hash(seed=0).alias("mark")).group_by("node")
    return records.nodes.select("node", "feed", "source_ref").join(
        marks.agg(pl.col("mark").sum().alias("fingerprint")), on="node", how="left", maintain_order="left"
    )


def changes(records: Records, index: Index) -> Change | None:
    """Return what is new since the index was written; None where so much is that the model should be learned anew."""
    now = fingerprints(records)
    same = now.join(index.records.rename({"node": "old"}), on=["feed", "source_ref", "fingerprint"], how="inner")
    changed = now.height + index.records.height - 2 * same.height
    drift = abs(now.height - index.trained_on)
    if max(changed, drift) > MOST_CHANGED * max(index.trained_on, 1):
        return None
    fresh = now.join(same, on="node", how="anti")["node"]
    numbers = same.select("old", "node")
    kept = (
        index.pairs.join(numbers.rename({"old": "node_l", "node": "left"}), on="node_l")
        .join(numbers.rename({"old": "node_r", "node": "right"}), on="node_r")
        .with_columns(
            pl.min_horizontal("left", "right").alias("node_l"), pl.max_horizontal("left", "right").alias("node_r")
        )
        .select(*PAIRS_SCHEMA)
    )
    return Change(fresh, kept)


def read_index(folder: Path) -> Index | None:
    """Return the index of the last refresh; None where there is none, or it was made by other rules or cut short."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["layout"] != layout():
            return None
        for name in (RECORDS, PAIRS):
            if manifest[name] != hashlib.sha256((folder / name).read_bytes()).hexdigest():
                return None
        return Index(
            pl.read_parquet(folder / RECORDS),
            pl.read_parquet(folder / PAIRS),
            Model.from_parameters(manifest["model"]),
            int(manifest["trained_on"]),
        )
    except (OSError, KeyError, ValueError, pl.exceptions.PolarsError):
        return None


def write_index(folder: Path, index: Index) -> None:
    """Write the index whole: the manifest last, with the digests by which a run cut short is noticed."""
    manifest = {"layout": layout(), "trained_on": index.trained_on, "model": index.model.parameters()}
    for name, table in ((RECORDS, index.records), (PAIRS, index.pairs)):
        aside = folder / f".{name}.part"
        table.write_parquet(aside)
        with aside.open("rb") as file:
            manifest[name] = hashlib.file_digest(file, "sha256").hexdigest()
        aside.replace(folder / name)
    write_bytes(folder / MANIFEST, (json.dumps(manifest) + "\n").encode())
