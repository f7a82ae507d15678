"""How long linking takes beside raw Splink on the same records, and how much memory each needs.

Raw Splink is what a good analyst runs on the same tokens: the same blocking rules and comparisons, u by random
sampling, expectation maximisation, prediction and clusters at one threshold. Nothing is repaired, kept or reported.
The records are invented here, with names as unevenly spread as real ones; tokens stand for identifiers one to one.
"""

import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
from rich.table import Table
from splink import DuckDBAPI, Linker

from orchestration.bench.attack import attack
from orchestration.bench.memory import MemorySampler
from orchestration.console import results
from orchestration.feeds.canonical import empty_entity
from orchestration.feeds.tokens import TOKEN_PARTS
from orchestration.linkage.linking import THRESHOLD, link_records
from orchestration.linkage.model import default_model, splink_settings
from orchestration.linkage.records import prepare_records, read_people
from orchestration.linkage.scoring import WORTH_COMPARING, rules

FEEDS = 8
RECORDS_A_PERSON = 4
FORENAMES, SURNAMES = 2_000, 40_000
PEOPLE_A_POSTCODE, PEOPLE_A_HOME = 35, 2.4
SLIP, MOVED, HAS_NUMBER = 0.03, 0.1, 0.5
RANDOM_PAIRS, EM_SAMPLE = 5e6, 1_000_000
HEX_DIGITS = 32
MOST_ATTACKED = 100_000


def run_link_bench(*, people: int, seed: int) -> dict[str, Any]:
    """Invent people with four records each and link them both ways; seconds are wall time, memory is MiB.

    Both begin with the rows in force. Reading and numbering them is done once and counts for both, as raw Splink asks
    for the same columns.
    """
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name, MemorySampler() as sampler:
        folder = Path(name)
        _write_people(folder, people=people, seed=seed)
        sampler.take()
        start = time.perf_counter()
        records = prepare_records(read_people(folder))
        reading = time.perf_counter() - start
        found = link_records(records)
        ours = time.perf_counter() - start
        peak = sampler.take()
        clusters = int(np.unique(found.clusters.labels).size)
        pairs = found.scored.pairs.height
        count = records.nodes.height
        profiles = records.profiles
        del found, records
        start = time.perf_counter()
        _raw_splink(profiles)
        raw = reading + time.perf_counter() - start
        return {
            "people": people,
            "records": count,
            "people_found": clusters,
            "pairs": pairs,
            "reading_seconds": round(reading, 1),
            "link_seconds": round(ours, 1),
            "link_peak_mib": peak,
            "raw_splink_seconds": round(raw, 1),
            "raw_splink_peak_mib": sampler.take(),
            "ratio_to_raw_splink": round(ours / raw, 2),
            "frequency_attack": [asdict(found) for found in attack(people=min(people, MOST_ATTACKED), seed=seed)],
        }


def print_link_bench(result: dict[str, Any]) -> None:
    """Print the figures for a person."""
    table = Table("", "Seconds", "Peak MiB", title=f"{result['people']:,} people in {result['records']:,} records")
    table.add_row("linking", f"{result['link_seconds']}", f"{result['link_peak_mib']:.0f}")
    table.add_row("raw Splink", f"{result['raw_splink_seconds']}", f"{result['raw_splink_peak_mib']:.0f}")
    results().print(table)
    fallen = Table("Token", "Records named right", "Without tokens", title="Frequency attack")
    for found in result["frequency_attack"]:
        fallen.add_row(found["token"], f"{found['share']:.1%}", f"{found['blind']:.1%}")
    results().print(fallen)


def _write_people(folder: Path, *, people: int, seed: int) -> None:
    """Write one file of canonical person rows a feed: a person is in four feeds of eight, once in each."""
    random = np.random.default_rng(seed)
    true = {
        "forename": _zipf(random, FORENAMES, people, 0.9),
        "surname": _zipf(random, SURNAMES, people, 0.8),
        "born": random.integers(0, 80 * 365, people),
        "home": random.integers(0, max(int(people / PEOPLE_A_HOME), 1), people),
        "sex": random.integers(0, 2, people),
    }
    first = random.integers(0, FEEDS, people)
    for feed in range(FEEDS):
        who = np.flatnonzero((feed - first) % FEEDS < RECORDS_A_PERSON)
        clear = {name: values[who].copy() for name, values in true.items()}
        for name, most in (("forename", FORENAMES), ("surname", SURNAMES), ("born", 80 * 365)):
            slipped = np.flatnonzero(random.random(who.size) < SLIP)
            clear[name][slipped] = random.integers(0, most, slipped.size)
        moved = np.flatnonzero(random.random(who.size) < MOVED)
        clear["home"][moved] = random.integers(0, max(int(people / PEOPLE_A_HOME), 1), moved.size)
        numbered = random.random(who.size) < HAS_NUMBER
        _rows(feed, who, clear, numbered).write_parquet(folder / f"feed_{feed}.parquet")


