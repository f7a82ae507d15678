"""How long the tables of the combined view take beside the same tables by hand, and how much memory each needs.

By hand is what a good engineer would write in DuckDB for the heaviest tables, straight from the rows in force
(warehouse.sql): no layers, no contracts, no keys that are tested, and every function that only DuckDB has. The people
and what they use are drawn at random (warehouse_crowd). Each runs in processes of its own with the same memory.

A month's new data is measured from a build of all that was known a month before, beside making everything anew.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from rich.table import Table

from orchestration.bench.memory import MemorySampler
from orchestration.bench.warehouse_crowd import write_crowd
from orchestration.console import results
from orchestration.errors import WarehouseError
from orchestration.settings import Settings, export, repository_root

SCRIPT = Path(__file__).with_name("warehouse.sql")
PROJECT = repository_root() / "dbt_project"
TABLES = {
    "spells": "int_spells",
    "person_period": "fct_person_period",
    "services_used": "mart_services_used",
    "co_use": "mart_co_use",
    "transitions": "fct_transition",
    "returns": "mart_return",
    "engagement": "fct_engagement",
    "flow": "fct_flow",
}
"""A table made by hand, to the model that answers the same."""
USES_A_PERSON = 20
CONTACTS_A_PERSON = 17.3
"""A few more than make 20 uses, since the last days of the crowd's time are not yet known."""
BEFORE, AFTER = date(2026, 7, 31), date(2026, 8, 31)
"""The last day of what is known, before the month's new data and with it."""
MEMORY = "6GB"
LAST_DAY = "2026-10-20"
TOLD_OF_A_FAILURE = 1_500
CHILD = "from orchestration.bench.warehouse import main; main()"


@dataclass(frozen=True)
class Measured:
    """What a process took: wall and processor seconds, and MiB of memory at its peak."""

    seconds: float
    cpu_seconds: float
    peak_mib: float

    def told(self, name: str = "") -> dict[str, float]:
        """Return the figures for people and programs, each under the name of what was measured."""
        figures = {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds, "peak_mib": self.peak_mib}
        return {f"{name}{key}": round(value, 1) for key, value in figures.items()}


def run_warehouse_bench(*, people: int, seed: int) -> dict[str, Any]:
    """Invent people and build both ways; seconds are wall time (dbt's start among them), memory is MiB.

    `all_` is the whole warehouse, every model of it; the ratio to SQL by hand compares only what both make, and
    whatever that is made from. `month_` and `month_all_` are the same after a month's new data, from a build of what
    was known before. Their ratios set them beside the build of everything, the second by processor seconds, which
    other work on the machine changes less.
    """
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name, MemorySampler() as sampler:
        home = Path(name)
        built, before = home / "warehouse" / "build.duckdb", home / "before.duckdb"
        heaviest = [f"+{model}" for model in TABLES.values()]

        def build(*selected: str, start: Path | None = None) -> Measured:
            built.unlink(missing_ok=True)
            if start is not None:
                shutil.copyfile(start, built)
            return _measured(lambda: in_a_process("dbt", home, *selected), sampler)

        in_a_process("crowd", home, str(people), str(seed), BEFORE.isoformat())
        build()
        built.rename(before)
        in_a_process("crowd", home, str(people), str(seed), AFTER.isoformat())
        sampler.take()
        by_hand = _measured(lambda: in_a_process("hand", home), sampler)
        month, month_all = build(*heaviest, start=before), build(start=before)
        same, whole = build(*heaviest), build()
        return {
            "people": people,
            "uses": people * USES_A_PERSON,
            **same.told(),
            **by_hand.told("by_hand_"),
            "ratio_to_hand": round(same.seconds / by_hand.seconds, 2),
            **whole.told("all_"),
            **month.told("month_"),
            "month_ratio": round(month.seconds / same.seconds, 2),
            "month_cpu_ratio": round(month.cpu_seconds / same.cpu_seconds, 2),
            **month_all.told("month_all_"),
            "month_all_ratio": round(month_all.seconds / whole.seconds, 2),
            "month_all_cpu_ratio": round(month_all.cpu_seconds / whole.cpu_seconds, 2),
        }


