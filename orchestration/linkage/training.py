"""Learning the model from the records themselves, and staying with sound defaults where they are too few.

u, how often different people agree, is counted (`chance`). m, how often one person's records agree, is learned by
Splink's expectation maximisation on pairs across feeds. Both are drawn towards the defaults of `model` by a stated
number of imagined observations, so ten records cannot move what ten thousand can.

What belongs here: m and the prior. What does not: u (`chance`), levels (`model`), scores (`scoring`).
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

import duckdb
from splink import DuckDBAPI, Linker
from splink.internals.em_training_session import EMTrainingSession

from orchestration.linkage.chance import number, significant, with_chance_agreement
from orchestration.linkage.doubles import with_doubles
from orchestration.linkage.model import (
    CONVERGENCE,
    DEFAULT_PRIOR,
    LEVELS,
    MOST_ROUNDS,
    Comparison,
    Model,
    default_model,
    splink_settings,
)
from orchestration.linkage.scoring import WORTH_COMPARING, rules

IMAGINED_MATCHES = 200
"""How many matches the default m counts for."""
LEAST_TRAINING_PAIRS = 200
"""Fewer pairs and expectation maximisation follows accidents: the defaults stay."""
MOST_TRAINING_PAIRS = 1_000_000
MOST_PRIOR = 0.05
SAME_NAME_LEVELS = 2
"""The first two levels of `name`: the same full name, held by few or not."""

TRAINING: tuple[tuple[str, tuple[Comparison, ...]], ...] = (
    ("l.rare_name = r.rare_name", ("birth", "address", "sex", "identity")),
    ("l.tok_dob_postcode = r.tok_dob_postcode", ("name",)),
    ("l.household_token = r.household_token and l.birth_month = r.birth_month", ("name",)),
    ("l.tok_name_dob = r.tok_name_dob", ("identity", "address", "sex")),
)
"""Pairs to learn from, and the comparisons that each teaches: never one that the pairs were chosen by.

The first that has enough pairs teaches a comparison; the others stand in where partners do not send its token.
"""


def train(connection: duckdb.DuckDBPyConnection) -> Model:
    """Learn the model from table `profiles`."""
    model = with_chance_agreement(connection, default_model())
    untaught: set[Comparison] = {"name", "birth", "address", "sex", "identity"}
    for rule, teaches in TRAINING:
        taught = tuple(comparison for comparison in teaches if comparison in untaught)
        if not taught:
            continue
        learned = _with_learned_agreement(connection, model, rule, taught)
        if learned.m != model.m:
            untaught -= set(taught)
        model = learned
    if "name" not in untaught:
        model = _with_rare_share(connection, model)
    return with_doubles(connection, replace(model, prior=significant(_prior(connection, model))))


def _with_rare_share(connection: duckdb.DuckDBPyConnection, model: Model) -> Model:
    """Divide the m of a full name that agrees between names held by few and others as people are divided.

    A person's records agree as often whichever name it is; what differs is how often others have it.
    """
    share = number(connection, "select count(rare_name) / nullif(count(tok_name), 0) from profiles")
    if not share:
        return model
    m = model.m["name"]
    both = sum(m[:SAME_NAME_LEVELS])
    rare = significant(both * min(max(share, 0.001), 0.999))
    return replace(model, m={**model.m, "name": (rare, significant(both - rare), *m[SAME_NAME_LEVELS:])})


def _prior(connection: duckdb.DuckDBPyConnection, model: Model) -> float:
    """Estimate the probability that two records are one person from agreements that are almost always right.

    Pairs of one full name and date of birth, over how often one person's records agree so. The default counts for one
    match, so a handful of records may link and two large files without a person in common do not.
    """
    pairs, sure = (
        number(
            connection,
            "with known as (select * from people where tok_name_dob is not null) select "
            f"(select coalesce(sum(n * (n - 1) / 2), 0) from (select count(*) as n from known group by {whole})) - "
            "(select coalesce(sum(n * (n - 1) / 2), 0) from "
            f"(select count(*) as n from known where guaranteed group by feed_no, {whole}))",
        )
        for whole in ("true", "tok_name_dob")
    )
    found = sum(model.m["name"][:SAME_NAME_LEVELS]) * model.m["birth"][0]
    return min((sure / found + 1) / (pairs + 1 / DEFAULT_PRIOR), MOST_PRIOR)


def _with_learned_agreement(
    connection: duckdb.DuckDBPyConnection, model: Model, rule: str, taught: tuple[Comparison, ...]
) -> Model:
    """Learn m of the comparisons that `rule` teaches; keep it as it is when the pairs are few or nothing converges."""
    matching = f"profiles l join profiles r on {rule} and l.node < r.node and {WORTH_COMPARING}"
    pairs = int(number(connection, f"select count(*) from {matching}"))
    if pairs < LEAST_TRAINING_PAIRS:
        note = f"{', '.join(taught)}: default m, {pairs} pairs with {rule} are fewer than {LEAST_TRAINING_PAIRS}"
        return replace(model, notes=(*model.notes, note))
    session = _expectation_maximisation(connection, model, rule, pairs)
    if session is None:
        note = f"{', '.join(taught)}: default m, a level vanished among {pairs} pairs with {rule}"
        return replace(model, notes=(*model.notes, note))
    rounds = len(session._core_model_settings_history) - 1  # Splink publishes no count of rounds
    if rounds >= MOST_ROUNDS:
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


def _expectation_maximisation(
    connection: duckdb.DuckDBPyConnection, model: Model, rule: str, pairs: int
) -> EMTrainingSession | None:
    """Run Splink's training; None where a level that matches never show falls below what a number can hold.

    Splink 5.0.0 then raises ValueError; fewer rounds keep the level above that.
    """
    for convergence in (CONVERGENCE, 10 * CONVERGENCE, 100 * CONVERGENCE):
        settings = splink_settings(model, rules()) | {"em_convergence": convergence}
        api = DuckDBAPI(connection)
        linker = Linker(api.register("profiles"), settings, log_level=None, validate_settings=False)
        try:
            return linker.training.estimate_parameters_using_expectation_maximisation(
                f"{rule} and {WORTH_COMPARING}",
                estimate_without_term_frequencies=True,
                max_pairs=MOST_TRAINING_PAIRS if pairs > MOST_TRAINING_PAIRS else None,
                record_sample_proportion=1.0,
            )
        except ValueError:
            continue
    return None


def _blend(name: Comparison, found: Mapping[str, float | str | None], matches: float) -> tuple[float, ...]:
    """Draw what was learned towards the defaults; a level never seen keeps its default's share."""
    blended = []
    for level in LEVELS[name]:
        value = found.get(level.label)
        seen = float(value) if isinstance(value, (int, float)) else 0.0
        blended.append((seen * matches + level.m * IMAGINED_MATCHES) / (matches + IMAGINED_MATCHES))
    total = sum(blended)
    return tuple(significant(value / total) for value in blended)


logging.getLogger("splink").setLevel(logging.ERROR)
