"""Work that goes on one step ahead of whoever needs it: while one piece is mapped the next is already read.

What does not belong here: what the pieces are (tables, processing).
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
_END: Final = object()


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Return the items, in order, while a thread makes the next; an error is raised where its item would have come.

    Whoever stops asking waits for the item that is being made, and no further one is.
    """
    iterator = iter(items)
    with ThreadPoolExecutor(max_workers=1) as thread:
        waiting = thread.submit(next, iterator, _END)
        while (item := waiting.result()) is not _END:
            waiting = thread.submit(next, iterator, _END)
            yield item  # type: ignore[misc]
