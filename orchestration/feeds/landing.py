"""What lies in a feed's landing folder: deliveries to read, files still being copied, and what is left alone.

What belongs here: walking the folder, waiting for files to be whole. What does not: which files make one delivery
(orchestration.feeds.deliveries), reading them.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.area.contracts import Contract
from orchestration.feeds.deliveries import Delivery, of_folder, of_top_level
from orchestration.feeds.sidecars import Promise, is_sidecar, read_promises, speaks_of

UNFINISHED = re.compile(r"(?i)^[.~]|\.(part|partial|tmp|temp|filepart|crdownload|aside|!ut|swp)$")
MISMATCH_WAIT_SECONDS = 900.0
"""A file that does not have its checksum is taken for one still being copied until nothing moved for so long."""


REST_TO_COME = "the rest of its delivery is not there yet"
TOO_DEEP = "a folder within a delivery's folder is not looked into: move its files one up"
NOT_LOOKED_AT = re.compile(r"^(\.|__MACOSX$)")


@dataclass
class Landing:
    """What lies in a feed's landing folder.

    waiting: still being copied, announced and not there yet, or not to be read, each with the reason where it is not
    that of being copied. outside: links that lead out of the landing folder; they are never followed.
    seconds_until_stable: until the youngest file that waits only for its age is old enough.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    seconds_until_stable: float = 0.0


def find_deliveries(contract: Contract, *, landing: Path, stable_seconds: float = 0.0) -> Landing:
    """Return the deliveries of a feed, oldest first, and the files left alone.

    A file is whole when it has the checksum sent with it, or else when it has not changed for `stable_seconds` and is
    not named .part or the like. The rest of a delivery waits with what is not whole or cannot be read.
    """
    found = Landing()
    folder = landing / contract.folder
    root = _real(landing)
    if not _real(folder).is_relative_to(root):
        found.outside.append(contract.folder)
        return found
    look = _Look(contract, found, root, time.time(), stable_seconds)
    with look.telling(contract.folder):
        if folder.is_dir():
            look.at(folder)
    found.deliveries.sort(key=lambda d: (d.period or f"{d.delivered_at:%Y-%m}", d.delivered_at, d.delivery_id))
    return found


@dataclass
class _Look:
    """One look at a landing folder, at one moment."""

    contract: Contract
    found: Landing
    root: Path
    now: float
    stable_seconds: float

    def at(self, folder: Path) -> None:
        top: list[Path] = []
        for entry in sorted(folder.iterdir()):
            with self.telling(entry.name):
                if not _real(entry).is_relative_to(self.root):
                    self.found.outside.append(entry.name)
                elif entry.is_file():
                    top.append(entry)
                elif entry.is_dir() and not NOT_LOOKED_AT.search(entry.name):
                    self.at_folder(entry)
        self.at_top_level(top)

    @contextmanager
    def telling(self, name: str) -> Iterator[None]:
        """Leave alone, and tell, what the system does not let us look at: it keeps nothing else from being read."""
        try:
            yield
        except OSError as error:
            self.found.waiting.append(_cannot_read(name, error))

    def at_top_level(self, paths: list[Path]) -> None:
        closed = self._closed(paths)
        promises = read_promises(path for path in paths if path not in closed)
        whole, held = [], []
        for path in paths:
            if is_sidecar(path.name):
                continue
            if path in closed:
                held.append(path)
            elif self._is_unfinished(path, promises):
                self.found.waiting.append(path.name)
                held.append(path)
            else:
                whole.append(path)
        here = {path.name for path in paths}
        absent = [name for name in promises if name not in here]
        self.found.waiting.extend(f"{name} (announced by {promises[name].told_by})" for name in absent)
        held_names = [UNFINISHED.sub("", path.name) for path in held] + absent
        for delivery in of_top_level(self.contract, whole, self.found.unmatched, promises, held_names):
            if delivery.is_held:
                self.found.waiting.extend(f"{file.name} ({REST_TO_COME})" for file in delivery.files)
            else:
                self._take(delivery)

    def at_folder(self, folder: Path) -> None:
        entries = sorted(folder.iterdir())
        paths = [path for path in entries if path.is_file() or path.is_symlink()]
        self.found.waiting.extend(
            f"{folder.name}/{path.name} ({TOO_DEEP})"
            for path in entries
            if path.is_dir() and not path.is_symlink() and not NOT_LOOKED_AT.search(path.name)
        )
        if links_out := [path.name for path in paths if not _real(path).is_relative_to(self.root)]:
            self.found.outside.extend(f"{folder.name}/{link}" for link in links_out)
            return
        if self._closed(paths, f"{folder.name}/"):
            return
        promises = read_promises(paths)
        rows = [path for path in paths if not is_sidecar(path.name)]
        if any(self._is_unfinished(path, promises) for path in rows):
            self.found.waiting.append(folder.name)
            return
        for delivery in of_folder(self.contract, folder.name, rows, self.found.unmatched, promises):
            self._take(delivery, folder.name)

    def _closed(self, paths: list[Path], where: str = "") -> set[Path]:
        """Return the files that cannot be opened, and those whose own checksum cannot; tell the reason of each."""
        closed: set[Path] = set()
        for path in paths:
            try:
                with path.open("rb") as file:
                    file.read(1)
            except OSError as error:
                self.found.waiting.append(_cannot_read(where + path.name, error))
                closed |= {path, *(other for other in paths if speaks_of(path.name, other.name))}
        return closed

    def _take(self, delivery: Delivery, folder: str | None = None) -> None:
        """Take a delivery, unless it lacks what its checksums promise and may still be on its way."""
        if delivery.unverified and self.now - delivery.told_at < MISMATCH_WAIT_SECONDS:
            self.found.waiting.extend([folder] if folder else [file.name for file in delivery.files])
        else:
            self.found.deliveries.append(delivery)

    def _is_unfinished(self, path: Path, promises: dict[str, Promise]) -> bool:
        if UNFINISHED.search(path.name):
            return True
        if path.name in promises or self.stable_seconds <= 0:
            return False  # its checksum will tell
        age = self.now - path.stat().st_mtime
        if age >= self.stable_seconds:
            return False
        self.found.seconds_until_stable = max(self.found.seconds_until_stable, self.stable_seconds - age)
        return True


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises where links go round in a circle


def _cannot_read(name: str, error: OSError) -> str:
    why = error.strerror or type(error).__name__
    return f"{name} (cannot be read: {why}; give the account that Joined Up runs under the right to read it)"
