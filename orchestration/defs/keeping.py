"""The daily schedule of retention: removes backups that are over, and asks for a run where rows are, or people wait."""

import dagster as dg

from orchestration.area import load_area
from orchestration.defs.due import is_busy
from orchestration.errors import AreaPackError
from orchestration.rights.overdue import overdue
from orchestration.rights.pending import is_pending
from orchestration.settings import Settings
from orchestration.state.backups import remove_expired_backups

DAILY = "30 4 * * *"
JOB = "keep_no_longer"


def retention_schedule(settings: Settings, first: list[dg.AssetKey]) -> dg.ScheduleDefinition:
    """Return the schedule that looks every day, of a job from the first assets after the feeds on.

    The area is read anew each time: the daemon outlives the day.
    """
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(*first).downstream(),
        description="What agreements do not let be kept goes, as do people who are to be forgotten; then a snapshot.",
    )

    @dg.schedule(
        name="daily_retention",
        job=job,
        cron_schedule=DAILY,
        execution_timezone="Europe/London",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Looks for rows and backups that are kept too long, and for people who wait to be forgotten.",
    )
    def daily_retention(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        if is_busy(settings):
            return dg.SkipReason("a refresh is running, and removes what is over itself")
        try:
            area = load_area(settings.area_dir, today=settings.today)
        except AreaPackError as error:
            return dg.SkipReason(str(error))  # alerts tell of it
        gone = remove_expired_backups(settings, on=area.today)
        found = overdue(settings, area)
        if found:
            return dg.RunRequest(tags={"joinedup/overdue": ", ".join(sorted(found))[:200]})
        if is_pending(settings):
            return dg.RunRequest(tags={"joinedup/overdue": "people who wait to be forgotten or left out"})
        return dg.SkipReason(f"nothing is kept longer than agreed; {gone} backups were over and are deleted")

    return daily_retention