def _zipf(random: np.random.Generator, names: int, size: int, power: float) -> npt.NDArray[np.int64]:
    weights = 1 / np.arange(1, names + 1) ** power
    return random.choice(names, size, p=weights / weights.sum())


def _rows(
    feed: int, who: npt.NDArray[np.int64], clear: dict[str, npt.NDArray[np.int64]], numbered: npt.NDArray[np.bool_]
) -> pl.DataFrame:
    day = pl.lit("1945-01-01").str.to_date() + pl.duration(days=pl.col("born"))
    frame = pl.DataFrame({**clear, "person": who, "numbered": numbered}).with_columns(
        birth_date=day,
        birth_date_unordered=day,
        postcode=pl.col("home") // int(PEOPLE_A_POSTCODE / PEOPLE_A_HOME),
        uprn="home",
        forename_sound=pl.col("forename") // 3,
        surname_sound=pl.col("surname") // 3,
        nhs_number=pl.when("numbered").then("person"),
        ni_number=pl.lit(None, dtype=pl.Int64),
    )
    frame = frame.with_columns(
        names_unordered=pl.struct("forename", "surname"), sounds_unordered=pl.struct("forename_sound", "surname_sound")
    )
    tokens = {kind: _tokens(frame, kind, parts) for kind, parts in TOKEN_PARTS.items()}
    made = frame.with_columns(
        *(token.alias(kind) for kind, token in tokens.items()),
        pl.lit(f"feed_{feed}").alias("feed"),
        pl.format("{}", "person").alias("source_ref"),
        birth_month=pl.col("birth_date").dt.month_start(),
        sex=pl.when(pl.col("sex") == 1).then(pl.lit("F")).otherwise(pl.lit("M")),
        lsoa_code=pl.format("E{}", pl.col("home") // 650),
    )
    return made.select(
        (pl.col(name) if name in made.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in empty_entity("person").schema.items()
    )


def _tokens(frame: pl.DataFrame, kind: str, parts: tuple[str, ...]) -> pl.Series:
    """Return text that stands for the parts as a token would: 32 digits, the same for the same parts."""
    known = frame.select(pl.all_horizontal(pl.col(*parts).is_not_null())).to_series()
    marks = frame.select(pl.struct(*parts).hash(seed=sum(kind.encode()))).to_series().to_numpy()
    text = np.frombuffer(marks.astype(">u8").tobytes().hex().encode(), dtype="S16").astype("U16")
    return pl.Series(text).str.pad_end(HEX_DIGITS, "0").zip_with(known, pl.Series([None], dtype=pl.String))


def _raw_splink(profiles: pl.DataFrame) -> None:
    """Train, predict and cluster with Splink alone, on the same tokens as whole numbers."""
    with duckdb.connect(":memory:") as connection:
        connection.register("profiles_frame", profiles.to_arrow())
        connection.execute("create table profiles as select * from profiles_frame order by unique_id")
        settings = splink_settings(default_model(), rules()) | {"retain_intermediate_calculation_columns": False}
        linker = Linker(DuckDBAPI(connection).register("profiles"), settings, log_level=None, validate_settings=False)
        linker.training.estimate_probability_two_random_records_match(["l.tok_name_dob = r.tok_name_dob"], recall=0.8)
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
        for rule in ("l.rare_name = r.rare_name", "l.tok_dob_postcode = r.tok_dob_postcode"):
            linker.training.estimate_parameters_using_expectation_maximisation(
                f"{rule} and {WORTH_COMPARING}", record_sample_proportion=1.0, max_pairs=EM_SAMPLE
            )
        predicted = linker.inference.predict(threshold_match_probability=THRESHOLD, warning_mode="never")
        linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, THRESHOLD)
