"""One refresh: everything that is due, through Dagster, in one process and without a daemon.

Order: the feeds with something new (each on its own, so that one broken feed stops no other), then the rows in force,
then, only if those changed since the published snapshot, linkage, warehouse, snapshot and report.
"""

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import dagster as dg

from orchestration import progress
from orchestration.alerts.failures import AREA_PACK, PUBLISHING, REFRESH, REPORT, RULES
from orchestration.area import Area, load_area
from orchestration.definitions import build_definitions
from orchestration.defs.alerting import Course, told, watched
from orchestration.defs.auditing import accounted, note_configuration
from orchestration.defs.build_file import begin_anew
from orchestration.defs.dbt_offline import dbt_variables, project_digest
from orchestration.defs.documents import keep_documents
from orchestration.defs.due import Ledger, feed_state, folder_state, refresh_lock
from orchestration.defs.feed_checks import telling_checks
from orchestration.defs.feeds import CHECKS, FEED_TAG, PERIODS_TAG, REFRESH_TAG, feed_key
from orchestration.defs.instance import open_instance, prepare_instance
from orchestration.defs.interrupts import interruptible
from orchestration.defs.lineage import keep_lineage
from orchestration.defs.pipeline import AREA_KEY, ENTITY_KEYS, REPORT_KEY
from orchestration.errors import HomeError, JoinedUpError, LandingError, WarehouseError
from orchestration.feeds.arrivals import is_late
from orchestration.feeds.deliveries import period_code
from orchestration.feeds.strays import find_strays
from orchestration.rights.marks import OBJECTIONS, read_list
from orchestration.rights.pending import is_pending
from orchestration.settings import Settings

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
DBT_SAYS = "Errors parsed from dbt logs:"
"""What dagster-dbt writes between its own words (the whole command line) and dbt's."""
SPACE_TO_WORK = 32 * 2**20
"""Bytes; a refresh that fails with less than this left has failed for want of space."""


@dataclass
class RefreshSummary:
    """What one refresh did: feeds read, feeds that failed (with why), whether a new snapshot was published, seconds.

    waiting: files of a feed that are not whole yet. absent: periods that were to be read again and are not in landing.
    alerts: what was told of by alerts, or is over, or could not be sent.
    """

    feeds: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)
    published: bool = False
    snapshot: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, list[str]] = field(default_factory=dict)
    absent: dict[str, list[str]] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)


def refresh(
    settings: Settings,
    *,
    feeds: Sequence[str] = (),
    full: bool = False,
    decisions: Sequence[str] = (),
    periods: Sequence[str] = (),
) -> RefreshSummary:
    """Bring the published snapshot up to date with the landing folder, the agreements and the area pack.

    `feeds` limits what is read; `full` reads every feed and rebuilds even when nothing changed; `decisions` are tags of
    defs.pipeline by which a person publishes in spite of a refusal; `periods` (of `feeds`) are read again from the
    landing folder under today's contracts. Raises the first mistake of a later stage; a
    feed's own mistake is in `failures` and stops no other feed. Ends with alerts, whether it did its work or failed.
    """
    with watched(settings) as course, accounted(settings, course.refresh_id, decisions) as account:
        summary = _refresh(settings, course, feeds=feeds, full=full, decisions=decisions, periods=periods)
        account.feeds, account.failed = summary.feeds, sorted(summary.failures)
        account.published, account.snapshot = summary.published, summary.snapshot
    summary.alerts = told(course.alerted)
    return summary


def _refresh(
    settings: Settings,
    course: Course,
    *,
    feeds: Sequence[str],
    full: bool,
    decisions: Sequence[str],
    periods: Sequence[str],
) -> RefreshSummary:
    with interruptible() as check_interrupt, _disk_errors(settings):
        prepare_instance(settings)
        with refresh_lock(settings):
            note_configuration(settings)
            course.reach(AREA_PACK)
            area = course.area = load_area(settings.area_dir, today=settings.today)
            course.reach(None)  # a feed or period that does not exist is the caller's mistake alone
            if unknown := sorted(set(feeds) - set(area.contracts)):
                known = ", ".join(sorted(area.contracts))
                raise LandingError(f"No feed {', '.join(unknown)}: this area has {known}.")
            again = _periods(feeds, periods)
            course.place = REFRESH
            _need_something(settings, area)
            return _run(
                settings, area, course, check_interrupt, feeds=feeds, full=full, decisions=decisions, periods=again
            )


