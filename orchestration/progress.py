"""Telling whoever waits how far a long job is.

Steps call `report`; the command line listens (rich on a terminal, plain lines elsewhere). Without a listener nothing
happens, so a step can be called from a test or from Dagster's daemon.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str], None]
_listener: ContextVar[Listener | None] = ContextVar("joinedup_progress", default=None)


def report(message: str) -> None:
    """Tell the listener, if there is one, what is being done now."""
    listener = _listener.get()
    if listener is not None:
        listener(message)


def listener() -> Listener | None:
    """Return who listens now: a person, who wants our words and not those of the tools below, or nobody."""
    return _listener.get()


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send every report made inside the block to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
