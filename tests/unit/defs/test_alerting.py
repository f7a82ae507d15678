"""A refresh and Dagster's daemon tell what goes wrong, once each, and fail nobody by telling it."""

import errno
import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.alerts import open_causes, senders
from orchestration.area import load_area
from orchestration.channels import Channels, Webhook
from orchestration.defs import feeds as feeds_module
from orchestration.defs import pipeline as pipeline_module
from orchestration.defs import refresh as refresh_module
from orchestration.defs import retries
from orchestration.defs.alerting import alert_sensors, place_of, run_verdicts
from orchestration.defs.due import refresh_lock
from orchestration.defs.feed_checks import feed_checks
from orchestration.defs.feeds import arrival_sensor, feed_asset, feed_key
from orchestration.defs.instance import prepare_instance
from orchestration.defs.refresh import refresh
from orchestration.errors import AreaPackError, BusyError, GovernanceError, LandingError
from orchestration.feeds.ingest import FeedResult, ingest_feed
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, row
from tests.support.receivers import Hook, web_server
from tests.unit.defs.test_refresh_over_time import feeds_only
from tests.unit.governance.test_rebuild import write_area

TODAY = "2025-04-20"
GOOD = "debt_2025-03_20250405.csv"
BAD = "debt_2025-02_20250305.csv"
FEED = "debt_advice"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setattr(senders, "FIRST_WAIT_SECONDS", 0.0)
    with web_server(Hook()) as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hook: Hook) -> Settings:
    monkeypatch.setattr(refresh_module, "build_definitions", feeds_only)
    monkeypatch.setattr(refresh_module, "_publish", lambda *_: None)
    monkeypatch.setattr(refresh_module, "_report_is_due", lambda *_: False)
    channels = Channels(webhook=Webhook(hook.address))
    found = Settings(area_dir=tmp_path / "area", home=tmp_path / "var", today=TODAY, channels=channels)
    found.make_folders()
    write_area(found.area_dir)
    deliver(found, GOOD, as_csv([row(1), row(2)]))
    return found


def told(hook: Hook, part: str) -> list[list[tuple[str, str]]]:
    """Return kind and place of each cause in each message of the webhook."""
    return [[(cause["kind"], cause["place"]) for cause in post[part]] for post in hook.posts]


def test_ten_refreshes_over_one_refused_delivery_send_one_message_and_one_when_it_is_over(
    settings: Settings, hook: Hook
) -> None:
    deliver(settings, BAD, "nothing,known\n1,2\n")
    alerts = [refresh(settings).alerts for _ in range(10)]
    assert told(hook, "begun") == [[("refused", FEED)]]
    assert [len(one) for one in alerts] == [1, *[0] * 9]
    deliver(settings, "debt_2025-02_20250306.csv", as_csv([row(1)]))
    assert [bool(refresh(settings).alerts) for _ in range(3)] == [True, False, False]
    assert told(hook, "over") == [[], [("refused", FEED)]]


