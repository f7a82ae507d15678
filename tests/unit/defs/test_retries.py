"""A fault that passes is tried again, in one process too; a person's mistake and a full disk are told at once."""

import errno
import sqlite3

import dagster as dg
import duckdb
import pytest

from orchestration.defs import retries
from orchestration.defs.retries import is_passing, retried
from orchestration.errors import BusyError, HomeError, LandingError

FAULTS = [
    (OSError(errno.EIO, "Input/output error"), True),
    (OSError(errno.ESTALE, "Stale file handle"), True),
    (OSError(errno.ENOSPC, "No space left on device"), False),
    (PermissionError(errno.EACCES, "Permission denied"), False),
    (FileNotFoundError(errno.ENOENT, "No such file"), False),
    (TimeoutError(), True),
    (duckdb.IOException('IO Error: Could not set lock on file "build.duckdb"'), True),
    (duckdb.IOException("IO Error: No space left on device"), False),
    (duckdb.ConversionException("Conversion Error: could not convert"), False),
    (sqlite3.OperationalError("database is locked"), True),
    (dg.Failure("dbt: IO Error: Could not set lock on file"), True),
    (dg.Failure("dbt: Failure in test unique_id"), False),
    (BusyError("Another refresh is publishing"), True),
    (LandingError("No such feed"), False),
    (ValueError("a fault of the program"), False),
]


@pytest.mark.parametrize(("error", "passes"), FAULTS, ids=lambda one: repr(one)[:40])
def test_only_what_may_pass_is_worth_another_try(error: Exception, passes: bool) -> None:
    assert is_passing(error) is passes


def test_an_error_of_ours_passes_when_what_it_came_from_does() -> None:
    error = HomeError("Cannot write")
    error.__cause__ = OSError(errno.EIO, "Input/output error")
    assert is_passing(error)


def attempts(monkeypatch: pytest.MonkeyPatch, *errors: BaseException) -> tuple[int, BaseException | None]:
    """Run a step that raises these errors, one an attempt; return how often it ran and what came out of it."""
    monkeypatch.setattr(retries, "BACK_OFF", dg.RetryPolicy(max_retries=3, delay=0.001, backoff=dg.Backoff.EXPONENTIAL))
    left, ran = list(errors), []

    @dg.asset
    def step(context: dg.AssetExecutionContext) -> None:
        ran.append(1)
        with retried(context):
            if left:
                raise left.pop(0)

    job = dg.Definitions(assets=[step], executor=dg.in_process_executor).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        try:
            job.execute_in_process(instance=instance)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            return len(ran), error
    return len(ran), None


def test_a_step_goes_on_after_a_fault_that_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert attempts(monkeypatch, OSError(errno.EIO, "x"), TimeoutError()) == (3, None)


def test_a_fault_that_does_not_pass_goes_on_as_it_is_after_the_last_try(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [OSError(errno.EIO, str(number)) for number in range(9)]
    assert attempts(monkeypatch, *faults) == (4, faults[3])


def test_a_mistake_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    mistake = LandingError("mend this")
    assert attempts(monkeypatch, mistake) == (1, mistake)


def test_an_interrupt_is_never_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ran, error = attempts(monkeypatch, KeyboardInterrupt())
    assert ran == 1
    assert isinstance(error, KeyboardInterrupt | dg.DagsterExecutionInterruptedError)


def test_waits_grow_and_vary() -> None:
    waits = [[retries.BACK_OFF.calculate_delay(attempt) for _ in range(20)] for attempt in (1, 2, 3)]
    assert [max(one) for one in waits[:-1]] < [max(one) for one in waits[1:]]
    assert all(len(set(one)) > 1 for one in waits)
    assert max(waits[2]) <= 8
