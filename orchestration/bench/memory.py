"""Peak resident memory of this process and its children (dbt runs as one), sampled from /proc.

Linux only, as the project is. A sample sums what each process holds, so pages that two share count twice: the figure is
an upper bound.
"""

import os
import threading
from pathlib import Path

SAMPLE_SECONDS = 0.1
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


class MemorySampler:
    """Samples in a thread; `take()` returns the peak in MiB since the last call."""

    def __init__(self) -> None:
        self._peak = 0.0
        self._overall = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> "MemorySampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def take(self) -> float:
        """Return the peak since the last call, and start a new one."""
        peak, self._peak = self._peak, 0.0
        return round(peak, 1)

    @property
    def overall(self) -> float:
        return round(self._overall, 1)

    def _sample(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            now = resident_mib(os.getpid())
            self._peak = max(self._peak, now)
            self._overall = max(self._overall, now)


def resident_mib(process: int) -> float:
    """Return the resident memory of a process and all its descendants, in MiB."""
    total = 0.0
    waiting = [process]
    while waiting:
        folder = Path("/proc") / str(waiting.pop())
        try:
            total += int((folder / "statm").read_text().split()[1]) * PAGE_MIB
            for task in (folder / "task").iterdir():
                waiting.extend(int(child) for child in (task / "children").read_text().split())
        except (OSError, IndexError, ValueError):
            continue  # the process ended while it was read
    return total
