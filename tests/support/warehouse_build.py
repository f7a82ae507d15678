"""Runs the dbt project on a home in this process, and reads what it built."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb import environments
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from orchestration.settings import repository_root

PROJECT = repository_root() / "dbt_project"
VARIABLES = {"today": "2026-10-20"}
BUILT = {"model", "seed", "test", "unit_test"}


@dataclass(frozen=True)
class Warehouse:
    """A built warehouse: its file, dbt's manifest and the outcome of each node."""

    path: Path
    manifest: dict[str, Any]
    outcomes: dict[str, str]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the build file."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def records(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query on the build file as dicts."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def build_warehouse(
    home: Path, *, command: str = "build", select: str | None = None, tested: bool = True, project: Path | None = None
) -> Warehouse:
    """Run dbt on the home's inputs; a failed model or test is in `outcomes`, a project that cannot be read raises."""
    arguments = ["--quiet", "--log-level-file", "none", command, "--vars", json.dumps(VARIABLES)]
    folder = str(project or PROJECT)
    arguments += ["--project-dir", folder, "--profiles-dir", folder]
    if select:
        arguments += ["--select", select]
    if not tested:
        arguments += ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    with dbt_environment(home):
        result = dbtRunner().invoke(arguments)
        DuckDBConnectionManager.close_all_connections()  # else the file stays open in this process
    if result.exception:
        raise result.exception
    target = home / "warehouse" / "target"
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    done = [one for one in result.result if one.node.resource_type in BUILT]
    outcomes = {one.node.unique_id: str(one.status) for one in done}
    return Warehouse(home / "warehouse" / "build.duckdb", manifest, outcomes)


@contextmanager
def dbt_environment(home: Path) -> Iterator[None]:
    """Point dbt at a home, so that it writes nothing anywhere else."""
    (home / "warehouse").mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(repository_root()))  # and gone again is what dbt adds for models in Python
        patch.setattr(environments, "_ensure_event_loop", lambda: None)  # for remote files; nobody closes it
        patch.setenv("JOINEDUP_HOME", str(home))
        patch.setenv("DBT_TARGET_PATH", str(home / "warehouse" / "target"))
        patch.setenv("DBT_LOG_PATH", str(home / "warehouse" / "logs"))
        for name in [name for name in os.environ if name.startswith("DAGSTER_")]:
            patch.delenv(name)
        yield
