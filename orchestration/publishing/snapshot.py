"""Publish, keep and roll back snapshots, so that a crash at any point leaves the published one whole.

The order is what makes it safe: the new file is built under a name that no reader looks at, verified, made read-only,
renamed to its final name, and only then does one atomic `os.replace` swing the link `current`. Readers on the old file
finish on it. Every publish has a new file name, because DuckDB answers from the old instance when a path is opened
twice in a process.
"""

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.area import Area
from orchestration.errors import BusyError, GovernanceError, SnapshotError
from orchestration.published_files import attach_new, attach_published
from orchestration.publishing.lost_keys import SWAPS, set_aside_what_no_key_opens
from orchestration.publishing.provenance import Provenance, write_sources
from orchestration.publishing.swapping import swap_areas
from orchestration.publishing.verification import missing_columns, verify
from orchestration.rights.pending import is_pending
from orchestration.serving_schema import SERVING
from orchestration.settings import Settings

SNAPSHOT_FORMAT = 1
FEEDS_HELD = "select feed from held.serving.srv_feed where permitted"
KNOWN_FINGERPRINT = "release.fingerprint"
NAME = re.compile(r"snapshot-\d{8}T\d{6}Z-[0-9a-f]{6}\.duckdb")
BUILDING = ".building-"
UNKNOWN = Provenance()
STEPS = ("build", "verify", "protect", "name", "swap", "prune")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published file; `is_current` when the link points at it."""

    snapshot_id: str
    path: Path
    is_current: bool


def publish(
    settings: Settings,
    area: Area | None = None,
    *,
    accept_movement: bool = False,
    new_baseline: bool = False,
    provenance: Provenance = UNKNOWN,
    at_step: Callable[[str], None] = lambda _step: None,
) -> Snapshot:
    """Copy schema `serving` of the warehouse into a new snapshot, swap areas as the area says, and make it current.

    `accept_movement` publishes although far fewer people are in it, `new_baseline` although the release secret is not
    the last one's (every figure then changes its noise: a recorded decision). `provenance` says which run publishes
    which deliveries. `at_step` is called before each of STEPS; tests raise in it. Raises SnapshotError and leaves the
    published snapshot untouched.
    """
    settings.published.mkdir(parents=True, exist_ok=True)
    with _only_publisher(settings):
        _remove_unfinished(settings)
        previous = _current(settings)
        fingerprint = _checked_fingerprint(settings, previous, new_baseline=new_baseline)
        snapshot_id = f"snapshot-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        building = settings.published / f"{BUILDING}{snapshot_id}.duckdb"
        final = settings.published / f"{snapshot_id}.duckdb"
        if new_baseline:
            set_aside_what_no_key_opens(settings)
        try:
            at_step("build")
            _build(settings, building, snapshot_id, fingerprint=fingerprint, area=area, provenance=provenance)
            at_step("verify")
            verify(settings, building, previous=previous, accept_movement=accept_movement)
        except SnapshotError:
            building.unlink(missing_ok=True)
            raise
        at_step("protect")
        building.chmod(0o440)
        _sync(building)
        at_step("name")
        building.replace(final)
        (settings.state / KNOWN_FINGERPRINT).write_text(f"{fingerprint}\n", encoding="ascii")
        at_step("swap")
        _point_current_at(settings, final)
        at_step("prune")
        _prune(settings)
        return Snapshot(snapshot_id, final, is_current=True)


def rollback(settings: Settings, *, permitted: Collection[str] | None = None) -> Snapshot:
    """Make the snapshot before the current one current again; the newer file stays until it is pruned.

    `permitted` are the feeds whose data may be held today. Raises SnapshotError when there is no earlier snapshot, or
    when it was published with another release secret, and GovernanceError when it holds a feed that is not permitted.
    """
    if is_pending(settings):
        raise GovernanceError(
            "Somebody was forgotten, objects, or was kept long enough, and earlier snapshots still count them: rolling "
            "back would show them again. Run `joinedup refresh`."
        )
    with _only_publisher(settings):
        kept = snapshots(settings)
        position = next((index for index, one in enumerate(kept) if one.is_current), len(kept))
        if position == 0 or not kept:
            raise SnapshotError("There is no earlier snapshot to roll back to.")
        earlier = kept[position - 1]
        if position < len(kept) and _recorded_fingerprint(settings, earlier.path) != _recorded_fingerprint(
            settings, kept[position].path
        ):
            raise SnapshotError(
                f"{earlier.snapshot_id} was published with another release secret, before a new baseline. Its figures "
                "have other noise, and two sets of noise average out. Mend the data and run `joinedup refresh` instead."
            )
        if lost := _lacking(settings, earlier.path):
            raise SnapshotError(
                f"{earlier.snapshot_id} was published by an earlier version and cannot be read any more ({lost[0]}). "
                "Mend the data and run `joinedup refresh` instead."
            )
        if permitted is not None and (gone := sorted(_feeds(settings, earlier.path) - set(permitted))):
            raise GovernanceError(
                f"{earlier.snapshot_id} holds data of {', '.join(gone)}, which no agreement permits today: rolling "
                "back would show them again. Mend the data and run `joinedup refresh` instead."
            )
        _point_current_at(settings, earlier.path)
        return Snapshot(earlier.snapshot_id, earlier.path, is_current=True)


def _lacking(settings: Settings, path: Path) -> list[str]:
    with duckdb.connect() as connection:
        attach_published(connection, path, "snapshot", settings)
        return missing_columns(connection)


def _feeds(settings: Settings, path: Path) -> set[str]:
    """Return the feeds whose rows a snapshot's figures were made from."""
    with duckdb.connect() as connection:
        attach_published(connection, path, "held", settings)
        return {feed for (feed,) in connection.execute(FEEDS_HELD).fetchall()}


