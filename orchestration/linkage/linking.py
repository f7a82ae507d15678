"""Linking from end to end: read the people in force, link, keep keys, and write what the warehouse reads.

What belongs here: the order of the steps and the files. What does not: each step's own work (the modules beside it).
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from orchestration.area import Area
from orchestration.linkage.clusters import Clusters, build_clusters
from orchestration.linkage.diagnostics import cluster_sizes, linkage_quality, record_groups, threshold_curve
from orchestration.linkage.households import link_households
from orchestration.linkage.keys import EVENTS_SCHEMA, REGISTRY_SCHEMA, assign_keys
from orchestration.linkage.model import Model, default_model
from orchestration.linkage.records import Records, contract_repeats, prepare_records, read_people
from orchestration.linkage.scoring import Scored, no_pairs, score_pairs
from orchestration.linkage.training import train
from orchestration.settings import Settings

THRESHOLD = 0.95
"""Links below this probability are not made; chosen for precision on simulated truth (docs/explanation/linkage.md)."""
LINKS = ("node_l", "node_r", "is_trusted", "is_same_name", "match_weight", "match_probability")
RECORD_KEY_BYTES = 8
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Linked:
    """What linking found, before keys: one cluster label per node; links kept; model and pair counts."""

    records: Records
    clusters: Clusters
    links: pl.DataFrame
    sure: pl.DataFrame
    scored: Scored
    vetoes: pl.DataFrame
    model: Model


@dataclass(frozen=True)
class LinkageResult:
    """Counts for a log line and an asset's metadata; the tables are in `folder`."""

    folder: Path
    records: int
    people: int
    linked: int
    unlinkable: int
    mended_clusters: int
    shared_tokens: int
    merges: int
    splits: int
    households: int

    def figures(self) -> dict[str, int]:
        """Return the counts by name, without the folder."""
        return {name: value for name, value in asdict(self).items() if isinstance(value, int)}


def link(settings: Settings, area: Area, *, progress: Progress | None = None) -> LinkageResult:
    """Link every person row in force and write the tables of `settings.linkage`; whole files only.

    The registry of keys is written last: a run cut short changes nothing that the next one starts from.
    """
    tell = progress or (lambda _: None)
    tell("linkage: reading people in force")
    repeats = contract_repeats({feed: c.one_person_per_reference for feed, c in area.contracts.items()})
    records = prepare_records(read_people(settings.accepted / "in_force" / "person"), may_repeat=repeats)
    tell(f"linkage: comparing {records.nodes.height:,} records")
    found = link_records(records)
    folder = settings.linkage
    folder.mkdir(parents=True, exist_ok=True)
    registry = _read(folder / "key_registry.parquet", REGISTRY_SCHEMA)
    keyed = assign_keys(
        found.records.nodes.select("feed", "source_ref", pl.Series("cluster", found.clusters.labels)),
        registry,
        today=area.today,
    )
    links = _person_links(found, keyed.keys)
    keys = keyed.keys.with_row_index("node").with_columns(pl.col("node").cast(pl.Int64))
    residences = records.residences.join(keys, on="node").select("person_key", "household_token", "valid_from")
    homes = link_households(residences)
    tell("linkage: measuring doubt")
    last_year = max((p for p in area.periods() if p.level == "year"), key=lambda p: p.start)
    groups = record_groups(records.nodes, area.geography.areas if area.geography else None, on=last_year.start)
    quality = linkage_quality(_linked_elsewhere(records.nodes, keyed.keys), groups)
    tables = {
        "person_links": links,
        "household_links": homes,
        "record_keys": _record_keys(links["person_key"], homes["household_key"], settings.release_secret()),
        "linkage_quality": quality,
        "cluster_sizes": cluster_sizes(links["person_key"]),
        "thresholds": threshold_curve(records.nodes, found.sure, _modelled(found.scored), found.vetoes),
        "blocking": found.scored.blocking,
        "shared_tokens": records.shared_tokens,
        "groups": _by_kind(records.nodes, groups),
        "key_events": pl.concat([_read(folder / "key_events.parquet", EVENTS_SCHEMA), keyed.events]),
        "key_registry": keyed.registry,
    }
    _write_text(folder / "model.json", json.dumps({"threshold": THRESHOLD, **found.model.to_dict()}, indent=1))
    for name, table in tables.items():
        _write(folder / f"{name}.parquet", table)
    events = keyed.events["event"]
    methods = links["link_method"]
    return LinkageResult(
        folder=folder,
        records=links.height,
        people=links["person_key"].n_unique(),
        linked=links.height - int(methods.is_in(["single", "unlinkable"]).sum()),
        unlinkable=int((methods == "unlinkable").sum()),
        mended_clusters=found.clusters.mended,
        shared_tokens=records.shared_tokens.height,
        merges=int((events == "merge").sum()),
        splits=int((events == "split").sum()),
        households=homes["household_key"].n_unique(),
    )


