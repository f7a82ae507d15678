"""How fast the release gate answers many people at once, beside the same counts without protection.

Users are threads of one process, as they are where the dashboards are served. Each works through questions of its own
choice from a realistic mix, some of which others have asked before.
"""

import contextlib
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
from orchestration.release.vintages import Vintages
from orchestration.settings import Settings

QUESTIONS_EACH = 50
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
LEVELS = ("year", "all", "quarter", "month")


def run_gate_bench(settings: Settings, *, people: int, seed: int, users: int) -> dict[str, Any]:
    """Ask the published snapshot of a home, which holds this many people, alone and with many users at once."""
    with tempfile.TemporaryDirectory() as folder, MemorySampler() as sampler:
        gate = Gate(settings, vintages=Vintages(Path(folder) / "vintages.sqlite"))
        start = time.perf_counter()
        mix = questions(gate.catalogue())
        opened = time.perf_counter() - start
        alone = _compare(settings, mix)
        sampler.take()
        fresh, again = _ask_at_once(gate, mix, users=users, seed=seed)
        peak = sampler.take()
    return {
        "people": people,
        "users": users,
        "questions": len(mix),
        "open_seconds": round(opened, 2),
        "one_user": alone,
        "fresh": _summary(fresh),
        "asked_before": _summary(again),
        "all": _summary([*fresh, *again]),
        "peak_mib": peak,
    }


def print_gate_bench(result: dict[str, Any]) -> None:
    """Print the figures for a person."""
    table = Table(
        "Answers of the gate", "How many", "Median ms", "95 in 100 within ms",
        title=f"{result['people']:,} people, {result['users']} users at once",
    )  # fmt: skip
    for name, title in (("fresh", "asked for the first time"), ("asked_before", "asked before"), ("all", "all")):
        row = result[name]
        table.add_row(title, f"{row['count']:,}", f"{row['median_ms']:.1f}", f"{row['p95_ms']:.1f}")
    results().print(table)
    one = result["one_user"]
    results().print(
        f"One user alone, first time: median {one['protected_ms']:.1f} ms, {one['ratio']} times the same counts "
        f"without protection ({one['plain_ms']:.1f} ms). Memory: {result['peak_mib']:.0f} MiB at most.",
        highlight=False,
    )


def questions(catalogue: Catalogue) -> list[Request]:
    """Return every question of the mix: each shape over the newest periods of each level that it may be asked for."""
    found = []
    for measure, by in SHAPES:
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


def _ask_at_once(gate: Gate, mix: Sequence[Request], *, users: int, seed: int) -> tuple[list[float], list[float]]:
    """Return the seconds of answers asked for the first time, and of those that somebody asked before."""
    shares = np.arange(1, len(mix) + 1) ** -POPULARITY
    order = np.random.default_rng(seed).permutation(len(mix))
    asked: set[str] = set()
    lock = threading.Lock()

    def work(user: int) -> list[tuple[bool, float]]:
        chosen = np.random.default_rng((seed, user)).choice(order, QUESTIONS_EACH, p=shares / shares.sum())
        timed = []
        for index in chosen:
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