def _run(  # noqa: PLR0912, PLR0915 - one refresh, told in its order
    settings: Settings,
    area: Area,
    course: Course,
    check_interrupt: Callable[[], None],
    *,
    feeds: Sequence[str],
    full: bool,
    decisions: Sequence[str],
    periods: Sequence[str],
) -> RefreshSummary:
    summary = RefreshSummary(strays=find_strays(settings.landing, area.contracts.values()))
    ledger = Ledger(settings)
    progress.report("Reading the plan (Dagster and dbt)")
    with _timed(summary, "plan"):
        definitions = build_definitions(settings, area)
        job = definitions.resolve_implicit_global_asset_job_def()
        keep_lineage(settings, definitions)
    tags = {REFRESH_TAG: course.refresh_id, **dict.fromkeys(decisions, "true")}
    tags |= {PERIODS_TAG: " ".join(periods)} if periods else {}
    with open_instance(settings) as instance:

        def materialise(keys: list[dg.AssetKey]) -> dg.ExecuteInProcessResult:
            result = job.execute_in_process(instance=instance, asset_selection=keys, run_config=QUIET, tags=tags)
            check_interrupt()
            return result

        def execute(
            keys: Sequence[dg.AssetKey], checks: Iterable[dg.AssetCheckKey], **more: str
        ) -> dg.ExecuteInProcessResult:
            part = job.get_subset(asset_selection=frozenset(keys), asset_check_selection=frozenset(checks))
            result = part.execute_in_process(instance=instance, run_config=QUIET, tags=tags | more)
            check_interrupt()
            return result

        with _timed(summary, "feeds"):
            for feed in feeds or area.contracts:
                state = feed_state(settings, area, feed)
                if state is None or (not full and not periods and ledger.feeds.get(feed) == state):
                    continue
                course.reach(feed)
                own = [dg.AssetCheckKey(feed_key(feed), name) for name in CHECKS]
                try:
                    result = execute([feed_key(feed)], own, **{FEED_TAG: feed})
                except (HomeError, OSError):
                    raise
                except JoinedUpError as error:
                    summary.failures[feed], course.verdicts[feed] = str(error), error
                    continue
                summary.feeds.append(feed)
                summary.refused[feed] = _refused(result)
                summary.waiting[feed] = _listed(result, "waiting")
                summary.absent[feed] = _listed(result, "absent")
                if summary.waiting[feed]:
                    ledger.feeds.pop(feed, None)  # what waits is looked at again, though nothing in the folder changes
                else:
                    ledger.feeds[feed] = state
                ledger.save()
        course.passed(feeds or area.contracts)
        course.reach(RULES)
        with _timed(summary, "in_force"):
            materialise([*ENTITY_KEYS.values(), AREA_KEY])
        course.reach(PUBLISHING)
        digest = _digest(settings, area)
        is_changed = digest != ledger.published_from or is_pending(settings)
        if full or decisions or is_changed or not (settings.published / "current").exists():
            if full:
                begin_anew(settings)
            with _timed(summary, "publish"):
                done = {REPORT_KEY, *ENTITY_KEYS.values(), AREA_KEY, *(feed_key(feed) for feed in area.contracts)}
                keys = [key for key in job.asset_layer.executable_asset_keys if key not in done]
                _publish(materialise, keys)
            ledger.published_from = digest
            ledger.save()
            summary.published = True
        summary.snapshot = _current(settings)
        course.reach(REPORT)
        if _report_is_due(settings):
            with _timed(summary, "report"):
                try:
                    materialise([REPORT_KEY])
                except (HomeError, OSError):
                    raise
                except JoinedUpError as error:
                    summary.failures[REPORT], course.verdicts[REPORT] = (
                        str(error),
                        error,
                    )  # the snapshot is published all the same
        with _timed(summary, "documents"):
            try:
                keep_documents(settings, area)
            except (HomeError, OSError):
                raise
            except JoinedUpError as error:
                summary.failures["documents"] = str(error)  # the snapshot is published all the same
        with _timed(summary, "checks"):
            told = [telling_checks(settings, area.contracts[feed], feed_key(feed)) for feed in summary.feeds]
            if checks := {key for keys in told for key in keys}:
                progress.report("Noting what the checks found")
                execute([], checks)
    return summary


