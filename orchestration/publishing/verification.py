"""May this snapshot be published? Tables and columns, accounting identities, not empty, movement against the last."""

from importlib.resources import files
from pathlib import Path

import duckdb

from orchestration.errors import SnapshotError
from orchestration.published_files import attach_published
from orchestration.serving_schema import SERVING
from orchestration.settings import Settings

# A fall by more than half is a lost feed or a broken linkage far more often than it is the world.
LARGEST_FALL = 0.5


def verify(settings: Settings, path: Path, *, previous: Path | None, accept_movement: bool) -> None:
    """Raise SnapshotError with every rule that a built snapshot breaks; say nothing when it may be published.

    Messages name rules and shares, never counts of people.
    """
    with duckdb.connect() as connection:
        attach_published(connection, path, "snapshot", settings)
        broken = missing_columns(connection)
        if broken:
            raise SnapshotError(f"The new snapshot is not published: {'; '.join(broken)}.")
        rules = files("orchestration.publishing").joinpath("verify.sql").read_text(encoding="utf-8")
        broken = [rule for rule, rows in connection.execute(rules).fetchall() if rows]
        known, held = _feeds(connection, "snapshot")
        # Where no agreement permits any feed, nobody is what must be published: else the old data would stay.
        if (held or not known) and not _people(connection, "snapshot"):
            broken.append("it holds nobody, although feeds are in force (nothing linked)")
        if broken:
            raise SnapshotError(
                f"The new snapshot is not published, because these do not hold: {'; '.join(broken)}. "
                "What was published before stays in place."
            )
        if previous is not None and not accept_movement:
            attach_published(connection, previous, "previous", settings)
            # A feed that its agreement took out is meant to be missing; what it took along cannot be told from a fall.
            if _feeds(connection, "previous")[1] <= held:
                _compare(_people(connection, "snapshot"), _people(connection, "previous"))


def missing_columns(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what the snapshot attached as `snapshot` lacks of the tables and columns that the gate reads."""
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = 'snapshot' and schema_name = 'serving'"
    ).fetchall():
        found.setdefault(table, set()).add(column)
    broken = [f"table serving.{table} is missing" for table in SERVING if table not in found]
    for table, columns in SERVING.items():
        lost = [column for column in columns if table in found and column not in found[table]]
        broken += [f"serving.{table} has no column {column}" for column in lost]
    return broken


def _people(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(connection.execute(f"select count(*) from {name}.serving.srv_person").fetchall()[0][0])


def _feeds(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[set[str], set[str]]:
    """Return the feeds that a snapshot knows, and those of them that an agreement permitted when it was built."""
    rows = connection.execute(f"select feed, permitted from {name}.serving.srv_feed").fetchall()
    return {feed for feed, _ in rows}, {feed for feed, permitted in rows if permitted}


def _compare(now: int, before: int) -> None:
    if before and now < before * (1 - LARGEST_FALL):
        raise SnapshotError(
            f"The new snapshot is not published: it holds {1 - now / before:.0%} fewer people than the last one. If a "
            "feed was meant to leave, publish with movement accepted; otherwise see `joinedup status` for lost feeds."
        )
