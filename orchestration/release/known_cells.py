"""Counts of a snapshot that were made before: most tables are guarded by the same few wider ones.

Held inside the gate only, for as long as its snapshot is open; no policy's numbers are in it.
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from orchestration.release.cells import Cells

CELLS_KEPT = 400_000  # about 100 MB
Question = tuple[str, tuple[str, ...], str]


class KnownCells:
    """The counts of one snapshot, shared by its engines and threads; the least recently used are forgotten first."""

    def __init__(self, most: int = CELLS_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Question, Cells] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._one_at_a_time = OneAtATime()

    def get(self, question: Question, count: Callable[[], Cells]) -> Cells:
        """Return what a question counted before, or count it and keep that."""
        with self._one_at_a_time.doing(str(question)):
            with self._lock:
                known = self._kept.get(question)
                if known is not None:
                    self._kept.move_to_end(question)
                    return known
            found = count()
            with self._lock:
                self._kept[question] = found
                self._size += len(found)
                while self._size > self._most and len(self._kept) > 1:
                    self._size -= len(self._kept.popitem(last=False)[1])
            return found


class OneAtATime:
    """Makes those who want the same thing wait for the first to have made it, rather than make it as well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._waiting: dict[str, int] = defaultdict(int)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Hold what is done alone; look again inside whether it is done already."""
        with self._lock:
            own = self._locks.setdefault(what, threading.Lock())
            self._waiting[what] += 1
        try:
            with own:
                yield
        finally:
            with self._lock:
                self._waiting[what] -= 1
                if not self._waiting[what]:
                    del self._waiting[what], self._locks[what]
