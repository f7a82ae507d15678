"""One process at a time reads a feed: a refresh on the command line and a run of Dagster take turns.

The system frees the lock when its holder ends, however it ends, so nobody has to clear anything away after a crash.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from orchestration.errors import BusyError
from orchestration.feeds.atomic import writing
from orchestration.settings import Settings

if sys.platform != "win32":
    import fcntl

PATIENCE_SECONDS = 600.0
PAUSE_SECONDS = 0.2


@contextmanager
def reading(
    settings: Settings, feed: str, *, tell: Callable[[str], None] | None = None, patience: float = PATIENCE_SECONDS
) -> Iterator[None]:
    """Hold the right to write what is known of a feed; wait for another holder, and say so through `tell`.

    Raises BusyError, naming the holder, when it does not end within `patience` seconds.
    """
    path = settings.state / "reading" / f"{feed}.lock"
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    with file:
        until, told = time.monotonic() + patience, False
        while not _taken(file.fileno()):
            file.seek(0)
            holder = file.read().strip() or "another process"
            if time.monotonic() >= until:
                raise BusyError(f"{feed} is being read by {holder}: wait for it, then try again.")
            if tell and not told:
                tell(f"{feed}: waiting for {holder}, which is reading it")
                told = True
            time.sleep(PAUSE_SECONDS)
        with writing(path):
            file.seek(0)
            file.truncate()
            os.write(file.fileno(), f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC".encode())
        yield


def _taken(descriptor: int) -> bool:
    if sys.platform == "win32":  # a partner's computer, on which nothing is refreshed
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
