"""The assets between the feeds and the reader: rows in force, linkage, snapshot and the leadership report."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import dagster as dg

from orchestration import progress
from orchestration.area import Area
from orchestration.defs.auditing import SNAPSHOT_TAG, note_decisions
from orchestration.defs.documents import keep_documents
from orchestration.defs.due import turn
from orchestration.defs.feeds import REFRESH_TAG, feed_key
from orchestration.defs.retries import retried
from orchestration.errors import JoinedUpError
from orchestration.feeds.canonical import FIELDS
from orchestration.governance.in_force import write_in_force
from orchestration.linkage import link
from orchestration.publishing import Provenance, current_sources, publish
from orchestration.release import Gate
from orchestration.release.usual import LARGE_BYTES, keep_counts
from orchestration.reports import leadership_report
from orchestration.rights.objecting import leave_out
from orchestration.rights.pending import remove_older_snapshots
from orchestration.rights.removal import remove_marked
from orchestration.rights.retaining import retain
from orchestration.settings import Settings
from orchestration.state.backups import remove_expired_backups

ENTITY_KEYS = {entity: dg.AssetKey(["in_force", entity]) for entity in FIELDS}
AREA_KEY = dg.AssetKey(["in_force", "area"])
LINKS_KEY = dg.AssetKey(["linkage", "person_links"])
SNAPSHOT_KEY = dg.AssetKey(["published", "snapshot"])
ACCEPT_MOVEMENT = "joinedup/accept_movement"
NEW_BASELINE = "joinedup/new_baseline"
"""Tags of a run in which a person has decided to publish in spite of what verification would refuse."""
REPORT_KEY = dg.AssetKey(["reports", "leadership"])


def in_force_assets(settings: Settings, area: Area) -> dg.AssetsDefinition:
    """Return the assets of the rows that stand after supersession and that an agreement in force permits."""
    feeds = [feed_key(feed) for feed in area.contracts]

    @dg.multi_asset(
        name="in_force",
        group_name="governance",
        specs=[
            *(
                dg.AssetSpec(key, deps=feeds, kinds={"polars"}, description=f"Rows of entity {entity} in force today.")
                for entity, key in ENTITY_KEYS.items()
            ),
            dg.AssetSpec(AREA_KEY, deps=feeds, kinds={"polars"}, description="Reference tables of the area pack."),
        ],
    )
    def in_force(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        progress.report("Applying the agreements")
        with retried(context), turn(settings):
            removed = sum(remove_marked(settings, today=area.today).rows.values())
            removed += sum(retain(settings, area).rows.values())
            remove_expired_backups(settings, on=area.today)
            if removed:
                context.log.info(f"{removed} rows were removed: people who were forgotten, or kept long enough")
            summary = write_in_force(settings, area)
        note_decisions(settings, area, summary.decisions)
        for feed, decision in summary.decisions.items():
            if not decision.allowed:
                context.log.warning(f"{feed} is not served: {decision.reason}")
        for entity, key in ENTITY_KEYS.items():
            yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": summary.rows[entity]})
        yield dg.MaterializeResult(
            asset_key=AREA_KEY,
            metadata={f"permits {feed}": decision.reason for feed, decision in summary.decisions.items()},
        )

    return in_force


def linkage_asset(settings: Settings, area: Area) -> dg.AssetsDefinition:
    """Return the asset that says which records are one person."""

    @dg.asset(
        key=LINKS_KEY,
        deps=[ENTITY_KEYS["person"], AREA_KEY],
        group_name="linkage",
        kinds={"duckdb"},
        description="One row per feed and source reference: the person it belongs to, from tokens alone (Splink).",
    )
    def person_links(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        progress.report("Linking records to people")
        with retried(context), turn(settings):
            result = link(settings, area)
            left_out = leave_out(settings, today=area.today)
        context.log.info(f"{result.records} records are {result.people} people; {left_out} of people who object")
        figures = {name: value for name, value in asdict(result).items() if isinstance(value, int)}
        return dg.MaterializeResult(metadata=figures)

    return person_links


def snapshot_asset(settings: Settings, area: Area, serving: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """Return the asset that publishes the serving tables, read-only, with one atomic rename."""

    @dg.asset(
        key=SNAPSHOT_KEY,
        deps=serving,
        group_name="publishing",
        kinds={"duckdb"},
        description="The published snapshot: all that the release gate reads.",
    )
    def snapshot(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        progress.report("Verifying and publishing the snapshot")
        run = context.run
        with retried(context), turn(settings):
            sources = current_sources(settings)
            published = publish(
                settings,
                area,
                accept_movement=ACCEPT_MOVEMENT in run.tags,
                new_baseline=NEW_BASELINE in run.tags,
                provenance=Provenance(run.run_id, run.tags.get(REFRESH_TAG), sources),
            )
            remove_older_snapshots(settings)
            _keep_counts(settings, published.path, context)
        context.instance.add_run_tags(run.run_id, {SNAPSHOT_TAG: published.snapshot_id})
        return dg.MaterializeResult(
            metadata={
                "snapshot": published.snapshot_id,
                "path": dg.MetadataValue.path(published.path),
                "deliveries": dg.MetadataValue.json([source.model_dump() for source in sources]),
            }
        )

    return snapshot


def _keep_counts(settings: Settings, path: Path, context: dg.AssetExecutionContext) -> None:
    """Count the first questions of a large place beforehand; where that fails, whoever asks first waits for it."""
    if path.stat().st_size < LARGE_BYTES:
        return
    progress.report("Counting what is asked first")
    try:
        kept = keep_counts(Gate(settings))
    except JoinedUpError as error:
        context.log.warning(f"The snapshot is published; its usual questions are not counted beforehand: {error}")
    else:
        context.log.info(f"{kept} usual questions are counted beforehand")


def report_asset(settings: Settings, area: Area) -> dg.AssetsDefinition:
    """Return the asset that writes the leadership report of the newest snapshot."""

    @dg.asset(
        key=REPORT_KEY,
        deps=[SNAPSHOT_KEY],
        group_name="reports",
        kinds={"typst"},
        description="Two pages for leaders (PDF/UA-1), every figure through the release gate.",
    )
    def leadership() -> dg.MaterializeResult[None]:
        progress.report("Writing the leadership report")
        path = leadership_report(settings, out=settings.reports / "leadership.pdf")
        keep_documents(settings, area)
        return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(path)})

    return leadership
