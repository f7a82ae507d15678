"""Dagster's instance in a home: its configuration, and its event log without a flush to disk for every event.

What belongs here: what Dagster stores about runs. What does not: anything that a figure depends on; receipts, accepted
rows and snapshots are files of their own, and losing Dagster's history loses no data.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import dagster as dg
from dagster._core.instance.ref import InstanceRef  # from_config cannot leave out one part
from sqlalchemy import event
from sqlalchemy.engine import Engine

from orchestration.feeds.atomic import write_bytes
from orchestration.settings import Settings, export

INSTANCE_CONFIG = "telemetry:\n  enabled: false\nconcurrency:\n  runs:\n    max_concurrent_runs: 1\n"
NO_CAPTURE = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}


def prepare_instance(settings: Settings) -> None:
    """Write Dagster's instance configuration (no telemetry, one run at a time) and hand on the settings."""
    settings.make_folders()
    export(settings)
    path = settings.dagster / "dagster.yaml"
    if not path.exists():
        write_bytes(path, INSTANCE_CONFIG.encode())


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open the instance for a refresh, which stores about three thousand events.

    Dagster opens and closes SQLite for each event, and SQLite then flushes to disk at each commit and each close: half
    a minute on a busy disk. Synchronous=normal and one more connection kept open put that off to SQLite's checkpoints.
    A killed process loses nothing; a power cut may lose the newest events, never the consistency of the file.
    Output of steps is not captured, since a person or cron's mail sees it: two processes fewer a run, which would also
    answer Ctrl-C with a traceback of their own.
    """
    kept: dict[str, sqlite3.Connection] = {}
    with ExitStack() as stack:

        def relax(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute("pragma synchronous = normal")
            path = str(connection.execute("pragma database_list").fetchall()[0][2])
            if path and path not in kept and connection.execute("pragma journal_mode").fetchall() == [("wal",)]:
                kept[path] = stack.enter_context(closing(sqlite3.connect(path, check_same_thread=False)))
                kept[path].execute("select count(*) from sqlite_master").fetchall()  # only a reader keeps the log open

        event.listen(Engine, "connect", relax)
        stack.callback(event.remove, Engine, "connect", relax)
        reference = InstanceRef.from_dir(str(settings.dagster), overrides={"compute_logs": NO_CAPTURE})
        yield stack.enter_context(dg.DagsterInstance.from_ref(reference))
