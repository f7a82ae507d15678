"""Learning the model from the records themselves, and staying with sound defaults where they are too few.

u, how often different people agree, is counted exactly inside feeds that guarantee one person one reference: two of
their records are never one person, so every agreement between them is chance, family or twins. m, how often one
person's records agree, is learned by Splink's expectation maximisation on pairs across feeds. Both are drawn towards
the defaults of `model` by a stated number of imagined observations, so ten records cannot move what ten thousand can.

What belongs here: estimates. What does not: levels (`model`), scores (`scoring`).
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

import duckdb
from splink import DuckDBAPI, Linker

from orchestration.linkage.model import (
    DEFAULT_PRIOR,
    LEVELS,
    Comparison,
    Model,
    default_model,
    level_of_pair,
    splink_settings,
)
from orchestration.linkage.scoring import WORTH_COMPARING, rules

IMAGINED_MATCHES = 200
"""How many matches the default m counts for."""
LEAST_TRAINING_PAIRS = 500
"""Fewer pairs and expectation maximisation follows accidents: the defaults stay."""
MOST_TRAINING_PAIRS = 2_000_000
SIGNIFICANT_DIGITS = 6
SURE_AGREEMENT_RECALL = 0.8
"""Share of true pairs that agree on a number or on name and date of birth."""
MOST_PRIOR = 0.05
MOST_U = 0.9999

TRAINING: dict[str, tuple[Comparison, ...]] = {
    "l.tok_name_dob = r.tok_name_dob": ("identity", "address"),
    "l.household_token = r.household_token": ("name",),
}
"""Pairs to learn from, and the comparisons that each teaches: never one that the pairs were chosen by."""

CHANCE_PAIRS_SQL = {
    "name": ("tok_name_dob", "tok_name_swapped_dob", "tok_phonetic_dob", "tok_forename_dob", "tok_surname_dob"),
    "address": ("household_token", "tok_surname_postcode", "tok_forename_postcode"),
}
COMMON_LEVEL: dict[Comparison, str] = {"name": "same month of birth and sex", "address": "same small area"}
BLOCKS_TO_COUNT = {"name": ("birth_month", "sex"), "address": ("lsoa",)}
KNOWN_BY = {"name": "tok_name_dob", "address": "coalesce(household_token, tok_surname_postcode)"}


def train(connection: duckdb.DuckDBPyConnection) -> Model:
    """Learn the model from table `profiles`."""
    model = default_model()
    for comparison in ("name", "address"):
        model = _with_chance_agreement(connection, model, comparison)
    model = replace(model, prior=_significant(_prior(connection)))
    for rule, taught in TRAINING.items():
        model = _with_learned_agreement(connection, model, rule, taught)
    return model


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    row = connection.sql(query).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def _significant(value: float) -> float:
    """Round, so that the order in which threads add up never shows in a score."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def _prior(connection: duckdb.DuckDBPyConnection) -> float:
    """Estimate the probability that two records are one person from agreements that are almost always right.

    The default counts for one match, so a handful of records may link and two large files without a person in common
    do not.
    """
    agreeing = " union ".join(
        f"select distinct l.node, r.node from profiles l join profiles r on l.{token} = r.{token} "
        f"and l.node < r.node and {WORTH_COMPARING}"
        for token in ("tok_name_dob", "tok_nhs")
    )
    sure = _number(connection, f"select count(*) from ({agreeing})")
    records = _number(connection, "select count(distinct node) from profiles")
    pairs = records * (records - 1) / 2
    return min((sure / SURE_AGREEMENT_RECALL + 1) / (pairs + 1 / DEFAULT_PRIOR), MOST_PRIOR)


def _with_chance_agreement(connection: duckdb.DuckDBPyConnection, model: Model, comparison: Comparison) -> Model:
    """Set u from agreements between different people; the default counts for one observation at each level."""
    levels = LEVELS[comparison]
    pairs = _number(
        connection,
        "select coalesce(sum(known * (known - 1) / 2), 0) from (select count(distinct node) as known from profiles "
        f"where guaranteed and {KNOWN_BY[comparison]} is not null group by feed_no)",
    )
    counts = _chance_counts(connection, comparison)
    # A level that is not counted keeps its default.
    values = [
        min((counts[place] + 1) / (pairs + 1 / level.u), MOST_U) if place in counts else level.u
        for place, level in enumerate(levels[:-1])
    ]
    values.append(max(1 - sum(values), 0.01))
    note = f"{comparison}: u counted on {pairs:.0f} pairs of different people inside feeds"
    return replace(
        model,
        u={**model.u, comparison: tuple(_significant(value) for value in values)},
        notes=(*model.notes, note),
    )


