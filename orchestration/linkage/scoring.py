"""Pairs of records worth comparing, and how strongly each pair looks like one person.

What belongs here: blocking rules with their pair counts, Splink's scores, and which evidence may or must never link
(judge.sql). What does not: where the weights come from (`training`), grouping pairs into people (`clusters`).
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from orchestration.linkage import model as levels
from orchestration.linkage.model import COMPARISONS, NEAR_MONTHS, Model, level_of_weight, splink_settings

WORTH_COMPARING = "l.node <> r.node and (l.feed_no <> r.feed_no or not l.guaranteed)"
"""Two references of a feed that guarantees one person one reference are two people without looking."""
BORN_NEAR = f"coalesce(abs(l.birth_month - r.birth_month) <= {NEAR_MONTHS}, true)"
"""Relatives share a surname and a postcode, and namesakes a name: only those born near each other are compared."""

BLOCKING: dict[str, str] = {
    "NHS number": "l.tok_nhs = r.tok_nhs",
    "NI number": "l.tok_ni = r.tok_ni",
    "forename and date of birth": "l.tok_forename_dob = r.tok_forename_dob",
    "surname and date of birth": "l.tok_surname_dob = r.tok_surname_dob",
    "date of birth and postcode": "l.tok_dob_postcode = r.tok_dob_postcode",
    "name and date of birth": "l.tok_name_dob = r.tok_name_dob",
    "sound of name and date of birth": "l.tok_phonetic_dob = r.tok_phonetic_dob",
    "name, day and month in either order": "l.tok_name_swapped_dob = r.tok_name_swapped_dob",
    "full name and postcode": (
        "l.tok_forename_postcode = r.tok_forename_postcode and l.tok_surname_postcode = r.tok_surname_postcode"
    ),
    "full name and month of birth": "l.tok_name = r.tok_name and l.birth_month = r.birth_month",
    "forename and postcode": "l.tok_forename_postcode = r.tok_forename_postcode",
    "surname and postcode, born near": f"l.tok_surname_postcode = r.tok_surname_postcode and {BORN_NEAR}",
    "surname and postcode, names sound alike": (
        "l.tok_surname_postcode = r.tok_surname_postcode and l.tok_sounds = r.tok_sounds"
    ),
    "property, born near": f"l.household_token = r.household_token and {BORN_NEAR}",
    "property, names sound alike": "l.household_token = r.household_token and l.tok_sounds = r.tok_sounds",
    "full name held by few, born near": f"l.rare_name = r.rare_name and {BORN_NEAR}",
}

PAIRS_SCHEMA = {
    "node_l": pl.Int64,
    "node_r": pl.Int64,
    "match_weight": pl.Float64,
    "match_probability": pl.Float64,
    "is_trusted": pl.Boolean,
    "is_same_name": pl.Boolean,
    "may_link": pl.Boolean,
    "is_twins": pl.Boolean,
    "is_barred": pl.Boolean,
    "is_contradiction": pl.Boolean,
    "pattern": pl.String,
    "match_key": pl.Int32,
}

_LEVELS_NAMED = (
    "SAME_NHS", "SAME_NI", "DIFFERENT_NHS", "SAME_BIRTH", "BIRTH_SWAPPED", "SAME_MONTH", "NEAR_BIRTH", "PART_BIRTH",
    "GENERATION_APART", "RARE_NAME", "SAME_NAME", "BOTH_ALIKE", "FORENAME_ONLY", "SURNAME_ONLY", "SAME_POSTCODE",
    "FORENAME_SURNAME_UNKNOWN", "SAME_HOME",
)  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """pairs: one row per pair of records, node_l < node_r (PAIRS_SCHEMA). blocking: rule, new_pairs."""

    pairs: pl.DataFrame

    @property
    def blocking(self) -> pl.DataFrame:
        """Return how many pairs each rule adds to those before it."""
        found = dict(self.pairs.group_by("match_key").len().rows())
        return pl.DataFrame(
            [{"rule": rule, "new_pairs": found.get(number, 0)} for number, rule in enumerate(BLOCKING)],
            schema={"rule": pl.String, "new_pairs": pl.Int64},
        )


def no_pairs() -> Scored:
    """Return the result of comparing nothing."""
    return Scored(pl.DataFrame(schema=PAIRS_SCHEMA))


def rules(extra: str = "") -> tuple[str, ...]:
    """Return the blocking rules as Splink takes them."""
    return tuple(f"{condition} and {WORTH_COMPARING}{extra}" for condition in BLOCKING.values())


def near_records(profiles: pl.DataFrame, fresh: pl.Series) -> pl.Series:
    """Return the nodes that a blocking rule might bring together with a fresh one: those that share a token with it."""
    new = profiles.filter(pl.col("node").is_in(fresh.to_list()))
    kinds = sorted(
        {kind for rule in BLOCKING.values() for kind in re.findall(r"l\.(\w+) = r\.\1", rule)} - {"birth_month"}
    )
    found = [profiles.join(new.select(kind).drop_nulls().unique(), on=kind, how="semi")["node"] for kind in kinds]
    return pl.concat(found).unique()


def score_pairs(connection: duckdb.DuckDBPyConnection, model: Model, *, only_new: bool = False) -> Scored:
    """Score every pair that a blocking rule finds in table `profiles`; the best of a pair's profiles counts.

    only_new: leave out pairs of two records that are not marked `is_new`. Scores are rounded, so that a difference in
    the last bit of a sum never changes who is whom.
    """
    api = DuckDBAPI(connection)
    settings = splink_settings(model, rules(" and (l.is_new or r.is_new)" if only_new else ""))
    linker = Linker(api.register("profiles"), settings, log_level=None, validate_settings=False)
    predicted = linker.inference.predict(warning_mode="never").physical_name
    found = connection.sql(_judgement(predicted, model)).pl()
    connection.execute(f"drop table {predicted}")
    return Scored(found.select(*PAIRS_SCHEMA).cast(PAIRS_SCHEMA).sort("node_l", "node_r"))  # type: ignore[arg-type]


@cache
def judge_sql() -> str:
    """Return judge.sql with the numbers of the levels in place."""
    text = Path(__file__).with_name("judge.sql").read_text(encoding="utf-8")
    for name in sorted(_LEVELS_NAMED, key=len, reverse=True):
        text = text.replace(f"${name.lower()}", str(getattr(levels, name)))
    return text


def _judgement(predicted: str, model: Model) -> str:
    """Return what is asked of Splink's table of predictions."""
    level = {f"gamma_{name}": level_of_weight(model, name) for name in COMPARISONS}
    columns = ", ".join(f"{sql} as {name}" for name, sql in level.items())
    sql = judge_sql()
    for kind, probability in model.doubles.items():
        sql = sql.replace(f"${kind}_probability", repr(probability))
    return sql.replace("from predicted", f"from (select *, {columns} from {predicted})")
