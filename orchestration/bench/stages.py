"""Timing every stage of a demo of a given size in a home of its own."""

import os
import platform
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from orchestration import progress
from orchestration.bench.floor import measure_floor
from orchestration.bench.ingestion import measure_ingestion
from orchestration.bench.memory import MemorySampler
from orchestration.bench.tokens import describe_tokens, measure_tokens
from orchestration.console import results
from orchestration.defs.refresh import refresh
from orchestration.settings import Settings, repository_root

STAGES = {
    "Simulating": "simulate",
    "Reading the plan": "plan",
    "Reading": "feeds",
    "Applying": "in_force",
    "Linking": "linkage",
    "Building": "warehouse",
    "Verifying": "publish",
    "Writing": "report",
}
"""What a step reports first, to the stage it belongs to; the first that fits counts."""


class _Clock:
    """Adds up seconds and peak memory a stage, from the progress that the steps report."""

    def __init__(self, sampler: MemorySampler) -> None:
        self.sampler = sampler
        self.seconds: dict[str, float] = {}
        self.peak: dict[str, float] = {}
        self._stage = "plan"
        self._since = time.perf_counter()

    def hear(self, message: str) -> None:
        stage = next((stage for start, stage in STAGES.items() if message.startswith(start)), self._stage)
        self.close()
        self._stage = stage

    def close(self) -> None:
        now = time.perf_counter()
        self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self.peak[self._stage] = max(self.peak.get(self._stage, 0.0), self.sampler.take())
        self._since = now


def run_bench(*, people: int, months: int, seed: int, ingest_rows: int = 0) -> dict[str, Any]:
    """Simulate, refresh and measure; return the figures that `joinedup bench --json` prints.

    Seconds are wall time, memory is MiB. `ratio_to_floor` is the refresh without simulation over the floor: DuckDB
    reading the same deliveries and computing monthly people by service by hand (orchestration/bench/floor.py).
    `ingestion` is one delivery of `ingest_rows` rows beside polars (orchestration/bench/ingestion.py); left out for 0.
    """
    from seeds.simulate import simulate  # noqa: PLC0415 - only the benchmark and the demo need it

    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as folder, MemorySampler() as sampler:
        settings = Settings(area_dir=repository_root() / "seeds" / "demo_area", home=Path(folder) / "var")
        clock = _Clock(sampler)
        with progress.listening(clock.hear):
            progress.report("Simulating")
            simulate(people=people, months=months, seed=seed, out=settings.home)
            refresh(settings)
            clock.close()
        refreshed = sum(seconds for stage, seconds in clock.seconds.items() if stage != "simulate")
        floor = measure_floor(settings)
        if ingest_rows:
            progress.report(f"Ingesting {ingest_rows:,} rows")
        ingestion = {"ingestion": measure_ingestion(ingest_rows, Path(folder) / "ingestion")} if ingest_rows else {}
        return {
            "machine": {
                "processors": os.cpu_count(),
                "python": platform.python_version(),
                "system": platform.platform(),
            },
            "people": people,
            "months": months,
            "seed": seed,
            "stages": [
                {"stage": stage, "seconds": round(seconds, 2), "peak_mib": clock.peak[stage]}
                for stage, seconds in clock.seconds.items()
            ],
            "refresh_seconds": round(refreshed, 2),
            "peak_mib": sampler.overall,
            "floor_seconds": round(floor.seconds, 2),
            "floor_rows": floor.rows,
            "tokens": asdict(measure_tokens()),
            "ratio_to_floor": round(refreshed / floor.seconds, 1),
            **ingestion,
        }


def print_bench(result: dict[str, Any]) -> None:
    """Print the figures for a person."""
    table = Table("Stage", "Seconds", "Peak MiB", title=f"{result['people']:,} people, {result['months']} months")
    for stage in result["stages"]:
        table.add_row(stage["stage"], f"{stage['seconds']:.2f}", f"{stage['peak_mib']:.0f}")
    table.add_row("refresh, all stages", f"{result['refresh_seconds']:.2f}", f"{result['peak_mib']:.0f}")
    table.add_row(f"floor ({result['floor_rows']:,} rows)", f"{result['floor_seconds']:.2f}", "")
    results().print(table)
    results().print(f"The refresh takes {result['ratio_to_floor']} times the floor.", highlight=False)
    results().print(describe_tokens(result["tokens"]), highlight=False)
    if found := result.get("ingestion"):
        table = Table("One delivery", "Seconds", "Peak MiB", title=f"{found['rows']:,} rows in one delivery")
        table.add_row("read, checked and stored", f"{found['seconds']:.2f}", f"{found['peak_mib']:.0f}")
        table.add_row("polars: same columns", f"{found['polars_seconds']:.2f}", f"{found['polars_peak_mib']:.0f}")
        table.add_row("polars: cells as text", f"{found['polars_cells_seconds']:.2f}", "")
        results().print(table)
        results().print(f"Ingestion takes {found['ratio_to_polars']} times as long as polars.", highlight=False)
