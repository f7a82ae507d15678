"""Processes that are killed while they read a feed: at each change to the disk in turn, and in the middle of a write.

Run as a program with a folder, it makes folder/<step>/ for step 1, 2, 3 ... until a process gets through alive: the
home of an installation that had read older deliveries, in which a process was killed by a signal, so that nothing of it
could tidy up, at its change number <step> to the disk. It forks, so that a step costs no start of Python.
"""

import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path

from orchestration.feeds.ingest import ingest_feed
from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, make_agreement, make_contract, make_settings, row

FIRST_DAY, SECOND_DAY = date(2026, 10, 20), date(2026, 10, 21)
CHANGES = frozenset(("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink"))
MOST_STEPS = 400
FEW_BYTES = 10
SIZES = (0, 1, 200, 1_000, 2_000, 5_000, 20_000)
"""Bytes after which a write is cut short."""


def prepare(home: Path) -> Settings:
    """Return a home in which two deliveries have been read, one was refused; one is sent again since and one is new."""
    settings = make_settings(home)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start=""), row(3)]))
    deliver(settings, "debt_2025-04_20250505.csv", "nothing that the contract knows\n")
    read(settings, FIRST_DAY)
    deliver(settings, "debt_2025-03_20250406.csv", as_csv([row(1), row(3, End="01/01/2020"), row(4)]))
    deliver(settings, "debt_2025-04_20250506.csv", as_csv([row(5, Token="not a token"), *map(row, range(10, 300))]))
    return settings


def read(settings: Settings, day: date) -> None:
    """Read what is new. From the second day on other codes hold, so that what was read before is read again."""
    contract = make_contract() if day == FIRST_DAY else make_contract(checks={"end_before_start": "warning"})
    ingest_feed(contract, agreement=make_agreement(), settings=settings, today=day)


def contents(settings: Settings) -> dict[str, bytes]:
    """Return everything that ingestion has written."""
    folders = (settings.accepted, settings.quarantine, settings.receipts)
    return {str(p.relative_to(settings.home)): p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()}


def die_at_change(step: int) -> Callable[[], None]:
    """Return what kills this process at its change number `step` to the disk.

    A file that is opened for writing is left half-written; any other change is not made.
    """

    def arm() -> None:
        left = step

        def watch(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            opens = event == "open" and _writes(arguments)
            if event not in CHANGES and not opens:
                return
            left -= 1
            if left == 0 and opens:
                die_within_write(FEW_BYTES)()
            elif left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)

    return arm


def die_within_write(size: int) -> Callable[[], None]:
    """Return what kills this process when it has written so many bytes of any one file: half a file is left."""

    def arm() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return arm


def _writes(arguments: tuple[object, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def survives(settings: Settings, arm: Callable[[], None]) -> bool:
    """Read in a process of its own that may be killed; tell whether it got through."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            arm()
            read(settings, SECOND_DAY)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"{settings.home}: failed and was not killed")
    return os.WIFEXITED(status)


def main(folder: Path) -> None:
    """Kill one process at each change and one within a write of each size."""
    template = folder / "template"
    maker = os.fork()  # a process that forks must not have used polars itself: its threads would be missing
    if maker == 0:
        prepare(template)
        os._exit(0)
    os.waitpid(maker, 0)
    arms = ((str(step), die_at_change(step)) for step in count(1))
    for name, arm in arms:
        shutil.copytree(template, folder / name)
        if survives(make_settings(folder / name), arm):
            break
        if int(name) > MOST_STEPS:
            raise SystemExit("too many steps")
    for size in SIZES:
        shutil.copytree(template, folder / f"within-{size}")
        survives(make_settings(folder / f"within-{size}"), die_within_write(size))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
