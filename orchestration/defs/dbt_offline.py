"""dbt inside Dagster without the network and without the second adapter.

The stock resource runs `dbt --version` in a child process (which calls a package index) and builds a second adapter in
Dagster's process (about six CPU seconds); both are only needed for row counts that we take from dbt's own results.
docs/decisions/0006-offline-dbt-resource.md tells why private methods are overridden and what guards it.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliResource
from dagster_dbt.core.dbt_cli_invocation import PARTIAL_PARSE_FILE_NAME
from dbt.cli.main import dbtRunner
from packaging import version

from orchestration.area import Area
from orchestration.errors import WarehouseError
from orchestration.settings import Settings, repository_root

PROJECT = repository_root() / "dbt_project"
SOURCES = (PROJECT, repository_root() / "seeds" / "reference")
WRITTEN_BY_DBT = {"target", "logs"}
KEPT_RUNS = 3


class OfflineDbtCliResource(DbtCliResource):
    """The dbt command line, with the two look-ups that need a network or a second adapter left out."""

    @cached_property
    def _cli_version(self) -> version.Version:
        return version.parse(package_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:  # noqa: ARG002 - signature of the base class
        return None


def dbt_resource() -> OfflineDbtCliResource:
    """Return the resource for this checkout's dbt project, with the dbt beside the running Python."""
    return OfflineDbtCliResource(
        project_dir=str(PROJECT),
        profiles_dir=str(PROJECT),
        dbt_executable=str(Path(sys.executable).parent / "dbt"),
    )


def dbt_variables(area: Area) -> str:
    """Return the area's rules as the JSON that dbt takes with --vars."""
    last = area.periods()[-1]
    return json.dumps(
        {
            **area.profile.rules.model_dump(),
            "data_end": last.end.isoformat(),
            "data_start": last.start.isoformat(),
            "reporting_months": last.month_count,
            "today": area.today.isoformat(),
        }
    )


def manifest(settings: Settings, area: Area) -> Path:
    """Return dbt's manifest, parsed again only when a file of the project has changed.

    Parsed aside and renamed, since a process killed while dbt writes would leave half a manifest for good.
    """
    folder = _parsed(settings)
    path = folder / "manifest.json"
    if path.exists():
        return path
    for old in (settings.dagster / "dbt").glob("*manifest-*"):
        shutil.rmtree(old, ignore_errors=True)
    aside = folder.with_name(f".{folder.name}.{os.getpid()}")
    result = dbtRunner().invoke(
        [
            "--log-level",
            "none",
            "parse",
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(aside),
            "--log-level-file",
            "none",
            "--no-partial-parse",
            "--vars",
            dbt_variables(area),
        ]
    )
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception  # dbt hands it back like any failure
    if not result.success or not (aside / path.name).exists():
        raise WarehouseError(f"dbt cannot read its project in {PROJECT}: {result.exception}")
    aside.rename(folder)
    return path


def _parsed(settings: Settings) -> Path:
    return settings.dagster / "dbt" / f"manifest-{project_digest()}"


def run_target(settings: Settings, run_id: str) -> Path:
    """Return the folder in which dbt works in one run, with what parsing found: dbt starts from it if it still holds.

    It holds while project, variables and home are the same, and spares dbt about three CPU seconds; dbt checks that.
    """
    runs = settings.dagster / "dbt" / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    prune_targets(runs)
    folder = runs / run_id[:8]
    folder.mkdir(exist_ok=True)
    known = _parsed(settings) / PARTIAL_PARSE_FILE_NAME
    if known.exists():
        shutil.copy(known, folder / known.name)
    return folder


def project_digest() -> str:
    """Return a digest of every file that dbt reads."""
    digest = hashlib.sha256(package_version("dbt-core").encode())
    for folder in SOURCES:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder)
            if not WRITTEN_BY_DBT & set(name.parts):
                digest.update(str(name).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def prune_targets(folder: Path) -> None:
    """Keep the newest target folders of past runs; dbt leaves one a run."""
    runs = sorted((p for p in folder.glob("*") if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in runs[KEPT_RUNS:]:
        shutil.rmtree(old, ignore_errors=True)
