"""dbt inside Dagster without the network and without the second adapter.

The stock resource runs `dbt --version` in a child process (which calls a package index) and builds a second adapter in
Dagster's process (about six CPU seconds); both are only needed for row counts that we take from dbt's own results.
docs/decisions/0006-offline-dbt-resource.md tells why private methods are overridden and what guards it.
"""

import hashlib
import json
import shutil
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliResource
from dbt.cli.main import dbtRunner
from packaging import version

from orchestration.area import Area
from orchestration.errors import WarehouseError
from orchestration.settings import Settings, repository_root

PROJECT = repository_root() / "dbt_project"
SOURCES = (PROJECT, repository_root() / "seeds" / "reference")
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


def manifest(settings: Settings) -> Path:
    """Return dbt's manifest, parsed again only when a file of the project has changed."""
    folder = settings.dagster / "dbt" / f"manifest-{project_digest()}"
    path = folder / "manifest.json"
    if path.exists():
        return path
    for old in (settings.dagster / "dbt").glob("manifest-*"):
        shutil.rmtree(old, ignore_errors=True)
    result = dbtRunner().invoke(
        [
            "--quiet",
            "parse",
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(folder),
            "--log-level-file",
            "none",
            "--no-partial-parse",
        ]
    )
    if not result.success or not path.exists():
        raise WarehouseError(f"dbt cannot read its project in {PROJECT}: {result.exception}")
    return path


def project_digest() -> str:
    """Return a digest of every file that dbt reads."""
    digest = hashlib.sha256(package_version("dbt-core").encode())
    for folder in SOURCES:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and "target" not in p.parts):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def prune_targets(folder: Path) -> None:
    """Keep the newest target folders of past runs; dbt leaves one a run."""
    runs = sorted((p for p in folder.glob("*") if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in runs[KEPT_RUNS:]:
        shutil.rmtree(old, ignore_errors=True)
