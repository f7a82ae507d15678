"""How right the linkage is, measured against a truth that only a simulation or a clerical review has.

Pairwise: of the pairs of records put together, the share that are one person (precision); of the pairs that are one
person, the share put together (recall). Intervals are Wilson's at 95 %; they treat pairs as independent, which pairs of
one person are not, so they are a little too narrow.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.errors import LinkageError
from orchestration.settings import Settings

Z_95 = 1.959964


@dataclass(frozen=True)
class Score:
    """One line: `scope` overall, feed or a group's kind; `value` which one; counts of pairs; rates with intervals.

    Outside `overall` a pair counts once for each of its two records that is in the scope.
    """

    scope: str
    value: str
    records: int
    true_pairs: int
    linked_pairs: int
    correct_pairs: int

    @property
    def precision(self) -> float:
        return self.correct_pairs / self.linked_pairs if self.linked_pairs else 1.0

    @property
    def recall(self) -> float:
        return self.correct_pairs / self.true_pairs if self.true_pairs else 1.0

    @property
    def f1(self) -> float:
        pairs = self.linked_pairs + self.true_pairs
        return 2 * self.correct_pairs / pairs if pairs else 1.0

    @property
    def precision_interval(self) -> tuple[float, float]:
        return wilson(self.correct_pairs, self.linked_pairs)

    @property
    def recall_interval(self) -> tuple[float, float]:
        return wilson(self.correct_pairs, self.true_pairs)


@dataclass(frozen=True)
class Evaluation:
    """overall, and the same by feed and by each group given; missing: true records that the links do not hold."""

    overall: Score
    scores: tuple[Score, ...]
    missing: int

    def to_frame(self) -> pl.DataFrame:
        """Return every score as a row, overall first."""
        return pl.DataFrame(
            [
                {
                    "scope": s.scope,
                    "value": s.value,
                    "records": s.records,
                    "true_pairs": s.true_pairs,
                    "linked_pairs": s.linked_pairs,
                    "correct_pairs": s.correct_pairs,
                    "precision": s.precision,
                    "precision_low": s.precision_interval[0],
                    "precision_high": s.precision_interval[1],
                    "recall": s.recall,
                    "recall_low": s.recall_interval[0],
                    "recall_high": s.recall_interval[1],
                    "f1": s.f1,
                }
                for s in (self.overall, *self.scores)
            ]
        )


def evaluate(links: pl.DataFrame, truth: pl.DataFrame, groups: pl.DataFrame | None = None) -> Evaluation:
    """Compare person_links with the truth (feed, source_ref, true_person_id), record by record.

    groups (optional): feed, source_ref, group_kind, group_value, one row per record and kind. Records of the truth that
    were never delivered or were refused at the door are not linkage's doing: they are counted as missing and left out.
    """
    key = ["feed", "source_ref"]
    true = truth.select(*key, "true_person_id").unique(key, keep="first", maintain_order=True)
    records = links.select(*key, "person_key").join(true, on=key, how="inner")
    counted = records.with_columns(
        (pl.len().over("person_key", "true_person_id") - 1).alias("correct"),
        (pl.len().over("person_key") - 1).alias("linked"),
        (pl.len().over("true_person_id") - 1).alias("true"),
    )
    ends = counted.select(pl.len(), pl.col("true", "linked", "correct").sum()).row(0)
    overall = Score("overall", "all", ends[0], ends[1] // 2, ends[2] // 2, ends[3] // 2)
    pairs = ("true", "linked", "correct")
    scores = _scores(counted.select(pl.lit("feed").alias("scope"), pl.col("feed").alias("value"), *pairs))
    if groups is not None:
        grouped = counted.join(groups, on=key, how="inner").select(
            pl.col("group_kind").alias("scope"), pl.col("group_value").alias("value"), *pairs
        )
        scores += _scores(grouped)
    return Evaluation(overall, tuple(scores), true.height - records.height)


def _scores(ends: pl.DataFrame) -> list[Score]:
    table = ends.group_by("scope", "value").agg(pl.len(), pl.col("true", "linked", "correct").sum())
    return [Score(*row) for row in table.sort("scope", "value").iter_rows()]


def wilson(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """Return Wilson's score interval for a proportion (Wilson 1927); (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    share = successes / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def run_evaluate(settings: Settings, truth: Path, *, as_json: bool = False) -> str:
    """Return, as a table or as JSON, how the links of the last refresh compare with a truth file.

    Groups are those of the linkage itself (`linkage/groups.parquet`). Raises LinkageError when a file is missing.
    """
    links, groups = settings.linkage / "person_links.parquet", settings.linkage / "groups.parquet"
    if not links.exists():
        raise LinkageError(f"{links} does not exist: run `joinedup refresh` first.")
    if not truth.exists():
        raise LinkageError(f"{truth} does not exist: name the truth/records.parquet that `joinedup simulate` wrote.")
    records = pl.read_parquet(truth)
    if missing := {"feed", "source_ref", "true_person_id"} - set(records.columns):
        raise LinkageError(f"{truth} is no truth file: it has no column {', '.join(sorted(missing))}.")
    found = evaluate(pl.read_parquet(links), records, pl.read_parquet(groups) if groups.exists() else None)
    rows = found.to_frame().to_dicts()
    if as_json:
        return json.dumps({"scores": rows, "records_missing": found.missing}, indent=2)
    lines = [f"{'':32}{'records':>9}{'pairs':>10}  {'precision (95 % interval)':<26}{'recall (95 % interval)':<26}F1"]
    for row in rows:
        precision = f"{row['precision']:.4f} ({row['precision_low']:.4f}-{row['precision_high']:.4f})"
        recall = f"{row['recall']:.4f} ({row['recall_low']:.4f}-{row['recall_high']:.4f})"
        name = f"{row['scope']} {row['value']}"[:31]
        lines.append(
            f"{name:32}{row['records']:>9,}{row['true_pairs']:>10,}  {precision:<26}{recall:<26}{row['f1']:.4f}"
        )
    lines.append(f"Records of the truth that were never accepted, left out: {found.missing:,}")
    return "\n".join(lines)
