"""Where a snapshot comes from: the run that made it, the deliveries whose rows it holds, and the runs that read those.

What belongs here: identifiers of runs and deliveries, never a row, a file's name or anything of a person. The way back
from a figure: its birth certificate names the snapshot, the snapshot names run and deliveries, each has its receipt.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
from pydantic import BaseModel, ConfigDict

from orchestration.errors import SnapshotError
from orchestration.feeds.atomic import write_bytes
from orchestration.feeds.receipts import Receipt, receipt_path
from orchestration.published_files import attach_published
from orchestration.settings import Settings


class Source(BaseModel):
    """One delivery that a snapshot holds rows of. `run_id`: the run that read it last, None if that was not noted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    feed: str
    delivery_id: str
    period: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Provenance:
    """What a publish is told of its own run. `refresh_id` is the tag that all runs of one refresh share."""

    run_id: str | None = None
    refresh_id: str | None = None
    sources: tuple[Source, ...] = ()


class TracedDelivery(Source):
    """A delivery of a snapshot with its receipt, None once retention has removed that."""

    receipt: Path | None


class Trace(BaseModel):
    """The whole way back from a snapshot."""

    snapshot_id: str
    published_at: str
    run_id: str | None
    refresh_id: str | None
    run_address: str | None = None
    deliveries: list[TracedDelivery] = []


def readings_path(settings: Settings) -> Path:
    """Return the file that says which run read each delivery last."""
    return settings.state / "readings.json"


def note_readings(settings: Settings, receipts: Iterable[Receipt], *, run_id: str) -> None:
    """Note that a run has read deliveries, so that a snapshot can name it even when Dagster's history is gone."""
    read = {f"{receipt.feed}/{receipt.delivery_id}": run_id for receipt in receipts}
    if read:
        write_bytes(readings_path(settings), json.dumps(_readings(settings) | read, indent=0).encode())


def current_sources(settings: Settings) -> tuple[Source, ...]:
    """Return the deliveries that have rows in force, by feed and period, as accepted/area says."""
    path = settings.accepted / "area" / "deliveries.parquet"
    if not path.exists():
        return ()
    rows = pl.read_parquet(path).filter("in_force").sort("feed", "period", "delivered_at", "delivery_id")
    runs = _readings(settings)
    return tuple(
        Source(feed=feed, delivery_id=delivery, period=period, run_id=runs.get(f"{feed}/{delivery}"))
        for feed, delivery, period in rows.select("feed", "delivery_id", "period").iter_rows()
    )


def write_sources(connection: duckdb.DuckDBPyConnection, sources: Collection[Source]) -> None:
    """Write table serving.source_delivery into an attached `snapshot`: one row per delivery that it holds rows of."""
    connection.execute(
        "create table snapshot.serving.source_delivery "
        "(feed varchar, delivery_id varchar, period varchar, run_id varchar)"
    )
    if sources:
        connection.executemany(
            "insert into snapshot.serving.source_delivery values (?, ?, ?, ?)",
            [[source.feed, source.delivery_id, source.period, source.run_id] for source in sources],
        )


def trace(settings: Settings, snapshot_id: str | None = None) -> Trace:
    """Return where a kept snapshot (the current one by default) comes from; raise SnapshotError when it is not kept."""
    link = settings.published / "current"
    path = link.resolve() if snapshot_id is None else settings.published / f"{snapshot_id}.duckdb"
    if not path.is_file() or path.resolve().parent != settings.published.resolve():
        kept = ", ".join(sorted(one.stem for one in settings.published.glob("snapshot-*.duckdb"))) or "none"
        raise SnapshotError(f"There is no snapshot {snapshot_id or 'published yet'} in the home; kept are: {kept}.")
    with duckdb.connect() as connection:
        attach_published(connection, path, "traced", settings)
        connection.execute("select * from traced.serving.publication")
        names = [column[0] for column in connection.description or ()]
        facts = dict(zip(names, connection.fetchall()[0], strict=True))
        known = connection.execute(
            "select table_name from information_schema.tables where table_catalog = 'traced'"
        ).fetchall()
        rows = (
            connection.execute(
                "select feed, delivery_id, period, run_id from traced.serving.source_delivery"
            ).fetchall()
            if ("source_delivery",) in known
            else []
        )
    deliveries = [
        TracedDelivery(
            feed=feed, delivery_id=delivery, period=period, run_id=run, receipt=_receipt(settings, feed, delivery)
        )
        for feed, delivery, period, run in rows
    ]
    run_id = facts.get("run_id")
    address = f"{settings.dagster_url}/runs/{run_id}" if settings.dagster_url and run_id else None
    return Trace(
        snapshot_id=str(facts["snapshot_id"]),
        published_at=facts["published_at"].isoformat(),
        run_id=run_id,
        refresh_id=facts.get("refresh_id"),
        run_address=address,
        deliveries=deliveries,
    )


def _receipt(settings: Settings, feed: str, delivery_id: str) -> Path | None:
    path = receipt_path(settings, feed, delivery_id)
    return path if path.exists() else None


def _readings(settings: Settings) -> dict[str, str]:
    path = readings_path(settings)
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
