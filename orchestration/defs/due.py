"""What is due: what a refresh has read and published, what it would depend on now, and who may work in a home.

Shared by the command line and Dagster's daemon, so that neither reads again what the other has read, and never at once.
"""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from orchestration.area import Area
from orchestration.errors import AreaPackError, BusyError
from orchestration.feeds.atomic import write_bytes
from orchestration.feeds.crosswalks import crosswalk_folders
from orchestration.feeds.processing import Rules
from orchestration.governance.permits import decide
from orchestration.settings import Settings

BLINK_SECONDS = 0.05
_held: set[Path] = set()


class Ledger:
    """What was read and published last: feed to landing state, and the digest of the rows that were published."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.state / "refresh.json"
        known = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        self.feeds: dict[str, str] = known.get("feeds", {})
        self.published_from: str | None = known.get("published_from")

    def save(self) -> None:
        write_bytes(self.path, json.dumps({"feeds": self.feeds, "published_from": self.published_from}).encode())


def feed_state(settings: Settings, area: Area, feed: str) -> str | None:
    """Return what reading a feed depends on: its landing folder, the rules (contract, code lists, checks, agreed items)
    and whether its agreement permits it today; None when nothing has arrived."""
    contract = area.contracts[feed]
    folder = folder_state(settings.landing / contract.folder, stable_seconds=settings.stable_seconds)
    if folder is None:
        return None
    decision = decide(area, feed)
    try:
        folders = crosswalk_folders(settings.area_dir)
        rules = " ".join(Rules(v, decision.items, folders, area.today).fingerprint for v in contract.versions)
    except AreaPackError as error:
        rules = str(error)  # reading the feed will say so
    return hashlib.sha256(f"{folder}|{rules}|{decision.allowed}".encode()).hexdigest()


def folder_state(folder: Path, *, stable_seconds: float = 0.0) -> str | None:
    """Return a digest of the names, sizes and times of a landing folder's files; None when there is none.

    A file that is still too young to be read counts as another state than the same file once it has settled; otherwise
    it would be taken for read and never be. So does a file or folder that may not be read, whose rights may be mended
    without a trace in its times.
    """
    files = sorted(path for path in folder.rglob("*") if _is_file(path)) if folder.exists() else []
    if not files:
        return None
    digest = hashlib.sha256()
    now = time.time()
    for path in files:
        try:
            facts = path.stat()
        except OSError as error:
            digest.update(f"{path.relative_to(folder)}|{error.strerror}\n".encode())
            continue
        young = "|young" if stable_seconds > 0 and now - facts.st_mtime < stable_seconds else ""
        barred = "" if os.access(path, os.R_OK, effective_ids=True) else "|barred"
        digest.update(f"{path.relative_to(folder)}|{facts.st_size}|{facts.st_mtime_ns}{young}{barred}\n".encode())
    return digest.hexdigest()[:24]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return True  # its folder lists it and lets nobody look at it: its state is that


@contextmanager
def refresh_lock(settings: Settings) -> Iterator[None]:
    """Hold the one lock of a home; a second refresh is told who holds it."""
    path = settings.state / "refresh.lock"
    with path.open("a+", encoding="utf-8") as file:
        try:
            _take(file)
        except BlockingIOError:
            file.seek(0)
            raise BusyError(
                f"Another refresh is running ({file.read().strip() or 'just started'}): wait for it, then try again."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
        file.flush()
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)


def is_busy(settings: Settings) -> bool:
    """Tell whether a refresh, or a step of Dagster's daemon, changes the home now."""
    path = settings.state / "refresh.lock"
    if not path.exists():
        return False
    with path.open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def youngest_age(folder: Path) -> float:
    """Return the seconds since the newest file of a landing folder changed; infinite when there is none."""
    times = [path.stat().st_mtime for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    return time.time() - max(times) if times else float("inf")


def _take(file: TextIO) -> None:
    """Take the lock, or raise BlockingIOError; a second look, since `is_busy` holds it for a blink."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(BLINK_SECONDS)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def turn(settings: Settings) -> Iterator[None]:
    """Wait for one's turn to change a home, as a step of Dagster's daemon does; a refresh has it for all its steps."""
    path = settings.state / "refresh.lock"
    if path in _held:
        yield
        return
    with path.open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