def _publish(materialise, keys: list[dg.AssetKey]) -> None:  # type: ignore[no-untyped-def]
    try:
        materialise(keys)
    except (dg.DagsterError, dg.Failure) as error:  # a failure of dbt is a Failure, which is no DagsterError
        said = COLOURS.sub("", str(error)).rpartition(DBT_SAYS)[2].strip()
        raise WarehouseError(
            f"The warehouse could not be built, and the published snapshot is untouched.\n{said}\n"
            "`joinedup dagster` shows the run and every check; docs/how-to/recover-from-a-failed-refresh.md says more."
        ) from error


def _report_is_due(settings: Settings) -> bool:
    report, current = settings.reports / "leadership.pdf", settings.published / "current"
    return not report.exists() or report.stat().st_mtime < current.stat().st_mtime


def _need_something(settings: Settings, area: Area) -> None:
    folders = {contract.folder for contract in area.contracts.values()}
    arrived = any(folder_state(settings.landing / folder) for folder in folders)
    if not arrived and not any((settings.accepted / "deliveries").glob("*/*")):
        raise LandingError(
            f"{settings.landing} is empty: no delivery has arrived for any of {len(area.contracts)} feeds. "
            "Put partners' files in landing/<feed>/ and run `joinedup refresh` again, or try `joinedup demo`."
        )


def _digest(settings: Settings, area: Area) -> str:
    """Return a digest of everything that linkage and the warehouse read, and of the models that read it.

    Not of today itself, which would publish daily, but of what a new day changes: which feeds have become late.
    """
    rules = dbt_variables(area).replace(area.today.isoformat(), "")
    late = [feed for feed, contract in area.contracts.items() if is_late(contract, settings=settings, today=area.today)]
    objections = read_list(settings, OBJECTIONS)["mark"].sort().to_list()
    digest = hashlib.sha256(f"{project_digest()}|{rules}|{late}|{objections}".encode())
    for folder in (settings.accepted / "in_force", settings.accepted / "area"):
        for path in sorted(folder.rglob("*.parquet")):
            digest.update(path.name.encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _refused(result: dg.ExecuteInProcessResult) -> int:
    found = [e for e in result.get_asset_check_evaluations() if e.check_name == "no_delivery_refused"]
    return sum(int(str(e.metadata["refused"].value)) for e in found)


def _listed(result: dg.ExecuteInProcessResult, name: str) -> list[str]:
    """Return the names that a feed's materialisation lists in its metadata, one a line."""
    found = (event.materialization.metadata.get(name) for event in result.get_asset_materialization_events())
    return [line for value in found if value for line in str(value.value).splitlines()]


def _periods(feeds: Sequence[str], periods: Sequence[str]) -> list[str]:
    """Return the codes of periods to read again; raise LandingError for what is none, or when no feed is named."""
    codes = [(text, period_code(text)) for text in periods]
    if wrong := [text for text, code in codes if code is None]:
        raise LandingError(
            f"'{wrong[0]}' is not a period: expected a month (2025-03), quarter (2025-Q1) or year (2025)."
        )
    if periods and not feeds:
        raise LandingError("Say which feed to read again: `joinedup refresh --feed F --period P`.")
    return [code for _, code in codes if code]


def _current(settings: Settings) -> str | None:
    link = settings.published / "current"
    return link.resolve().stem if link.exists() else None


@contextmanager
def _timed(summary: RefreshSummary, stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    summary.seconds[stage] = round(time.perf_counter() - start, 2)


@contextmanager
def _disk_errors(settings: Settings) -> Iterator[None]:
    """Raise HomeError where the disk is to blame: SQLite, DuckDB and dbt each say in their own way that it is full."""
    try:
        yield
    except Exception as error:
        if isinstance(error, JoinedUpError) and not isinstance(error, WarehouseError):
            raise
        if isinstance(error, OSError):
            found = error.strerror or str(error)
        elif settings.home.exists() and shutil.disk_usage(settings.home).free < SPACE_TO_WORK:
            found = "the disk is full"
        else:
            raise
        raise HomeError(
            f"Cannot write in {settings.home} ({found}): free some space or mend the rights, then "
            "run `joinedup refresh` again. The published snapshot is untouched and what was accepted is kept."
        ) from error
