"""Alerting: gather causes, note what is new, send it. Called when a refresh ends and by Dagster's sensors.

One cause gives one message when it begins and one when it is over, however often it is looked at; what is new at one
time goes into one message a channel. What could not be sent waits in the book and is sent next time, so each message
arrives at least once (twice only if the process dies between sending and noting). Nothing here fails its caller.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from orchestration.alerts.book import LOG, Book, Event, one_at_a_time, read_book, save_book
from orchestration.alerts.causes import Cause, Verdict
from orchestration.alerts.failures import STAGES
from orchestration.alerts.gathering import gather
from orchestration.alerts.messages import Message, compose, trial
from orchestration.alerts.senders import NotSentError, Send, patiently, post, send_mail, write_log
from orchestration.area import Area
from orchestration.errors import HomeError
from orchestration.settings import Settings

BOOK = "book"


@dataclass
class Alerted:
    """What one look came to. trouble: channel (or 'book') to why nothing could be sent or noted there."""

    begun: list[Cause] = field(default_factory=list)
    over: list[Cause] = field(default_factory=list)
    still_open: int = 0
    sent: dict[str, str] = field(default_factory=dict)
    trouble: dict[str, str] = field(default_factory=dict)


def alert(
    settings: Settings, area: Area | None, verdicts: Sequence[Verdict] = (), *, now: datetime | None = None
) -> Alerted:
    """Tell what is new since the last look: what stands in the home, and what runs say (`verdicts`).

    Without an area (its pack cannot be read) only verdicts are taken in. A home that cannot be written does not silence
    an alert, but then nothing is noted, and the next look tells it again.
    """
    when, done = now or datetime.now(UTC), Alerted()
    with ExitStack() as stack:
        try:
            stack.enter_context(one_at_a_time(settings))
            book = read_book(settings)
        except (HomeError, OSError) as error:
            done.trouble[BOOK] = _words(error)
            book = Book()
        standing = gather(settings, area) if area else None
        places = {*STAGES, *(area.contracts if area else ())}
        events = book.note(standing, [_placeless(settings, one) for one in verdicts], places, now=when)
        channels = senders(settings)
        book.queue(events, channels, now=when)
        done.begun = [event.cause for event in events if event.begins]
        done.over = [event.cause for event in events if not event.begins]
        done.still_open = len(book.open)
        _save(settings, book, done)
        for name, send in channels.items():
            _send(book, name, send, area.name if area else settings.area_dir.name, done)
            _save(settings, book, done)
    return done


def senders(settings: Settings) -> dict[str, Send]:
    """Return how each channel of these settings sends; the log is always one of them."""
    found: dict[str, Send] = {LOG: partial(write_log, settings)}
    if mail := settings.channels.mail:
        found["mail"] = partial(send_mail, mail)
    if webhook := settings.channels.webhook:
        found["webhook"] = partial(post, webhook)
    return found


def open_causes(settings: Settings) -> Book:
    """Return the book: what is open, what waits to be sent, and why."""
    return read_book(settings)


def send_trial(settings: Settings, area: str) -> dict[str, str]:
    """Send a trial message to every channel; return channel to why it failed, empty where it did not."""
    settings.make_folders()
    return {name: _tried(send, trial(area))[1] for name, send in senders(settings).items()}


def _placeless(settings: Settings, verdict: Verdict) -> Verdict:
    """Return the verdict with paths as they are below the home and the area pack: where those are is nobody's."""
    if verdict.cause is None:
        return verdict
    what = verdict.cause.what.replace(f"{settings.home}/", "").replace(f"{settings.area_dir}/", "")
    return replace(verdict, cause=verdict.cause.model_copy(update={"what": what}))


def _send(book: Book, name: str, send: Send, area: str, done: Alerted) -> None:
    waiting: list[Event] = book.waiting[name]
    if not waiting:
        return
    sent, remark = _tried(send, compose(area, waiting, still_open=len(book.open)))
    if remark:
        book.trouble[name] = done.trouble[name] = remark
    else:
        book.trouble.pop(name, None)
    if sent:
        done.sent[name] = f"{len(waiting)} event(s)"
        book.waiting[name] = []


def _tried(send: Send, message: Message) -> tuple[bool, str]:
    try:
        return True, patiently(send, message)
    except NotSentError as error:
        return False, str(error)


def _save(settings: Settings, book: Book, done: Alerted) -> None:
    try:
        save_book(settings, book)
    except HomeError as error:
        done.trouble[BOOK] = _words(error)


def _words(error: Exception) -> str:
    return f"alerts cannot be noted ({(isinstance(error, OSError) and error.strerror) or error})"
