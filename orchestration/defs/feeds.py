"""One asset, one set of checks and one arrival sensor a feed, all made from its contract.

What belongs here: Dagster's view of ingestion. What does not: how a file is read or judged (orchestration.feeds).
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import dagster as dg

from orchestration import progress
from orchestration.area import Area, Contract
from orchestration.defs.due import Ledger, feed_state, turn, youngest_age
from orchestration.defs.feed_checks import quality_metadata
from orchestration.defs.retries import retried
from orchestration.feeds.arrivals import is_late, newest_period_end
from orchestration.feeds.ingest import FeedResult, ingest_feed
from orchestration.feeds.plausibility import KnownCodes
from orchestration.feeds.receipts import Receipt, read_receipts, receipt_path
from orchestration.publishing import note_readings
from orchestration.settings import Settings

CADENCE_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366, "once": 3660}
PERIODS_TAG = "joinedup/periods"
"""Run tag: periods, parted by blanks, that are read again from the landing folder whether anything changed or not."""
REFRESH_TAG = "joinedup/refresh"
"""Run tag that all runs of one refresh share."""
FEED_TAG = "joinedup/feed"
PERIOD_TAG = "joinedup/period"
DELIVERIES_TAG = "joinedup/deliveries"
TAGGED_DIGITS = 8
MOST_TAGGED = 12
CHECKS = {
    "rows_balance": "Every delivered row is accepted, quarantined or superseded: nothing is lost.",
    "no_delivery_refused": "No new delivery was refused whole.",
    "no_row_quarantined": "No row of a new delivery was quarantined.",
    "delivered_on_time": "The newest period arrived within the contract's cadence and grace.",
}


def feed_key(feed: str) -> dg.AssetKey:
    """Return the key of a feed's asset."""
    return dg.AssetKey(["feed", feed])


def feed_asset(settings: Settings, area: Area, contract: Contract) -> dg.AssetsDefinition:
    """Return the asset that ingests whatever has arrived for one feed.

    A refused delivery or a missing agreement fails a check, not the asset: the other partners go on.
    """
    key = feed_key(contract.feed)

    @dg.asset(
        key=key,
        group_name="feeds",
        description=f"{contract.title}. Accepted rows of {contract.partner}, with a receipt for every delivery.",
        kinds={"polars"},
        metadata={"partner": contract.partner, "agreement": contract.agreement, "mode": contract.delivery.mode},
        check_specs=[dg.AssetCheckSpec(name, asset=key, description=text) for name, text in CHECKS.items()],
        freshness_policy=dg.FreshnessPolicy.time_window(
            fail_window=timedelta(days=CADENCE_DAYS[contract.delivery.cadence] + contract.delivery.late_after_days)
        ),
    )
    def feed(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        progress.report(f"Reading {contract.title}")
        settings.make_folders()
        with retried(context), turn(settings):
            result = ingest_feed(
                contract,
                agreement=area.agreements.get(contract.agreement),
                settings=settings,
                today=area.today,
                known=KnownCodes.of(area),
                periods=context.run.tags.get(PERIODS_TAG, "").split(),
            )
            receipts = read_receipts(settings, contract.feed)
            note_readings(settings, result.receipts, run_id=context.run.run_id)
        if result.receipts:
            context.instance.add_run_tags(context.run.run_id, delivery_tags(contract.feed, result.receipts))
        context.log.info(f"{len(result.receipts)} new deliveries, {result.unchanged} unchanged")
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={**metadata(result, settings), **quality_metadata(contract, receipts, result.decision.items)},
            check_results=list(checks(key, contract, result, area, settings)),
        )

    return feed


