"""All of Joined Up as Dagster sees it: assets, checks, sensors, jobs and schedules of one area.

`joinedup dagster` opens these; `build_definitions` is the same for a test or for `joinedup refresh`.
"""

import dagster as dg

from orchestration.area import Area, load_area
from orchestration.defs.alerting import alert_sensors
from orchestration.defs.feed_checks import feed_checks
from orchestration.defs.feeds import arrival_sensor, feed_asset, feed_key
from orchestration.defs.keeping import retention_schedule
from orchestration.defs.pipeline import in_force_assets, linkage_asset, report_asset, snapshot_asset
from orchestration.defs.warehouse import warehouse_assets
from orchestration.settings import Settings, export, load_settings

REFRESH_JOB = "refresh_everything"
MONTHLY = "0 5 12 * *"  # partners deliver by the tenth; the twelfth leaves two days for corrections


def build_definitions(settings: Settings, area: Area) -> dg.Definitions:
    """Return the definitions of one installation."""
    export(settings)
    feeds = {feed: feed_asset(settings, area, contract) for feed, contract in area.contracts.items()}
    checks = {feed: feed_checks(settings, area.contracts[feed], feed_key(feed)) for feed in feeds}
    warehouse = warehouse_assets(settings, area)
    serving = sorted(key for key in warehouse.keys if key.path[:2] == ["warehouse", "serving"])
    everything = dg.define_asset_job(
        REFRESH_JOB,
        selection=dg.AssetSelection.all(),
        description="Every feed, then everything that follows from them.",
    )
    governed = in_force_assets(settings, area)
    return dg.Definitions(
        assets=[
            *feeds.values(),
            governed,
            linkage_asset(settings, area),
            warehouse,
            snapshot_asset(settings, area, serving),
            report_asset(settings, area),
        ],
        asset_checks=list(checks.values()),
        jobs=[
            everything,
            *(
                dg.define_asset_job(f"feed_{feed}", selection=dg.AssetSelection.assets(feed_key(feed)))
                for feed in feeds
            ),
        ],
        schedules=[
            dg.ScheduleDefinition(
                name="monthly_refresh",
                job=everything,
                cron_schedule=MONTHLY,
                execution_timezone="Europe/London",
                default_status=dg.DefaultScheduleStatus.RUNNING,
                description="Everything on the twelfth of each month, leadership report included.",
            ),
            retention_schedule(settings, sorted(governed.keys)),
        ],
        sensors=[
            *(
                arrival_sensor(settings, area, area.contracts[feed], [asset, checks[feed]])
                for feed, asset in feeds.items()
            ),
            *alert_sensors(settings),
        ],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the installation that the environment names."""
    settings = load_settings()
    return build_definitions(settings, load_area(settings.area_dir, today=settings.today))
