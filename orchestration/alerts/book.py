"""The book of alerts in the home: which causes are known, and what has not been sent yet.

One file, swapped in whole. What belongs here: comparing what stands with what is known. What does not: finding causes
or sending anything.
"""

import fcntl
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.alerts.causes import IN_RUN, Cause, Verdict
from orchestration.errors import HomeError
from orchestration.feeds.atomic import write_bytes
from orchestration.settings import Settings

LOG = "log"


class Event(BaseModel):
    """A cause begins, or is over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begins: bool
    at: datetime
    cause: Cause


class Book(BaseModel):
    """open: fingerprint to cause. judged: place to the time of its newest verdict. waiting: channel to what is unsent.

    trouble: channel to why its last message could not be sent, in words without secrets.
    """

    model_config = ConfigDict(extra="forbid")

    open: dict[str, Cause] = {}
    judged: dict[str, datetime] = {}
    waiting: dict[str, list[Event]] = {}
    trouble: dict[str, str] = {}

    def note(
        self, standing: Sequence[Cause] | None, verdicts: Sequence[Verdict], places: Collection[str], *, now: datetime
    ) -> list[Event]:
        """Take in what stands (None: it could not be looked at) and what runs tell; return what begins or is over.

        A verdict that is older than the last one of its place changes nothing: Dagster's daemon tells of a run later
        than the refresh that made it. `places` are those that exist; a failure of any other is over.
        """
        before = dict(self.open)
        for verdict in sorted(verdicts, key=lambda one: one.at):
            last = self.judged.get(verdict.place)
            if last is not None and verdict.at <= last:
                continue
            self.judged[verdict.place] = verdict.at
            self.open.pop(f"failure|{verdict.place}|{IN_RUN}", None)
            if verdict.cause is not None:
                self.open[verdict.cause.fingerprint] = verdict.cause
        if standing is not None:
            told_by_runs = {
                name: cause for name, cause in self.open.items() if cause.subject == IN_RUN and cause.place in places
            }
            self.open = told_by_runs | {cause.fingerprint: cause for cause in standing}
        for name in before.keys() & self.open.keys():
            self.open[name] = self.open[name].model_copy(update={"since": before[name].since})
        begun = [Event(begins=True, at=now, cause=cause) for name, cause in self.open.items() if name not in before]
        over = [Event(begins=False, at=now, cause=cause) for name, cause in before.items() if name not in self.open]
        return begun + over

    def queue(self, events: Sequence[Event], channels: Collection[str], *, now: datetime) -> None:
        """Put events before each channel. A new channel is told of all that is open; one that is gone is forgotten."""
        for name in set(self.waiting) - set(channels):
            del self.waiting[name]
            self.trouble.pop(name, None)
        for name in channels:
            if name in self.waiting:
                self.waiting[name].extend(events)
            else:
                self.waiting[name] = [Event(begins=True, at=now, cause=cause) for cause in self.open.values()]


def book_path(settings: Settings) -> Path:
    """Return where the book is kept."""
    return settings.state / "alerts.json"


def read_book(settings: Settings) -> Book:
    """Return the book; an empty one when there is none. Raise HomeError for a file that is none."""
    path = book_path(settings)
    if not path.exists():
        return Book()
    try:
        return Book.model_validate_json(path.read_bytes())
    except ValidationError:
        raise HomeError(f"{path} cannot be read: delete it, and what is open then is told once more.") from None


def save_book(settings: Settings, book: Book) -> None:
    """Swap the book in; raise HomeError when that cannot be done."""
    write_bytes(book_path(settings), book.model_dump_json(indent=1).encode())


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Wait for whoever else holds the book: a refresh and Dagster's daemon may both have something to tell."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "alerts.lock").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