def link_records(records: Records, *, threshold: float = THRESHOLD) -> Linked:
    """Link records: shared identifiers and NHS numbers first, then what the model finds likely enough."""
    scored, model = _score(records)
    sure = pl.concat([_shared_identifier_links(records), _number_links(scored)])
    likely = _modelled(scored).filter(pl.col("match_probability") >= threshold)
    links = pl.concat([sure, likely])
    vetoes = scored.pairs.filter("is_veto").select("node_l", "node_r")
    clusters = build_clusters(records.nodes, links, vetoes)
    return Linked(records, clusters, links, sure, scored, vetoes, model)


def _score(records: Records) -> tuple[Scored, Model]:
    """Train and score; with fewer than two records there is nothing to compare."""
    if records.nodes["is_linkable"].sum() < 2:
        return no_pairs(), default_model()
    with duckdb.connect(":memory:") as connection:
        connection.register("profiles_frame", records.profiles.to_arrow())
        connection.execute("create table profiles as select * from profiles_frame order by unique_id")
        model = train(connection)
        return score_pairs(connection, model), model


def _shared_identifier_links(records: Records) -> pl.DataFrame:
    """Tie every record with a shared identifier to the first that has it: one link a record, not one a pair."""
    holders = records.profiles.filter(pl.col("trusted").is_not_null()).select("trusted", "node").unique()
    return (
        holders.with_columns(pl.col("node").min().over("trusted").alias("node_l"))
        .filter(pl.col("node") != pl.col("node_l"))
        .select(
            "node_l",
            pl.col("node").alias("node_r"),
            pl.lit(True).alias("is_trusted"),
            pl.lit(False).alias("is_same_name"),
            pl.lit(float("inf")).alias("match_weight"),
            pl.lit(1.0).alias("match_probability"),
        )
        .unique()
        .sort("node_l", "node_r")
    )


def _number_links(scored: Scored) -> pl.DataFrame:
    return scored.pairs.filter("is_trusted").with_columns(pl.lit(1.0).alias("match_probability")).select(LINKS)


def _modelled(scored: Scored) -> pl.DataFrame:
    return scored.pairs.filter(pl.col("may_link") & ~pl.col("is_trusted")).select(LINKS)


def _person_links(found: Linked, keys: pl.DataFrame) -> pl.DataFrame:
    """Return one row a record; its strength is that of its strongest link, the one whose loss would set it free."""
    labels = found.clusters.labels
    links = found.links
    inside = links.filter(pl.Series(labels[links["node_l"].to_numpy()] == labels[links["node_r"].to_numpy()]))
    ends = pl.concat(
        [inside.select(pl.col(side).alias("node"), "is_trusted", "match_probability") for side in ("node_l", "node_r")]
    )
    strength = ends.group_by("node").agg(pl.col("is_trusted").any(), pl.col("match_probability").max())
    size = np.bincount(labels, minlength=len(labels))[labels]
    return (
        found.records.nodes.select("node", "feed", "source_ref", "is_linkable")
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


def _linked_elsewhere(nodes: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    return nodes.select("node", "feed", "is_linkable").with_columns(
        (keys.with_columns(pl.col("feed").n_unique().over("person_key"))["feed"] > 1).alias("is_linked")
    )


def _by_kind(nodes: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per record and kind of group: feed, source_ref, group_kind, group_value."""
    return (
        nodes.select("node", "feed", "source_ref")
        .join(groups, on="node", maintain_order="left")
        .unpivot(
            index=["feed", "source_ref"], on=[*groups.columns[1:]], variable_name="group_kind", value_name="group_value"
        )
    )


def _record_keys(people: pl.Series, households: pl.Series, secret: bytes) -> pl.DataFrame:
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


def _read(path: Path, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.read_parquet(path).select(*schema) if path.exists() else pl.DataFrame(schema=schema)


def _write(path: Path, table: pl.DataFrame) -> None:
    aside = path.with_name(f".{path.name}.part")
    table.write_parquet(aside)
    aside.replace(path)


def _write_text(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text + "\n", encoding="utf-8")
    aside.replace(path)
