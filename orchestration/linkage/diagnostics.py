"""What linkage tells about its own doubt: match rates by feed and group, cluster sizes, strict to loose.

Counts of records, no value of anyone. They stay inside the area's own stores; what is shown goes through the release
gate. Pure: frames in, frames out.
"""

import csv
import datetime as dt

import polars as pl

from orchestration.linkage.clusters import build_clusters
from orchestration.settings import repository_root

THRESHOLDS = (0.999, 0.99, 0.95, 0.9, 0.8, 0.5, 0.2)
"""Strict to loose."""
AGE_BANDS = ((16, "0-15"), (25, "16-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64"), (75, "65-74"))
QUALITY_SCHEMA = {
    "feed": pl.String,
    "group_kind": pl.String,
    "group_value": pl.String,
    "records": pl.Int64,
    "linkable": pl.Int64,
    "linked": pl.Int64,
    "unlinkable": pl.Int64,
    "match_rate": pl.Float64,
}


def record_groups(nodes: pl.DataFrame, areas: pl.DataFrame | None, *, on: dt.date) -> pl.DataFrame:
    """Return the groups of each record: node, age_band, sex, ethnic_group, deprivation; 'unknown' where not known.

    `areas` holds lsoa_code and imd_quintile (1 = most deprived); age is completed years on the day `on`.
    """
    age = (on.year - pl.col("birth_month").dt.year()) - (pl.col("birth_month").dt.month() > on.month).cast(pl.Int32)
    band = pl.lit("75+")
    for below, name in reversed(AGE_BANDS):
        band = pl.when(age < below).then(pl.lit(name)).otherwise(band)
    quintiles = (
        areas.select("lsoa_code", pl.col("imd_quintile").cast(pl.Int64).cast(pl.String).alias("deprivation"))
        if areas is not None
        else pl.DataFrame(schema={"lsoa_code": pl.String, "deprivation": pl.String})
    )
    return nodes.join(quintiles.unique("lsoa_code"), on="lsoa_code", how="left", maintain_order="left").select(
        "node",
        pl.when(age.is_not_null()).then(band).otherwise(pl.lit("unknown")).alias("age_band"),
        pl.col("sex").fill_null("U"),
        pl.col("ethnicity_code").replace_strict(_ethnic_groups(), default="unknown").alias("ethnic_group"),
        pl.col("deprivation").fill_null("unknown"),
    )


def linkage_quality(records: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Return one row per feed, kind of group and group; match_rate = linked / records.

    records: node, feed, is_linkable, is_linked (shares a person with a record of another feed). A low rate is not
    proof of missed links: people may be known to one service only. Compare groups within a feed.
    """
    kinds = ["age_band", "sex", "ethnic_group", "deprivation"]
    joined = records.join(groups, on="node", how="left").with_columns(pl.lit("all").alias("all"))
    tables = [
        joined.group_by("feed", pl.col(kind).alias("group_value"))
        .agg(
            pl.len().alias("records"),
            pl.col("is_linkable").sum().alias("linkable"),
            pl.col("is_linked").sum().alias("linked"),
            (~pl.col("is_linkable")).sum().alias("unlinkable"),
        )
        .with_columns(pl.lit(kind).alias("group_kind"), (pl.col("linked") / pl.col("records")).alias("match_rate"))
        .select(*QUALITY_SCHEMA)
        .cast(QUALITY_SCHEMA)  # type: ignore[arg-type]
        for kind in ("all", *kinds)
    ]
    return pl.concat(tables).sort("feed", "group_kind", "group_value")


def cluster_sizes(person_keys: pl.Series) -> pl.DataFrame:
    """Return how many people have how many records: records_per_person, people."""
    sizes = person_keys.alias("person_key").to_frame().group_by("person_key").len("records_per_person")
    return sizes.group_by("records_per_person").len("people").cast(pl.Int64).sort("records_per_person")


def threshold_curve(nodes: pl.DataFrame, sure: pl.DataFrame, pairs: pl.DataFrame, vetoes: pl.DataFrame) -> pl.DataFrame:
    """Return threshold, links, people from strict to loose: what would be linked if more, or less, proof were asked."""
    rows = []
    for threshold in THRESHOLDS:
        links = pl.concat([sure, pairs.filter(pl.col("match_probability") >= threshold).select(sure.columns)])
        labels = build_clusters(nodes, links, vetoes).labels
        rows.append({"threshold": threshold, "links": links.height, "people": len(set(labels.tolist()))})
    return pl.DataFrame(rows, schema={"threshold": pl.Float64, "links": pl.Int64, "people": pl.Int64})


def _ethnic_groups() -> dict[str, str]:
    path = repository_root() / "seeds" / "reference" / "ethnicity.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["ethnicity_code"]: row["ethnic_group"] for row in csv.DictReader(file)}
