"""Alerts from Dagster's side: what a refresh came to, runs that the daemon started, and a look at lateness.

What belongs here: turning what Dagster knows into verdicts. What does not: causes, messages and sending
(orchestration.alerts).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from dagster_shared.error import SerializableErrorInfo  # what the event of a failed step holds

from orchestration import progress
from orchestration.alerts import Alerted, Verdict, alert, failure
from orchestration.alerts.failures import AREA_PACK, OURS, PUBLISHING, REFRESH, REPORT, RULES
from orchestration.alerts.messages import line
from orchestration.area import Area, load_area
from orchestration.defs.auditing import note_run
from orchestration.defs.due import is_busy
from orchestration.errors import AreaPackError, BusyError
from orchestration.settings import Settings

LOOK_SECONDS = 300
INTERRUPTS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
STAGE_OF = {
    "in_force": RULES,
    "linkage": PUBLISHING,
    "warehouse": PUBLISHING,
    "published": PUBLISHING,
    "reports": REPORT,
}


@dataclass
class Course:
    """How far a refresh has come. `place` is the feed or stage that works now, None while only its caller is to blame.

    `verdicts`: place to the error that it failed with, None where it passed.
    """

    refresh_id: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    place: str | None = REFRESH
    area: Area | None = None
    verdicts: dict[str, BaseException | None] = field(default_factory=dict)
    alerted: Alerted = field(default_factory=Alerted)

    def reach(self, place: str | None) -> None:
        """Note that the place before has passed, and that another works now."""
        if self.place is not None:
            self.verdicts.setdefault(self.place, None)
        self.place = place

    def passed(self, places: Iterable[str]) -> None:
        """Note places as passed that have not failed."""
        for place in places:
            self.verdicts.setdefault(place, None)


@contextmanager
def watched(settings: Settings) -> Iterator[Course]:
    """Alert when the block ends, whether it did its work or failed; its error goes on unchanged.

    A second refresh beside a running one, an interrupt, and a command that asks for what does not exist are no causes:
    whoever sits at the command line is told.
    """
    course = Course()
    try:
        yield course
    except BusyError:
        raise
    except Exception as error:
        if course.place is not None:
            course.verdicts[course.place] = error
            _tell(settings, course)
            for words in told(course.alerted):
                progress.report(words)  # there will be no summary to hold them
        raise
    course.reach(None)
    _tell(settings, course)


def _tell(settings: Settings, course: Course) -> None:
    at = datetime.now(UTC)
    where = f"refresh {course.refresh_id}: its runs in Dagster have the tag joinedup/refresh"
    causes = {
        place: failure(place, kind=type(error).__name__, message=str(error), where=where, at=at) if error else None
        for place, error in course.verdicts.items()
    }
    course.alerted = alert(settings, course.area, [Verdict(place, at, cause) for place, cause in causes.items()])


def told(alerted: Alerted) -> list[str]:
    """Return what an engineer who watches should see: what is new, what is over, and what could not be sent."""
    return [
        *(f"Alert: {line(cause)}" for cause in alerted.begun),
        *(f"Over: {line(cause)}" for cause in alerted.over),
        *(f"Alerts by {channel} have trouble: {why}" for channel, why in alerted.trouble.items()),
    ]


def alert_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """Return the sensors that alert: on a run that failed, on one that mends it, and on what time alone changes."""

    @dg.run_failure_sensor(
        name="alert_on_failure",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=LOOK_SECONDS // 5,
        description="Tells of a failed run, once for each feed or stage that failed.",
    )
    def alert_on_failure(context: dg.RunFailureSensorContext) -> None:
        look(settings, context.log, run_verdicts(context.instance, context.dagster_run))
        note_run(settings, context.dagster_run)

    @dg.run_status_sensor(
        name="alert_when_mended",
        run_status=dg.DagsterRunStatus.SUCCESS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=LOOK_SECONDS // 5,
        description="Tells that a failure is over when a run has done what failed before.",
    )
    def alert_when_mended(context: dg.RunStatusSensorContext) -> None:
        look(settings, context.log, run_verdicts(context.instance, context.dagster_run))
        note_run(settings, context.dagster_run)

    @dg.sensor(
        name="alert_on_lateness",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=LOOK_SECONDS,
        description="Looks for feeds that are late, refused deliveries and drops in quality; sends what waited.",
    )
    def alert_on_lateness(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        if is_busy(settings):
            return dg.SkipReason("a refresh is running, and tells what it finds when it ends")
        done = look(settings, context.log, [])
        trouble = "".join(f"; {channel}: {why}" for channel, why in done.trouble.items())
        return dg.SkipReason(f"{len(done.begun)} new, {len(done.over)} over, {done.still_open} open{trouble}")

    return [alert_on_failure, alert_when_mended, alert_on_lateness]


def look(settings: Settings, log: Any, verdicts: Sequence[Verdict]) -> Alerted:
    """Alert from the daemon. The area is read anew: the daemon outlives the day, and lateness begins with one."""
    area: Area | None = None
    settings.make_folders()
    at, cause = datetime.now(UTC), None
    try:
        area = load_area(settings.area_dir, today=settings.today)
    except AreaPackError as error:
        cause = failure(AREA_PACK, kind="AreaPackError", message=str(error), where="the area pack", at=at)
    done = alert(settings, area, [*verdicts, Verdict(AREA_PACK, at, cause)])
    for words in told(done):
        log.info(words)
    return done


def run_verdicts(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[Verdict]:
    """Return what the steps of a finished run tell of feeds and stages; a run that a person stopped tells nothing bad.

    A run that failed before its first step failed in its plan.
    """
    found: dict[str, Verdict] = {}
    stopped = False
    kinds = {dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE}
    for record in instance.get_records_for_run(run_id=run.run_id, of_type=kinds).records:
        event, at = record.event_log_entry.dagster_event, datetime.fromtimestamp(record.timestamp, tz=UTC)
        place = place_of(str(event.step_key)) if event else REFRESH
        if event is None or (place in found and found[place].cause):
            continue
        if event.is_step_success:
            found[place] = Verdict(place, at, None)
            continue
        kind, message = blamed(event.step_failure_data.error)
        stopped = stopped or kind in INTERRUPTS
        if kind not in INTERRUPTS:
            cause = failure(place, kind=kind, message=message, where=f"run {run.run_id} in Dagster", at=at)
            found[place] = Verdict(place, at, cause)
    at, where = datetime.now(UTC), f"run {run.run_id} in Dagster"
    if run.status == dg.DagsterRunStatus.SUCCESS:
        found[REFRESH] = Verdict(REFRESH, at, None)
    elif not found and not stopped:
        cause = failure(REFRESH, kind="a failure of Dagster", message="", where=where, at=at)
        found[REFRESH] = Verdict(REFRESH, at, cause)
    return list(found.values())


def place_of(step: str) -> str:
    """Return the feed or stage that a step of Dagster belongs to."""
    root, _, name = step.partition("__")
    if root == "feed":
        return name
    return step.removesuffix("_checks") if step.endswith("_checks") else STAGE_OF.get(root, REFRESH)


def blamed(error: SerializableErrorInfo | None) -> tuple[str, str]:
    """Return kind and message of the error to blame: the first of ours in the chain of causes, else the deepest."""
    kind, message = "", ""
    while error is not None:
        kind, message = error.cls_name or "", error.message
        if kind in OURS:
            break
        error = error.cause
    return kind, message.partition(": ")[2].strip() if kind in OURS else message