def _chance_counts(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> dict[int, int]:
    """Count pairs of different people at each level but the last, by its place in `LEVELS`.

    Rare agreements are found as pairs; the one common level (month of birth and sex, small area) by block sizes.
    """
    levels = LEVELS[comparison]
    found = " union ".join(
        "select l.unique_id as left_id, r.unique_id as right_id from people l join people r "
        f"on l.{token} = r.{token} and l.feed_no = r.feed_no and l.node < r.node"
        for token in CHANCE_PAIRS_SQL[comparison]
    )
    connection.execute(
        "create or replace temp table people as select * from profiles where guaranteed "
        "qualify row_number() over (partition by node order by unique_id desc) = 1"
    )
    rows = connection.sql(
        f"select {level_of_pair(comparison)} as level, count(*) from ({found}) "
        "join people l on l.unique_id = left_id join people r on r.unique_id = right_id group by 1"
    ).fetchall()
    counts = dict.fromkeys(range(len(levels)), 0) | {len(levels) - 1 - int(level): int(pairs) for level, pairs in rows}
    block = BLOCKS_TO_COUNT[comparison]
    known = " and ".join(f"{column} is not null" for column in block)
    in_blocks = _number(
        connection,
        "select coalesce(sum(n * (n - 1) / 2), 0) from "
        f"(select count(*) as n from people where {known} group by feed_no, {', '.join(block)})",
    )
    common = next(place for place, level in enumerate(levels) if level.label == COMMON_LEVEL[comparison])
    return {place: count for place, count in counts.items() if place < common} | {common: int(in_blocks)}


def _with_learned_agreement(
    connection: duckdb.DuckDBPyConnection, model: Model, rule: str, taught: tuple[Comparison, ...]
) -> Model:
    """Learn m of the comparisons that `rule` teaches; keep it as it is when the pairs are few or nothing converges."""
    matching = f"profiles l join profiles r on {rule} and l.node < r.node and {WORTH_COMPARING}"
    pairs = int(_number(connection, f"select count(*) from {matching}"))
    if pairs < LEAST_TRAINING_PAIRS:
        note = f"{', '.join(taught)}: default m, {pairs} pairs with {rule} are fewer than {LEAST_TRAINING_PAIRS}"
        return replace(model, notes=(*model.notes, note))
    api = DuckDBAPI(connection)
    settings = splink_settings(model, rules())
    linker = Linker(api.register("profiles"), settings, log_level=None, validate_settings=False)
    session = linker.training.estimate_parameters_using_expectation_maximisation(
        f"{rule} and {WORTH_COMPARING}",
        estimate_without_term_frequencies=True,
        max_pairs=MOST_TRAINING_PAIRS if pairs > MOST_TRAINING_PAIRS else None,
        record_sample_proportion=1.0,
    )
    rounds = len(session._core_model_settings_history) - 1  # Splink publishes no count of rounds
    if rounds >= settings["max_iterations"]:
        note = f"{', '.join(taught)}: default m, no convergence in {rounds} rounds on {pairs} pairs with {rule}"
        return replace(model, notes=(*model.notes, note))
    matches = session.core_model_settings.probability_two_random_records_match * pairs
    learned = dict(model.m)
    for comparison in session.core_model_settings.comparisons:
        levels = [level for level in comparison.comparison_levels if not level.is_null_level]
        found = {level.label_for_charts: level.m_probability for level in levels}
        for name in taught:
            if name == comparison.output_column_name:
                learned[name] = _blend(name, found, matches)
    note = (
        f"{', '.join(taught)}: m learned in {rounds} rounds from about {matches:.0f} matches "
        f"among {pairs} pairs with {rule}"
    )
    return replace(model, m=learned, notes=(*model.notes, note))


def _blend(name: Comparison, found: Mapping[str, float | str | None], matches: float) -> tuple[float, ...]:
    """Draw what was learned towards the defaults; a level never seen keeps its default's share."""
    blended = []
    for level in LEVELS[name]:
        value = found.get(level.label)
        seen = float(value) if isinstance(value, (int, float)) else 0.0
        blended.append((seen * matches + level.m * IMAGINED_MATCHES) / (matches + IMAGINED_MATCHES))
    total = sum(blended)
    return tuple(_significant(value / total) for value in blended)


logging.getLogger("splink").setLevel(logging.ERROR)
