"""Linking from end to end: read the people in force, link, keep keys, and write what the warehouse reads.

What belongs here: the order of the steps and the files. What does not: each step's own work (the modules beside it).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from orchestration.area import Area
from orchestration.linkage.charts import model_charts
from orchestration.linkage.clusters import Clusters, build_clusters
from orchestration.linkage.diagnostics import cluster_sizes, linkage_quality, record_groups, threshold_curve
from orchestration.linkage.households import link_households
from orchestration.linkage.index import Index, changes, fingerprints, read_index, write_index
from orchestration.linkage.keys import EVENTS_SCHEMA, REGISTRY_SCHEMA, assign_keys
from orchestration.linkage.model import Model, default_model
from orchestration.linkage.patterns import contradictions, patterns
from orchestration.linkage.records import Records, contract_repeats, prepare_records, read_people
from orchestration.linkage.scoring import Scored, near_records, no_pairs, score_pairs
from orchestration.linkage.tables import by_kind, linked_elsewhere, person_links, record_keys
from orchestration.linkage.training import train
from orchestration.settings import Settings

THRESHOLD = 0.5
"""A likely link is made from here; one that is not sure (clusters.SURE) needs the rest of both groups to agree. Chosen
by what was measured (docs/explanation/linkage.md)."""
MEMORY = "4GB"
"""Of the database that compares; the records themselves come on top. 4 million records need 6.5 GiB in all."""
PROOF_AGAINST_DOUBLES = 0.8
"""What looks like twins, or parent and child of one name, links only where four in five such pairs are one person."""
LINKS = ("node_l", "node_r", "is_trusted", "is_same_name", "match_weight", "match_probability")
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Linked:
    """What linking found, before keys: one cluster label per node; links kept; model and pair counts.

    compared: records that were new to the index, or all. trained_on: records that the model was learned from.
    """

    records: Records
    clusters: Clusters
    links: pl.DataFrame
    sure: pl.DataFrame
    scored: Scored
    vetoes: pl.DataFrame
    model: Model
    compared: int
    trained_on: int


@dataclass(frozen=True)
class LinkageResult:
    """Counts for a log line and an asset's metadata; the tables are in `folder`."""

    folder: Path
    records: int
    compared: int
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


def link(settings: Settings, area: Area, *, progress: Progress | None = None, full: bool = False) -> LinkageResult:
    """Link every person row in force and write the tables of `settings.linkage`; whole files only.

    Records known from the last refresh are not compared with each other again, unless `full` or the index is missing.

    The registry of keys is written last: a run cut short changes nothing that the next one starts from.
    """
    tell = progress or (lambda _: None)
    tell("linkage: reading people in force")
    repeats = contract_repeats({feed: c.one_person_per_reference for feed, c in area.contracts.items()})
    records = prepare_records(read_people(settings.accepted / "in_force" / "person"), may_repeat=repeats)
    tell(f"linkage: comparing {records.nodes.height:,} records")
    folder = settings.linkage
    folder.mkdir(parents=True, exist_ok=True)
    found = link_records(records, known=None if full else read_index(folder))
    registry = _read(folder / "key_registry.parquet", REGISTRY_SCHEMA)
    keyed = assign_keys(
        found.records.nodes.select("feed", "source_ref", pl.Series("cluster", found.clusters.labels)),
        registry,
        today=area.today,
    )
    links = person_links(records.nodes, found.links, found.clusters.labels, keyed.keys)
    keys = keyed.keys.with_row_index("node").with_columns(pl.col("node").cast(pl.Int64))
    residences = records.residences.join(keys, on="node").select("person_key", "household_token", "valid_from")
    homes = link_households(residences)
    tell("linkage: measuring doubt")
    tables = {
        "person_links": links,
        "household_links": homes,
        "record_keys": record_keys(links["person_key"], homes["household_key"], settings.release_secret()),
        **_doubt(found, keyed.keys, links, area),
        "key_events": pl.concat([_read(folder / "key_events.parquet", EVENTS_SCHEMA), keyed.events]),
        "key_registry": keyed.registry,
    }
    _write_text(folder / "model.json", json.dumps({"threshold": THRESHOLD, **found.model.to_dict()}, indent=1))
    settings.reports.mkdir(parents=True, exist_ok=True)
    for name, page in model_charts(found.model, records.profiles).items():
        _write_text(settings.reports / f"{name}.html", page)
    index = Index(fingerprints(records), found.scored.pairs, found.model, found.trained_on)
    write_index(folder, index)
    for name, table in tables.items():
        _write(folder / f"{name}.parquet", table)
    events = keyed.events["event"]
    methods = links["link_method"]
    return LinkageResult(
        folder=folder,
        records=links.height,
        compared=found.compared,
        people=links["person_key"].n_unique(),
        linked=links.height - int(methods.is_in(["single", "unlinkable"]).sum()),
        unlinkable=int((methods == "unlinkable").sum()),
        mended_clusters=found.clusters.mended,
        shared_tokens=records.shared_tokens.height,
        merges=int((events == "merge").sum()),
        splits=int((events == "split").sum()),
        households=homes["household_key"].n_unique(),
    )