def print_warehouse_bench(result: dict[str, Any]) -> None:
    """Print the figures for a person."""
    table = Table(
        "Warehouse", "Seconds", "Processor", "Peak MiB", title=f"{result['people']:,} people, {result['uses']:,} uses"
    )
    for told, which in (
        ("heaviest tables, by dbt", ""),
        ("the same by hand", "by_hand_"),
        ("the same after a month's new data", "month_"),
        ("all tables, by dbt", "all_"),
        ("the same after a month's new data", "month_all_"),
    ):
        figures = (result[f"{which}{key}"] for key in ("seconds", "cpu_seconds", "peak_mib"))
        table.add_row(told, *(f"{figure:.0f}" for figure in figures))
    results().print(table)
    results().print(f"dbt takes {result['ratio_to_hand']} times as long as SQL by hand.", highlight=False)
    results().print(
        f"A month's new data takes {result['month_ratio']} of the time for the heaviest tables "
        f"({result['month_cpu_ratio']} by processor), {result['month_all_ratio']} for all "
        f"({result['month_all_cpu_ratio']}).",
        highlight=False,
    )


def build_by_hand(home: Path) -> Path:
    """Run the script on a home's rows in force; return the database file that it made."""
    path = home / "by_hand.duckdb"
    path.unlink(missing_ok=True)
    settings = {"threads": 2, "memory_limit": MEMORY, "preserve_insertion_order": False, "TimeZone": "UTC"}
    with duckdb.connect(path, config={"temp_directory": str(home / "by_hand")}) as connection:
        for key, value in settings.items():
            connection.execute(f"set {key} = '{value}'")
        connection.execute("set variable home = ?", [str(home)])
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
    return path


def build_by_dbt(home: Path, *selected: str) -> None:
    """Run the models (all of them, or those selected) on a home; raises WarehouseError when one fails."""
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - a second to import, and only the child needs it

    export(Settings(area_dir=home, home=home, warehouse_memory=MEMORY))
    only = ["--select", *selected] if selected else []
    asked = ["--quiet", "--log-level-file", "none", "build", "--exclude-resource-type", "test", *only]
    asked += ["--exclude-resource-type", "unit_test", "--vars", json.dumps({"today": LAST_DAY})]
    folder = home / "warehouse"
    asked += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    done = dbtRunner().invoke([*asked, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)])
    if not done.success:
        raise WarehouseError(f"dbt could not build the benchmark's warehouse: {done.exception or 'a model failed'}")


def _measured(work: Callable[[], None], sampler: MemorySampler) -> Measured:
    start, used = time.perf_counter(), _processor_seconds()
    work()
    return Measured(time.perf_counter() - start, _processor_seconds() - used, sampler.take())


def _processor_seconds() -> float:
    """Return what processes that have ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_a_process(*what: str | Path) -> None:
    """Work in a process of its own: `crowd` (people, seed, known to), `hand` or `dbt` (which models) in a home."""
    command = [sys.executable, "-c", CHILD, *map(str, what)]
    done = subprocess.run(  # noqa: S603
        command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=repository_root()
    )
    if done.returncode:
        told = done.stdout.decode(errors="replace").strip()[-TOLD_OF_A_FAILURE:]
        raise WarehouseError(f"The benchmark's process '{what[0]}' ended with {done.returncode}. It said last:\n{told}")


def main() -> None:
    """Do what the command line of a process says."""
    _, how, name, *others = sys.argv
    home = Path(name)
    if how == "crowd":
        people, seed, day = others
        known_to = date.fromisoformat(day)
        write_crowd(home, int(people), seed=int(seed), contacts_each=CONTACTS_A_PERSON, known_to=known_to)
    elif how == "hand":
        build_by_hand(home)
    else:
        build_by_dbt(home, *others)