def snapshots(settings: Settings) -> list[Snapshot]:
    """Return the kept snapshots, oldest first."""
    current = _current(settings)
    paths = sorted(path for path in settings.published.glob("snapshot-*.duckdb") if NAME.fullmatch(path.name))
    return [Snapshot(path.stem, path, is_current=path.resolve() == current) for path in sorted(paths, key=_age)]


def _age(path: Path) -> tuple[str, float]:
    # Two publishes in one second differ in the file system's finer clock.
    return path.name[:25], path.stat().st_mtime


@contextlib.contextmanager
def _only_publisher(settings: Settings) -> Iterator[None]:
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "publish.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("Another refresh is publishing: wait for it to end.") from error
        yield


def _current(settings: Settings) -> Path | None:
    link = settings.published / "current"
    return link.resolve() if link.exists() else None


def _checked_fingerprint(settings: Settings, previous: Path | None, *, new_baseline: bool) -> str:
    """Return the secret's fingerprint; refuse when it is lost or not the one of the last snapshot."""
    known = settings.state / KNOWN_FINGERPRINT  # outlives the snapshots, as what somebody once read does
    if new_baseline or (previous is None and not known.exists()):
        return settings.release_secret_fingerprint()
    secret_file = settings.release_secret_file
    advice = (
        "Restore the file from your vault. Publishing with another secret gives every figure other noise, and two sets "
        "of noise average out; if the old one is lost for good, publish a new baseline as a recorded decision."
    )
    if not secret_file.exists():
        raise SnapshotError(
            f"The release secret {secret_file} is missing, although snapshots were published with it. {advice}"
        )
    fingerprint = settings.release_secret_fingerprint()
    recorded = _recorded_fingerprint(settings, previous) if previous else known.read_text(encoding="ascii").strip()
    if recorded != fingerprint:
        raise SnapshotError(f"The release secret {secret_file} is not the one of the last snapshot. {advice}")
    return fingerprint


def _recorded_fingerprint(settings: Settings, path: Path) -> str:
    """Return the fingerprint of the release secret that a snapshot was published with."""
    # Attached, not connected to: a gate in this process may hold the file open with another configuration.
    with duckdb.connect() as connection:
        attach_published(connection, path, "previous", settings)
        return str(connection.execute("select secret_fingerprint from previous.serving.publication").fetchall()[0][0])


def _build(
    settings: Settings,
    path: Path,
    snapshot_id: str,
    *,
    fingerprint: str,
    area: Area | None,
    provenance: Provenance,
) -> None:
    warehouse = settings.warehouse / "build.duckdb"
    if not warehouse.exists():
        raise SnapshotError(f"There is no warehouse at {warehouse}: run `joinedup refresh` first.")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{_quoted(warehouse)}' as warehouse (read_only)")
        attach_new(connection, path, "snapshot", settings)
        connection.execute("create schema snapshot.serving")
        built = connection.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = 'warehouse' and table_schema = 'serving'"
        ).fetchall()
        names = {name for (name,) in built}
        lost = sorted(set(SERVING) - names)
        if lost:
            raise SnapshotError(
                f"The warehouse has no {', '.join(f'serving.{name}' for name in lost)}: build it again."
            )
        # Only the tables that the gate knows: a stray model in `serving` never reaches a published file.
        for name in SERVING:
            connection.execute(f"create table snapshot.serving.{name} as from warehouse.serving.{name}")
        connection.execute(
            "create table snapshot.serving.publication as select $id as snapshot_id, $at::timestamp as published_at, "
            "$print as secret_fingerprint, $format::integer as snapshot_format, $area as area_name, "
            "$run::varchar as run_id, $refresh::varchar as refresh_id",
            {
                "id": snapshot_id,
                "at": datetime.now(UTC).replace(microsecond=0, tzinfo=None),
                "print": fingerprint,
                "format": SNAPSHOT_FORMAT,
                "area": area.profile.name if area is not None else None,
                "run": provenance.run_id,
                "refresh": provenance.refresh_id,
            },
        )
        write_sources(connection, provenance.sources)
        if area is not None:
            swapping = area.profile.release_policies.swapping
            swap_areas(
                connection,
                settings.state / SWAPS,
                secret=settings.release_secret(),
                swapping=swapping,
                keys=settings.snapshot_keys(),
            )
        connection.execute("checkpoint snapshot")
        connection.execute("detach snapshot")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _point_current_at(settings: Settings, path: Path) -> None:
    """Swing the link with one atomic rename: readers see the old file or the new one, never neither."""
    link = settings.published / f".current-{secrets.token_hex(4)}"
    link.symlink_to(path.name)
    link.replace(settings.published / "current")
    _sync(settings.published)


def _remove_unfinished(settings: Settings) -> None:
    for pattern in (f"{BUILDING}*", ".current-*"):
        for path in settings.published.glob(pattern):
            path.unlink()


def _prune(settings: Settings) -> None:
    kept = snapshots(settings)
    for snapshot in kept[: -settings.snapshots_kept]:
        if not snapshot.is_current:
            snapshot.path.unlink()
