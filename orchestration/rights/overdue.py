"""The proof of retention: a count, store by store, of what is older than its agreement lets be kept.

Searched: delivered files, accepted rows of every delivery, former readings among them, the rows in force, the warehouse
and every snapshot. Quarantine has a time of its own, counted from its delivery (orchestration.feeds.expiry).
"""

from pathlib import Path

import duckdb
import polars as pl

from orchestration.area import Area, Contract
from orchestration.area.contracts import Entity
from orchestration.area.services import services_of
from orchestration.feeds.canonical import FIELDS
from orchestration.feeds.receipts import Receipt
from orchestration.published_files import attach_published
from orchestration.rights.periods import EVENTS, Kept, age, kept_by_feed
from orchestration.rights.removal import delivered_files, sha256_of
from orchestration.rights.retaining import entity_files, people_without_rows, receipts_of
from orchestration.settings import Settings

WAREHOUSE: dict[str, tuple[Entity, str]] = {
    "fct_episode": ("episode", "end_date"),
    "fct_contact": ("contact", "contact_date"),
    "fct_need": ("need", "recorded_date"),
    "fct_outcome": ("outcome", "recorded_date"),
}
TABLES = "select table_name from duckdb_tables() where database_name = ? and schema_name = ?"
OLD_ROWS = "select count(*) from build.marts.{table} where feed = ? and {day} < ?"
OLD_ENDS = "select count(*) from held.serving.srv_exit where service_id in (select unnest(?)) and month_code < ?"
ENTITIES: tuple[Entity, ...] = ("person", *EVENTS)


def overdue(settings: Settings, area: Area) -> dict[str, dict[str, int]]:
    """Return by feed and store how many rows are older than may be kept: the proof, which is empty when all is well."""
    found: dict[str, dict[str, int]] = {}
    for kept in kept_by_feed(area):
        receipts = receipts_of(settings, kept.feed)
        in_force = settings.accepted / "in_force"
        counted = {
            "delivered files": _old_files(settings, kept, receipts),
            "accepted rows": _in_files(
                [(one, path) for one in ENTITIES for path in entity_files(settings, kept.feed, one)], kept, receipts
            )
            + people_without_rows(settings, kept, receipts).len(),
            "in force": _in_files(
                [(one, path) for one in ENTITIES for path in sorted(in_force.glob(f"{one}/{kept.feed}.parquet"))],
                kept,
                receipts,
            ),
            "warehouse": _in_warehouse(settings, kept),
            "snapshots": _in_snapshots(settings, area.contracts[kept.feed], kept),
        }
        if any(counted.values()):
            found[kept.feed] = {store: count for store, count in counted.items() if count}
    return found


def _in_files(files: list[tuple[Entity, Path]], kept: Kept, receipts: dict[str, Receipt]) -> int:
    return sum(_older(path, entity, kept, receipts) for entity, path in files)


def _older(path: Path, entity: Entity, kept: Kept, receipts: dict[str, Receipt]) -> int:
    """Return the rows of a file that are too old, or hold a value of an item that is.

    A person's row stays as long as a row of theirs does, so that its age alone says nothing; its values go by theirs.
    """
    rows = pl.scan_parquet(path)
    dated = set(rows.collect_schema()) & {*FIELDS[entity], "delivery_id"}
    tests = [pl.lit(value=False)]
    if entity != "person":
        tests.append((age(entity, receipts) < kept.rows_since(entity)).fill_null(value=False))
    for names, since in kept.values_since(entity).items():
        held = pl.any_horizontal(pl.col(name).is_not_null() for name in names if name in dated)
        tests.append((age(entity, receipts) < since).fill_null(value=False) & held)
    return int(rows.select(pl.any_horizontal(tests).sum()).collect().item())


def _old_files(settings: Settings, kept: Kept, receipts: dict[str, Receipt]) -> int:
    """Return how many files of deliveries from before the time lie in the landing folder."""
    old = [one for one in receipts.values() if one.delivered_at.date() < kept.since]
    digests = {file.sha256 for one in old for file in one.files}
    sizes = {file.bytes for one in old for file in one.files}
    return sum(sha256_of(path) in digests for path in delivered_files(settings) if path.stat().st_size in sizes)


def _in_warehouse(settings: Settings, kept: Kept) -> int:
    path = settings.warehouse / "build.duckdb"
    if not path.exists():
        return 0
    with duckdb.connect() as connection:
        attach_published(connection, path, "build", settings)
        held = {row[0] for row in connection.execute(TABLES, ["build", "marts"]).fetchall()}
        return sum(
            _counted(connection, OLD_ROWS.format(table=table, day=day), [kept.feed, kept.rows_since(entity)])
            for table, (entity, day) in WAREHOUSE.items()
            if table in held
        )


def _in_snapshots(settings: Settings, contract: Contract, kept: Kept) -> int:
    """Return how many ends of use of this feed's services the snapshots hold from months before the time."""
    services = sorted(services_of(contract) or ())
    count = 0
    for path in sorted(settings.published.glob("snapshot-*.duckdb")) if services else ():
        with duckdb.connect() as connection:
            attach_published(connection, path, "held", settings)
            if connection.execute(TABLES, ["held", "serving"]).fetchall():
                count += _counted(connection, OLD_ENDS, [services, f"{kept.rows_since('episode'):%Y-%m}"])
    return count


def _counted(connection: duckdb.DuckDBPyConnection, asked: str, values: list[object]) -> int:
    return int(connection.execute(asked, values).fetchall()[0][0])