def _doubt(found: Linked, keys: pl.DataFrame, links: pl.DataFrame, area: Area) -> dict[str, pl.DataFrame]:
    """Return the tables that tell how sure the links are, by name."""
    records, pairs = found.records, found.scored.pairs
    last_year = max((p for p in area.periods() if p.level == "year"), key=lambda p: p.start)
    groups = record_groups(records.nodes, area.geography.areas if area.geography else None, on=last_year.start)
    return {
        "linkage_quality": linkage_quality(linked_elsewhere(records.nodes, keys), groups),
        "cluster_sizes": cluster_sizes(links["person_key"]),
        "thresholds": threshold_curve(records.nodes, found.sure, _modelled(found.scored), found.vetoes),
        "blocking": found.scored.blocking,
        "shared_tokens": records.shared_tokens,
        "contradictions": contradictions(records.profiles, pairs),
        "patterns": patterns(pairs, threshold=THRESHOLD),
        "groups": by_kind(records.nodes, groups),
    }


def link_records(
    records: Records, *, threshold: float = THRESHOLD, known: Index | None = None, model: Model | None = None
) -> Linked:
    """Link records: shared identifiers and NHS numbers first, then what the model finds likely enough.

    known: the index of an earlier linking; only what is new since is compared. model: a model to use as it is.
    """
    change = changes(records, known) if known else None
    if known and change:
        scored, used, compared = (
            _score_new(records, change.fresh, change.kept, known.model),
            known.model,
            len(change.fresh),
        )
    else:
        scored, used = _score(records, model)
        compared = records.nodes.height
    sure = pl.concat([_shared_identifier_links(records), _number_links(scored)])
    likely = _modelled(scored).filter(pl.col("match_probability") >= threshold)
    links = pl.concat([sure, likely])
    vetoes = _vetoes(scored, threshold)
    clusters = build_clusters(records.nodes, links, vetoes)
    trained_on = known.trained_on if known and change else records.nodes.height
    return Linked(records, clusters, links, sure, scored, vetoes, used, compared, trained_on)


def _vetoes(scored: Scored, threshold: float) -> pl.DataFrame:
    """Return the pairs that look like two people: barred if they can never be one, else likely twins."""
    proof = max(threshold, PROOF_AGAINST_DOUBLES)
    unlinked = ~(pl.col("may_link") & (pl.col("is_trusted") | (pl.col("match_probability") >= proof)))
    return scored.pairs.filter((pl.col("is_twins") | pl.col("is_barred")) & unlinked).select(
        "node_l", "node_r", "is_barred"
    )


@contextmanager
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database that holds at most MEMORY; what does not fit waits in a private folder, which goes at the end."""
    with TemporaryDirectory(prefix="joinedup-linking-") as aside:
        config: dict[str, str | bool | int | float | list[str]] = {"memory_limit": MEMORY, "temp_directory": aside}
        with duckdb.connect(":memory:", config=config) as connection:
            yield connection


def _score(records: Records, model: Model | None) -> tuple[Scored, Model]:
    """Train and score; with fewer than two records there is nothing to compare."""
    if records.nodes["is_linkable"].sum() < 2:
        return no_pairs(), model or default_model()
    with scratch() as connection:
        connection.register("profiles_frame", records.profiles.to_arrow())
        connection.execute("create table profiles as select * from profiles_frame order by unique_id")
        used = model or train(connection)
        return score_pairs(connection, used), used


def _score_new(records: Records, fresh: pl.Series, kept: pl.DataFrame, model: Model) -> Scored:
    """Score new records among themselves and with the old ones that share a token with one of them; keep old pairs."""
    if fresh.is_empty():
        return Scored(kept.sort("node_l", "node_r"))
    is_new = pl.col("node").is_in(fresh.to_list())
    near = near_records(records.profiles, fresh)
    profiles = records.profiles.filter(is_new | pl.col("node").is_in(near.to_list())).with_columns(
        is_new.alias("is_new")
    )
    with scratch() as connection:
        connection.register("profiles_frame", profiles.to_arrow())
        connection.execute("create table profiles as select * from profiles_frame order by unique_id")
        found = score_pairs(connection, model, only_new=True)
    return Scored(pl.concat([kept, found.pairs]).sort("node_l", "node_r"))


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
    """Return the pairs that the model may link; two people who look like one need proof."""
    doubles = (pl.col("is_twins") | pl.col("is_barred")) & (pl.col("match_probability") < PROOF_AGAINST_DOUBLES)
    return scored.pairs.filter(pl.col("may_link") & ~pl.col("is_trusted") & ~doubles).select(LINKS)


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
