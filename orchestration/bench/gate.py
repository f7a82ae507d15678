"""How fast the release gate answers many people at once, beside the same counts without protection.

Users are threads of one process, as they are where the dashboards are served. Each works through questions of its own
choice from a realistic mix: most are what pages and reports ask first, which is counted when a snapshot is published;
the others nobody has counted yet. Users who never pause show what the machine can do, users who read what they get
show what people wait for.
"""

import contextlib
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from orchestration.bench.memory import MemorySampler
from orchestration.console import results
from orchestration.release import Gate, Refused, Request
from orchestration.release.catalogue import Catalogue
from orchestration.release.cells import count_cells
from orchestration.release.reader import current_path, open_snapshot
from orchestration.release.usual import keep_counts
from orchestration.release.vintages import Vintages
from orchestration.settings import Settings

QUESTIONS_EACH = 50
READING_SECONDS = 1.0  # on average, between an answer and the next question
POPULARITY = 1.1  # of Zipf's law: few questions are asked by nearly everybody
SHAPES = (
    ("people", ("service",)),
    ("people", ("theme",)),
    ("people", ("msoa",)),
    ("people", ("age_band", "theme")),
    ("people", ("service", "sex")),
    ("people", ("lad", "service")),
    ("people", ("msoa", "theme")),
    ("people", ("age_group", "deprivation", "theme")),
    ("people", ("services_used",)),
    ("people", ("month",)),
    ("people", ("month", "theme")),
    ("households", ("theme",)),
    ("people_using_both", ("theme_a", "theme_b")),
    ("people_using_both", ("service_a", "service_b")),
    ("combinations", ("theme_set",)),
    ("transitions", ("from_theme", "to_theme")),
    ("transitions", ("from_service", "to_service")),
    ("entries", ("entry_theme",)),
    ("months_of_use", ("theme",)),
    ("spells", ("service",)),
)
EXPLORING = (
    ("people", ("ethnic_group", "theme")),
    ("people", ("age_band", "service")),
    ("people", ("age_group", "msoa")),
    ("people", ("deprivation", "service")),
    ("waits", ("service", "wait")),
    ("exits", ("exit_kind", "service")),
    ("returns", ("return_band", "theme")),
    ("entries", ("age_group", "entry_theme")),
)
"""What nobody has counted when a snapshot is published."""
LEVELS = ("year", "all", "quarter", "month")


def run_gate_bench(settings: Settings, *, people: int, seed: int, users: int) -> dict[str, Any]:
    """Ask the published snapshot of a home, which holds this many people, alone and with many users at once."""
    with tempfile.TemporaryDirectory() as folder, MemorySampler() as sampler:
        gate = Gate(settings, vintages=Vintages(Path(folder) / "vintages.sqlite"))
        start = time.perf_counter()
        usual, others = questions(gate.catalogue(), SHAPES), questions(gate.catalogue(), EXPLORING)
        opened = time.perf_counter() - start
        alone = _compare(settings, usual)
        start = time.perf_counter()
        keep_counts(gate)
        kept = time.perf_counter() - start
        sampler.take()
        order = np.random.default_rng(seed)
        mix = [part[index] for part in (usual, others) for index in order.permutation(len(part))]
        counted = Path(folder) / "vintages.sqlite"
        timed = {}
        for name, reading in (("at_once", 0.0), ("while_reading", READING_SECONDS)):
            copy = counted.with_name(f"{name}.sqlite")
            with sqlite3.connect(counted) as kept_before, sqlite3.connect(copy) as own:
                kept_before.backup(own)
            timed[name] = _ask_at_once(
                Gate(settings, vintages=Vintages(copy)), mix, users=users, seed=seed, reading=reading
            )
        peak = sampler.take()
    fresh, again = timed["at_once"]
    return {
        "people": people,
        "users": users,
        "questions": len(mix),
        "open_seconds": round(opened, 2),
        "keep_seconds": round(kept, 1),
        "one_user": alone,
        "fresh": _summary(fresh),
        "asked_before": _summary(again),
        "all": _summary([*fresh, *again]),
        "while_reading": _summary([*timed["while_reading"][0], *timed["while_reading"][1]]),
        "peak_mib": peak,
    }


