"""Ctrl-C and termination during a refresh: always one KeyboardInterrupt, never lost.

Dagster raises an error of its own inside a step and forgets what comes between two steps; an error raised in a weak
reference's callback is swallowed by Python; dbt, which has the same terminal, may die before Dagster hears of it. So
the signals are written down as they arrive (signal.set_wakeup_fd), and looked up whenever a step reports or ends.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration import progress

STOPPING = {signal.SIGINT, signal.SIGTERM}


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Yield a check to call between steps: it, and an error in the block, raise KeyboardInterrupt if one arrived."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None  # signals are the main thread's
        return
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    previous = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    terminate = signal.signal(signal.SIGTERM, signal.default_int_handler)

    def check() -> None:
        try:
            arrived = os.read(reader, 1024)
        except BlockingIOError:
            return
        if STOPPING & set(arrived):
            raise KeyboardInterrupt

    def hear(message: str) -> None:
        try:
            check()
        except KeyboardInterrupt:
            raise dg.DagsterExecutionInterruptedError from None  # what a step must raise
        if listener:
            listener(message)

    def ignore(unraisable: "sys.UnraisableHookArgs") -> None:
        if not isinstance(unraisable.exc_value, (KeyboardInterrupt, dg.DagsterExecutionInterruptedError)):
            told(unraisable)

    listener, told = progress.listener(), sys.unraisablehook
    sys.unraisablehook = ignore
    try:
        with progress.listening(hear):
            yield check
    except dg.DagsterExecutionInterruptedError:
        raise KeyboardInterrupt from None
    except Exception:
        check()  # a step may have failed because what it waits for was interrupted
        raise
    finally:
        sys.unraisablehook = told
        signal.set_wakeup_fd(previous)
        signal.signal(signal.SIGTERM, terminate)
        os.close(reader)
        os.close(writer)
