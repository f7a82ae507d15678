"""One opened snapshot: read-only, external access off, configuration locked, one cursor per question.

A snapshot file has a new name at every publish and the same path is never opened twice in another state: DuckDB keeps
one instance per path in a process and would answer from the old one (STACK 2.3).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import duckdb

from orchestration.area.policies import ReleasePolicies, release_policies
from orchestration.errors import SnapshotError
from orchestration.published_files import attach_published, is_encrypted
from orchestration.release.catalogue import Catalogue
from orchestration.release.directory import Directory, read_directory
from orchestration.release.policy import Policy, policies_of
from orchestration.release.vintages import Origin
from orchestration.serving_schema import SERVING
from orchestration.settings import Settings

READING: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_file_encryption": "true",
    "threads": "2",
    "memory_limit": "1GB",
}
LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
}
SEALED = "sealed"
"""The name under which an encrypted file is attached: DuckDB connects to none of these directly."""
ROWS = dict[str, object]


@dataclass(frozen=True)
class Snapshot:
    """An open snapshot; a cursor of it is a connection of its own, so threads never share one."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    pack: ReleasePolicies = field(default_factory=ReleasePolicies)
    is_sealed: bool = False
    _kept: dict[str, list[ROWS]] = field(default_factory=dict, compare=False, repr=False)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a fresh cursor for one question, in the snapshot's own catalogue."""
        cursor = self.connection.cursor()
        return cursor.execute(f"use {SEALED}") if self.is_sealed else cursor

    def table(self, query: str) -> list[ROWS]:
        """Return the rows of a reference query as dicts, asked once; never used for tables with people in them."""
        if query not in self._kept:
            with self.cursor() as cursor:
                cursor.execute(query)
                names = [column[0] for column in cursor.description or ()]
                self._kept[query] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return self._kept[query]

    def made_once(self, name: str, make: Callable[[], list[ROWS]]) -> list[ROWS]:
        """Return rows that are worked out from reference queries, worked out once; callers change none of them."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    @cached_property
    def facts(self) -> ROWS:
        """Return when and from what the snapshot was built and published."""
        publication = self.table("select * from serving.publication")
        built = self.table("select * from serving.srv_snapshot")
        return {**(built[0] if built else {}), **publication[0]}

    @property
    def snapshot_id(self) -> str:
        """Return the snapshot's name, the same in every place that shows it."""
        return str(self.facts["snapshot_id"])

    @cached_property
    def directory(self) -> Directory:
        """Return services, themes, areas and periods; what the area calls a sensitive topic is sensitive at once."""
        topics = self.pack.sensitive
        return read_directory(self.cursor(), sensitive={*topics.themes, *topics.services})

    @cached_property
    def origin(self) -> Origin:
        """Return what vintages need to know of this snapshot."""
        published = self.facts["published_at"]
        return Origin(
            self.snapshot_id,
            published.date() if isinstance(published, datetime) else date.min,
            str(self.facts["secret_fingerprint"]),
            self.directory.periods_over,
            frozenset(str(row["feed"]) for row in self.table("select feed from serving.srv_feed where permitted")),
        )

    @cached_property
    def policies(self) -> dict[str, Policy]:
        """Return the area's release policies by name."""
        return policies_of(self.pack)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return what can be asked."""
        return Catalogue(self.snapshot_id, str(self.facts.get("data_to", "")), self.directory)


def current_path(settings: Settings) -> Path:
    """Return the file that `published/current` points at now, or say that nothing is published."""
    link = settings.published / "current"
    if not link.exists():
        raise SnapshotError(f"Nothing is published yet in {settings.published}: run `joinedup refresh` first.")
    return link.resolve()


def open_snapshot(settings: Settings, path: Path) -> Snapshot:
    """Open a snapshot file and check that the release secret is the one it was made with.

    With another secret every figure would get other noise, and two sets of noise average out: so it is an error, never
    a warning.
    """
    try:
        sealed = is_encrypted(path)
        connection = _opened_sealed(settings, path) if sealed else _opened(path)
    except (duckdb.Error, OSError) as error:
        raise SnapshotError(
            f"{path.name} cannot be opened as a snapshot: run `joinedup rollback` or refresh."
        ) from error
    snapshot = Snapshot(path, connection, release_policies(settings.area_dir), sealed)
    _refuse_other_versions(snapshot)
    if not settings.release_secret_file.exists():
        raise SnapshotError(
            f"The release secret {settings.release_secret_file} is missing, so {path.name} cannot be read safely: "
            "restore the file from your vault. A new secret would change the noise of every published figure."
        )
    if snapshot.facts["secret_fingerprint"] != settings.release_secret_fingerprint():
        raise SnapshotError(
            f"The release secret {settings.release_secret_file} is not the one that {path.name} was published with: "
            "restore the right file from your vault. Answering with another secret would let the noise be averaged out."
        )
    return snapshot


def _refuse_other_versions(snapshot: Snapshot) -> None:
    """Raise SnapshotError where a table or column that is read is not there: another version published it."""
    listed = snapshot.table("select table_name, column_name from duckdb_columns() where schema_name = 'serving'")
    held = {(str(row["table_name"]), str(row["column_name"])) for row in listed}
    lacking = sorted(table for table, columns in SERVING.items() if not {(table, name) for name in columns} <= held)
    if lacking:
        raise SnapshotError(
            f"{snapshot.path.name} was published by another version of Joined Up and has no {lacking[0]} as this one "
            "reads it. Run `joinedup refresh --full`: it publishes anew from what is stored, and nothing is lost."
        )


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    # locked from the start: a second gate of this process shares DuckDB's instance of the file, and may set nothing
    return duckdb.connect(path, read_only=True, config={**READING, **LOCKED})


def _opened_sealed(settings: Settings, path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={**READING, "temp_directory": str(path.with_suffix(".tmp"))})
    attach_published(connection, path, SEALED, settings)
    for key, value in LOCKED.items():
        connection.execute(f"set {key} = {value}")
    return connection