def print_gate_bench(result: dict[str, Any]) -> None:
    """Print the figures for a person."""
    table = Table(
        "Answers of the gate", "How many", "Median ms", "95 in 100 within ms",
        title=f"{result['people']:,} people, {result['users']} users at once",
    )  # fmt: skip
    for name, title in (("fresh", "asked for the first time"), ("asked_before", "asked before"), ("all", "all"),
                        ("while_reading", "all, with a second to read each")):  # fmt: skip
        row = result[name]
        table.add_row(title, f"{row['count']:,}", f"{row['median_ms']:.1f}", f"{row['p95_ms']:.1f}")
    results().print(table)
    one = result["one_user"]
    results().print(
        f"One user alone, first time: median {one['protected_ms']:.1f} ms, {one['ratio']} times the same counts "
        f"without protection ({one['plain_ms']:.1f} ms). Memory: {result['peak_mib']:.0f} MiB at most.",
        highlight=False,
    )


def questions(catalogue: Catalogue, shapes: Sequence[tuple[str, tuple[str, ...]]]) -> list[Request]:
    """Return every question of some shapes: each over the newest periods of each level that it has."""
    found = []
    for measure, by in shapes:
        for level in LEVELS:
            for period in catalogue.periods_of(level)[-3:]:
                try:
                    found.append(Request(measure, by, {}, period.code))
                except Refused:
                    continue  # not published by this level
    return found


def _compare(settings: Settings, mix: Sequence[Request]) -> dict[str, float]:
    """Time each question on a gate that knows nothing yet, and the plain count of its cells alone."""
    snapshot = open_snapshot(settings, current_path(settings))
    protected, plain = [], []
    with tempfile.TemporaryDirectory() as folder:
        gate = Gate(settings, vintages=Vintages(Path(folder) / "vintages.sqlite"))
        for request in mix:
            protected.append(_seconds(gate, request))
            during = snapshot.directory.periods[request.period]
            measure = "people" if request.rule.sums else request.measure
            with snapshot.cursor() as cursor:
                start = time.perf_counter()
                count_cells(cursor, measure=measure, dimensions=request.attributes, period=during)
                plain.append(time.perf_counter() - start)
    ratios = [one / other for one, other in zip(protected, plain, strict=True)]
    return {
        "protected_ms": round(1000 * statistics.median(protected), 1),
        "plain_ms": round(1000 * statistics.median(plain), 1),
        "ratio": round(statistics.median(ratios), 1),
    }


def _ask_at_once(
    gate: Gate, mix: Sequence[Request], *, users: int, seed: int, reading: float = 0.0
) -> tuple[list[float], list[float]]:
    """Return the seconds of answers asked for the first time, and of those that somebody asked before.

    The mix is in the order of its popularity. Users read each answer for `reading` seconds on average.
    """
    shares = np.arange(1, len(mix) + 1) ** -POPULARITY
    gate.catalogue()
    asked: set[str] = set()
    lock = threading.Lock()

    def work(user: int) -> list[tuple[bool, float]]:
        rng = np.random.default_rng((seed, user))
        chosen = rng.choice(len(mix), QUESTIONS_EACH, p=shares / shares.sum())
        pauses = rng.uniform(0, 2 * reading, QUESTIONS_EACH)
        timed = []
        for index, pause in zip(chosen, pauses, strict=True):
            time.sleep(pause)
            request = mix[int(index)]
            with lock:
                is_first = request.canonical() not in asked
                asked.add(request.canonical())
            timed.append((is_first, _seconds(gate, request)))
        return timed

    with ThreadPoolExecutor(users) as pool:
        timed = [one for user in pool.map(work, range(users)) for one in user]
    return [seconds for first, seconds in timed if first], [seconds for first, seconds in timed if not first]


def _seconds(gate: Gate, request: Request) -> float:
    start = time.perf_counter()
    with contextlib.suppress(Refused):  # a refusal is an answer too, and as long in coming
        gate.answer(request, who="bench")
    return time.perf_counter() - start


def _summary(seconds: Sequence[float]) -> dict[str, float]:
    if not seconds:
        return {"count": 0, "median_ms": 0.0, "p95_ms": 0.0}
    return {
        "count": len(seconds),
        "median_ms": round(1000 * statistics.median(seconds), 1),
        "p95_ms": round(1000 * float(np.quantile(seconds, 0.95)), 1),
    }
