"""How long the tables of the combined view take beside the same tables by hand, and how much memory each needs.

By hand is what a good engineer would write in DuckDB for the heaviest tables, straight from the rows in force
(warehouse.sql): no layers, no contracts, no keys that are tested, and every function that only DuckDB has. The people
and what they use are drawn at random (warehouse_crowd). Each runs in processes of its own with the same memory.

A month's new data is measured from a build of all that was known a month before, beside making everything anew.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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
CHILD = "from orchestration.bench.warehouse import main; main()"


def run_warehouse_bench(*, people: int, seed: int) -> dict[str, Any]:
    """Invent people and build both ways; seconds are wall time (dbt's start among them), memory is MiB.

    `all_seconds` is the whole warehouse, every model of it; the ratio compares only what both make, and whatever that
    is made from. `month_seconds` and `month_all_seconds` are the same after a month's new data, from a build of what
    was known before; `month_ratio` and `month_all_ratio` set them beside the build of everything.
    """
    with tempfile.TemporaryDirectory(prefix="joinedup-bench-") as name, MemorySampler() as sampler:
        home = Path(name)
        built, before = home / "warehouse" / "build.duckdb", home / "before.duckdb"
        heaviest = [f"+{model}" for model in TABLES.values()]

        def build(*selected: str, start: Path | None = None) -> tuple[float, float]:
            built.unlink(missing_ok=True)
            if start is not None:
                shutil.copyfile(start, built)
            return _timed(lambda: in_a_process("dbt", home, *selected), sampler)

        in_a_process("crowd", home, str(people), str(seed), BEFORE.isoformat())
        build()
        built.rename(before)
        in_a_process("crowd", home, str(people), str(seed), AFTER.isoformat())
        sampler.take()
        by_hand, hand_peak = _timed(lambda: in_a_process("hand", home), sampler)
        month, month_peak = build(*heaviest, start=before)
        whole_month, _ = build(start=before)
        same, peak = build(*heaviest)
        whole, whole_peak = build()
        return {
            "people": people,
            "uses": people * USES_A_PERSON,
            "seconds": round(same, 1),
            "peak_mib": peak,
            "by_hand_seconds": round(by_hand, 1),
            "by_hand_peak_mib": hand_peak,
            "ratio_to_hand": round(same / by_hand, 2),
            "month_seconds": round(month, 1),
            "month_peak_mib": month_peak,
            "month_ratio": round(month / same, 2),
            "all_seconds": round(whole, 1),
            "all_peak_mib": whole_peak,
            "month_all_seconds": round(whole_month, 1),
            "month_all_ratio": round(whole_month / whole, 2),
        }


def print_warehouse_bench(result: dict[str, Any]) -> None:
    """Print the figures for a person."""
    table = Table("Warehouse", "Seconds", "Peak MiB", title=f"{result['people']:,} people, {result['uses']:,} uses")
    for told, which in (
        ("heaviest tables, by dbt", ""),
        ("the same by hand", "by_hand_"),
        ("the same after a month's new data", "month_"),
        ("all tables, by dbt", "all_"),
    ):
        table.add_row(told, f"{result[f'{which}seconds']:.1f}", f"{result[f'{which}peak_mib']:.0f}")
    table.add_row("the same after a month's new data", f"{result['month_all_seconds']:.1f}", "")
    results().print(table)
    results().print(f"dbt takes {result['ratio_to_hand']} times as long as SQL by hand.", highlight=False)
    results().print(
        f"A month's new data takes {result['month_ratio']} of the time for the heaviest tables, and "
        f"{result['month_all_ratio']} for all.",
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


def _timed(work: Callable[[], None], sampler: MemorySampler) -> tuple[float, float]:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start, sampler.take()


def in_a_process(*what: str | Path) -> None:
    """Work in a process of its own: `crowd` (people, seed, known to), `hand` or `dbt` (which models) in a home."""
    command = [sys.executable, "-c", CHILD, *map(str, what)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=repository_root())  # noqa: S603


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
