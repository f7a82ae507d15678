"""Pairs of records as patterns of agreement: for clerical review without a value, and for contradictions.

A reviewer in an area that holds no names can still judge "same forename, another surname, same date of birth, same
property" and how sure the model is of it. What belongs here: patterns and their counts, contradictions between trusted
identifiers. What does not: scores (`scoring`). Pure: frames in, frames out; counts of pairs, no record and no token.
"""

import polars as pl

from orchestration.errors import LinkageError
from orchestration.linkage.model import COMPARISONS, LEVELS, NOT_COMPARABLE
from orchestration.settings import Settings

LEAST_PAIRS_SHOWN = 10
"""Rarer patterns are put together: a pattern of one pair is about two people."""
PATTERNS_SCHEMA: dict[str, type[pl.DataType]] = {
    **{str(name): pl.String for name in COMPARISONS},
    "verdict": pl.String,
    "pairs": pl.Int64,
    "match_probability": pl.Float64,
}


def patterns(pairs: pl.DataFrame, *, threshold: float) -> pl.DataFrame:
    """Return each pattern of agreement with its verdict, number of pairs and mean probability, most doubtful first.

    verdict: trusted, likely, doubtful (below the threshold or a double), never. Patterns of fewer than
    LEAST_PAIRS_SHOWN pairs are one row of their verdict, 'any'.
    """
    levels = pl.col("pattern").str.split(" ")
    verdict = (
        pl.when("is_trusted").then(pl.lit("trusted"))
        .when(~pl.col("may_link")).then(pl.lit("never"))
        .when(pl.col("match_probability") >= threshold).then(pl.lit("likely"))
        .otherwise(pl.lit("doubtful"))
    )  # fmt: skip
    counted = pairs.group_by("pattern", verdict=verdict).agg(
        pl.len().alias("pairs"), pl.col("match_probability").mean()
    )
    named = counted.select(
        *(_label(levels.list.get(place).cast(pl.Int64), name).alias(name) for place, name in enumerate(COMPARISONS)),
        "verdict",
        pl.col("pairs").cast(pl.Int64),
        "match_probability",
    )
    rare = pl.col("pairs") < LEAST_PAIRS_SHOWN
    few = (
        named.filter(rare)
        .group_by("verdict")
        .agg(
            pl.col("pairs").sum(),
            ((pl.col("match_probability") * pl.col("pairs")).sum() / pl.col("pairs").sum()).alias("match_probability"),
        )
        .filter(~rare)
        .select(*(pl.lit("any").alias(name) for name in COMPARISONS), "verdict", "pairs", "match_probability")
    )
    return (
        pl.concat([named.filter(~rare), few])
        .with_columns(pl.col("match_probability").round(4))
        .sort((pl.col("match_probability") - 0.5).abs(), *COMPARISONS, "verdict")
        .select(*PATTERNS_SCHEMA)
    )


def run_patterns(settings: Settings, *, most: int, as_json: bool = False) -> str:
    """Return the patterns of the last refresh as lines or JSON, most doubtful first. Raises LinkageError."""
    path = settings.linkage / "patterns.parquet"
    if not path.exists():
        raise LinkageError(f"{path} does not exist: run `joinedup refresh` first.")
    found = pl.read_parquet(path)
    if as_json:
        return found.head(most).write_json()
    lines = [f"{'pairs':>9}  {'probability':>11}  {'verdict':<9} agreement"]
    for row in found.head(most).iter_rows(named=True):
        agreement = "; ".join(f"{name.replace('_', ' ')}: {row[name]}" for name in map(str, COMPARISONS))
        lines.append(f"{row['pairs']:>9,}  {row['match_probability']:>11.4f}  {row['verdict']:<9} {agreement}")
    if found.height > most:
        lines.append(f"{found.height - most} more: --most {found.height}")
    return "\n".join(lines)


def _label(level: pl.Expr, comparison: str) -> pl.Expr:
    names = [level.label for level in LEVELS[comparison]]  # type: ignore[index]
    last = len(names) - 1
    table = {last - place: name for place, name in enumerate(names)} | {NOT_COMPARABLE: "nothing to compare"}
    return level.replace_strict(table, return_dtype=pl.String)


def contradictions(profiles: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return kind and count of trusted identifiers that say different things of the same records.

    - one shared identifier, several NHS numbers: identifiers and their records;
    - one NI number, several NHS numbers: the same;
    - one number, nothing else alike: pairs whose names and births are known and all different; never linked.
    """
    rows = []
    for kind, name in (
        ("trusted", "one shared identifier, several NHS numbers"),
        ("tok_ni", "one NI number, several NHS numbers"),
    ):
        held = (
            profiles.filter(pl.col(kind).is_not_null())
            .group_by(kind)
            .agg(pl.col("tok_nhs").drop_nulls().n_unique().alias("numbers"))
        )
        rows.append({"kind": name, "found": held.filter(pl.col("numbers") > 1).height})
    rows.append({"kind": "one number, nothing else alike", "found": int(pairs["is_contradiction"].sum())})
    return pl.DataFrame(rows, schema={"kind": pl.String, "found": pl.Int64})
