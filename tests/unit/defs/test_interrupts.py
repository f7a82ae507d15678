"""An interrupt is always one KeyboardInterrupt, whatever Dagster or Python do with the error of the signal."""

import contextlib
import os
import signal

import dagster as dg
import pytest

from orchestration import progress
from orchestration.defs.interrupts import interruptible


def swallowed(number: signal.Signals) -> None:
    """Send a signal and lose its error, as a weak reference's callback or Dagster between two steps does."""
    with contextlib.suppress(KeyboardInterrupt):
        os.kill(os.getpid(), number)
        signal.sigtimedwait([], 0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_swallowed_signal_is_raised_at_the_next_check(number: signal.Signals) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible() as check:
        swallowed(number)
        check()


def test_a_swallowed_signal_stops_the_next_step_that_reports() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        swallowed(signal.SIGINT)
        progress.report("the next step")


def test_the_error_of_dagster_becomes_a_keyboard_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        raise dg.DagsterExecutionInterruptedError


def test_a_step_that_fails_because_its_child_was_interrupted_is_an_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        swallowed(signal.SIGINT)
        raise RuntimeError("dbt failed")


def test_another_failure_stays_what_it_is_and_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(RuntimeError, match="dbt failed"), interruptible():
        raise RuntimeError("dbt failed")
    assert signal.getsignal(signal.SIGTERM) is before