def metadata(result: FeedResult, settings: Settings) -> dict[str, int | dg.MetadataValue]:
    """Return the figures that Dagster shows for a materialisation of a feed."""
    totals = result.totals()
    return {
        "new_deliveries": len(result.receipts),
        "unchanged_deliveries": result.unchanged,
        "dagster/row_count": totals.accepted,
        "delivered": totals.delivered,
        "accepted": totals.accepted,
        "quarantined": totals.quarantined,
        "superseded": totals.superseded,
        "waiting": dg.MetadataValue.text("\n".join(result.waiting)),
        "absent": dg.MetadataValue.text("\n".join(result.absent)),
        "receipts": dg.MetadataValue.path(settings.receipts / result.feed),
        "deliveries": dg.MetadataValue.json(
            [
                {
                    "delivery_id": receipt.delivery_id,
                    "period": receipt.period,
                    "outcome": receipt.outcome,
                    "receipt": str(receipt_path(settings, receipt.feed, receipt.delivery_id)),
                }
                for receipt in result.receipts
            ]
        ),
    }


def delivery_tags(feed: str, receipts: Sequence[Receipt]) -> dict[str, str]:
    """Return run tags that name what a run has read of a feed: newest period, and deliveries by how their ids begin."""
    newest = max(receipts, key=lambda receipt: receipt.order)
    ids = [receipt.delivery_id[:TAGGED_DIGITS] for receipt in receipts]
    more = f" and {len(ids) - MOST_TAGGED} more" if len(ids) > MOST_TAGGED else ""
    return {
        f"{PERIOD_TAG}/{feed}": newest.period or f"{newest.delivered_at:%Y-%m-%d}",
        f"{DELIVERIES_TAG}/{feed}": " ".join(ids[:MOST_TAGGED]) + more,
    }


def checks(
    key: dg.AssetKey, contract: Contract, result: FeedResult, area: Area, settings: Settings
) -> Iterator[dg.AssetCheckResult]:
    """Yield the result of every check in CHECKS, with its figures."""
    totals = result.totals()
    refused = [receipt.delivery_id for receipt in result.receipts if receipt.outcome == "refused"]
    late = is_late(contract, settings=settings, today=area.today)
    newest = newest_period_end(contract, settings=settings)
    balanced = totals.delivered == totals.accepted + totals.quarantined + totals.superseded
    warn = dg.AssetCheckSeverity.WARN
    yield dg.AssetCheckResult(asset_key=key, check_name="rows_balance", passed=balanced, metadata=totals.as_dict())
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name="no_delivery_refused",
        passed=not refused,
        metadata={"refused": len(refused), "deliveries": ", ".join(refused)},
    )
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name="no_row_quarantined",
        passed=totals.quarantined == 0,
        severity=warn,
        metadata={"quarantined": totals.quarantined},
    )
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name="delivered_on_time",
        passed=not late,
        severity=warn,
        metadata={"newest_period_end": str(newest), "late_after_days": contract.delivery.late_after_days},
    )


def arrival_sensor(
    settings: Settings,
    area: Area,
    contract: Contract,
    targets: Sequence[dg.AssetsDefinition | dg.AssetChecksDefinition],
) -> dg.SensorDefinition:
    """Return the sensor that starts the feed's asset and checks when its landing folder or the rules for it change.

    It leaves a folder alone while its newest file may still be growing. The run key is a digest of folder and rules, so
    one state starts one run; what `joinedup refresh` has read starts none.
    """

    @dg.sensor(
        name=f"{contract.feed}_arrivals",
        target=targets,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"A file arrived in landing/{contract.folder}.",
    )
    def arrivals(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        state = feed_state(settings, area, contract.feed)
        if state is None:
            return dg.SkipReason(f"landing/{contract.folder} is empty")
        if state in (context.cursor, Ledger(settings).feeds.get(contract.feed)):
            return dg.SkipReason(f"nothing new in landing/{contract.folder}")
        if (age := youngest_age(settings.landing / contract.folder)) < settings.stable_seconds:
            return dg.SkipReason(
                f"a file in landing/{contract.folder} changed {age:.0f} s ago and may still be growing "
                f"(JOINEDUP_STABLE_SECONDS is {settings.stable_seconds:.0f})"
            )
        context.update_cursor(state)
        return dg.RunRequest(run_key=f"{contract.feed}-{state}", tags={FEED_TAG: contract.feed})

    return arrivals
