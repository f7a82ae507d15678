"""Trying a step again after a fault that passes by itself: a busy lock, a network drive that was away, a slow disk.

Not a RetryPolicy on the asset: Dagster then tries again whatever is raised, people's mistakes and failed tests of dbt
included, and even an interrupt, so that Ctrl-C would start the step anew. Here only what may pass is asked for
again; any other error, and a fault that does not pass, goes on as it is.
"""

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from orchestration import progress
from orchestration.errors import BusyError

BACK_OFF = dg.RetryPolicy(max_retries=3, delay=1, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""About 1, 2 and 4 seconds, each varied so that two runs do not meet again."""
PASSING = frozenset(
    getattr(errno, name)
    for name in (
        "EAGAIN", "EBUSY", "EINTR", "EIO", "ETIMEDOUT", "ESTALE", "ENETDOWN", "ENETUNREACH", "EHOSTDOWN",
        "EHOSTUNREACH", "ECONNRESET", "ECONNABORTED", "ECONNREFUSED", "EMFILE", "ENFILE",
    )
)  # fmt: skip
"""A full disk, a missing file or missing rights are not among them: they wait for a person."""
SAYS_SO = re.compile(
    r"could not set lock on file|conflicting lock|database is locked|resource temporarily unavailable"
    r"|input/output error|stale file handle",
    re.IGNORECASE,
)


@contextmanager
def retried(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Ask Dagster to run the step again, after a growing wait, when the block fails for a reason that may pass."""
    try:
        yield
    except Exception as error:
        attempt = context.retry_number + 1
        if attempt > BACK_OFF.max_retries or not is_passing(error):
            raise
        wait = BACK_OFF.calculate_delay(attempt)
        progress.report(f"Trying again in {wait:.0f} s ({type(error).__name__})")
        raise dg.RetryRequested(max_retries=BACK_OFF.max_retries, seconds_to_wait=wait) from error


def is_passing(error: BaseException | None) -> bool:
    """Tell whether an error, or one that it came from, may not happen again when the same is done in a moment."""
    while error is not None:
        if isinstance(error, BusyError | TimeoutError | ConnectionError):
            return True
        if isinstance(error, OSError) and error.errno in PASSING:
            return True
        if isinstance(error, duckdb.Error | sqlite3.Error | dg.Failure) and SAYS_SO.search(str(error)):
            return True
        error = error.__cause__
    return False