def test_a_feed_that_fails_is_told_until_it_is_read(
    settings: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LandingError("The folder cannot be read.")

    with monkeypatch.context() as patch:
        patch.setattr(feeds_module, "ingest_feed", fail)
        assert [set(refresh(settings).failures) for _ in range(3)] == [{FEED}] * 3
        failing = [cause for post in hook.posts for cause in post["begun"] if cause["kind"] == "failure"]
    assert [(cause["place"], cause["what"]) for cause in failing] == [(FEED, "The folder cannot be read.")]
    refresh(settings)
    assert ("failure", FEED) in told(hook, "over")[-1]


def test_a_fault_that_passes_fails_no_refresh_and_alerts_nobody(
    settings: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [OSError(errno.EIO, "Input/output error"), TimeoutError()]

    def sometimes(*arguments: Any, **more: Any) -> FeedResult:
        if faults:
            raise faults.pop(0)
        return ingest_feed(*arguments, **more)

    monkeypatch.setattr(retries, "BACK_OFF", dg.RetryPolicy(max_retries=3, delay=0.001))
    monkeypatch.setattr(feeds_module, "ingest_feed", sometimes)
    done = refresh(settings)
    assert (done.feeds, done.failures, faults, hook.posts) == ([FEED], {}, [], [])


def test_a_refresh_that_fails_alerts_and_raises_the_same_error(
    settings: Settings, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise GovernanceError("An agreement contradicts itself.")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline_module, "write_in_force", fail)
        for _ in range(3):
            with pytest.raises(GovernanceError, match="contradicts itself"):
                refresh(settings)
    assert told(hook, "begun") == [[("failure", "rows in force")]]
    assert refresh(settings).alerts == ["Over: Failed: rows in force. An agreement contradicts itself."]


def test_an_area_pack_that_cannot_be_read_is_told_until_it_can(settings: Settings, hook: Hook) -> None:
    path = settings.area_dir / "area.yaml"
    good = path.read_text(encoding="utf-8")
    path.write_text("name: [", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(AreaPackError):
            refresh(settings)
    path.write_text(good, encoding="utf-8")
    refresh(settings)
    assert (told(hook, "begun")[0], told(hook, "over")[1]) == ([("failure", "area pack")], [("failure", "area pack")])


def test_a_mistyped_command_and_a_second_refresh_are_no_causes(settings: Settings, hook: Hook) -> None:
    with pytest.raises(LandingError, match="No feed"):
        refresh(settings, feeds=["no_such_feed"])
    with pytest.raises(LandingError, match="not a period"):
        refresh(settings, feeds=[FEED], periods=["March"])
    prepare_instance(settings)
    with refresh_lock(settings), pytest.raises(BusyError):
        refresh(settings)
    assert hook.posts == []


def test_a_receiver_that_is_down_fails_no_refresh_and_is_told(settings: Settings, hook: Hook) -> None:
    hook.answers = [503] * 3
    deliver(settings, BAD, "nothing,known\n1,2\n")
    alerts = refresh(settings).alerts
    assert alerts[-1] == "Alerts by webhook have trouble: 127.0.0.1 answered 503"
    refresh(settings)
    assert told(hook, "begun") == [[("refused", FEED)]]


def test_the_daemon_tells_a_failed_run_and_one_that_mends_it(settings: Settings, hook: Hook) -> None:
    breaks = [True, True, False, False]

    @dg.asset(key=feed_key(FEED))
    def feed() -> None:
        if breaks.pop(0):
            raise LandingError("The folder cannot be read.")

    job = dg.Definitions(assets=[feed], executor=dg.in_process_executor).resolve_implicit_global_asset_job_def()
    sensors = {sensor.name: sensor for sensor in alert_sensors(settings)}
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(4):
            done = job.execute_in_process(instance=instance, raise_on_error=False)
            name = "alert_when_mended" if done.success else "alert_on_failure"
            event = done.get_run_success_event() if done.success else done.get_run_failure_event()
            context = dg.build_run_status_sensor_context(name, event, instance, done.dagster_run)
            sensors[name](context if done.success else context.for_run_failure())
    assert told(hook, "begun") == [[("failure", FEED), ("late", FEED)], []]
    assert hook.posts[0]["begun"][0]["what"] == "The folder cannot be read."
    assert told(hook, "over") == [[], [("failure", FEED)]]


def test_a_run_that_a_person_stopped_is_no_cause() -> None:
    @dg.asset(key=feed_key(FEED))
    def feed() -> None:
        raise dg.DagsterExecutionInterruptedError

    job = dg.Definitions(assets=[feed], executor=dg.in_process_executor).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        with pytest.raises(dg.DagsterExecutionInterruptedError):
            job.execute_in_process(instance=instance)
        (run,) = instance.get_runs()
        assert [verdict for verdict in run_verdicts(instance, run) if verdict.cause] == []


@pytest.mark.parametrize(
    ("step", "place"),
    [
        ("feed__debt_advice", "debt_advice"),
        ("debt_advice_checks", "debt_advice"),
        ("in_force", "rows in force"),
        ("linkage__person_links", "publishing"),
        ("warehouse", "publishing"),
        ("published__snapshot", "publishing"),
        ("reports__leadership", "leadership report"),
    ],
)
def test_each_step_of_dagster_has_its_place(step: str, place: str) -> None:
    assert place_of(step) == place


def test_the_look_at_lateness_tells_once_and_leaves_a_running_refresh_alone(settings: Settings, hook: Hook) -> None:
    sensor = next(
        one for one in alert_sensors(replace(settings, today="2025-09-01")) if one.name == "alert_on_lateness"
    )

    def tick() -> str:
        with dg.build_sensor_context() as context:
            return str(sensor(context).skip_message)

    with refresh_lock(settings):
        assert "a refresh is running" in tick()
    assert hook.posts == []
    assert [tick()[:5] for _ in range(3)] == ["1 new", "0 new", "0 new"]
    assert told(hook, "begun") == [[("late", FEED)]]


def test_a_sensor_waits_for_a_file_that_may_still_be_growing_and_then_runs_its_checks_too(settings: Settings) -> None:
    waiting = replace(settings, stable_seconds=600)
    area = load_area(settings.area_dir, today=TODAY)
    contract = area.contracts[FEED]
    asset, checks = feed_asset(waiting, area, contract), feed_checks(waiting, contract, feed_key(FEED))
    sensor = arrival_sensor(waiting, area, contract, [asset, checks])
    with dg.build_sensor_context() as context:
        skipped = sensor(context)
        assert isinstance(skipped, dg.SkipReason)
        assert "may still be growing" in str(skipped.skip_message)
        old = time.time() - 601
        os.utime(settings.landing / FEED / GOOD, (old, old))
        asked = sensor(context)
        assert isinstance(asked, dg.RunRequest)
        assert asked.tags["joinedup/feed"] == FEED
        again = sensor(context)
        assert isinstance(again, dg.SkipReason)
    job = dg.Definitions(assets=[asset], asset_checks=[checks], sensors=[sensor]).resolve_job_def(
        sensor.targets[0].job_name
    )
    prepare_instance(waiting)
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance)
        run = instance.get_run_by_id(done.run_id)
    assert len(done.get_asset_check_evaluations()) > 50
    assert run is not None
    assert run.tags["joinedup/period/debt_advice"] == "2025-03"
    (receipt,) = (settings.receipts / FEED).glob("*.json")
    assert run.tags["joinedup/deliveries/debt_advice"] == receipt.stem[:8]
    assert json.loads((settings.state / "readings.json").read_text())[f"{FEED}/{receipt.stem}"] == done.run_id


def test_a_book_that_cannot_be_written_fails_no_refresh(settings: Settings) -> None:
    (settings.state / "alerts.json").mkdir()
    assert refresh(settings).feeds == [FEED]


def test_what_is_open_after_a_refresh_is_in_the_book(settings: Settings) -> None:
    deliver(settings, BAD, "nothing,known\n1,2\n")
    refresh(settings)
    assert [cause.kind for cause in open_causes(settings).open.values()] == ["refused"]
