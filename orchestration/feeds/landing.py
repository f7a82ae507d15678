"""What lies in a feed's landing folder: deliveries to read, files still being copied, and what is left alone.

What belongs here: walking the folder, waiting for files to be whole. What does not: which files make one delivery
(orchestration.feeds.deliveries), reading them.
"""

import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.area.contracts import Contract
from orchestration.feeds.deliveries import Delivery, of_folder, of_top_level
from orchestration.feeds.sidecars import Promise, is_sidecar, read_promises

UNFINISHED = re.compile(r"(?i)^[.~]|\.(part|partial|tmp|temp|filepart|crdownload|aside|!ut|swp)$")
MISMATCH_WAIT_SECONDS = 900.0
"""A file that does not have its checksum is taken for one still being copied until nothing moved for so long."""


@dataclass
class Landing:
    """What lies in a feed's landing folder.

    waiting: still being copied, or announced and not there yet. outside: links that lead out of the landing folder;
    they are never followed. seconds_until_stable: until the youngest file that waits only for its age is old enough.
    """

    deliveries: list[Delivery] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    seconds_until_stable: float = 0.0


def find_deliveries(contract: Contract, *, landing: Path, stable_seconds: float = 0.0) -> Landing:
    """Return the deliveries of a feed, oldest first, and the files left alone.

    A file is whole when it has the checksum sent with it, or else when it has not changed for `stable_seconds` and is
    not named .part or the like. The rest of a delivery waits with what is not whole.
    """
    found = Landing()
    folder = landing / contract.folder
    root = landing.resolve()
    if not folder.resolve().is_relative_to(root):
        found.outside.append(contract.folder)
        return found
    if not folder.is_dir():
        return found
    look = _Look(contract, found, time.time(), stable_seconds)
    top: list[Path] = []
    for entry in sorted(folder.iterdir()):
        if not entry.resolve().is_relative_to(root):
            found.outside.append(entry.name)
        elif entry.is_file():
            top.append(entry)
        elif entry.is_dir():
            paths = sorted(path for path in entry.iterdir() if path.is_file() or path.is_symlink())
            links_out = [path.name for path in paths if not path.resolve().is_relative_to(root)]
            found.outside.extend(f"{entry.name}/{link}" for link in links_out)
            if not links_out:
                look.at_folder(entry.name, paths)
    look.at_top_level(top)
    found.deliveries.sort(key=lambda d: (d.period or f"{d.delivered_at:%Y-%m}", d.delivered_at, d.delivery_id))
    return found


@dataclass
class _Look:
    """One look at a landing folder, at one moment."""

    contract: Contract
    found: Landing
    now: float
    stable_seconds: float

    def at_top_level(self, paths: list[Path]) -> None:
        promises = read_promises(paths)
        whole = []
        for path in paths:
            if is_sidecar(path.name):
                continue
            if self._is_unfinished(path, promises):
                self.found.waiting.append(path.name)
            else:
                whole.append(path)
        here = {path.name for path in paths}
        self.found.waiting.extend(
            f"{name} (announced by {promise.told_by})" for name, promise in promises.items() if name not in here
        )
        for delivery in of_top_level(self.contract, whole, self.found.unmatched, promises):
            self._take(delivery)

    def at_folder(self, name: str, paths: list[Path]) -> None:
        promises = read_promises(paths)
        rows = [path for path in paths if not is_sidecar(path.name)]
        if any(self._is_unfinished(path, promises) for path in rows):
            self.found.waiting.append(name)
            return
        for delivery in of_folder(self.contract, name, rows, self.found.unmatched, promises):
            self._take(delivery, name)

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
